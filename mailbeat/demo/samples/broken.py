"""Mail as it also comes: headers missing, parts cut off, bytes that are no text."""

from datetime import datetime
from email.utils import format_datetime

from mailbeat.demo.samples.people import Person


def broken_messages(owner: Person, now: datetime) -> list[bytes]:
    """Return a few messages to `owner`, each with one thing wrong."""
    date = format_datetime(now)
    to = owner.address
    texts = [
        # No From, no Message-ID.
        (
            f"To: {to}\nSubject: Backup finished\nDate: {date}\n\n"
            "The nightly backup of the shelf finished without an error.\n"
        ),
        # No Date, and a Subject of nothing.
        (
            f"From: Scanner <scanner@office.example>\nTo: {to}\nSubject:\n"
            "Message-ID: <scan-1@office.example>\n\nA page was scanned for you.\n"
        ),
        # A multipart that ends in the middle of a part.
        (
            f"From: Photo Print <orders@prints.example>\nTo: {to}\n"
            f"Subject: Your prints are ready to collect\nDate: {date}\n"
            "Message-ID: <prints-77@prints.example>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="cut"\n\n--cut\n'
            "Content-Type: text/plain\n\nYour 24 prints are ready. Total: 9.60\n--cut\n"
            "Content-Type: application/pdf\n"
            "Content-Transfer-Encoding: base64\n\nJVBERi0x"
        ),
        # A charset that nobody knows, and base64 that is none.
        (
            f"From: Old Printer <printer@office.example>\nTo: {to}\n"
            f"Subject: =?x-unknown?B?!!!!?= toner low\nDate: {date}\n"
            "Message-ID: <toner@office.example>\nMIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=x-unknown\n"
            "Content-Transfer-Encoding: base64\n\n***not base64***\n"
        ),
        # A date that never was, and a From without an address.
        (
            f"From: The neighbours\nTo: {to}\nSubject: Street party\n"
            "Date: Thu, 31 Feb 2026 25:61:00 +0000\n"
            "Message-ID: <party@street.example>\n\n"
            "We close the street on Saturday and put the tables out. Bring a chair!\n"
        ),
    ]
    eight_bits = (
        b"From: B\xfccherei <ausleihe@buecherei.example>\r\n"
        b"Subject: R\xfcckgabe f\xe4llig\r\n"
        b"Message-ID: <rueckgabe@buecherei.example>\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        b"Zwei B\xfccher sind f\xe4llig. \xff\xfe\r\n"
    )
    crlf = [text.replace("\n", "\r\n").encode() for text in texts]
    return [*crlf, eight_bits]
