"""Fills a template's blanks, and gives it the headers that its kind of mail has."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from html import escape
from random import Random

from mailbeat.demo.samples.mime import Attachment, Draft
from mailbeat.demo.samples.people import Person
from mailbeat.demo.samples.templates import Template, language

# A page with one line of text; enough to be opened.
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def draft(template: Template, to: Person, chance: Random, sent_at: datetime) -> Draft:
    """Return one message of a template; the same `chance` makes the same message."""
    blanks = _blanks(template, to, chance, sent_at)
    sender = parseaddr(template.sender.format_map(blanks))
    text = template.text.strip().format_map(blanks)
    subject = template.subject.format_map(blanks)
    message_id = f"{chance.getrandbits(64):016x}@{sender[1].partition('@')[2]}"
    return Draft(
        sender=sender,
        to=(to.name, to.address),
        subject=subject,
        text="" if template.html == "only" else text + "\n",
        html=None if template.html == "no" else _html(subject, text),
        sent_at=sent_at,
        message_id=message_id,
        charset=template.charset,
        encoding=template.encoding,
        headers=_headers(template, to, sender, blanks, chance),
        calendar=_event(
            subject, sender[1], to, uid=message_id, sent_at=sent_at, chance=chance
        )
        if template.kind == "invitation"
        else None,
        attachments=_attachments(template, blanks),
    )


def _blanks(
    template: Template, to: Person, chance: Random, now: datetime
) -> Mapping[str, str]:
    words = language(template.language).words
    filled = {name: chance.choice(choices) for name, choices in words.items()}
    soon = now + timedelta(days=chance.randint(1, 20))
    return {
        **filled,
        "name": to.name,
        "first": to.name.split()[0],
        "address": to.address,
        "order": f"{chance.choice('ABHKMT')}{chance.randint(10_000, 99_999)}",
        "code": f"{chance.randint(0, 999_999):06d}",
        "number": str(chance.randint(2, 60)),
        "amount": f"{chance.randint(4, 480)}.{chance.randint(0, 99):02d}",
        "betrag": f"{chance.randint(4, 480)},{chance.randint(0, 99):02d}",
        "date": soon.strftime("%Y-%m-%d"),
        "day": str(soon.day),
        "time": f"{chance.randint(8, 20)}:{chance.choice(['00', '15', '30', '45'])}",
        "card": f"{chance.randint(0, 9999):04d}",
        "ip": f"192.0.2.{chance.randint(1, 254)}",  # reserved for documents
    }


def _html(subject: str, text: str) -> str:
    paragraphs = [escape(part).replace("\n", "<br>\n") for part in text.split("\n\n")]
    body = "\n".join(f"<p>{part}</p>" for part in paragraphs)
    return (
        "<!doctype html>\n<html><head><style>p{font-family:sans-serif}</style></head>\n"
        f"<body>\n<h1>{escape(subject)}</h1>\n{body}\n</body></html>\n"
    )


def _headers(
    template: Template,
    to: Person,
    sender: tuple[str, str],
    blanks: Mapping[str, str],
    chance: Random,
) -> dict[str, str]:
    name, address = sender
    domain = address.partition("@")[2]
    checked = to.address.partition("@")[2]
    headers = {
        "Authentication-Results": f"mx.{checked}; dkim=pass header.d={domain}; "
        f"spf=pass smtp.mailfrom={domain}"
    }
    token = f"{chance.getrandbits(40):x}"
    if template.kind in {"newsletter", "promotion"}:
        ascii_name = name.encode("ascii", "ignore").decode().strip() or "News"
        headers |= {
            "List-Id": f"{ascii_name} <news.{domain}>",
            "List-Unsubscribe": f"<https://{domain}/unsubscribe/{token}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        }
    elif template.kind == "social":
        headers["List-Unsubscribe"] = f"<https://{domain}/settings/mail/{token}>"
    elif template.kind == "forum":
        list_name = address.partition("@")[0]
        headers |= {
            "List-Id": f"<{list_name}.{domain}>",
            "List-Post": f"<mailto:{list_name}@{domain}>",
            "List-Unsubscribe": f"<mailto:{list_name}-leave@{domain}>",
            "Precedence": "list",
        }
    if template.kind in {"notification", "security"}:
        headers["Auto-Submitted"] = "auto-generated"
    own = template.headers or {}
    return headers | {key: value.format_map(blanks) for key, value in own.items()}


def _event(
    subject: str,
    organizer: str,
    to: Person,
    *,
    uid: str,
    sent_at: datetime,
    chance: Random,
) -> str:
    day = (sent_at + timedelta(days=chance.randint(1, 14))).strftime("%Y%m%d")
    hour = chance.randint(8, 17)
    return "\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example.org//Calendar//EN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"DTSTAMP:{sent_at:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{day}T{hour:02d}0000Z",
            f"DTEND:{day}T{hour + 1:02d}0000Z",
            f"SUMMARY:{subject}",
            f"ORGANIZER:mailto:{organizer}",
            f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{to.address}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def _attachments(
    template: Template, blanks: Mapping[str, str]
) -> tuple[Attachment, ...]:
    order = blanks["order"]
    table = f"date,amount\n{blanks['date']},{blanks['amount']}\n"
    known = {
        "pdf": Attachment(f"{order}.pdf", "application/pdf", _PDF),
        "png": Attachment(f"photo-{order}.png", "image/png", _PNG),
        "csv": Attachment(
            f"{order}.csv",
            "text/csv",
            table.encode(),
        ),
    }
    return (known[template.attach],) if template.attach else ()
