"""The digest as a letter: a title, plain text and HTML that say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mailbeat.digest.content import Content
from mailbeat.letters.render import plain, render

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
CAUSES: Mapping[str | None, str] = {
    "auth_failed": "sign-in refused",
    "connect_failed": "server not reachable",
    "tls_failed": "certificate not trusted",
    "server_busy": "server busy",
    "throttled": "slowed down by the server",
    "mailbox_missing": "mailbox not found",
    "label_refused": "labels not accepted",
    "host_refused": "host not allowed",
    "deadline": "ran out of time",
    "internal": "fault in Mailbeat",
    None: "a worker died",
}


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
) -> Letter:
    """Write it in the reader's time."""
    base = None if public_url is None else public_url.rstrip("/")
    whose = "" if content.account is None else f" of {plain(content.account, 100)}"
    title = f"{_messages(content.labeled)} labelled{whose}"
    when = _when(content, zone, weekly=weekly)
    values = {
        "title": title,
        "when": when,
        "content": content,
        "colors": COLORS,
        "causes": CAUSES,
        "base": base,
        "unsubscribe_url": unsubscribe_url,
        "number": _number,
    }
    return Letter(
        f"Mailbeat: {title}",
        _text(content, title, when, base, unsubscribe_url),
        render("digest.html", values),
    )


def _text(
    content: Content,
    title: str,
    when: str,
    base: str | None,
    unsubscribe_url: str | None,
) -> str:
    parts = [f"{title}\n{when}"]
    if content.needs:
        lines = [f"- {plain(one, 400)}" for one in content.needs]
        if content.more_needs:
            lines.append(f"- And {content.more_needs} more.")
        parts.append("What needs you\n" + "\n".join(lines))
    else:
        parts.append("Nothing needs you.")
    parts.append(
        f"{_messages(content.messages)} came to {_accounts(content.accounts)}, in "
        f"{_runs(content.runs)}, of which {_number(content.runs_failed)} failed."
    )
    if content.categories:
        wide = max(len(plain(one.name, 40)) for one in content.categories)
        lines = [
            f"  {plain(one.name, 40):<{wide}}  {_number(one.count):>7}"
            for one in content.categories
        ]
        parts.append("By category\n" + "\n".join(lines))
    if content.senders:
        lines = [
            f"  {_number(count):>7}  {plain(name, 80)}"
            for name, count in content.senders
        ]
        parts.append("Who wrote most\n" + "\n".join(lines))
    if content.errors:
        lines = [
            f"  {_number(one.runs):>7}  {CAUSES.get(one.code, 'another error')}"
            for one in content.errors
        ]
        parts.append("Why runs failed\n" + "\n".join(lines))
    if base is not None:
        parts.append(base)
    if unsubscribe_url is not None:
        parts.append(f"No more of this: {unsubscribe_url}")
    return "\n\n".join(parts) + "\n"


def _when(content: Content, zone: tzinfo, *, weekly: bool) -> str:
    since, until = content.since.astimezone(zone), content.until.astimezone(zone)
    return (
        f"{_moment(since)} to {_moment(until)}"
        if weekly
        else (f"The day up to {_moment(until)}")
    )


def _moment(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}, {at:%H:%M}"


def _number(value: int) -> str:
    return f"{value:,}"


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{_number(count)} messages"


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{_number(count)} accounts"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{_number(count)} runs"
