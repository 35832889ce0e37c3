"""What the pages of runs are asked for in their address, and what that finds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from mailbeat.db.run_history import FEW_ACCOUNTS, Wanted
from mailbeat.db.status import account_without_secret, accounts_by_address
from mailbeat.digest.letter import CAUSES
from mailbeat.labeling.progress import Outcome, RunState
from mailbeat.mail.errors import ErrorCode
from webapp.dashboard import words
from webapp.language import N_

LONGEST = 320  # characters of an address
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES = (
    ("1h", N_("1 hour"), HOUR),
    ("24h", N_("24 hours"), DAY),
    ("7d", N_("7 days"), 7 * DAY),
    ("30d", N_("30 days"), 30 * DAY),
)
_LENGTHS = {name: length for name, _, length in TIMES}
ANY = "any"  # time, where another is meant unless one says so
OUTCOMES = tuple((str(one), words.OUTCOMES[one].word) for one in Outcome)
CODES = tuple((str(one), CAUSES.get(one, str(one))) for one in ErrorCode)
STATES = frozenset(map(str, RunState))


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters, each as in the address; what is none of ours asks for nothing.

    `since` and `until` are days of the reader's clock (the latter is meant with) or
    moments. With one of them, `time` asks for nothing.
    """

    account: str = ""
    outcome: str = ""
    error_code: str = ""
    state: str = ""
    time: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str], *, time: str = "") -> "Asked":
        """Read a query string; `time` is meant where none is asked for."""
        since, until = (_known_moment(values, name) for name in ("since", "until"))
        asked = values.get("time", "")
        known = asked if asked in _LENGTHS or (time and asked == ANY) else time
        return cls(
            account=values.get("account", "").strip()[:LONGEST],
            outcome=_one_of(values, "outcome", dict(OUTCOMES)),
            error_code=_one_of(values, "error_code", dict(CODES)),
            state=_one_of(values, "state", STATES),
            time="" if since or until else known,
            since=since,
            until=until,
        )

    def query(self, **changes: str) -> dict[str, str]:
        """The query string that asks for this, with some of it changed."""
        changed = replace(self, **changes)
        found = {name: getattr(changed, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value}

    @property
    def is_filtered(self) -> bool:
        return bool(self.query(time="" if self.time == ANY else self.time))

    @property
    def number(self) -> int:
        """Of those that a form has."""
        return len(self.query(time="", state=""))

    @property
    def days(self) -> tuple[str, str]:
        """The days of `since` and `until`, as a form has them."""
        return self.since[:10], self.until[:10]

    def wanted(self, accounts: "Accounts", now: datetime, zone: tzinfo = UTC) -> Wanted:
        length = _LENGTHS.get(self.time)
        return Wanted(
            account_ids=accounts.ids,
            email_address=accounts.removed,
            address_part=accounts.part,
            outcome=self.outcome or None,
            error_code=self.error_code or None,
            state=self.state or None,
            since=now - length if length else _moment(self.since, zone),
            until=_moment(self.until, zone, is_end=True),
        )


@dataclass(frozen=True, slots=True)
class Accounts:
    """Whose runs are asked for: `ids` of a few found ones, or all with a `part`.

    Where no account is found it may be that one was `removed`.
    """

    found: tuple[tuple[int, str], ...] = ()
    ids: tuple[int, ...] | None = None
    part: str | None = None
    removed: str | None = None

    @classmethod
    def of(cls, session: Session, text: str) -> "Accounts":
        if not text:
            return cls()
        found = tuple(accounts_by_address(session, text, limit=FEW_ACCOUNTS + 1))
        exact = tuple(one for one in found if one[1].lower() == text.lower())
        if not found:
            return cls(removed=text)
        if len(found) > FEW_ACCOUNTS and not exact:
            return cls(found, part=text)
        found = exact or found
        return cls(found, tuple(one[0] for one in found))


def address_of(session: Session, account_id: int) -> str:
    """What to look for instead of an account's id; one that is not there finds none."""
    account = account_without_secret(session, account_id)
    return account.email_address if account else f"account {account_id}"


def _one_of(values: Mapping[str, str], name: str, known: Any) -> str:
    value = values.get(name, "")
    return value if value in known else ""


def _known_moment(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "").strip()
    return text if _moment(text) else ""


def _moment(text: str, zone: tzinfo = UTC, *, is_end: bool = False) -> datetime | None:
    """Read a day or a moment; the end of a day is where the next begins."""
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        if is_end and len(text) <= len("2026-01-31"):
            found += DAY
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
