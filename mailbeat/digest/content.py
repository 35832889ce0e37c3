"""What a digest tells: counted, not read, but for senders' addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db import alerts, stats
from mailbeat.db.models import Account
from mailbeat.db.run_stats import ErrorCount, errors
from mailbeat.letters.render import plain

MOST_SENDERS = 8
MOST_NEEDS = 10


@dataclass(frozen=True, slots=True)
class Content:
    """`since` and `until` bound it; `account` is None where all are meant."""

    since: datetime
    until: datetime
    account: str | None
    accounts: int
    messages: int
    labeled: int
    runs: int
    runs_failed: int
    categories: Sequence[stats.CategoryCount]
    senders: Sequence[tuple[str, int]]
    needs: Sequence[str]
    more_needs: int
    errors: Sequence[ErrorCount]

    @property
    def most(self) -> int:
        """Of the largest category."""
        return max((one.count for one in self.categories), default=0)


def gather(
    session: Session, *, since: datetime, until: datetime, account_id: int | None
) -> Content:
    """Read what was done since then."""
    totals = stats.totals(session, now=until, since=since, account_id=account_id)
    address = None
    if account_id is not None:
        query = select(Account.email_address).where(Account.id == account_id)
        address = session.scalar(query) or f"account {account_id}"
    needs = [
        one.detail
        for one in alerts.open_alerts(session)
        if account_id is None or one.account_id == account_id
    ]
    found = stats.by_category(session, since=since, account_id=account_id)
    senders = stats.most_frequent(
        session, "sender", since=since, account_id=account_id, limit=MOST_SENDERS
    )
    runs = totals.runs
    return Content(
        since=since,
        until=until,
        account=address,
        accounts=totals.accounts,
        messages=totals.messages,
        labeled=totals.labeled,
        runs=sum(runs.values()) - runs["running"],
        runs_failed=runs["failed"],
        categories=[one for one in found if one.count],
        senders=[(plain(name, 80), count) for name, count in senders],
        needs=needs[:MOST_NEEDS],
        more_needs=max(len(needs) - MOST_NEEDS, 0),
        errors=errors(session, since=since, account_id=account_id),
    )
