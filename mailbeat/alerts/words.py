"""What a message says: one for everything that is new, still so, or over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from mailbeat.alerts.rules import RULES, Rule
from mailbeat.db.alerts import Telling
from mailbeat.db.models import Alert
from mailbeat.letters.render import plain, render
from mailbeat.notify.channel import Note, one_line

LISTED = 20  # of one rule in one message
_UNKNOWN = Rule("unknown", "Something is wrong", "Something is wrong", "See the page.")


@dataclass(frozen=True, slots=True)
class Group:
    """What is said of one rule."""

    title: str
    tone: str
    lines: Sequence[str]
    todo: str = ""


def rule_of(alert: Alert) -> Rule:
    """The rule of an alert; an older or newer version may have had others."""
    return RULES.get(alert.rule, _UNKNOWN)


def note_of(telling: Telling, *, now: datetime, public_url: str | None) -> Note:
    """The message that tells all of it."""
    url = None if public_url is None else f"{public_url.rstrip('/')}/alerts"
    groups = [
        *_groups(telling.opened, now),
        *_groups(telling.reminded, now, still=True),
        *_over(telling.ended),
    ]
    title = _title(groups)
    return Note(
        id=str(uuid4()),
        title=f"Mailbeat: {title}",
        text=_text(groups, url),
        html=render("alert.html", {"title": title, "groups": groups, "url": url}),
        data=_data(telling, url),
    )


def test_note(*, now: datetime, public_url: str | None) -> Note:
    """What tries the ways out."""
    url = None if public_url is None else f"{public_url.rstrip('/')}/alerts"
    line = f"This is a test of {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC."
    groups = [Group("Alerts arrive here", "good", [line, "Nothing is wrong."])]
    return Note(
        id=str(uuid4()),
        title="Mailbeat: a test of the alerts",
        text=_text(groups, url),
        html=render(
            "alert.html",
            {"title": "A test of the alerts", "groups": groups, "url": url},
        ),
        data={"event": "test", "alerts": [], "url": url},
    )


def database_note(detail: str, *, since: datetime, public_url: str | None) -> Note:
    """What is said while the database fails: nothing of it comes from there."""
    rule = RULES["database_failing"]
    url = None if public_url is None else f"{public_url.rstrip('/')}/alerts"
    groups = [Group(rule.one, "bad", [detail], rule.todo)]
    alert = {
        "id": None,
        "rule": rule.name,
        "subject": "",
        "state": "open",
        "detail": detail,
        "opened_at": _wire(since),
        "resolved_at": None,
        "count": 1,
    }
    return Note(
        id=str(uuid4()),
        title=f"Mailbeat: {rule.one}",
        text=_text(groups, url),
        html=render("alert.html", {"title": rule.one, "groups": groups, "url": url}),
        data={"event": "alert", "alerts": [alert], "url": url},
    )


def _groups(
    alerts: Sequence[Alert], now: datetime, *, still: bool = False
) -> list[Group]:
    """Causes first, as the rules stand."""
    groups = []
    for name in sorted({one.rule for one in alerts}, key=_rank):
        of_rule = [one for one in alerts if one.rule == name]
        rule = rule_of(of_rule[0])
        lines = [_line(one, now, still=still) for one in of_rule[:LISTED]]
        if (more := len(of_rule) - LISTED) > 0:
            lines.append(f"And {more} more.")
        title = rule.headline(len(of_rule))
        groups.append(
            Group(
                f"Still: {title}" if still else title,
                "bad" if rule.is_severe else "warn",
                lines,
                rule.todo,
            )
        )
    return groups


def _over(alerts: Sequence[Alert]) -> list[Group]:
    groups = []
    for name in sorted({one.rule for one in alerts}, key=_rank):
        of_rule = [one for one in alerts if one.rule == name]
        lines = [_over_line(one) for one in of_rule[:LISTED]]
        if (more := len(of_rule) - LISTED) > 0:
            lines.append(f"And {more} more.")
        title = f"Over: {rule_of(of_rule[0]).headline(len(of_rule))}"
        groups.append(Group(title, "good", lines))
    return groups


def _rank(name: str) -> tuple[int, str]:
    names = list(RULES)
    return (names.index(name) if name in RULES else len(names), name)


def _line(alert: Alert, now: datetime, *, still: bool) -> str:
    said = plain(alert.detail, 600)
    if still:
        said += f" For {span(now - alert.opened_at)} now."
    if alert.count > 1:
        said += f" That is the {_ordinal(alert.count)} time in a row."
    return said


def _over_line(alert: Alert) -> str:
    whose = "" if not alert.subject else f"{plain(alert.detail, 600)} "
    end = alert.resolved_at or alert.opened_at
    return (
        f"{whose}It lasted {span(end - alert.opened_at)}, till "
        f"{end.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC."
    )


def _title(groups: Sequence[Group]) -> str:
    first = groups[0].title
    more = len(groups) - 1
    return one_line(first if not more else f"{first}, and {more} more")


def _text(groups: Sequence[Group], url: str | None) -> str:
    parts = []
    for group in groups:
        lines = [group.title, *(f"  {line}" for line in group.lines)]
        if group.todo:
            lines.append(f"  What to do: {group.todo}")
        parts.append("\n".join(lines))
    if url is not None:
        parts.append(url)
    return "\n\n".join(parts) + "\n"


def _data(telling: Telling, url: str | None) -> dict[str, Any]:
    told = [*telling.opened, *telling.reminded, *telling.ended]
    return {"event": "alert", "alerts": [alert_data(one) for one in told], "url": url}


def alert_data(alert: Alert) -> dict[str, Any]:
    """An alert for programs."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "subject": alert.subject,
        "state": "open" if alert.resolved_at is None else "resolved",
        "detail": alert.detail,
        "opened_at": _wire(alert.opened_at),
        "resolved_at": None if alert.resolved_at is None else _wire(alert.resolved_at),
        "count": alert.count,
    }


def _wire(at: datetime) -> str:
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def span(length: timedelta) -> str:
    """How long, in two units at most: 40 s, 5 min, 2 h 10 min, 3 days."""
    seconds = max(int(length.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    if not days:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return "1 day" if days == 1 else f"{days} days"


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
