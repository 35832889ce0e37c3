"""The digest as a letter: a title, plain text and HTML that say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import partial

from mailbeat.digest.content import Content
from mailbeat.language import IN_ENGLISH, N_, Tongue
from mailbeat.letters.render import plain, render
from mailbeat.sentences import said

# A category's colour in a mail: readable on white and on black.
COLORS = {
    "blue": "#3d7be0",
    "green": "#2f9e62",
    "teal": "#1f9a94",
    "purple": "#9a5fe0",
    "red": "#dc5048",
    "slate": "#7a849c",
    "amber": "#c98a16",
    "orange": "#dd7430",
    "pink": "#d9569a",
    "cyan": "#2394c0",
}
# By error code; the pages say the same.
CAUSES: Mapping[str, str] = {
    "auth_failed": N_("Sign-in refused"),
    "connect_failed": N_("Server not reachable"),
    "tls_failed": N_("Certificate not trusted"),
    "server_busy": N_("Server busy"),
    "throttled": N_("Slowed down by the server"),
    "mailbox_missing": N_("Mailbox not found"),
    "label_refused": N_("Labels not accepted"),
    "host_refused": N_("Host not allowed"),
    "deadline": N_("Ran out of time"),
    "internal": N_("Fault in Mailbeat"),
}
DIED = N_("A worker died")  # without a code
ANOTHER = N_("Another error")


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    text: str
    html: str


def write_letter(
    content: Content,
    *,
    zone: tzinfo,
    weekly: bool,
    public_url: str | None,
    unsubscribe_url: str | None,
    tongue: Tongue = IN_ENGLISH,
) -> Letter:
    """Write it in the reader's time and language."""
    base = None if public_url is None else public_url.rstrip("/")
    content = _spoken(content, tongue)
    title, when = _title(content, tongue), _when(content, zone, tongue, weekly=weekly)
    values = {
        "title": title,
        "when": when,
        "content": content,
        "colors": COLORS,
        "cause": partial(_cause, tongue=tongue),
        "base": base,
        "unsubscribe_url": unsubscribe_url,
    }
    return Letter(
        f"Mailbeat: {title}",
        _text(content, [title, when], base, unsubscribe_url, tongue),
        render("digest.html", values, tongue),
    )


def _spoken(content: Content, tongue: Tongue) -> Content:
    """What the core says in it, in the reader's language."""
    return replace(
        content,
        needs=[said(one, tongue) for one in content.needs],
        categories=[
            one if one.category_id else replace(one, name=tongue.gettext(one.name))
            for one in content.categories
        ],
    )


def _title(content: Content, tongue: Tongue) -> str:
    labelled = tongue.ngettext(
        "%(num)s message labelled", "%(num)s messages labelled", content.labeled
    )
    if content.account is None:
        return labelled
    whose = plain(content.account, 100)
    return tongue.gettext("%(labelled)s of %(whose)s", labelled=labelled, whose=whose)


def _cause(code: str | None, *, tongue: Tongue) -> str:
    return tongue.gettext(DIED if code is None else CAUSES.get(code, ANOTHER))


def _text(
    content: Content,
    head: Sequence[str],
    base: str | None,
    unsubscribe_url: str | None,
    tongue: Tongue,
) -> str:
    _, number = tongue.gettext, tongue.number
    parts = ["\n".join(head)]
    if content.needs:
        lines = [f"- {plain(one, 400)}" for one in content.needs]
        if content.more_needs:
            lines.append("- " + _("And %(n)s more.", n=number(content.more_needs)))
        parts.append("\n".join([_("What needs you"), *lines]))
    else:
        parts.append(_("Nothing needs you."))
    parts.append(_counts(content, tongue))
    if content.categories:
        wide = max(len(plain(one.name, 40)) for one in content.categories)
        lines = [
            f"  {plain(one.name, 40):<{wide}}  {number(one.count):>7}"
            for one in content.categories
        ]
        parts.append("\n".join([_("By category"), *lines]))
    if content.senders:
        lines = [
            f"  {number(count):>7}  {plain(name, 80)}"
            for name, count in content.senders
        ]
        parts.append("\n".join([_("Who wrote most"), *lines]))
    if content.errors:
        lines = [
            f"  {number(one.runs):>7}  {_cause(one.code, tongue=tongue)}"
            for one in content.errors
        ]
        parts.append("\n".join([_("Why runs failed"), *lines]))
    if base is not None:
        parts.append(base)
    if unsubscribe_url is not None:
        parts.append(": ".join([_("No more of this"), unsubscribe_url]))
    return "\n\n".join(parts) + "\n"


def _counts(content: Content, tongue: Tongue) -> str:
    _, ngettext = tongue.gettext, tongue.ngettext
    return _(
        "%(messages)s came to %(accounts)s, in %(runs)s, of which %(failed)s failed.",
        messages=ngettext("%(num)s message", "%(num)s messages", content.messages),
        accounts=ngettext("%(num)s account", "%(num)s accounts", content.accounts),
        runs=ngettext("%(num)s run", "%(num)s runs", content.runs),
        failed=tongue.number(content.runs_failed),
    )


def _when(content: Content, zone: tzinfo, tongue: Tongue, *, weekly: bool) -> str:
    since = _moment(content.since.astimezone(zone), tongue)
    until = _moment(content.until.astimezone(zone), tongue)
    if weekly:
        return tongue.gettext("%(since)s to %(until)s", since=since, until=until)
    return tongue.gettext("The day up to %(until)s", until=until)


def _moment(at: datetime, tongue: Tongue) -> str:
    return tongue.gettext(
        "%(weekday)s, %(day)s, %(time)s",
        weekday=tongue.weekday(at),
        day=tongue.dated("yMMMMd", at.date()),
        time=f"{at:%H:%M}",
    )
