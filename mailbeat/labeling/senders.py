"""What the sender's address tells: what such senders usually send, and who they are."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Parts of an address before the @, and what such a sender usually sends.
_SENDERS = {
    "receipts": """
        order orders bestellung bestellungen shop store receipt receipts invoice
        invoices billing rechnung rechnungen tickets ticket booking bookings buchung
        shipping shipment versand tracking delivery auto-confirm ship-confirm
        shipment-tracking order-update checkout reservations kasse paket
        pedido pedidos factura facturas facturacion compras envios reservas
        commande commandes facture factures billetterie reservation colis livraison
        ordine ordini fattura fatture spedizioni prenotazioni biglietti
        bestelling bestellingen factuur facturen facturatie pakket
        zamowienia zamowienie sklep faktury faktura przesylki rezerwacje
        encomendas encomenda fatura faturas loja""",
    "finance": """
        bank banking statements statement payroll finance tax insurance investor
        payments claims pensions estatement cards kontoauszug steuer versicherung lohn
        gehalt finanzen nomina nominas tesoreria impuestos seguros paie impots
        cotisations assurance stipendi paghe salaris polis ubezpieczenia place podatki
        vencimentos salarios seguro""",
    "calendar": """
        calendar calendar-notification kalender termine termin appointments appointment
        invites meetings scheduling schedule citas cita rdv rendezvous appuntamenti
        afspraken afspraak wizyty rejestracja agenda marcacoes consultas kalendarz
        agendamento""",
    "security": """
        security account-security accounts-noreply login verify verification identity
        auth otp sicherheit seguridad securite sicurezza beveiliging bezpieczenstwo
        seguranca""",
    "notifications": """
        notifications notification notify alert alerts monitoring monitor cron root
        daemon jenkins builds build ci status statuspage mailer-daemon postmaster
        bugzilla jira gitlab github logwatch nagios helpdesk tickets-noreply
        benachrichtigung benachrichtigungen notificaciones alertas notifications-noreply
        notifiche meldingen powiadomienia notificacoes""",
    "newsletters": """
        newsletter newsletters rss rssfeeds feeds news digest editor editors
        editorial redaktion weekly
        daily briefing letter redaccion redaction redazione redactie redakcja redacao
        nieuwsbrief boletin lettre infolettre biuletyn boletim bulletin headlines
        enews gazette magazin magazine podcast blog nieuws noticias noticies notizie
        wiadomosci nachrichten rundbrief actualites boletín""",
    "promotions": """
        offers offer deals promo promotions promotion marketing sale sales angebote
        rewards aktion aktionen ofertas offres offerte specials aanbiedingen promocje
        promocoes promociones promozioni shopper outlet""",
    "social": "friends invitations messages-noreply friendupdates social community",
}
SENDERS = {name: slug for slug, names in _SENDERS.items() for name in _words(names)}

# What stands in the domains of those whose mail is of money.
MONEY_HOUSES = (
    "bank", "sparkasse", "insurance", "versicherung", "assurance", "broker",
    "creditunion",
    "banca", "banco", "banque", "seguros", "assicura", "verzekering", "ubezpiecz",
    "finanzamt", "steuer", "belasting", "impots", "mutuelle", "payroll", "pension",
)  # fmt: skip

# Before the @ of what is no person.
ROLES = _words("""
    account accounts admin alumni app assistenza atencion atendimento avisos biuro
    bonjour book boutique buero care ciao clientes clienti club colegio comunicazioni
    contact contacten contacto contato contatto crew customer customerservice ecole
    email empfang escola frontdesk geral hallo hello help hi hola hr info jobs klant
    klantenservice kontakt konto kunde kunden kundenbetreuung kundendienst
    kundenservice mail mailer mailing members negozio news no-reply noreply notif
    office ola online ops portal post praxis recepcja reception school schule scuola
    secretaria segreteria sekretariat service services servicio servizio suporte
    support system szkola team tienda update updates user users webmaster webshop
    winkel
