"""Mail as it is worded today, in eight languages; every line of it invented.

`BLIND` was written before the tables of genre words and is not to be edited to please
them; `OPEN` was written beside them. `TRAPS` want to be taken for what they are not.
"""

from dataclasses import dataclass, field

from mailbeat.mail.message import Message
from tests.factories import make_message

BULK = {"List-Unsubscribe": "<https://u.example/1>", "Feedback-ID": "1:2:3:esp"}
AUTO = {"Auto-Submitted": "auto-generated"}
LIST = {"List-Id": "<talk.lists.example>", "List-Post": "<mailto:talk@lists.example>"}
PHONE = {"X-Mailer": "iPhone Mail (22B83)"}


@dataclass(frozen=True, slots=True)
class Mail:
    category: str | None  # None for a trap: any name of TRUSTED would be wrong
    language: str
    sender: str
    name: str
    subject: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> Message:
        return make_message(
            sender=self.sender,
            sender_name=self.name,
            subject=self.subject,
            text=self.text,
            headers=self.headers,
        )


BLIND = (
    Mail(
        "Receipts",
        "en",
        "hello@tallowandpine.example",
        "Tallow & Pine",
        "We've got your order, Nora!",
        "Order TP-20931. We're packing your candles now and will email you when they "
        "ship. Subtotal $38.00 Shipping $4.95 Total $42.95 Paid with Visa.",
    ),
    Mail(
        "Receipts",
        "de",
        "info@radhaus-nord.example",
        "Radhaus Nord",
        "Deine Bestellung ist unterwegs",
        "Hallo Jonas, gute Neuigkeiten: Wir haben dein Paket an den Versanddienst "
        "übergeben. Sendungsverfolgung: 00340434. Voraussichtliche Zustellung am "
        "Donnerstag.",
        BULK,
    ),
    Mail(
        "Receipts",
        "fr",
        "no-reply@trains-azur.example",
        "Trains Azur",
        "Vos billets pour Lyon",
        "Votre voyage est confirmé. Référence de dossier QX7LMN. Présentez votre "
        "billet à bord. Montant payé : 54,00 €.",
    ),
    Mail(
        "Receipts",
        "es",
        "pedidos@huertaviva.example",
        "Huerta Viva",
        "Tu pedido ha salido del almacén",
        "Hola Marta: tu pedido 88120 ya está en camino. Entrega prevista mañana. "
        "Importe total: 31,40 €.",
        BULK,
    ),
    Mail(
        "Receipts",
        "pl",
        "sklep@zielonapolka.example",
        "Zielona Półka",
        "Potwierdzenie zamówienia nr 55213",
        "Dziękujemy za zakup! Twoje zamówienie zostało przyjęte do realizacji. "
        "Razem: 129,90 zł. Płatność: BLIK.",
    ),
    Mail(
        "Receipts",
        "pt",
        "nao-responda@lojadomar.example",
        "Loja do Mar",
        "A sua encomenda foi entregue",
        "Olá Rui, a sua encomenda n.º 7731 foi entregue hoje às 14:12. Em anexo segue "
        "a fatura.",
    ),
    Mail(
        "Finance",
        "en",
        "alerts@harborcu.example",
        "Harbor Credit Union",
        "A payment of $64.10 was made with your card",
        "Card ending in 2291 was charged $64.10 at GREEN GROCER on May 3. Available "
        "balance: $1,204.88. If you don't recognize this transaction, call us.",
    ),
    Mail(
        "Finance",
        "de",
        "lohn@kanzlei-brandt.example",
        "Lohnbüro Brandt",
        "Entgeltabrechnung April 2026",
        "Guten Tag, Ihre Entgeltabrechnung für April steht im Portal bereit. Das "
        "Nettogehalt wird zum Monatsende überwiesen.",
    ),
    Mail(
        "Finance",
        "it",
        "comunicazioni@bancadelgolfo.example",
        "Banca del Golfo",
        "Il tuo estratto conto è disponibile",
        "Gentile cliente, l'estratto conto del primo trimestre è disponibile nella tua "
        "area riservata.",
    ),
    Mail(
        "Finance",
        "nl",
        "noreply@belastingservice.example",
        "Belastingservice",
        "Uw aanslag inkomstenbelasting staat klaar",
        "Er staat een nieuw bericht voor u klaar: voorlopige aanslag 2026. U ontvangt "
        "een teruggaaf op uw rekening.",
    ),
    Mail(
        "Finance",
        "fr",
        "ne-pas-repondre@mutuelle-lac.example",
        "Mutuelle du Lac",
        "Votre échéancier de cotisations 2026",
        "Madame, votre échéancier est disponible. La cotisation de votre contrat "
        "d'assurance habitation sera prélevée le 5 de chaque mois.",
    ),
    Mail(
        "Calendar",
        "en",
        "frontdesk@lakesidedental.example",
        "Lakeside Dental",
        "See you Tuesday at 9:30",
        "This is a reminder of your upcoming appointment with Dr. Okafor on Tuesday, "
        "May 12 at 9:30 AM. Reply C to confirm or call us to reschedule.",
    ),
    Mail(
        "Calendar",
        "de",
        "praxis@physio-am-markt.example",
        "Physio am Markt",
        "Terminverschiebung",
        "Sehr geehrte Frau Lang, leider müssen wir Ihren Termin vom 4. Mai verlegen. "
        "Neuer Termin: 6. Mai, 10:15 Uhr.",
    ),
    Mail(
        "Calendar",
        "es",
        "avisos@clinicasol.example",
        "Clínica Sol",
        "Recordatorio: cita el jueves a las 10:00",
        "Le recordamos su cita con la Dra. Peña el jueves 7. Si no puede asistir, "
        "anule o cambie su cita.",
    ),
    Mail(
        "Calendar",
        "pt",
        "agenda@estudioclaro.example",
        "Estúdio Claro",
        "Convite: reunião de projeto, quarta 15h",
        "Foi convidado para a reunião de projeto. Quando: quarta-feira, 15h00. Onde: "
        "sala 2. Aceitar / Recusar.",
    ),
    Mail(
        "Security",
        "en",
        "no-reply@notewell.example",
        "Notewell",
        "742913 is your sign-in code",
        "Enter 742913 to finish signing in. It expires in 10 minutes. Never share this "
        "code with anyone.",
    ),
    Mail(
        "Security",
        "fr",
        "no-reply@carnets.example",
        "Carnets",
        "Nouvelle connexion à votre compte",
        "Nous avons détecté une connexion depuis un nouvel appareil (Firefox, Linux). "
        "Si ce n'était pas vous, changez votre mot de passe.",
    ),
    Mail(
        "Security",
        "pl",
        "noreply@chmurka.example",
        "Chmurka",
        "Kod weryfikacyjny: 118204",
        "Twój kod to 118204. Jest ważny przez 10 minut. Nie udostępniaj go nikomu.",
    ),
    Mail(
        "Security",
        "nl",
        "no-reply@mijnwolk.example",
        "Mijnwolk",
        "Je wachtwoord is gewijzigd",
        "Het wachtwoord van je account is zojuist gewijzigd. Was jij dit niet? Herstel "
        "dan meteen je account.",
    ),
    Mail(
        "Security",
        "it",
        "sicurezza@nuvolaverde.example",
        "Nuvola Verde",
        "Reimposta la password",
        "Abbiamo ricevuto una richiesta di reimpostazione della password. Il link è "
        "valido per 30 minuti. Se non hai fatto tu la richiesta, ignora questa email.",
    ),
    Mail(
        "Notifications",
        "en",
        "no-reply@shipyard-ci.example",
        "Shipyard CI",
        "Build #481 failed: api/main",
        "The pipeline failed at step test. Duration 3m 12s. View the logs.",
        AUTO,
    ),
    Mail(
        "Notifications",
        "de",
        "support@hosting-elbe.example",
        "Hosting Elbe",
        "[Ticket #90412] Ihr Anliegen wurde aktualisiert",
        "Ihr Ticket hat einen neuen Status: In Bearbeitung. Bitte antworten Sie über "
        "dieser Zeile.",
    ),
    Mail(
        "Notifications",
        "es",
        "notificaciones@tablero.example",
        "Tablero",
        "Lucía te ha asignado una tarea",
        "Lucía te ha asignado la tarea «Revisar contrato» en el proyecto Web. Fecha "
        "límite: viernes.",
        BULK,
    ),
    Mail(
        "Notifications",
        "pt",
        "alertas@monitorar.example",
        "Monitorar",
        "ALERTA: servidor web-03 fora do ar",
        "O serviço HTTP em web-03 não responde desde 03:12. Incidente aberto.",
        AUTO,
    ),
    Mail(
        "Newsletters",
        "en",
        "hi@slowtypes.example",
        "Slow Types",
        "The fonts that raised us",
        "Slow Types, issue 88. Good morning. In this issue: signs, sans and a museum. "
        "Read online. You're receiving this because you subscribed. Unsubscribe.",
        BULK,
    ),
    Mail(
        "Newsletters",
        "de",
        "redaktion@stadtblatt.example",
        "Stadtblatt am Morgen",
        "Der Morgen: Was heute wichtig wird",
        "Guten Morgen, liebe Leserinnen und Leser, das sind die Themen des Tages. Im "
        "Browser lesen. Newsletter abbestellen.",
        BULK,
    ),
    Mail(
        "Newsletters",
        "pl",
        "listy@czytelnia.example",
        "Czytelnia",
        "Czytelnia nr 41: o rzekach i mapach",
        "Cześć! W tym numerze: trzy eseje i jeden wywiad. Otrzymujesz tę wiadomość, "
        "ponieważ zapisałeś się do newslettera. Wypisz się.",
        BULK,
    ),
    Mail(
        "Newsletters",
        "fr",
        "lettre@jardinsecret.example",
        "Jardin secret",
        "Au sommaire cette semaine : l'oseille",
        "Bonjour à tous, voici la lettre du jeudi. À lire aussi : nos archives. Vous "
        "recevez cet e-mail car vous êtes inscrit. Se désinscrire.",
        BULK,
    ),
    Mail(
        "Promotions",
        "en",
        "hello@lumenlane.example",
        "Lumen Lane",
        "Last day: 30% off everything",
        "Our spring event ends tonight. Use code SPRING30 at checkout. Shop now. "
        "Unsubscribe.",
        BULK,
    ),
    Mail(
        "Promotions",
        "it",
        "ciao@modavela.example",
        "Moda Vela",
        "Saldi estivi: fino al -50%",
        "Scopri la nuova collezione a prezzi mai visti. Acquista ora. Spedizione "
        "gratuita. Annulla iscrizione.",
        BULK,
    ),
    Mail(
        "Promotions",
        "nl",
        "info@tuinplezier.example",
        "Tuinplezier",
        "Alleen dit weekend: 2e artikel halve prijs",
        "Profiteer nu van onze actie. Shop nu. Geldig t/m zondag. Afmelden.",
        BULK,
    ),
    Mail(
        "Social",
        "en",
        "notify@birdwatchers.example",
        "Birdwatchers",
        "Tomás and 3 others liked your photo",
        "Tomás commented: What a heron! See all activity on your profile.",
        BULK,
    ),
    Mail(
        "Social",
        "de",
        "hallo@wanderkreis.example",
        "Wanderkreis",
        "Mia folgt dir jetzt",
        "Mia hat angefangen, dir zu folgen. Profil ansehen.",
        BULK,
    ),
    Mail(
        "Personal",
        "en",
        "ines.moreau@posteo.de",
        "Ines Moreau",
        "Saturday?",
        "Hi Sam, are you still up for the lake on Saturday? I can bring the tent. Love, "
        "Ines",
        PHONE,
    ),
    Mail(
        "Personal",
        "pl",
        "kasia.wrona@gmail.com",
        "Kasia Wrona",
        "zdjęcia z wesela",
        "Cześć Ola, wysyłam Ci zdjęcia, o które prosiłaś. Daj znać, czy doszły. Całuję, "
        "Kasia",
        PHONE,
    ),
    Mail(
        "Personal",
        "fr",
        "paul.girard@atelier-girard.example",
        "Paul Girard",
        "Re: le toit du garage",
        "Bonjour Hélène, merci pour les photos. Je passe jeudi matin voir les tuiles. "
        "Bien à vous, Paul",
        {"In-Reply-To": "<1@x.example>"},
    ),
)
