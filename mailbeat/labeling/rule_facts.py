"""What rules ask about a message, each part worked out when it is asked.

The same questions are answered by a message in hand and by a row of the ledger, of
which parts may have been forgotten: None is "not known", and a rule's answer may be so.
"""

import unicodedata
from collections.abc import Mapping
from functools import cached_property

from mailbeat.labeling.details import (
    MOST_RECIPIENTS,
    MOST_VALUE,
    Details,
    list_id_of,
    recipients_of,
)
from mailbeat.mail.message import Message
from mailbeat.mail.parse import MAX_BODY

ALL_RECIPIENTS = 1_000  # more than what is read of To and Cc can hold

# Fields of which the ledger keeps nothing, or another part than the rules ask about.
_NOT_IN_LEDGER = frozenset({"from", "to", "cc", "date", "message-id", "in-reply-to"})
_NOT_IN_LEDGER |= {"references"}


def folded(text: str) -> str:
    """Text as rules compare it: without case, width and invisible characters.

    Full-width letters and ligatures become plain ones (NFKC); letters of another
    alphabet that only look the same stay what they are.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKC", text)
    text = unicodedata.normalize("NFKC", text.casefold())
    seen = (one for one in text if unicodedata.category(one) not in {"Cf", "Cc"})
    return " ".join("".join(seen).split())


def folded_domain(domain: str) -> str:
    """A domain as it stands in DNS, so that both spellings of `bücher.example` meet."""
    domain = folded(domain).rstrip(".")
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def folded_address(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{folded(local)}{at}{folded_domain(domain)}"


class RuleFacts:
    """A message in hand: everything is known that was fetched.

    `account` is the address of the account whose mail it is.
    """

    def __init__(self, message: Message, account: str = "") -> None:
        self._message = message
        self._folded: dict[str, tuple[str, ...]] = {}
        self.account = folded_address(account)

    @cached_property
    def sender(self) -> str:
        return folded_address(self._message.sender)

    @cached_property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @cached_property
    def list_id(self) -> str:
        return folded(list_id_of(self._message))

    @cached_property
    def subject(self) -> str | None:
        return folded(self._message.subject)

    @cached_property
    def recipients(self) -> tuple[str, ...] | None:
        found = recipients_of(self._message, most=ALL_RECIPIENTS)
        return tuple(folded_address(one) for one in found)

    @cached_property
    def attachments(self) -> tuple[str, ...] | None:
        return tuple(folded(one) for one in self._message.attachments)

    @cached_property
    def has_attachment(self) -> bool | None:
        """Whether it has one, as far as it was read.

        What follows after the first kilobytes is not fetched. Of a longer message the
        header has to tell: programs write multipart/mixed for files (RFC 2046, 5.1.3).
        """
        if self._message.attachments:
            return True
        is_cut = self._message.size > MAX_BODY
        kind = self._message.header("content-type").lstrip().lower()
        return is_cut and kind.startswith("multipart/mixed")

    @property
    def size(self) -> int | None:
        return self._message.size

    def header(self, name: str) -> tuple[str, ...] | None:
        """The values of a field, by its lower-case name."""
        if name not in self._folded:
            values = self._message.headers.get(name, ())
            self._folded[name] = tuple(folded(one) for one in values)
        return self._folded[name]

    def is_cut(self, field: str, name: str = "") -> bool:  # noqa: ARG002 # KeptFacts
        return False


class KeptFacts:
    """A row of the ledger; `details` None were forgotten, or never kept."""

    def __init__(
        self,
        *,
        sender: str,
        list_id: str,
        subject: str | None,
        details: Details | None,
        account: str = "",
    ) -> None:
        self.account = folded_address(account)
        self.sender = folded_address(sender)
        self.domain = self.sender.rpartition("@")[2]
        self.list_id = folded(list_id)
        self.subject = None if subject is None else folded(subject)
        self._details = details
        self.recipients: tuple[str, ...] | None = None
        self.attachments: tuple[str, ...] | None = None
        self.size: int | None = None
        if details is not None:
            self.recipients = tuple(folded_address(one) for one in details.recipients)
            self.attachments = tuple(folded(one) for one in details.attachments)
            self.size = details.size

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        return {} if self._details is None else dict(self._details.headers)

    @property
    def has_attachment(self) -> bool | None:
        if self._details is None:
            return None
        if self.attachments:
            return True
        kind = self._headers.get("content-type", "").lstrip().lower()
        return self._details.size > MAX_BODY and kind.startswith("multipart/mixed")

    def header(self, name: str) -> tuple[str, ...] | None:
        if name == "subject":
            return None if self.subject is None else (self.subject,)
        if self._details is None or name in _NOT_IN_LEDGER:
            return None
        value = self._headers.get(name)
        return () if value is None else (folded(value),)

    def is_cut(self, field: str, name: str = "") -> bool:
        """Whether there may be more of it than what is kept: "not found" is no "no"."""
        if field == "header":
            return len(self._headers.get(name, "")) >= MOST_VALUE
        kept = {"recipient": self.recipients, "attachment": self.attachments}
        return len(kept.get(field) or ()) >= MOST_RECIPIENTS


Known = RuleFacts | KeptFacts