""")

# Names that are worth forging, and the labels of the domains that are theirs.
_BRANDS = """
    paypal: paypal paypal-communication paypal-notification
    amazon: amazon amazonaws amazonses amazonpay
    microsoft: microsoft onmicrosoft microsoftonline microsoftemail microsoftstore
        office office365 outlook azure windows github
    google: google googlemail googlegroups gmail youtube android
    apple: apple icloud itunes
    netflix: netflix
    spotify: spotify spotifymail
    facebook: facebook facebookmail meta
    instagram: instagram facebookmail
    linkedin: linkedin
    whatsapp: whatsapp facebookmail
    twitter: twitter x
    ebay: ebay ebay-kleinanzeigen
    dropbox: dropbox dropboxmail
    docusign: docusign
    adobe: adobe adobesign echosign
    coinbase: coinbase
    binance: binance
    stripe: stripe
    klarna: klarna
    revolut: revolut
    wise: wise transferwise
    dhl: dhl deutschepost dpdhl
    fedex: fedex
    ups: ups
    usps: usps
    dpd: dpd dpdgroup
    hermes: hermes hermesworld myhermes
    correos: correos
    inpost: inpost
    postnl: postnl
    chronopost: chronopost laposte
    mastercard: mastercard
    visa: visa
    americanexpress: americanexpress aexp amex
    wellsfargo: wellsfargo
    hsbc: hsbc
    barclays: barclays
    santander: santander gruposantander
    commerzbank: commerzbank
    postbank: postbank deutsche-bank
    sparkasse: sparkasse
    unicredit: unicredit unicreditgroup
    postepay: poste posteitaliane
    rabobank: rabobank
    allegro: allegro allegromail
    zalando: zalando
    booking: booking
    airbnb: airbnb
    telekom: telekom t-online magenta
    vodafone: vodafone
    ameli: ameli assurance-maladie
    aliexpress: aliexpress alibaba
    temu: temu temuemail
    walmart: walmart
    costco: costco
    target: target
    citibank: citi citibank
    bankofamerica: bankofamerica bofa
    capitalone: capitalone
    chase: chase
    venmo: venmo
    cashapp: cashapp square squareup
    robinhood: robinhood
    metamask: metamask consensys
    ledger: ledger
    trezor: trezor
    kraken: kraken
    steam: steampowered steamgames
    playstation: playstation sony sonyentertainmentnetwork
    disney: disney disneyplus disneyaccount go
    slack: slack slack-msgs
    zoom: zoom
    atlassian: atlassian atlassian-bounces
    salesforce: salesforce
    intuit: intuit
    quickbooks: intuit quickbooks
    mailchimp: mailchimp mailchimpapp mcsv mcdlv
    shopify: shopify shopifyemail
    etsy: etsy
    godaddy: godaddy secureserver
    ionos: ionos
    hetzner: hetzner
    cloudflare: cloudflare
    royalmail: royalmail
    evri: evri
    hmrc: hmrc
    natwest: natwest
    lloyds: lloydsbank lloydsbanking
    monzo: monzo
    gls: gls-group gls gls-pakete
    lufthansa: lufthansa lufthansa-group miles-and-more milesandmore
    ryanair: ryanair ryanairemail
    comdirect: comdirect
    deutschebank: deutsche-bank db
    ikea: ikea
    vinted: vinted
    leboncoin: leboncoin
    doctolib: doctolib
    colissimo: laposte colissimo
    mondialrelay: mondialrelay
    creditagricole: credit-agricole ca-paris
    bnpparibas: bnpparibas bnpparibasfortis
    societegenerale: societegenerale socgen sg
    boursorama: boursorama boursobank
    caixabank: caixabank lacaixa
    bbva: bbva
    sabadell: bancsabadell sabadell
    intesasanpaolo: intesasanpaolo
    abnamro: abnamro
    belastingdienst: belastingdienst
    digid: digid logius
    marktplaats: marktplaats
    mbank: mbank
    pekao: pekao
    nubank: nubank
    bradesco: bradesco
    correios: correios
    mercadolivre: mercadolivre mercadolibre mercadopago
    millenniumbcp: millenniumbcp
    elster: elster
"""


def _brands(text: str) -> dict[str, frozenset[str]]:
    brands: dict[str, frozenset[str]] = {}
    for entry in re.split(r"\n {4}(?=\w)", text):
        if entry.strip():
            name, _, owners = entry.partition(":")
            brands[name.strip()] = _words(owners)
    return brands


BRANDS = _brands(_BRANDS)

# Words of the language, or of many names: a claim only where nothing else is said.
AMBIGUOUS_BRANDS = (
    _words("""
    apple visa wise ups hermes booking stripe allegro sparkasse meta elster correos
    telekom twitter dpd target chase ledger steam slack zoom gls vinted evri disney
    cashapp kraken correios
