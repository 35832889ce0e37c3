"""English."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            your trip, trip summary, your ride with, we received your order, handed to
            the courier, order is on the move, is on the move, packed and ready,
            invoice, your invoice, receipt, e-receipt, your receipt, receipt from,
            receipt for, your order, order confirmation, order confirmed, order number,
            order no, order placed, order received, order summary, order total, order
            details, your purchase, proof of purchase, thanks for your order, thank you
            for your order, thanks for your purchase, thank you for shopping, we got
            your order, we've got your order, has shipped, have shipped, on its way, out
            for delivery, was delivered, has been delivered, been dispatched, tracking
            number, track your package, track your parcel, track your order, your
            parcel, your package, your shipment, your delivery, delivery update,
            estimated delivery, e-ticket, your tickets, your ticket for, your trip with,
            your ride, trip receipt, refund issued, your refund, has been refunded,
            refund has been, ready for pickup, ready for collection, subscription
            renewed, renewal receipt, payment receipt, payment received, items ordered,
            your return, return label, amount paid, total paid, billed to, packed your,
            is being packed, is packed, boxed up, left our warehouse, left our depot,
            our driver, driver is, with a neighbour, with a neighbor, pickup point,
            pick-up point, collection point, charged to, paid by, paid with, thank you
            for your payment, payment confirmed, itemized receipt, order reference,
            return received, received your return, sent back to, gift receipt, donation
            receipt, top-up, parking session, your rental, your booking reference, show
            this at, scan the code, what you bought, items in your, delivered today,
            arrives today, arrives tomorrow, will arrive, expect it, doorstep
        """,
        weak="""
            order, ordered, purchase, purchased, shipped, shipping, shipment, delivered,
            delivery, dispatched, courier, parcel, package, ticket, tickets, total,
            subtotal, paid, refund, refunded, quantity, qty, vat, checkout, billing
            address, shipping address, flight, seat, gate, departure, passenger, paid
            with, payment method, billing period, order history, renews on, your plan,
            confirmation number, reference number, bought, items, fare, fee, depot,
            driver, doorstep, parcelshop, locker, conductor
        """,
        against="""
            off your next order, off your order, off your first order, your cart, left
            in your cart, still thinking, free shipping on, standing order
        """,
    ),
    "finance": Genre(
        strong="""
            you received, sent you money, monthly contribution, was added to your,
            recurring investment, claim was processed, will be reimbursed, account
            statement, bank statement, monthly statement, your statement, statement is
            ready, statement is available, statement is now available, direct debit,
            standing order, your credit card, your debit card, card ending, card ending
            in, account ending in, payslip, pay slip, pay stub, payroll, your salary,
            salary slip, has been credited, tax return, tax assessment, tax document,
            tax documents, tax refund, tax statement, dividend, portfolio, interest
            rate, your balance, account balance, available balance, low balance, minimum
            payment, card payment, wire transfer, bank transfer, transfer of, you sent a
            payment, you received a payment, received money, money received, direct
            deposit, deposit received, withdrawal of, loan payment, your loan, your
            mortgage, mortgage payment, insurance policy, your policy, policy documents,
            policy renewal, insurance premium, premium due, pension, your pension,
            retirement account, transaction alert, a transaction of, with your card, on
            your card, was charged, card was used, trade confirmation, your claim, claim
            has been, annual statement, isa, payment due, amount due, autopay, credit
            score, funds have arrived, exchange rate, tax year, payment reminder,
            contribution statement, proxy materials, moved into, into your savings,
            savings account, your savings, savings pot, cash withdrawal, contract note,
            order executed, was executed, units of, your isa, apr, aer, your limit,
            available credit, spending limit, expense claim, expense report, was
            reimbursed, council tax, tax bill, tax code, self assessment, your premium,
            your cover, policy schedule, renews on, deductible, net pay, bank details on
            file, benefit statement, pension pot, was reinvested, staking rewards, you
            spent, purchase was made, spent at, card was charged, sort code
        """,
        weak="""
            bank, statement, balance, transfer, transferred, iban, shares, investment,
            investments, funds, tax, taxes, insurance, insurer, premium, debit, credit,
            deposit, withdrawal, transaction, transactions, net pay, gross, earnings,
            payee, payer, merchant, credited, debited, charged, policy number, claim,
            broker, securities, mortgage, loan, salary, fiscal, savings, interest,
            purchase, insured, repayment, reinvested, payout
        """,
    ),
    "calendar": Genre(
        strong="""
            moved your, pick another time, your call with, we look forward to seeing,
            we'll see you, calendar invite, invitation to meet, meeting request, meeting
            invitation, has been rescheduled, rescheduled, appointment, your
            appointment, upcoming appointment, appointment confirmed, appointment
            reminder, appointment confirmation, appointment has been moved, event
            reminder, meeting reminder, new time, updated invitation, event canceled,
            canceled event, cancelled event, has accepted your invitation, has declined,
            accepted your invitation, tentatively accepted, you are invited to, you're
            invited to, meeting has been, meeting moved, your visit on, starts in,
            invites you to, proposed a new time, your table, interview scheduled,
            scheduled for, add to calendar, your booking with, reminder you have, see
            you on, see you tomorrow, boarding pass, your boarding pass, check in is
            open, check in now open, your itinerary, trip confirmation, booking
            confirmation, booking confirmed, booking reference, your booking, your
            reservation, reservation confirmed, reservation confirmation, your stay,
            still on, your slot, new slot, see you at, see you then, we expect you,
            session with, lesson with, class is booked, booked for, parents' evening,
            parents evening, minutes early, a day ahead, move or cancel, to move or
            cancel, cancel or change, change the appointment, choose another time, hold
            tables, your consultation, your viewing, your test drive, your interview,
            going yes, can't make it, check in from, free cancellation, gate opens
        """,
        weak="""
            invitation, meeting, calendar, agenda, rsvp, reschedule, accepted, declined,
            attend, attendees, organizer, event, reminder, when, where, join the
            meeting, dial in, to confirm or, cancel or reschedule, dentist, doctor, dr,
            clinic, please arrive, minutes early, am, pm, monday, tuesday, wednesday,
            thursday, friday, itinerary, reservation, booking, check in, slot,
            consultation, hygienist, checkup
        """,
        against="""
            webinar, invite friends, sale, delivery, your flight, tickets
        """,
    ),
    "security": Genre(
        strong="""
            login link, log in link, works once, email address was changed, phone number
            was changed, secure your account, is this you, verification code, security
            code, login code, sign in code, sign-in code, one time code, one time
            password, one time passcode, passcode, access code, confirmation code,
            authentication code, recovery code, backup codes, never share this code,
            share this code, do not share this code, your code is, is your code, don't
            share this code, two factor, two step verification, security alert, new
            device, new sign in, new sign-in, new login, new log-in, sign in attempt,
            sign-in attempt, login attempt, signed in from, logged in from, was this
            you, if this wasn't you, wasn't you, if this was you, password reset, reset
            your password, reset the password, password changed, password was changed,
            password has been changed, change your password, unusual activity,
            suspicious activity, suspicious sign in, verify your email, verify your
            e-mail, confirm your email, confirm your e-mail, verify your device,
            unrecognized device, account locked, magic link, sign in link, finish
            signing in, to sign in, passkey, passkey added, security key, recovery
            email, new api key, access token, ssh key, two factor authentication, didn't
            request this, did not request this, data breach, gets you in, stops working
            in, works one time, single-use, code expires, approve this sign-in, trusted
            device, sign out of all devices, signed out, has been changed, was changed,
            was added to your account, has been registered, unusual sign-in, blocked a
            sign-in, blocked an attempt, from another country, if it was not you, if
            that was not you, if it wasn't you, if this was not you, did not add it,
            authenticator app, confirm your address, verify that this address, choose a
            new password, link to choose, is valid for, nobody will ever ask, never ask
            you for
        """,
        weak="""
            code, password, security, login, log in, sign in, verify, expires, expire,
            device, browser, location, ip address, unauthorized, protect, authenticator,
            otp, valid for, ignore this email, minutes, your account, identity,
            fingerprint, unrecognised
        """,
        against="promo code, discount code, use code, code at checkout, coupon code",
    ),
    "notifications": Genre(
        strong="""
            uploaded, new document, latency, on call, acknowledge, board, moved the
            card, moved cards, recording is ready, now available in your, due back, due
            for return, library loan, is overdue, books due, build failed, build
            success, build failure, build incomplete, svn commit, git commit, cvs
            commit, nightly build, build passed, build fixed, build succeeded, job
            failed, pipeline failed, pipeline passed, workflow run, deployment, deploy
            failed, deployed, incident, cron, backup completed, backup failed,
            undelivered, delivery status, returned mail, failure notice, mailer daemon,
            out of office, automatic reply, auto reply, pull request, merge request,
            assigned to you, assigned you, assigned to, mentioned you in, shared a file,
            shared a document, shared a folder, shared with you, server down, is down,
            service down, downtime, maintenance, disk usage, scheduled maintenance,
            maintenance window, status update, your ticket, ticket updated, ticket has
            been, support request, support ticket, your request has been, has been
            resolved, has been updated, was updated, case number, new issue, issue
            opened, issue closed, task due, due tomorrow, tasks due, overdue task, usage
            alert, quota, storage is almost full, almost full, certificate expires,
            certificate will expire, ssl certificate, domain expires, domain renewal,
            terms of service, privacy policy, updated our terms, export is ready, report
            is ready, document to sign, signature requested, please sign, has been
            signed, form submission, new submission, comment on the document, error
            rate, alert triggered, view the logs, reply above this line, cvs, svn,
            security update, dsa, security advisory, errata, requires approval,
            subscription notification, waiting for approval, weather warning, warning
            until, did not pass, tests failed, checks failed, run failed, is red, is
            green again, job finished, finished with, log in to read, log in to view,
            message is waiting, in the parent portal, meter reading, power cut, power
            outage, water supply, roadworks, ready to collect, ready to be collected,
            device offline, low battery, motion detected, added you to, invited you to
            the workspace, requested your review, review requested, was merged, has been
            approved, has been rejected, new release, released version, scheduled
            downtime, maintenance on, your data export, transcript is ready, no longer
            supported, will be deprecated, new sign-up, form response, new response,
            does not answer, not responding, view the log, threshold exceeded
        """,
        weak="""
            notification, alert, warning, failed, completed, report, job, host, server,
            service, update, updated, ticket, issue, commit, branch, outage, resolved,
            triggered, task, project, workspace, status, logs, build, pipeline,
            threshold, assignee, due date, priority, portal, reference, checks,
            deprecated, approved, rejected, merged, reopened, collaborator, workflow,
            monitoring
        """,
    ),
    "newsletters": Genre(
        strong="""
            you get this every, every week, every sunday, this month's, letter no,
            newsletter, weekly digest, your weekly digest, daily digest, weekly roundup,
            this week in, in this issue, in today's issue, in today's edition, issue no,
            this issue, weekly newsletter, daily briefing, morning briefing, today's
            briefing, the briefing, monthly update, top stories, latest from, read
            online, read in browser, read in your browser, this week's issue, week in
            review, what we're reading, what i'm reading, today's headlines, long reads,
            editor's note, from the editor, in this week's, this month in, you
            subscribed to, thanks for reading, thanks for subscribing, forward this to a
            friend, forwarded this email, new post, new episode, view in browser, view
            this email in, of the day, of the week, dear readers, dear subscribers, dear
            members, members' letter, bulletin, e-news, enews, what's on, in the news,
            happy sunday, happy friday, good reads, an essay on, reading list, this
            edition, our december issue, new on the blog, latest episode, show notes,
            monthly report, ward update
        """,
        weak="""
            weekly, daily, monthly, digest, edition, issue, stories, headlines, editor,
            subscriber, subscribers, subscription, articles, reading, read more,
            published, podcast, essay, essays, column, headline, episode, roundup,
            recap, volume, min read, good morning, interview, links, news, tips,
            opinion, commentary, interviews, review, recipes, recipe, recommendations,
            readers, reader, programme, exhibition, announcements, announcement,
            bulletins, vol, trends, insights, quiz, highlights, update, updates
        """,
        against="shop now, buy now, off everything, promo code, use code",
    ),
    "promotions": Genre(
        strong="""
            on us, our treat, less this weekend, cheaper, half off, buy two, sale, sale
            ends, off your, off everything, off sitewide, special offer, limited time,
            limited time offer, discount, discount code, coupon, promo code, use code,
            with code, save up to, save up, free shipping, exclusive offer, shop now,
            shop the, buy now, black friday, cyber monday, last chance, deals, deal of
            the day, flash sale, gift card, ends tonight, ends today, ends tomorrow,
            ends soon, last day, final hours, hours left, clearance, donate, donate now,
            new arrivals, just dropped, best price, best prices, voucher, buy one get
            one, your cart, left in your cart, left something, back in stock, price
            drop, upgrade now, try it free, start your free trial, free trial, half
            price, early access, members only, don't miss out, book now, special price,
            free gift, off your first order, bestsellers, selling fast, treat yourself,
            refer a friend, sneak peek, great deals, just launched, cost price, special
            savings, register today, order now, order today, lowest prices, save your
            seat, save now, claim your discount, don't miss, while stocks last, while
            supplies last, selling out, best sellers, gift guide, members get, double
            points, points expire, reward waiting, we miss you, matched, your gift, make
            a gift, chip in, pledge, fundraiser, book by, from only, price cut, cheaper
            than, go annual, switch and save, no joining fee, first month free
        """,
        weak="""
            save, savings, offer, offers, deal, shop, collection, hurry, today only,
            exclusive, price, prices, upgrade, bonus, win, trial, at checkout, off,
            weekend only, bestseller, gift, gifts, reward, rewards, points, new in,
            terms apply, shopping, bargain, bargains, catalog, catalogue, basket, cart,
            delivered free, favourites, favorites, sign up, subscribe and save, reserve
            yours, donation, support us
        """,
    ),
    "social": Genre(
        strong="""
            gave you kudos, cheered, saved your, shared your, new fans, is now friends,
            mentioned you, friend request, commented on your, commented on, commented,
            liked your, tagged you, follows you, is following you, is now following you,
            new follower, new followers, started following, started following you,
            connection request, wants to connect, wants to be friends, accepted your
            invitation to connect, accepted your friend, mentioned you in a, your post,
            your photo, your profile, viewed your profile, new connections, people you
            may know, replied to your comment, replied to your, sent you a message, new
            message from, reacted to, your story, liked your post, endorsed you, new
            match, invited you to join, joined the group, posted in, your network, your
            friends are, kudos, has a birthday, birthday today, shared a post, looked at
            your profile, profile views, waiting to follow, wants to follow you, see who
            reacted, who reacted, people reacted, people like, likes your, loved your,
            replied to you, mentioned you on, shared your post, went live, is live now,
            your memories, is attending, new posts in, new in your group, it is your
            turn, your turn in, joined your team, challenged you, new badge, your
            streak, friends were active, are online now, in your neighborhood, near you
            posted, sent you a connection, invitation to connect, searches this week,
            follow back, wants to add you
        """,
        weak="""
            friends, friend, followers, follower, comment, comments, likes, liked,
            photo, post, posts, profile, group, connections, network, community,
            reactions, follow back, activity, reaction, achievement, badge, leaderboard,
            neighbors, neighbours, neighborhood, tagged
        """,
    ),
    "forums": Genre(
        strong="""
            discussion list, mailman, google groups, group post, topic reply, new topic,
            new reply in, you are watching this topic, posted a reply, replied in the
            thread
        """,
        weak="wrote, patch, rfc, thread, topic, posted, moderator, forum, mailing list",
    ),
    "personal": Genre(
        strong="""
            can i borrow, can you, could you, would you, do you want, i'd love, we had,
            let me know if you, see you soon, talk soon, miss you, how are you, hope
            you're well, hope you are well, hope all is well, can you bring, i'll bring,
            are you still up for, mum, dad, grandma, give me a call, call me, i was
            wondering, speak soon, happy birthday, as discussed, as promised, attached
            is the, could you please send, catch up, take care, lots of love, see you
            there, can we meet, shall we, i'll be there, i can't make it, what do you
            think, sounds good, thanks for the photos
        """,
        weak="""
            hi, hey, cheers, regards, best, love, sorry, yours, sincerely, let me know,
            i'm, i'll, i am, i was, i have, i can, my, me
        """,
    ),
    BULK: Genre(
        strong="""
            unsubscribe, unsubscribing, manage preferences, email preferences, manage
            your preferences, update your preferences, opt out, receive this because,
            receiving this because, receiving this email because, this email was sent
            to, you are receiving this, you're receiving this, you received this email
            because, view in browser, view this email, notification settings, all rights
            reserved
        """,
    ),
    BAIT: Genre(
        strong="""
            will be suspended, has been suspended, been suspended, account suspended,
            has been limited, been limited, account limited, will be deactivated, will
            be closed, will be terminated, permanently closed, within 24 hours, within
            48 hours, within hours, avoid suspension, to avoid, verify your account,
            verify your identity, confirm your identity, verify your information,
            confirm your account, update your payment details, update your billing,
            update your payment, update your payment information, payment declined,
            restore access, restore your account, unlock your account, customs fee,
            customs charge, redelivery fee, pay the fee, small fee, could not be
            delivered, parcel is on hold, package is on hold, unpaid toll, unclaimed,
            you have won, claim your, claim now, gift cards, wallet phrase, seed phrase,
            mailbox is full, mailbox storage, keep same password, keep current password,
            release messages, change of bank details, new bank details, urgent transfer,
            act now, immediate action, immediately, click here to, receive your bonus,
            receive your refund, confirm your banking
        """,
        weak="urgent, dear customer, dear user, valued customer, click here, suspended",
    ),
    PITCH: Genre(
        strong="""
            reaching out, reach out, quick call, minute call, quick question, book a
            demo, book a call, our services, our solution, our platform, our team can,
            boost your, grow your business, increase your revenue, seo, qualified leads,
            more leads, lead generation, guest post, backlinks, partnership opportunity,
            following up on my, just following up, circling back, bumping this, decision
            maker, worth a chat, open to a, companies like yours, businesses like yours,
            came across your, your website, web design, outsourcing, free audit, case
            study, happy to share, roi, would love to show, hop on a, investment
            opportunity, i represent, i help, your next app, team of developers, usual
            rate, lowest price, businesses like, firms like yours, sales meetings,
            meetings a month, factory price, we are a manufacturer, free samples,
            dedicated developers, hourly rates, search results, page one, more traffic,
            our agency, cooperation, proposal for, business proposal, my late client,
            next of kin, inheritance, your assistance, free quote, business cards, long
            distance, home loan, mortgage rates, consolidate, refinance, bulk email,
            email addresses, weight loss, lose weight, replica, rolex, viagra, cialis,
            levitra, vicodin, phentermine, hydrocodone, penis, erections, erectile,
            impotence, pharmacy, pills, sexy, porn, xxx, webcam, webcams, nude, make
            money, work from home, earn money, home based, credit card debt, stock
            alert, hot stock
        """,
        weak="""
            click, guarantee, guaranteed, cheap, cheapest, winner, lottery, million,
            millions, earn, opportunity, investors, viagra, pills, enlargement, casino,
            unlimited, clients, revenue, agency, solutions, beneficiary, confidential,
            developers, watches, debt, diet, adult, girls, singles, sex, cable,
            advertising, advertise, herbal, hormone, prescription, meds
        """,
    ),
    DEMAND: Genre(
        strong="""
            pay now, pay the fee, settle now, settle the amount, confirming your,
            confirm your details, confirm your data, confirm your bank, confirm your
            card, confirm your address, confirm your payment, confirm your password,
            confirm your account, enter your card, enter your password, enter your pin,
            your card number, card number and, bank details, banking details, card
            details, recovery phrase, validate your, verify your details, update your
            details, update your information, re-enter your, sign in with your work,
            sign in to view, sign in to keep, sign in to avoid, log in to view, log in
            to avoid, log in to restore, click below, click the link, on the page below,
            link below, secure form, to release, gift cards, call our, connect your
            wallet, submit your, with your password, with your work password, open the
            attachment, your iban, date of birth, card to hand, please settle, settle
            before, by confirming it, confirming it here, keep using your current
            password, add a card, add a working card, new payment method, payment method
            again, log in with your bank, install the, scan the code and, complete your
            address, to cancel the charge, cancel this charge, cancel your order call,
            cancel this order call, to cancel call, our billing desk, sign in with your
            office, sign in with your microsoft
        """,
    ),
    THREAT: Genre(
        strong="""
            or it goes back, goes back to, will be returned, be sent back, otherwise, or
            lose, lose access, will be withdrawn, will be deleted, will be destroyed,
            will be blocked, will be restricted, will be disabled, will be locked, will
            be charged, 12 hours, 24 hours, 48 hours, 72 hours, today only until, until
            5 pm today, before midnight, expires today, expires tonight, ends tonight
            or, final notice, last notice, final warning, last reminder, failure to,
            fail to, legal action, avoid, unpaid, overdue fee, on hold, held back, was
            unpaid, if you did not authorize, if you do nothing, end of the day, late
            charge, late fee, stop working, no action is taken, if no action, before
            friday, within two days, before it is too late, is outstanding, outstanding
            amount, runs out today, without paying, auto renewed, be debited from your
            account today, be charged today
        """,
    ),
    ASK: Genre(
        strong="""
            minutes this week, 15 minutes, minutes for a call, a call this week, for a
            call, for a chat, a short call, worth a conversation, are you available,
            tuesday or wednesday, next week work, may i send, shall i send, can i send,
            should i send, would you be interested, interested in, would you be open,
            who is in charge, right person, hope this finds you well, hope you are doing
            well, my last note, my last email, my previous email, price list, our
            portfolio, my calendar, book a slot, please send us your, would like to
            build, send our portfolio
        """,
    ),
}
