"""What a fault run leaves behind, as plain values for the checker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime

    def overlap(self, start: datetime, end: datetime) -> timedelta:
        return max(min(self.end, end) - max(self.start, start), timedelta())


@dataclass(frozen=True, slots=True)
class RunRecord:
    run_id: str
    account_id: int
    start: datetime
    end: datetime | None
    outcome: str | None
    error_code: str | None = None
    ended_itself: bool = False  # interrupted, but its worker did not die


@dataclass(frozen=True, slots=True)
class MailRecord:
    """One message on the server, and what the ledger says of it."""

    account_id: int
    message_id: str
    expected: str
    labels: frozenset[str]
    ledger: tuple[tuple[str, str | None], ...]  # state, label


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    at: datetime
    until: datetime
    is_outage: bool = False  # accounts may wait for as long
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A control that was answered with success, in the words of the audit log."""

    at: datetime
    actor: str
    action: str
    target: str
    account_id: int | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    at: datetime
    actor: str
    action: str
    target: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A process that was sent SIGTERM."""

    name: str
    code: int | None  # None: it had to be killed
    seconds: float


@dataclass(slots=True)
class Story:
    """A whole fault run."""

    interval: timedelta
    began: datetime
    ended: datetime
    accounts: Sequence[int]
    runs: Sequence[RunRecord]
    mail: Sequence[MailRecord]
    faults: Sequence[Fault]
    wishes: Sequence[Wish]
    refused: Mapping[str, int]  # wishes that were not promised, by reason
    stops: Sequence[Stop]
    audit: Sequence[AuditRecord]
    delivered: int  # messages that the server said it has
