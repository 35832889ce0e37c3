"""What a message says: one for everything that is new, still so, or over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from mailbeat.alerts.rules import RULES, Rule
from mailbeat.db.alerts import Telling
from mailbeat.db.models import Alert
from mailbeat.language import ENGLISH, IN_ENGLISH, N_, Tongue
from mailbeat.letters.render import plain, render
from mailbeat.notify.channel import Note, one_line
from mailbeat.sentences import said

LISTED = 20  # of one rule in one message
_UNKNOWN = Rule(
    "unknown",
    N_("Something is wrong"),
    N_("Something is wrong"),
    N_("See the page."),
)


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


def note_of(
    telling: Telling,
    *,
    now: datetime,
    public_url: str | None,
    tongue: Tongue = IN_ENGLISH,
) -> Note:
    """The message that tells all of it. What is in it for programs is English."""
    words = _Words(tongue)
    groups = [
        *words.groups(telling.opened, now),
        *words.groups(telling.reminded, now, still=True),
        *words.over(telling.ended),
    ]
    url = _page(public_url)
    return words.note(words.title(groups), groups, url, _data(telling, url))


def test_note(*, now: datetime, public_url: str | None, tongue: Tongue) -> Note:
    """What tries the ways out."""
    _ = tongue.gettext
    url = _page(public_url)
    line = _("This is a test of %(at)s.", at=_clock(now))
    lines = [line, _("Nothing is wrong.")]
    groups = [Group(_("Alerts arrive here"), "good", lines)]
    data: dict[str, Any] = {"event": "test", "alerts": [], "url": url}
    return _Words(tongue).note(_("A test of the alerts"), groups, url, data)


def database_note(
    detail: str,
    *,
    since: datetime,
    public_url: str | None,
    tongue: Tongue = IN_ENGLISH,
) -> Note:
    """What is said while the database fails: nothing of it comes from there."""
    rule = RULES["database_failing"]
    url = _page(public_url)
    title = rule.headline(1, tongue)
    groups = [Group(title, "bad", [said(detail, tongue)], tongue.gettext(rule.todo))]
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
    data = {"event": "alert", "alerts": [alert], "url": url}
    return _Words(tongue).note(title, groups, url, data)


def _page(public_url: str | None) -> str | None:
    return None if public_url is None else f"{public_url.rstrip('/')}/alerts"


@dataclass(frozen=True, slots=True)
class _Words:
    """Writes a message in a language."""

    tongue: Tongue

    def note(
        self, title: str, groups: Sequence[Group], url: str | None, data: dict[str, Any]
    ) -> Note:
        values = {"title": title, "groups": groups, "url": url}
        return Note(
            id=str(uuid4()),
            title=f"Mailbeat: {title}",
            text=self._text(groups, url),
            html=render("alert.html", values, self.tongue),
            data=data,
        )

    def groups(
        self, alerts: Sequence[Alert], now: datetime, *, still: bool = False
    ) -> list[Group]:
        """Causes first, as the rules stand."""
        _ = self.tongue.gettext
        groups = []
        for of_rule in _by_rule(alerts):
            rule = rule_of(of_rule[0])
            lines = [self._line(one, now, still=still) for one in of_rule[:LISTED]]
            title = rule.headline(len(of_rule), self.tongue)
            groups.append(
                Group(
                    _("Still: %(title)s", title=title) if still else title,
                    "bad" if rule.is_severe else "warn",
                    [*lines, *self._more(of_rule)],
                    _(rule.todo),
                )
            )
        return groups

    def over(self, alerts: Sequence[Alert]) -> list[Group]:
        _ = self.tongue.gettext
        groups = []
        for of_rule in _by_rule(alerts):
            lines = [self._over_line(one) for one in of_rule[:LISTED]]
            title = rule_of(of_rule[0]).headline(len(of_rule), self.tongue)
            title = _("Over: %(title)s", title=title)
            groups.append(Group(title, "good", [*lines, *self._more(of_rule)]))
        return groups

    def _more(self, alerts: Sequence[Alert]) -> list[str]:
        more = len(alerts) - LISTED
        if more <= 0:
            return []
        # The same for one and for many: it speaks of alerts.
        return [self.tongue.gettext("And %(n)s more.", n=self.tongue.number(more))]

    def _line(self, alert: Alert, now: datetime, *, still: bool) -> str:
        _ = self.tongue.gettext
        told = plain(said(alert.detail, self.tongue), 600)
        if still:
            long = span(now - alert.opened_at, self.tongue)
            told += " " + _("For %(long)s now.", long=long)
        if alert.count > 1:
            time = _ordinal(alert.count, self.tongue)
            told += " " + _("That is the %(ordinal)s time in a row.", ordinal=time)
        return told

    def _over_line(self, alert: Alert) -> str:
        end = alert.resolved_at or alert.opened_at
        lasted = self.tongue.gettext(
            "It lasted %(long)s, till %(at)s.",
            long=span(end - alert.opened_at, self.tongue),
            at=_clock(end),
        )
        if not alert.subject:
            return lasted
        return f"{plain(said(alert.detail, self.tongue), 600)} {lasted}"

    def title(self, groups: Sequence[Group]) -> str:
        first = groups[0].title
        more = len(groups) - 1
        if not more:
            return one_line(first)
        return one_line(
            self.tongue.gettext("%(title)s, and %(n)s more", title=first, n=more)
        )

    def _text(self, groups: Sequence[Group], url: str | None) -> str:
        parts = []
        todo = self.tongue.gettext("What to do:")
        for group in groups:
            lines = [group.title, *(f"  {line}" for line in group.lines)]
            if group.todo:
                lines.append(f"  {todo} {group.todo}")
            parts.append("\n".join(lines))
        if url is not None:
            parts.append(url)
        return "\n\n".join(parts) + "\n"


def _by_rule(alerts: Sequence[Alert]) -> list[list[Alert]]:
    names = sorted({one.rule for one in alerts}, key=_rank)
    return [[one for one in alerts if one.rule == name] for name in names]


def _rank(name: str) -> tuple[int, str]:
    names = list(RULES)
    return (names.index(name) if name in RULES else len(names), name)


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


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(length: timedelta, tongue: Tongue = IN_ENGLISH) -> str:
    """How long, in two units at most: 40 s, 5 min, 2 h 10 min, 3 days."""
    seconds = max(int(length.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    if not days:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return tongue.ngettext("%(num)s day", "%(num)s days", days)


def _ordinal(number: int, tongue: Tongue = IN_ENGLISH) -> str:
    if tongue.language != ENGLISH:
        return f"{number}."
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
