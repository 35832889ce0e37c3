"""Sentences of the core in the language of who reads them.

The core speaks English: its sentences are stored with runs and messages, and go to
programs as they are. Pages and letters translate those that are known by their shape.
What is not known stays as it is, so that a new sentence is never lost, only English.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from mailbeat.labeling.condition_words import words_again
from mailbeat.language import ENGLISH, N_, Tongue

# Each as the core makes it; a value may be anything. The browser has them, too: it is
# told of runs in English.
SHAPES: tuple[str, ...] = (
    N_("There is no account %(id)s."),
    # What a run does now: labeling/progress.py.
    N_("Waiting for the next run"),
    N_("Connecting to the mail server"),
    N_("Looking for new messages"),
    N_("Found 1 new message"),
    N_("Found %(n)s new messages"),
    N_("Categorizing %(n)s of %(all)s"),
    N_("Labeling %(n)s of %(all)s"),
    N_("Completed"),
    N_("Stopped by an error"),
    N_("Its worker stopped; another takes over"),
    # What alerts say, in mailbeat/alerts/rules.py
    N_("No event was heard since %(since)s: the broker is silent."),
    N_("It sent nothing since %(since)s."),
    N_("It sent nothing ever."),
    N_("It gave no sign of life since %(since)s."),
    N_("It gave no sign of life ever."),
    N_("None gave a sign of life since %(since)s."),
    N_("None gave a sign of life yet."),
    N_("%(free)s MiB are free on %(host)s (%(share)s of the disk)."),
    N_("%(address)s is paused and needs you. %(error)s"),
    N_("%(address)s is paused and needs you."),
    N_("%(address)s failed %(times)s times in a row. %(error)s"),
    N_("%(address)s failed %(times)s times in a row."),
    N_("%(address)s failed once. %(error)s"),
    N_("%(address)s failed once."),
    N_("%(address)s was not run since %(since)s."),
    N_("%(now)s messages wait for a worker; %(before)s did at %(since)s."),
    N_(
        "%(failed)s of the last %(runs)s runs failed, of %(accounts)s accounts. "
        "Before it were %(share)s."
    ),
    N_(
        "It could not be written since %(since)s (%(error)s), as seen from the "
        "%(kind)s on %(host)s."
    ),
    # And what ways out answer, in mailbeat/notify
    N_("%(host)s answered %(status)s."),
    N_("%(host)s port %(port)s did not answer, or hung up. Check SMTP_URL."),
    N_(
        "%(host)s did not answer, or its certificate is not to be trusted. Check "
        "ALERT_WEBHOOK_URL."
    ),
    N_("%(host)s refused the user or the password of SMTP_URL."),
    N_("%(host)s takes no mail for %(to)s."),
    N_("%(host)s did not take the mail (SMTP %(code)s)."),
    N_("This way out is not configured any more."),
    N_("The process that sent it died meanwhile. It may have arrived."),
    N_("There are %(most)s digests already. Remove one first."),
    N_(
        "There is no way out for alerts yet. Set SMTP_URL and ALERT_TO, "
        "ALERT_WEBHOOK_URL, or NOTIFY_URLS, and start Mailbeat again."
    ),
    # What a mail server said: mail/refusal.py, mail/net.py, mail/deadline.py.
    N_(
        "%(host)s refused the password. Store a new one on the account's page, or "
        "with `mailbeat account set-password`. Many providers want an app password "
        "here."
    ),
    N_(
        "%(host)s does not keep labels in this mailbox. Check that the account may "
        "change it, and that the server keeps keywords."
    ),
    N_(
        "%(host)s has no mailbox named '%(mailbox)s', or does not let this account "
        "open it. Make it there and resume the account, or choose another one with "
        "`mailbeat account change --mailbox`."
    ),
    N_("%(host)s could not serve us just now. Mailbeat tries again at the next run."),
    N_(
        "%(host)s did not let Mailbeat sign in, and did not say why. Mailbeat tries"
        " again; if it goes on, the account is paused: check its user name and "
        "password."
    ),
    N_(
        "%(host)s wants fewer connections or less traffic from this account. "
        "Mailbeat tries again later; other programs on the same account may have to"
        " pause."
    ),
    N_(
        "%(host)s refused the sign-in that was granted earlier. Sign in to the "
        "provider again on the account's page, or with `mailbeat account sign-in`."
    ),
    N_(
        "%(host)s wants an app password instead of the usual one. Make one in your "
        "provider's security settings, and store it on the account's page or with "
        "`mailbeat account set-password`."
    ),
    N_(
        "%(host)s wants you to sign in once with a web browser before it lets "
        "Mailbeat in. Do so on your provider's page, and resume the account."
    ),
    N_(
        "%(host)s has IMAP turned off for this account. Turn it on in your provider's "
        "settings, or have its administrator do so, and resume the account."
    ),
    N_(
        "%(host)s takes no passwords any more, or not over this connection. Sign in"
        " to the provider on the account's page, or check the kind of encryption."
    ),
    N_(
        "%(host)s did not let Mailbeat put mail into the folder of a label. Check "
        "that the account may make folders and write into them, and that there is "
        "room."
    ),
    N_(
        "%(host)s closed the connection or stopped answering. Mailbeat tries again "
        "at the next run and goes on where it stopped."
    ),
    N_(
        "%(host)s does not offer STARTTLS on port %(port)s, so no password was "
        "sent. Check the port and the kind of encryption (TLS is usually 993, "
        "STARTTLS 143)."
    ),
    N_(
        "%(host)s can neither move mail nor remove single messages. Have labelled "
        "mail copied instead of moved, on the account's page or with `mailbeat "
        "account change --no-move`."
    ),
    N_(
        "%(host)s has a message no longer in the folder of its label. Somebody "
        "moved or removed it; what is to be done with it has to be done by hand."
    ),
    N_(
        "%(host)s has a message in the folder of its label only, because this "
        "account has its mail moved. Give it another label, or move it by hand."
    ),
    N_(
        "%(host)s numbered the mailbox anew in the middle of a run. Mailbeat tries "
        "again at the next run and goes on where it stopped."
    ),
    N_(
        "Mailbeat does not talk to %(host)s without encryption. Use TLS or "
        "STARTTLS, or let the operator allow its network in IMAP_ALLOWED_NETWORKS."
    ),
    N_(
        "%(host)s did not answer on port %(port)s. Check the name, the port and "
        "that the server is up; for one in a private network the operator has to "
        "set IMAP_ALLOWED_NETWORKS. Mailbeat tries again at the next run."
    ),
    N_(
        "%(host)s does not speak TLS on port %(port)s. Check the port and the kind "
        "of encryption (TLS is usually 993, STARTTLS 143)."
    ),
    N_(
        "The certificate of %(host)s could not be verified, so no password was "
        "sent. Check the host name, or have the server's certificate put right."
    ),
    N_(
        "The certificate of %(host)s has expired, so no password was sent. Check "
        "the host name, or have the server's certificate put right."
    ),
    N_(
        "The certificate of %(host)s is not valid yet, so no password was sent. "
        "Check the host name, or have the server's certificate put right."
    ),
    N_(
        "The certificate of %(host)s is self-signed, so no password was sent. Check"
        " the host name, or have the server's certificate put right."
    ),
    N_(
        "The certificate of %(host)s is signed by an authority that this machine "
        "does not know, so no password was sent. Check the host name, or have the "
        "server's certificate put right."
    ),
    N_(
        "The certificate of %(host)s is for another host name, so no password was "
        "sent. Check the host name, or have the server's certificate put right."
    ),
    N_(
        "The certificate of %(host)s is for another address, so no password was "
        "sent. Check the host name, or have the server's certificate put right."
    ),
    N_(
        "The time for this run was over before all messages were labelled. The next"
        " run goes on where this one stopped."
    ),
    N_(
        "The worker or the database stood still in the middle of this run. The next"
        " one goes on where it stopped."
    ),
    N_(
        "The message is not in the mailbox any more, so its label was left as it "
        "is. What you chose is remembered, and was learned from."
    ),
    # A provider that is signed in to: mail/oauth.py, mail/token_endpoint.py.
    N_(
        "%(provider)s does not let Mailbeat into this mailbox any more: the "
        "permission has ended or was withdrawn, or the password was changed. Sign "
        "in again with %(again)s on the account's page, or with `mailbeat account "
        "sign-in`."
    ),
    N_(
        "%(provider)s (%(host)s) did not answer, so there is no new access to the "
        "mailbox yet. Mailbeat tries again at the next run; if it lasts, check that"
        " this machine reaches that host."
    ),
    N_(
        "%(provider)s could not give new access to the mailbox just now. Mailbeat "
        "tries again at the next run."
    ),
    N_(
        "%(provider)s could not give access to the mailbox just now. Mailbeat tries"
        " again at the next run."
    ),
    N_(
        "%(provider)s was not allowed to let Mailbeat in. Sign in again, and allow "
        "it to read mail."
    ),
    N_("%(provider)s says that this sign-in is too old. Start again."),
    # The first sentences alone, while an account is set up.
    N_("%(host)s refused the password."),
    N_("%(host)s could not serve us just now."),
    N_("%(host)s did not let Mailbeat sign in, and did not say why."),
    N_("%(host)s wants fewer connections or less traffic from this account."),
    N_("%(host)s closed the connection or stopped answering."),
    N_("%(host)s did not answer on port %(port)s."),
    N_("%(host)s does not speak TLS on port %(port)s."),
    N_("%(host)s does not offer STARTTLS on port %(port)s, so no password was sent."),
    N_("The certificate of %(host)s could not be verified, so no password was sent."),
    # What was not done, and what rules are worth.
    N_("Others are waiting for mail servers. Try again in a moment."),
    N_("%(address)s is paused. Resume it first; that runs it at once."),
    N_("Everything is paused. Resume it first."),
    N_(
        "%(address)s is running. Its next run can be asked for when this one has ended."
    ),
    N_("There is a category %(name)s already."),
    N_("%(name)s has the label %(label)s, which is the same to servers."),
    N_("%(name)s cannot become part of itself. Choose another category."),
    N_("There are %(most)s categories already. Remove one first."),
    N_("There are %(most)s rules already."),
    N_("There is no category %(id)s."),
    N_("There is no rule %(id)s."),
    N_("Its category %(name)s was removed. Choose another one."),
    N_("Its category %(name)s is switched off."),
    N_("Its condition cannot be read. Write it anew."),
    N_("You said %(n)s times that mail from %(who)s is %(category)s."),
    N_("You said %(n)s times that mail of the list %(who)s is %(category)s."),
    N_(
        "%(n)s of %(all)s messages from %(who)s were taken for %(category)s, and "
        "for %(weak)s of them nothing was sure."
    ),
    N_(
        "%(n)s of %(all)s messages of the list %(who)s were taken for %(category)s,"
        " and for %(weak)s of them nothing was sure."
    ),
    # What a provider wants: mail/providers.py.
    N_(
        "Sign in with Google, or make an app password: 16 letters, for which Google"
        " wants two-step verification switched on. The usual password is refused."
    ),
    N_(
        "Sign in with Microsoft; passwords of any kind are refused. In a company "
        "the administrator must allow IMAP for the mailbox."
    ),
    N_("Make an app password under Security; the usual password is refused."),
    N_(
        "Make an app-specific password under Sign-In and Security; the usual "
        "password is refused."
    ),
    N_(
        "Make an app password with access to mail under Privacy & Security; the "
        "usual password is refused."
    ),
    N_(
        "Switch on IMAP in the settings of the mailbox, under POP3/IMAP. With two-"
        "factor sign-in make an application-specific password, else use the usual "
        "one."
    ),
)
# What was not done, on pages only: browsers need not know these.
REFUSED: tuple[str, ...] = (
    # Rules as they are written: labeling/condition_form.py, labeling/rule_file.py
    N_("%(key)s: %(fault)s"),
    N_("It %(fault)s."),
    N_("has more than %(n)s values. Make two rules of it"),
    N_("has more than %(n)s parts"),
    N_("has more than %(n)s characters"),
    N_("has nothing that can be seen"),
    N_("is nested more than %(n)s levels deep"),
    N_("must be a list of conditions"),
    N_("must be a text"),
    N_("must be yes or no"),
    N_("must be a size such as 5 MB; units are %(known)s"),
    N_("must have 1 to %(n)s values"),
    N_("must have one of: %(known)s"),
    N_("must name a header field, e.g. %(example)s"),
    N_("must not be empty"),
    N_("must not contain control characters"),
    N_("must say what to look at: %(example)s"),
    N_('"%(quote)s" is nothing to look at. There are: %(known)s'),
    N_('"%(quote)s" is not a header field that is fetched. These are: %(known)s'),
    N_('"%(quote)s" cannot be asked of %(field)s. Accepted are: %(known)s'),
    N_('"%(quote)s" has nothing that can be seen'),
    N_('"%(quote)s" is not an e-mail address. For a domain, use %(field)s'),
    N_('"%(quote)s" is not a domain. For an address, use sender'),
    N_('"%(quote)s" has a space, which no address has'),
    N_("A rule has: %(known)s"),
    N_("is not known in a rule. Accepted are: %(known)s"),
    N_("The rule has no `%(key)s`"),
    N_("The file is larger than %(n)s KB."),
    N_("The file must begin with `rules:` and a list below it"),
    N_('"%(quote)s" is not known; only `rules` is'),
    N_("There are more than %(n)s rules"),
    N_('Another rule above is called "%(name)s", too'),
    N_('There is a rule "%(name)s" already'),
    N_("There would be more than %(n)s rules: %(there)s are there already"),
    N_('There is no category "%(name)s". There are: %(known)s'),
    N_('There is no account "%(name)s"'),
    N_("This is not text in UTF-8"),
    N_("This is no YAML: %(why)s"),
    N_("There is a character that YAML cannot have"),
    N_("There is a second document (`---`)"),
    N_("Anchors and aliases (& and *) are not accepted"),
    N_("Tags (!) are not accepted"),
    N_("This is nested too deeply"),
    N_("What stands before a colon must be a text"),
    N_('"%(quote)s" stands here twice'),
    # Rules and categories as they are kept: db/rules.py, db/category_changes.py
    N_('Another rule is called "%(name)s".'),
    N_(
        "These are not the rules that there are now: some were added or removed "
        "meanwhile. Read them again, and send the id of each once."
    ),
    N_("There never was a category %(id)s."),
    N_("The name %(fault)s."),
    N_("The definition %(fault)s."),
    N_("The label on the server %(fault)s."),
    N_("The colour %(fault)s."),
    N_("The bar %(fault)s."),
    N_("may have %(n)s characters at most"),
    N_("may hold no control character, such as a new line"),
    N_("needs a character that can be seen"),
    N_("is what is said of messages without a category"),
    N_("may not begin or end with a space"),
    N_("may hold no backslash and no character that cannot be seen"),
    N_("needs a letter or a digit"),
    N_("is nested by `/`, which needs a name on both of its sides"),
    N_("is %(n)s characters long as a keyword, of %(most)s at most"),
    N_("is a name that mail servers and programs use themselves"),
    N_("is one of %(known)s"),
    N_("is a number from %(least)s to 1"),
    # What is not there any more
    N_("There is no message %(id)s. Decisions are forgotten in time."),
    N_("There is no correction %(id)s."),
    N_("This correction was undone already."),
    N_("The message was corrected again since. Undo correction %(id)s first."),
    N_("There is no digest %(id)s."),
    N_("There is no alert %(id)s."),
    N_("Alert %(id)s is over already."),
    N_("There is no silence %(id)s."),
    N_("There is no key %(id)s. `mailbeat key list` shows them."),
    N_("There is no recommendation %(id)s. `mailbeat recommendations` shows them."),
    N_("There is no such process any more."),
    N_("%(name)s is not running any more."),
    N_("A worker has 1 to %(most)s threads."),
    N_("The cursor is not one that a list returned. Start again without it."),
    N_("The cursor is not one that this list returned. Start again without it."),
    # Accounts, and signing in to their providers: db/accounts.py, mail/oauth.py
    N_(
        "%(address)s is there already, as account %(id)s. Change its password with "
        "`mailbeat account set-password %(again)s`."
    ),
    N_(
        "%(address)s was added at this very moment by somebody else. `mailbeat account "
        "list` shows it."
    ),
    N_("The account was removed or taken over just now. Try again."),
    N_("This answer of %(provider)s belongs to another sign-in. Start again."),
    N_("This answer does not come from %(provider)s. Start again."),
    N_("The answer of %(provider)s has no code in it. Start again."),
    N_("%(provider)s could not serve us just now. Try again."),
    N_(
        "%(provider)s did not accept this sign-in. Check %(name)s_CLIENT_ID and the "
        "redirect address that is registered there, and try again."
    ),
    N_(
        "Somebody else is signed in at %(provider)s. Choose %(address)s there, or sign "
        "out first, and start again. Nothing was stored."
    ),
    N_(
        "%(provider)s was not allowed to let Mailbeat read mail. Sign in again, and "
        "tick that permission. Nothing was stored."
    ),
    N_(
        "%(provider)s gave access for an hour only. Sign in again, and allow access at "
        "any time."
    ),
    N_("The code for %(provider)s is too old. Start again."),
    N_(
        "This account signs in with %(provider)s, for which %(name)s is not set here. "
        "The operator sets it for web and workers alike; Mailbeat tries again at the "
        "next run."
    ),
    N_(
        "The certificate of %(host)s could not be verified, so Mailbeat did not talk "
        "to %(provider)s. Check the clock and the certificates of the machine that "
        "Mailbeat runs on."
    ),
    N_(
        "A stored secret cannot be decrypted: its key is missing from "
        "MAILBEAT_SECRET_KEYS. Add the old key at the end of the list."
    ),
    # Ways out: mailbeat/notify
    N_(
        "The certificate of %(host)s is not to be trusted, or it speaks no TLS on this "
        "port. Check SMTP_URL."
    ),
    N_("%(name)s did not take the message (%(kind)s)."),
    N_(
        "Apprise does not understand the address of NOTIFY_URLS that begins with "
        "%(kind)s. Compare it with github.com/caronc/apprise/wiki."
    ),
    N_("A fault in Mailbeat (%(kind)s)."),
)
# Titles of letters, which are told of in a list; and the ways they went.
TITLES: tuple[str, ...] = (
    N_("Mailbeat: %(title)s"),
    N_("%(title)s, and %(n)s more"),
    N_("Still: %(title)s"),
    N_("Over: %(title)s"),
    N_("The disks of %(n)s hosts are almost full"),
    N_("%(n)s accounts need you"),
    N_("%(n)s accounts keep failing"),
    N_("%(n)s accounts were not run"),
    N_("%(n)s messages labelled"),
    N_("%(n)s messages labelled of %(whose)s"),
    N_("1 message labelled"),
    N_("1 message labelled of %(whose)s"),
    N_("Mail to %(who)s"),
    N_("Webhook of %(host)s"),
)
# What is shipped, and stays as it is unless somebody changes it.
SHIPPED: tuple[str, ...] = (
    N_("A person writing to a person"),
    N_("Orders, invoices, deliveries, tickets"),
    N_("Banks, cards, investments, tax, salary"),
    N_("Invitations and changes of time"),
    N_("Codes, sign-ins, warnings about an account"),
    N_("Machines and services telling of an event"),
    N_("Regular reading that one asked for"),
    N_("Offers"),
    N_("People's activity on networks"),
    N_("Mailing lists and group discussion"),
    N_("Everyday life"),
    N_("Doctors, pharmacies, health insurance, fitness"),
    N_("Schools, courses, grades, universities"),
    N_("Rent, energy, water, repairs, neighbours"),
    N_("Clubs, subscriptions and their renewal"),
    N_("What was promised to family, club or council"),
    N_("Donation appeals, reminders of open bills"),
    N_("Work"),
    N_("Customers and clients: questions, offers, deals"),
    N_("Work on a project with people of it"),
    N_("Colleagues, announcements inside the company"),
    N_("Applications, interviews, recruiters"),
    N_("Vendors, contracts, purchasing"),
    N_("Business trips: flights, trains, hotels, expenses"),
)
# Why a message is what it is.
EVIDENCE: tuple[str, ...] = (
    N_("Not sure: nothing in it tells what it is"),
    N_("Not sure: %(guesses)s"),
    N_("Looks like %(category)s, but %(why)s"),
    N_("Learned from %(n)s of your corrections: %(words)s"),
    N_("Its words are those of such mail: %(words)s"),
    N_("You filed %(n)s of %(all)s such mails of this thread here"),
    N_("You filed %(n)s of %(all)s such mails of the list %(who)s here"),
    N_("You filed %(n)s of %(all)s such mails from %(who)s here"),
    N_("You filed %(n)s of %(all)s mails of this thread here"),
    N_("You filed %(n)s of %(all)s mails of the list %(who)s here"),
    N_("You filed %(n)s of %(all)s mails from %(who)s here"),
    N_('Your rule "%(name)s": %(condition)s'),
    N_('Your catch-all rule "%(name)s": %(condition)s'),
    N_("You chose this"),
    N_("You confirmed this"),
    N_("You chose no category"),
    N_("%(model)s chose %(category)s"),
)
# Of which evidence is made, with commas between.
FACTS: tuple[str, ...] = (
    N_("Others are waiting for mail servers. Try again in a moment."),
    N_('the subject says "%(quote)s"'),
    N_('the text says "%(quote)s"'),
    N_("sender %(part)s@"),
    N_("sent from %(domain)s"),
    N_("sent by %(domain)s"),
    N_("the sender is called %(word)s"),
    N_("%(domain)s names an errand"),
    N_("a list's name in the subject"),
    N_("several prices in the text"),
    N_("a long text to many readers"),
    N_("it is sent to many"),
    N_("an issue or a date in the subject"),
    N_("an amount of money in the subject"),
    N_("an amount of money in the text"),
    N_("a time of day in the subject"),
    N_("order number in the subject"),
    N_("a code in it"),
    N_("percentages in the subject"),
    N_("an answer to a message"),
    N_("an answer, it says"),
    N_("written in a mail program"),
    N_("the sender has a person's name"),
    N_("sent within one domain"),
    N_("few recipients"),
    N_("the sender's name ends it"),
    N_("it is a delivery report"),
    N_("Auto-Submitted: an automatic reply"),
    N_("it carries a calendar entry"),
    N_("a tracker of issues, code or jobs sent it"),
    N_("a social network sent it"),
    N_("on a list, and sent by a program"),
    N_("on a list, the subject is a calendar's"),
    N_('on a list, the subject says "%(quote)s"'),
    N_("on a list, %(why)s"),
    N_("List-Id and List-Post: a discussion list"),
    N_("the receiving server calls it spam"),
    N_("the receiving server could not verify the sender"),
    N_("the sender's domain says that it did not send it (DMARC)"),
    N_("its sender is a stranger"),
    N_("it wants to sell something"),
    N_("the sender's name says %(name)s and the address does not"),
    N_("the address only looks like %(name)s"),
    N_("it presses for an answer: %(why)s"),
)
BETWEEN = ", "
# How an account is (mailbeat/health_sentence.py): what is said most, and its causes.
HEALTH: tuple[str, ...] = (
    N_("Working: last run {last} labelled {labeled}, next {next}."),
    N_("Working: last run {last} found nothing new, next {next}."),
    N_("Working: last run {last} labelled {labeled}, the next one is under way."),
    N_("Working: last run {last} found nothing new, the next one is under way."),
    N_("Its first run is due {next}."),
    N_("Its first run is under way."),
    N_("Its first run starts within seconds."),
    N_("Paused by a person {since}. It runs again once it is resumed."),
    N_("Paused with everything else {since}. It runs again once that is resumed."),
    N_("Being set up: it labels nothing until that is finished."),
    N_("Needs you: {cause} {since}; {missed} runs were not made."),
    N_("Needs you: {cause} {since}; 1 run was not made."),
    N_("Needs you: {cause} {since}."),
    N_("Failing: {cause} {since}; the next try is {next}."),
    N_(
        "Failing: {cause}. {times} runs failed, the first {since}; the next try "
        "is {next}."
    ),
    N_(
        "Late: a run was due {due}, and it was not started yet; the last good "
        "run ended {good}."
    ),
    N_(
        "Late: a run was due {due}, and no worker took it yet; the last good "
        "run ended {good}."
    ),
)
CAUSES: tuple[str, ...] = (
    N_("the password was refused"),
    N_("the server was not reached"),
    N_("the server's certificate was not trusted"),
    N_("the server was busy"),
    N_("the server slowed us down"),
    N_("the mailbox was not found"),
    N_("the server did not accept our labels"),
    N_("the server's host was not allowed"),
    N_("a run ran out of time"),
    N_("something broke inside Mailbeat"),
    N_("the sign-in at its provider was refused"),
)
LONGEST = 2_000  # characters that are looked at
MOST_FACTS = 8
# Of facts: what a value does not hold, so that it does not take in the next fact.
_WITHIN = {
    "key": "[a-z_]",
    "quote": '[^"]',
    "part": "[^,]",
    "word": "[^,]",
    "domain": "[^,]",
}
_COUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){0,4}|[0-9]{1,15}")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.([0-9]{1,3}))?)%")
_VALUE = re.compile(r"%\((\w+)\)s")


def said(text: str | None, tongue: Tongue) -> str:
    """The sentence in a language, or as it is."""
    if tongue.language == ENGLISH or not text or len(text) > LONGEST:
        return text or ""
    known = tongue.gettext(text.replace("%", "%%"))
    if known != text:
        return known
    found = (
        _shaped(text, SHAPES, tongue)
        or _shaped(text, EVIDENCE, tongue)
        or _facts(text, tongue)
        or _shaped(text, REFUSED, tongue)
        or _shaped(text, TITLES, tongue)
        or text
    )
    return found[:1].upper() + found[1:] if text[:1].isupper() else found


def _shaped(text: str, shapes: tuple[str, ...], tongue: Tongue) -> str:
    """The sentence by its shape, or nothing."""
    for shape, pattern in _patterns(shapes):
        if (found := pattern.fullmatch(text)) is not None:
            values = found.groupdict()
            for name, value in values.items():
                if (inner := _INNER.get(name)) is not None:
                    values[name] = inner(value, tongue) or value
            if values.get("fault") != found.groupdict().get("fault") or (
                "fault" not in values
            ):
                return tongue.gettext(shape, **values)
    return ""


def _facts(text: str, tongue: Tongue) -> str:
    """Facts in a language; nothing unless all of them are known."""
    whole = _shaped(text, FACTS, tongue)
    if whole:
        return whole
    facts = text.split(BETWEEN)
    if len(facts) == 1 or len(facts) > MOST_FACTS:
        return ""
    known = [_shaped(fact, FACTS, tongue) for fact in facts]
    return BETWEEN.join(known) if all(known) else ""


def _error(text: str, tongue: Tongue) -> str:
    return _shaped(text, SHAPES, tongue)


def _fault(text: str, tongue: Tongue) -> str:
    return _shaped(text, REFUSED, tongue)


def _title(text: str, tongue: Tongue) -> str:
    known = tongue.gettext(text.replace("%", "%%"))
    return known if known != text else _shaped(text, TITLES, tongue)


def _count(text: str, tongue: Tongue) -> str:
    """A number as the language writes it."""
    return tongue.number(int(text.replace(",", ""))) if _COUNT.fullmatch(text) else ""


def _share(text: str, tongue: Tongue) -> str:
    found = _SHARE.fullmatch(text)
    if found is None:
        return ""
    return tongue.percent(float(found[1]) / 100, len(found[2] or ""))


# Values that are sentences themselves, or made of facts.
_INNER: Mapping[str, Callable[[str, Tongue], str]] = {
    "condition": words_again,
    "error": _error,
    "fault": _fault,
    "n": _count,
    "share": _share,
    "title": _title,
    "why": _facts,
}


@cache
def _patterns(shapes: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((shape, pattern_of(shape)) for shape in shapes)


def pattern_of(shape: str) -> re.Pattern[str]:
    """What a sentence of this shape looks like, its values as groups.

    Evidence begins with a capital letter as a sentence, and with none as a part.
    """
    parts = _VALUE.split(shape)
    pattern = "".join(
        f"(?P<{part}>{_WITHIN.get(part, '.')}+?)"
        if odd % 2
        else re.escape(part.replace("%%", "%"))
        for odd, part in enumerate(parts)
    )
    first = pattern[:1]
    if first.islower():
        pattern = f"[{first}{first.upper()}]{pattern[1:]}"
    return re.compile(pattern, re.DOTALL)
