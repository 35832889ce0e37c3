"""Words that tell the genre of a message, in six languages, and the looking up of them.

Tables for people to read and to correct: words separated by commas, two at most each.
A message is split into words once, and every word and pair is looked up once.
English, German, Spanish, French, Italian, Dutch.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

STRONG, WEAK = 2.0, 1.0

_GENRES: dict[str, dict[float, str]] = {
    "receipts": {
        STRONG: """
            invoice, receipt, your order, order confirmation, order number, order no,
            your purchase, has shipped, tracking number, out for, your parcel,
            your package, package delivered, delivery update, e ticket, eticket,
            boarding pass, booking confirmation, your booking, your delivery,
            rechnung, quittung, bestellung, bestellbestätigung, bestellnummer,
            auftragsbestätigung, versandbestätigung, sendung, sendungsnummer, paket,
            lieferung, buchungsbestätigung, fahrkarte, fahrschein, kaufbeleg, kassenbon,
            factura, recibo, pedido, tu compra, su compra, tu paquete, envío,
            facture, reçu, commande, votre colis, expédition, billet électronique,
            fattura, ricevuta, ordine, tuo ordine, spedizione, pacco, scontrino,
            factuur, bestelling, bon, kassabon, pakket, verzonden, bezorgd
        """,
        WEAK: """
            order, ordered, purchase, shipped, shipping, shipment, delivered, delivery,
            ticket, tickets, total, subtotal, paid, refund, quantity, item, items, vat,
            checkout, thank you, billing address, shipping address, reservation,
            betrag, summe, gesamt, mwst, bezahlt, versandt, zugestellt, lieferadresse,
            rechnungsnummer, bestellt, ihr einkauf, dein einkauf, erstattung, artikel,
            total pagado, entrega, reserva, importe, iva,
            livraison, livré, montant, réservation, remboursement, tva,
            totale, consegna, prenotazione, importo, rimborso,
            totaal, bedrag, levering, betaald, btw
        """,
    },
    "finance": {
        STRONG: """
            account statement, bank statement, monthly statement, your statement,
            direct debit, standing order, credit card, debit card, payslip, payroll,
            salary, tax return, tax assessment, dividend, portfolio, interest rate,
            your balance, account balance, card payment,
            wire transfer, bank transfer, loan, mortgage,
            insurance policy, pension, securities, e statement, transaction alert,
            kontoauszug, lastschrift, überweisung, kreditkarte, gehaltsabrechnung,
            lohnabrechnung, steuerbescheid, finanzamt, dividende, depot, zinsen,
            wertpapier, kontostand, darlehen, versicherung, abbuchung, girokonto,
            extracto, nómina, transferencia, tarjeta, saldo, hipoteca, impuestos,
            relevé, virement, prélèvement, salaire, impôts, solde, carte bancaire,
            estratto conto, bonifico, stipendio, busta paga, addebito, mutuo,
            rekeningoverzicht, afschrift, salarisstrook, incasso, belasting, hypotheek
        """,
        WEAK: """
            bank, statement, balance, transfer, payment due, amount due, iban, shares,
            investment, invest, fund, funds, tax, taxes, insurance, premium, debit,
            credit, deposit, withdrawal, transaction, quarterly,
            konto, buchung, steuer, anlage, fonds, beitrag, zahlung, fällig,
            banco, cuenta, pago, seguro, banque, compte, paiement, assurance,
            banca, conto, pagamento, assicurazione, rekening, betaling, verzekering
        """,
    },
    "calendar": {
        STRONG: """
            invitation, invited you, calendar invite, meeting request, rescheduled,
            appointment, your appointment, event reminder, meeting reminder, new time,
            updated invitation, canceled event, cancelled event, has accepted,
            has declined, tentatively accepted, appointment reminder,
            einladung, termin, terminänderung, terminerinnerung, terminabsage,
            ihr termin, dein termin, verschoben, terminbestätigung, besprechung,
            invitación, cita, tu cita, reunión, recordatorio,
            rendez vous, votre rendez, réunion, rappel,
            invito, appuntamento, riunione, promemoria,
            uitnodiging, afspraak, vergadering, herinnering
        """,
        WEAK: """
            meeting, calendar, agenda, rsvp, reschedule, accepted, declined, attend,
            organizer, starts, event, reminder, when, where, zoom,
            kalender, zusage, absage, teilnehmer, uhrzeit, erinnerung, ort, wann,
            calendario, agenda, calendrier, participer, partecipanti, deelnemers
        """,
    },
    "security": {
        STRONG: """
            verification code, security code, login code, sign in, one time, passcode,
            two factor, security alert, new device, password reset, reset your,
            password changed, suspicious, unusual activity, verify your, confirm your,
            new login, new sign, recovery code, authentication code, access code,
            unrecognized device, account locked, your password, log in,
            bestätigungscode, sicherheitscode, einmalpasswort, anmeldecode, anmeldung,
            passwort zurücksetzen, neues gerät, sicherheitswarnung, passwort geändert,
            sicherheitshinweis, zugangscode, neue anmeldung, ihr passwort,
            dein passwort,
            código, inicio de, nueva contraseña, contraseña, verificación, seguridad,
            code de, mot de, nouvelle connexion, vérification, sécurité,
            codice, nuovo accesso, verifica, sicurezza, reimposta,
            verificatiecode, wachtwoord, beveiliging, nieuwe aanmelding, inlogcode
        """,
        WEAK: """
            code, password, security, login, verify, expires, device, browser, location,
            unauthorized, protect, passkey, authenticator, otp,
            passwort, kennwort, sicherheit, gerät, gültig, standort, authentifizierung,
            acceso, dispositivo, appareil, connexion, accesso, apparaat, inloggen
        """,
    },
    "notifications": {
        STRONG: """
            build failed, build passed, pipeline failed, deployment, deployed, incident,
            cron, backup completed, backup failed, undelivered, delivery status,
            returned mail, failure notice, mailer daemon, out of, automatic reply,
            pull request, merge request, assigned to, mentioned you, shared a,
            shared with, server down, service down, downtime, maintenance, disk usage,
            scheduled maintenance, status update, new comment, auto reply,
            monitoring, abwesenheit, abwesenheitsnotiz, automatische antwort, wartung,
            störung, datensicherung, unzustellbar, freigegeben, zugewiesen,
            mantenimiento, copia de, respuesta automática, maintenance prévue,
            réponse automatique, sauvegarde, manutenzione, risposta automatica,
            onderhoud, automatisch antwoord, storing
        """,
        WEAK: """
            notification, alert, warning, failed, completed, report, job, host, server,
            service, update, ticket, issue, commit, branch, outage, resolved, triggered,
            benachrichtigung, meldung, hinweis, fehlgeschlagen, abgeschlossen, bericht,
            aviso, alerta, notificación, alerte, avviso, notifica, melding, waarschuwing
        """,
    },
    "newsletters": {
        STRONG: """
            newsletter, weekly digest, daily digest, this week, weekly roundup,
            in this, issue no, this issue, weekly newsletter, daily briefing, morning
            briefing, monthly update, top stories, view in, latest from, read online,
            im browser, diese woche, wochenrückblick, ausgabe, neue ausgabe, rundbrief,
            wochenbrief, nachrichten des, boletín, esta semana, edición,
            lettre d, cette semaine, infolettre, édition, bollettino, questa settimana,
            nieuwsbrief, deze week, editie
        """,
        WEAK: """
            weekly, daily, monthly, digest, edition, issue, stories, headlines, editor,
            subscriber, subscribers, subscription, articles, reading, read more,
            published, podcast, essay, column, headline,
            wöchentlich, abonnent, abonnement, artikel, weiterlesen, lesen, redaktion,
            leer más, suscripción, lire la, leggi, lees meer
        """,
    },
    "promotions": {
        STRONG: """
            sale, off your, special offer, limited time, discount, coupon, promo code,
            save up, free shipping, exclusive offer, shop now, buy now, black friday,
            cyber monday, last chance, deals, flash sale, gift card, ends tonight,
            clearance, donate, new arrivals, best price, voucher,
            angebot, angebote, rabatt, gutschein, rabattcode, jetzt kaufen, nur heute,
            sonderangebot, schlussverkauf, jetzt sparen, versandkostenfrei, aktion,
            jetzt shoppen, spenden, oferta, ofertas, descuento, rebajas, cupón,
            promotion, soldes, offre, réduction, code promo, remise, promo,
            offerta, offerte, sconto, saldi, promozione,
            aanbieding, aanbiedingen, korting, kortingscode, uitverkoop, actie
        """,
        WEAK: """
            save, offer, offers, deal, free, shop, new collection, collection, hurry,
            today only, exclusive, price, prices, upgrade, bonus, win, trial, premium,
            sparen, gratis, kostenlos, exklusiv, preis, neu im, kollektion, gewinnen,
            ahorra, gratuito, gratuit, profitez, risparmia, acquista, bespaar
        """,
    },
    "social": {
        STRONG: """
            friend request, commented on, liked your, tagged you, follows you,
            new follower, started following, connection request, wants to, mentioned
            you, your post, your photo, your profile, new connections, people you,
            replied to, sent you, new message, invited you, reacted to, your story,
            freundschaftsanfrage, kommentiert, gefällt dein, folgt dir, neue follower,
            markiert, kontaktanfrage, dein beitrag, deinen beitrag, dein profil,
            solicitud de, te sigue, comentó, te etiquetó, demande d, a commenté,
            vous suit, richiesta di, ha commentato, ti segue,
            vriendschapsverzoek, volgt je, heeft gereageerd
        """,
        WEAK: """
            friends, friend, followers, follower, comment, comments, likes, photo, post,
            posts, profile, group, members, connections, network, community, reactions,
            freunde, follower, kommentar, beitrag, profil, gruppe, netzwerk,
            amigos, amis, amici, vrienden
        """,
    },
    "forums": {
        STRONG: """
            mailing list, discussion list, to unsubscribe, mailman, list info,
            google groups, group post, mailingliste, lista de, liste de, mailinglijst
        """,
        WEAK: "wrote, list, patch, rfc, thread, digest, topic, posted, schrieb",
    },
}  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A person writing to a person: how they greet, end and speak of themselves.
PERSONAL = _words("""
    hi hello hey dear thanks cheers regards best love sorry yours sincerely
    hallo liebe lieber servus moin gruß grüße danke lg viele herzlich tschüss
    hola querido querida gracias saludos besos abrazo
    salut bonjour cher chère merci bises cordialement bisous
    ciao caro cara grazie saluti baci
    hoi beste groetjes groeten bedankt liefs
