"""Since when: `30d`, `12h`, or a date."""

import re
from datetime import UTC, datetime, timedelta

import click

MOST_DAYS = 400
_SPAN = re.compile(r"([0-9]{1,5})([dh])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Since(click.ParamType[timedelta | datetime]):
    """A span of time before now, or the beginning of a day (UTC)."""

    name = "since"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> timedelta | datetime:
        if isinstance(value, timedelta | datetime):
            return value
        text = str(value).strip().lower()
        found = _span(text) or _day(text)
        if found is None:
            self.fail(
                f"{text[:40]!r} is no time. Say e.g. 30d, 12h or 2026-01-31; at most "
                f"{MOST_DAYS} days.",
                param,
                ctx,
            )
        return found


def _span(text: str) -> timedelta | None:
    found = _SPAN.fullmatch(text)
    hours = int(found[1]) * (24 if found[2] == "d" else 1) if found else 0
    return timedelta(hours=hours) if 0 < hours <= MOST_DAYS * 24 else None


def _day(text: str) -> datetime | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def moment(since: timedelta | datetime, now: datetime) -> datetime:
    """Return when that was."""
    return now - since if isinstance(since, timedelta) else since
