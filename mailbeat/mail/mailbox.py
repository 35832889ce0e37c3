"""The protocol of a mailbox, and what it takes to open one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from mailbeat.mail.errors import LabelRefused, Throttled
from mailbeat.mail.message import Message
from mailbeat.mail.stage import Keeps

Told = Callable[[int], None]  # of a UID


class Security(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"  # only towards networks that the operator allowed


DEFAULT_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}


@dataclass(frozen=True, slots=True)
class Login:
    """Where and as whom to sign in.

    `allowed_networks` are private networks that may be dialled beside the public
    internet.
    """

    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    # OAuth 2.0; then the password is not used.
    access_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LastSeen:
    """How far a mailbox was read before: every UID up to `watermark`."""

    uid_validity: int
    watermark: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What a message is known by wherever it is: see `Message`."""

    key: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class LabelsNow:
    """Which of the `looked_for` labels messages have now, by UID.

    What is looked for is what the server keeps as labels or keywords, and tells apart.
    Of a message that is gone there is no word.
    """

    looked_for: frozenset[str]
    on: Mapping[int, frozenset[str]]


# Waits until labels that were sent are on; returns those the server does not keep.
Labelling = Callable[[], Mapping[str, LabelRefused]]


class Mailbox(Protocol):
    """One selected mailbox (RFC 3501: a folder). Every method may raise `MailError`.

    `uid_next` is above every UID that was there when it was opened, or 0 if the server
    did not tell. A label `moves` a message out of the mailbox if a person chose that
    and the server keeps labels in no better way. `modseq` was the number of the last
    change when it was opened (RFC 7162), or None where the server does not count them
    or was not asked to.
    """

    uid_validity: int
    uid_next: int
    moves: bool
    modseq: int | None

    @property
    def keeps(self) -> Keeps:
        """As what the server keeps our labels, by what it told when it was opened."""
        ...

    @property
    def throttled(self) -> Throttled | None:
        """What to end a run with that the server served, and wants the last for now."""
        ...

    def new_uids(self, *, after: int, since: datetime) -> list[int]:
        """Return the UIDs above `after`, ascending.

        When `after` is 0, those of messages that arrived at or after `since`.
        """
        ...

    def fetch(
        self, uids: Sequence[int], *, one_by_one: Told | None = None
    ) -> Iterator[Message]:
        r"""Yield the messages that still exist, by ascending UID. Never sets `\Seen`.

        They are read ahead while what came is worked on; `one_by_one`, none is looked
        into before it is taken, and before its UID was told.
        """
        ...

    def existing(self, uids: Sequence[int]) -> Collection[int]:
        """Return those of some UIDs that are of a message in the mailbox."""
        ...

    def put_labels(
        self, wanted: Mapping[str, Sequence[int]], again: Collection[int] = ()
    ) -> Mapping[str, LabelRefused]:
        """Put each label on its messages, all at once.

        Doing it twice is harmless if the second time they are in `again`: messages
        whose label may be on already. Returns the labels that the server does not keep.
        """
        ...

    def send_labels(
        self, wanted: Mapping[str, Sequence[int]], again: Collection[int] = ()
    ) -> Labelling:
        """As `put_labels`, but not waited for: other messages can be read meanwhile.

        Nothing is known to be on, or refused, before what is returned was called. It
        is called once, in the order of sending.
        """
        ...

    def relabel(
        self,
        uids: Sequence[int],
        *,
        add: str | None,
        remove: str | None = None,
        known: Mapping[int, Identity] | None = None,
    ) -> None:
        """Put a label on messages and take another off; doing it twice is harmless.

        Where labels move messages, they are in this mailbox no more, and `known` says
        by their UIDs here what to look for.

        Raises:
            LabelRefused: the server does not keep the label, or has a message that it
                moved no longer where it was.
        """
        ...

    def labels_on(self, labels: Collection[str], uids: Sequence[int]) -> LabelsNow:
        """Look which of some labels messages have."""
        ...

    def labels_changed(
        self, labels: Collection[str], *, since: int, uids: range
    ) -> LabelsNow | None:
        """The same for those messages of a range that changed since a `modseq`.

        Whatever changed, reading it too: their labels may be as they were. None when
        the server does not tell; then `labels_on` does.
        """
        ...