""")
PRONOUNS = _words("""
    i me my i'm i'll ich mir mich mein meine yo mi je j'ai mon ma io mio mia ik mij mijn
""")

# What only mail to many says in its text.
UNSUBSCRIBE = _words("""
    unsubscribe unsubscribing abmelden abbestellen newsletterabmeldung désabonner
    désinscrire desuscribirse desinscribirse disiscriviti cancellati uitschrijven
    afmelden
""")

# What people seldom write to people, and sellers of all kinds do.
HYPE = _words("""
    click guarantee guaranteed cheap cheapest winner lottery million millions earn
    opportunity investors viagra pills enlargement mortgage casino unlimited remove
    klicken garantiert gewinner millionen kasino gagnant ganador vincitore
""")

# Parts of an address before the @, and what such a sender usually sends.
_SENDERS = {
    "receipts": """
        order orders bestellung shop store receipt receipts invoice invoices billing
        rechnung tickets ticket booking bookings buchung shipping shipment versand
        tracking delivery auto-confirm ship-confirm shipment-tracking paket checkout
        pedidos facturas commande ordini bestelling reservations kasse""",
    "finance": """
        bank banking statements statement payroll finance kontoauszug tax steuer
        insurance versicherung investor payments lohn gehalt estatement""",
    "calendar": """
        calendar calendar-notification kalender termine appointments invites meetings
        termin""",
    "security": """
        security account-security accounts-noreply login verify sicherheit
        verification identity""",
    "notifications": """
        notifications notification notify alert alerts monitoring cron root daemon
        jenkins builds ci status statuspage mailer-daemon postmaster bugzilla jira
        gitlab github logwatch nagios""",
    "newsletters": """
        newsletter newsletters news digest editor editors redaktion weekly daily
        briefing letter nieuwsbrief boletin""",
    "promotions": """
        offers offer deals promo promotions promotion marketing sale sales angebote
        rewards aktion ofertas offres offerte specials""",
    "social": "friends invitations messages-noreply friendupdates",
}
SENDERS = {name: slug for slug, names in _SENDERS.items() for name in _words(names)}

MONEY_HOUSES = ("bank", "sparkasse", "insurance", "versicherung", "assurance", "broker")

SOCIAL_DOMAINS = _words("""
    facebookmail.com facebook.com linkedin.com twitter.com x.com instagram.com
    pinterest.com xing.com tiktok.com reddit.com redditmail.com nextdoor.com
    mastodon.social tumblr.com vk.com quora.com goodreads.com strava.com discord.com
    snapchat.com threads.net bsky.app meetup.com couchsurfing.com nebenan.de
