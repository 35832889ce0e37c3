"""When mail comes: how much in each hour of the week."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db import daily_messages
from mailbeat.db.cuts import cut, moment
from mailbeat.db.models import MessageRow

Week = Sequence[Sequence[int]]  # 7 days from Monday on, of 24 hours each

_ZONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+/-]{0,63}")


def zone_named(name: str) -> tzinfo:
    """Return a zone of the IANA database by its name, e.g. `Europe/Berlin`.

    Raises:
        ValueError: there is none of that name.
    """
    if name == "UTC":
        return UTC  # also where the machine has no such database
    try:
        if _ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # OSError: the name of a folder of the database, such as `Europe`.
        raise ValueError(_unknown(name)) from error
    raise ValueError(_unknown(name))


def _unknown(name: str) -> str:
    return f"{name[:64]!r} is no time zone. Send a name such as 'Europe/Berlin'."


def by_hour_of_week(
    session: Session, *, since: datetime, zone: tzinfo, account_id: int | None = None
) -> Week:
    """How many messages came in each hour of the week, as clocks in `zone` show it.

    The database counts whole hours of UTC and the zone is looked up here, because its
    offset changes within the time asked for. An hour that the zone's clock cuts in two
    (India's, by half) counts whole where it began.
    """
    counted: Iterable[tuple[datetime, int]]
    if daily_messages.is_counted(session, since):
        days = daily_messages.received(session, since=since, account_id=account_id)
        counted = (
            (daily_messages.start_of_day(day) + timedelta(hours=hour), number)
            for day, hours in days.items()
            for hour, number in enumerate(hours)
            if number
        )
    else:
        counted = _from_ledger(session, since, account_id)
    week = [[0] * 24 for _ in range(7)]
    for start, number in counted:
        at = start.astimezone(zone)
        week[at.weekday()][at.hour] += number
    return week


def _from_ledger(
    session: Session, since: datetime, account_id: int | None
) -> list[tuple[datetime, int]]:
    start = cut(session, MessageRow.received_at, "hour").label("start")
    query = (
        select(start, func.count())
        .where(
            MessageRow.decided_at >= since,
            # A server may date mail as it likes: what is older makes no more groups.
            MessageRow.received_at >= since,
            MessageRow.state != "failed",
        )
        .group_by(sa.text("start"))
    )
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    return [(moment(at, "hour"), number) for at, number in session.execute(query)]
