"""Things that tests need many of, with sensible values for what a test leaves out."""

from datetime import UTC, datetime
from email.message import EmailMessage

from mailbeat.db.models import Account, MessageRow
from mailbeat.db.session import Sessions, transaction
from mailbeat.labeling.details import Details
from mailbeat.mail.mailbox import Security
from mailbeat.mail.message import Message
from mailbeat.mail.parse import message_from_bytes
from mailbeat.mail.providers import Server, domain_of, known_server

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def find_offline(email_address: str) -> Server | None:
    """Find a server as the product does, in an internet with example.org only."""
    domain = domain_of(email_address)
    if domain == "example.org":
        return Server(f"imap.{domain}", 993, Security.TLS)
    return known_server(email_address)


def make_message(
    uid: int = 1,
    *,
    sender: str = "ada@example.org",
    subject: str = "A subject",
    text: str = "A text.",
    headers: dict[str, str] | None = None,
    key: str | None = None,
    readable: bool = True,
    attachments: tuple[str, ...] = (),
    sender_name: str = "",
    size: int = 1000,
) -> Message:
    values = {"from": sender, "subject": subject, "to": "me@example.org"}
    values |= {name.lower(): value for name, value in (headers or {}).items()}
    return Message(
        uid=uid,
        key=key or f"key-{uid}",
        message_id=f"<{uid}@example.org>",
        sender=sender,
        subject=subject,
        received_at=NOW,
        headers={name: (value,) for name, value in values.items()},
        text=text,
        sender_name=sender_name,
        attachments=attachments,
        size=size,
        readable=readable,
    )


def make_raw(
    number: int = 1,
    *,
    sender: str = "Ada <ada@example.org>",
    subject: str = "A subject",
    text: str = "A text.",
    headers: dict[str, str] | None = None,
) -> bytes:
    """Return a message as it travels, with CRLF."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "me@example.org"
    message["Subject"] = subject
    message["Date"] = "Mon, 05 Jan 2026 08:00:00 +0000"
    message["Message-ID"] = f"<{number}@example.org>"
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def parse_raw(raw: bytes, uid: int = 1) -> Message:
    return message_from_bytes(raw, uid=uid)


def make_account(
    sessions: Sessions,
    email_address: str = "ada@example.org",
    *,
    lease_run_id: str | None = None,
) -> int:
    """Store an account and return its id; with `lease_run_id` that run holds it."""
    account = Account(
        email_address=email_address,
        host="imap.example.org",
        port=993,
        security="tls",
        username=email_address,
        password="a password",
        created_at=NOW,
        next_run_at=NOW,
        lease_run_id=lease_run_id,
        lease_until=NOW if lease_run_id else None,
    )
    with transaction(sessions) as session:
        session.add(account)
        session.flush()
        return account.id


def make_row(
    sessions: Sessions, account_id: int, uid: int = 1, **changes: object
) -> int:
    """Store the row of a message that was found to be Receipts, and return its id."""
    values: dict[str, object] = {
        "mailbox": "INBOX",
        "uid_validity": 7,
        "key": f"key-{uid}",
        "run_id": "run-1",
        "state": "applied",
        "category_id": 2,
        "label": "Receipts",
        "confidence": 0.9,
        "layer": "facts",
        "evidence": "The sender sends receipts",
        "sender": "shop@shop.example",
        "sender_domain": "shop.example",
        "subject": f"Order {uid}",
        "list_id": "news.shop.example",
        "thread": "thread-1",
        "details": Details(tokens=b"12345678").as_text(),
        "received_at": NOW,
        "decided_at": NOW,
        "applied_at": NOW,
    }
    row = MessageRow(account_id=account_id, uid=uid, **(values | changes))
    with transaction(sessions) as session:
        session.add(row)
        session.flush()
        return row.id