""")
FREEMAIL_DOMAINS = _words("""
    gmail.com googlemail.com yahoo.com yahoo.de yahoo.fr yahoo.co.uk hotmail.com
    outlook.com live.com msn.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at
    web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com
    fastmail.com orange.fr free.fr laposte.net wanadoo.fr libero.it virgilio.it
    tin.it hotmail.fr hotmail.it hotmail.es ziggo.nl kpnmail.nl xs4all.nl
""")

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def _table() -> dict[str, tuple[tuple[str, float], ...]]:
    table: dict[str, dict[str, float]] = {}
    for slug, weights in _GENRES.items():
        for weight, words in weights.items():
            for entry in words.split(","):
                word = " ".join(entry.split())
                table.setdefault(word, {}).setdefault(slug, weight)
    # A word of several genres tells less about each.
    return {
        word: tuple((slug, weight / len(slugs)) for slug, weight in slugs.items())
        for word, slugs in table.items()
    }


GENRE_WORDS = _table()


def words_of(text: str) -> list[str]:
    """Split lower-case text into words: letters, and an apostrophe inside."""
    return _WORD.findall(text.lower())


def genre_words(words: list[str]) -> Iterator[tuple[str, str, float]]:
    """Yield each known word or pair once, with a genre and its weight for it."""
    pairs = {f"{first} {second}" for first, second in pairwise(words)}
    for known in GENRE_WORDS.keys() & (pairs | set(words)):
        for slug, weight in GENRE_WORDS[known]:
            yield known, slug, weight
