"""A signed POST to an address of the operator's.

`Mailbeat-Signature: t=<seconds>,v1=<hex>`, where the second is the HMAC-SHA256 of
`<seconds>.<body>`: a body cannot be changed, and an old one cannot be sent again later.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_network
from urllib.parse import urlsplit

from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import MailError
from mailbeat.mail.https import ask
from mailbeat.notify.channel import SEND_SECONDS, Note, Undelivered

SIGNATURE = "Mailbeat-Signature"
# The address is the operator's, so that it may lead into a private network.
ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_PASSES = frozenset({408, 425, 429})  # of 4xx those that are worth another try


def signature(secret: str, body: bytes, *, at: int) -> str:
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """`url` may hold a token, so only its host is ever told."""

    url: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def key(self) -> str:
        return f"webhook-{hashlib.sha256(self.url.encode()).hexdigest()[:12]}"

    @property
    def shown(self) -> str:
        return f"Webhook of {urlsplit(self.url).hostname}"

    def send(self, note: Note) -> None:
        body = json.dumps(
            {"id": note.id, "title": note.title, "text": note.text, **note.data}
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Mailbeat-Id": note.id,
            SIGNATURE: signature(self.secret, body, at=int(time.time())),
        }
        host = urlsplit(self.url).hostname
        try:
            answer = ask(
                self.url,
                Deadline(SEND_SECONDS),
                form=body,
                headers=headers,
                networks=ANYWHERE,
            )
        except MailError:
            raise Undelivered(
                f"{host} did not answer, or its certificate is not to be trusted. "
                "Check ALERT_WEBHOOK_URL."
            ) from None
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            is_final = (
                HTTPStatus.BAD_REQUEST
                <= answer.status
                < HTTPStatus.INTERNAL_SERVER_ERROR
            )
            raise Undelivered(
                f"{host} answered {answer.status}.",
                permanent=is_final and answer.status not in _PASSES,
            )
