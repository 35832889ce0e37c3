"""One message, as much of it as a decision needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """The named header fields and the first kilobytes of text of one message.

    `key` stays the same when the server renumbers the mailbox. `headers` holds
    decoded values by lower-case name, in order of appearance. `sender` is a bare
    address in lower case, or empty. `received_at` is the server's INTERNALDATE.
    `readable` is False when nothing could be made of the message: it is counted as
    failed and left alone. `needs_text_part` means that the text lies further down than
    what was read: ask for the BODYSTRUCTURE, find the part with
    `mail.structure.text_part_of`, and give the message its bytes with
    `mail.parse.with_text`.
    """

    uid: int
    key: str
    message_id: str
    sender: str
    subject: str = field(repr=False)
    received_at: datetime
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    text: str = field(repr=False)
    sender_name: str = field(default="", repr=False)
    attachments: tuple[str, ...] = field(default=(), repr=False)  # content types
    size: int = 0  # bytes of the whole message
    readable: bool = True
    needs_text_part: bool = False

    @property
    def sender_domain(self) -> str:
        return self.sender.rpartition("@")[2]

    def header(self, name: str) -> str:
        """The first value of a header field, or the empty string."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else ""

    @property
    def has_several_senders(self) -> bool:
        """More than one From field: no mailer writes that; the first was believed."""
        return len(set(self.headers.get("from", ()))) > 1