""")
    & BRANDS.keys()
)
SERVICE_WORDS = _words("""
    support service services team security account accounts billing help helpdesk care
    customer id pay payments payment alert alerts center centre verification verify
    login signin secure update online info com mail email noreply express delivery
    parcel package paket kundenservice kundendienst sicherheit konto rechnung clientes
    cliente cuenta soporte seguridad servicio sécurité securite compte client clients
    assistenza sicurezza clienti conto klantenservice beveiliging rekening pomoc konta
    obsługa klienta bezpieczeństwo suporte segurança conta the your prime no reply
""")

# What a domain names that was registered to press for something; without accents.
ERRANDS = _words("""
    account accounts access alert authorize avoid billing bonus card cards claim client
    clients confirm customer customs delivery deliveries fee fees fine gift hold id
    identity invoice limited locked login logon loyalty mailbox notice online order
    pack package parcel parcels password pay payment payments pending portal post prize
    quota redelivery refund refunds release renew renewal reset restore reward safe
    secure security service services shipment shipping signin status support suspended
    tax token toll track tracking unlock unpaid update updates upgrade validate verify
    verification wallet warning webmail win winner
    abgabe aktualisieren amt anmelden bestaetigen bestatigen erneuern erstattung
    freigabe frei gebuehr inkasso konto kunde kunden kundenportal kundenservice letzte
    mahnung nachzahlung paket paketdienst push rechnung sendung sicherheit sperre steuer
    tan versand zahlung zoll zustellung
    amende assurance banque carte cartes client colis compte connexion douane espace
    facture fiscal frais impots livraison mise paiement regularisation remboursement
    renouvellement sante securite suivi vitale
    aduana aviso banco bloqueo clientes correo cuenta datos entrega envio factura gastos
    multa pago paquete paqueteria seguridad tarjeta tasas verifica verificar
    accesso aggiornamento avviso banca carta cliente clienti consegna conto corriere
    dati dogana fattura fisco pacco pagamento poste recapito rimborsi rimborso sblocco
    sicurezza spedizione verifica
    bankpas belasting betaal betalen beveiliging bezorgen bezorging bezorgkosten boete
    douane gegevens incasso klant klanten loket opnieuw pakket pas rekening teruggave
    verifieer zending
    bezpieczenstwo dane dostawa doplata faktura haslo klient klienta konto mandat
    oplata paczka platnosc potwierdz przesylka rachunek weryfikacja zaplac zwrot
    alfandega caixa cartao conta encomenda entrega fatura imposto liberada multa pagar
    pagamento postal restituicao seguranca senha taxa verificar
""")

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
# From whose servers everybody's mail comes: what one sender there sends tells nothing
# of the next.
SHARED_MAILERS = _words("""
    sendgrid.net sendgrid.me mailchimp.com mailchimpapp.net mcsv.net mcdlv.net rsgsv.net
    mandrillapp.com amazonses.com mailgun.org mailgun.net mailgunapp.com
    sparkpostmail.com constantcontact.com ccsend.com mailjet.com sendinblue.com
    brevo.com sender-sib.com hubspotemail.net hubspot.com exacttarget.com
    klaviyomail.com createsend.com cmail19.com cmail20.com icontact.com aweber.com
    getresponse.com mlsend.com mailerlite.com shopifyemail.com myshopify.com
    substack.com beehiiv.com ghost.io buttondown.email convertkit.com
    convertkit-mail.com rapidmail.de cleverreach.com newsletter2go.com inxmail.com
    emarsys.net postmarkapp.com mtasv.net zendesk.com freshdesk.com intercom-mail.com
    eventbrite.com googlegroups.com groups.io yahoogroups.com yahoogroups.de
    freelists.org listserv.net lists.sourceforge.net mailman3.org
    users.noreply.github.com privaterelay.appleid.com duck.com mozmail.com
    simplelogin.com sneakemail.com anonaddy.me
""")
