"""`/find`: one field that leads everywhere, and does what can be done from everywhere.

`static/palette.js` shows the same in a dialog, as it gets it here as JSON. What may be
done follows from the caller's scope.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mailbeat.db.accounts import SETTING_UP, everything_paused_since
from mailbeat.db.categories import living_categories
from mailbeat.db.finding import accounts_like, failed_runs, rules_like
from mailbeat.db.models import Account, Run
from webapp.dashboard import words
from webapp.dashboard.blueprint import NAVIGATION, OPERATION, may, pages, reading
from webapp.dashboard.filters import relative
from webapp.language import N_, _

LONGEST = 200  # characters that are looked at
MOST_WORDS = 6
ACCOUNTS = 8
ACTED_ON = 3  # accounts that are offered with what can be done to them
FEW = 4  # of each other kind
# What begins like one of these asks to do something.
VERBS = frozenset(
    {
        *(
            "run",
            "now",
            "start",
            "scan",
            "pause",
            "stop",
            "resume",
            "continue",
            "unpause",
        ),
        *("starten", "jetzt", "anhalten", "pausieren", "fortsetzen", "weiter"),
    }
)
FROM = 3  # letters of one
THEMES = (
    ("light", N_("Use the light theme"), "sun"),
    ("dark", N_("Use the dark theme"), "moon"),
    ("system", N_("Use the theme of the system"), "screen"),
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done by a form: `name` and `api` are as in the macro `act`."""

    name: str
    action: str
    api: str | None = None
    body: dict[str, Any] = field(default_factory=dict)
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A line: it leads to `href`, or does `deed`, or sets the browser's `theme`."""

    text: str
    icon: str
    note: str = ""
    href: str | None = None
    deed: Deed | None = None
    theme: str | None = None
    also: str = ""  # further words that it is found by


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    items: list[Found]


@pages.get("/find")
def find() -> ResponseReturnValue:
    asked = request.args.get("q", "").replace("\0", "")[:LONGEST].strip()
    with reading() as session:
        groups = found(session, asked)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(groups=[asdict(group) for group in groups])
    return render_template("find.html", asked=asked, groups=groups, longest=LONGEST)


def found(session: Session, asked: str) -> list[Group]:
    """What fits the words that were typed; without any, where to go and what to do."""
    typed = asked.lower().split()[:MOST_WORDS]
    to_do = [one for one in typed if _is_verb(one)]
    names = [one for one in typed if one not in to_do]
    accounts, are_named = _accounts(session, typed, names, to_do)
    groups = [
        Group(_("Pages"), fitting(_pages(), typed)),
        Group(_("Do"), fitting(_everywhere(session), typed) + _to(accounts, typed)),
    ]
    if typed:
        named = accounts if are_named else []
        groups.insert(0, Group(_("Accounts"), [_account(one) for one in named]))
        if to_do and (names or not are_named):
            groups.insert(0, groups.pop())
        groups += _of_text(session, asked, typed, named)
    return [group for group in groups if group.items]


def _is_verb(word: str) -> bool:
    return len(word) >= FROM and any(verb.startswith(word) for verb in VERBS)


def _accounts(
    session: Session, typed: Sequence[str], names: Sequence[str], to_do: Sequence[str]
) -> tuple[list[Account], bool]:
    """Of `pause ada` those that are like `ada`; of `run` who is called so.

    And whether it was their addresses that were typed: of `pause` the first ones.
    """
    if not typed:
        return [], False
    if found := accounts_like(session, names or typed, limit=ACCOUNTS):
        return found, True
    no_one = names or not to_do
    return [] if no_one else accounts_like(session, [], limit=ACTED_ON), False


def fitting(items: Iterable[Found], typed: Sequence[str]) -> list[Found]:
    """Those of which a word begins with each word that was typed."""
    return [
        item
        for item in items
        if all(any(own.startswith(one) for own in _words(item)) for one in typed)
    ]


def _words(item: Found) -> list[str]:
    return [*re.split(r"[^\w@.+-]+", item.text.lower()), *item.also.split()]


def _pages() -> list[Found]:
    also = {
        "live": "home dashboard now status start",
        "runs": "history log failed",
        "messages": "mail decisions labels",
        "categories": "labels",
        "insights": "statistics charts analytics",
        "workers": "workers queue beat health",
        "settings": "theme keys sessions notifications zone",
    }
    found = [
        Found(
            _(label),
            symbol,
            href=url_for(f"pages.{name}"),
            also=f"{label.lower()} {also.get(name, '')}",
        )
        for name, label, symbol in NAVIGATION
    ]
    found += [
        Found(_(label), "cpu", href=url_for(f"pages.{name}"), also=label.lower())
        for name, label in OPERATION[1:]  # the first is what its entry leads to
    ]
    settings, shortcuts = url_for("pages.settings"), url_for("pages.shortcuts")
    if may("admin"):
        found.append(
            Found(
                _("Audit log"), "key", href=url_for("pages.audit"), also="who did what"
            )
        )
    return [
        *found,
        Found(_("API keys"), "key", href=f"{settings}#keys", also="access"),
        Found(_("Notifications"), "bell", href=f"{settings}#notifications"),
        Found(_("Keyboard shortcuts"), "ask", href=shortcuts, also="help"),
        Found(_("Description of the API"), "book", href="/api/docs", also="openapi"),
    ]


def _everywhere(session: Session) -> list[Found]:
    """What can be done, whatever is looked for."""
    do: list[Found] = []
    if may("admin"):
        new = url_for("pages.account_new")
        do.append(Found(_("Add an account"), "plus", href=new, also="new mailbox"))
    if may("control"):
        new = url_for("pages.rule_new")
        do.append(Found(_("Add a rule"), "plus", href=new, also="new create"))
        do.append(_everything(paused=everything_paused_since(session) is not None))
    if may("admin"):
        export = f"{url_for('pages.settings')}#export"
        do.append(Found(_("Export everything"), "down", href=export, also="download"))
    do += [
        Found(_(text), symbol, theme=name, also=f"theme {name} mode colours")
        for name, text, symbol in THEMES
    ]
    out = Deed("out", url_for("sign_in.leave"))
    return [*do, Found(_("Sign out"), "out", deed=out, also="log logout leave")]


def _everything(*, paused: bool) -> Found:
    if paused:
        return Found(
            _("Resume everything"),
            "play",
            deed=Deed(
                "resume-all",
                url_for("pages.everything_resume"),
                "/api/processing/resume",
                done=_("Everything runs again."),
            ),
            also="all accounts continue unpause",
        )
    return Found(
        _("Pause everything"),
        "pause",
        deed=Deed(
            "pause-all",
            url_for("pages.everything_pause"),
            "/api/processing/pause",
            done=_("Everything is paused."),
        ),
        also="all accounts stop",
    )


def _account(account: Account) -> Found:
    if account.pause_reason == SETTING_UP:
        note = _("Being set up")
    elif account.paused_at is not None:
        note = _("Paused") if account.pause_reason == "user" else _("Needs you")
    else:
        note = ""
    href = url_for("pages.account", account_id=account.id)
    return Found(account.email_address, "at", note, href)


def _to(accounts: Sequence[Account], typed: Sequence[str]) -> list[Found]:
    """What can be done to the first of these accounts."""
    if not may("control"):
        return []
    offered = [item for one in accounts[:ACTED_ON] for item in _deeds(one)]
    return [item for item in offered if _is_asked_for(item, typed)]


def _is_asked_for(item: Found, typed: Sequence[str]) -> bool:
    """Whether each verb fits the deed; the rest found the account."""
    own = _words(item)
    return all(
        any(word.startswith(one) for word in own)
        for one in typed
        if _is_verb(one) and one not in item.text.lower()
    )


def _deeds(account: Account) -> list[Found]:
    who, number = account.email_address, account.id
    if account.pause_reason == SETTING_UP:
        if not may("admin"):
            return []
        href = url_for("pages.set_up", account_id=number)
        text = _("Go on setting up %(who)s", who=who)
        return [Found(text, "next", href=href, also="continue")]
    if account.paused_at is not None:
        text = _("Resume %(who)s", who=who)
        done = _("%(who)s runs again.", who=who)
        return [_deed("resume", text, "play", number, done)]
    body = {"account_id": number}
    run = Deed(
        "run",
        url_for("pages.account_run", account_id=number),
        "/api/processing/runs",
        body,
        _("The run of %(who)s starts within seconds.", who=who),
    )
    pause, paused = _("Pause %(who)s", who=who), _("%(who)s is paused.", who=who)
    return [
        Found(_("Run %(who)s now", who=who), "play", deed=run, also="run now scan"),
        _deed("pause", pause, "pause", number, paused),
    ]


def _deed(name: str, text: str, symbol: str, number: int, done: str) -> Found:
    action = url_for(f"pages.account_{name}", account_id=number)
    deed = Deed(name, action, f"/api/accounts/{number}/{name}", done=done)
    also = "pause stop pausieren" if name == "pause" else "resume continue start"
    return Found(text, symbol, deed=deed, also=also)


def _of_text(
    session: Session,
    asked: str,
    typed: Sequence[str],
    accounts: Sequence[Account],
) -> list[Group]:
    failed = any(_is_failed(one) for one in typed)
    ids = None if failed else [one.id for one in accounts[:ACTED_ON]]
    runs = [_run(one) for one in failed_runs(session, ids, limit=FEW)]
    filed = [
        Found(
            one.name,
            "tag",
            _("Its messages"),
            url_for("pages.messages", category_id=one.id),
        )
        for one in living_categories(session)
    ]
    rules = [
        Found(one.name, "rule", _("Rule"), url_for("pages.rule", rule_id=one.id))
        for one in rules_like(session, typed, limit=FEW)
    ]
    sender = url_for("pages.messages", sender=asked)
    from_them = _("Messages from “%(words)s”", words=asked)
    return [
        Group(_("Runs that failed"), runs),
        Group(_("Categories and rules"), [*fitting(filed, typed)[:FEW], *rules]),
        Group(_("Messages"), [Found(from_them, "search", href=sender)]),
    ]


def _is_failed(word: str) -> bool:
    known = ("failed", "errors", "fehler", "gescheitert")
    return len(word) >= FROM and any(one.startswith(word) for one in known)


def _run(run: Run) -> Found:
    cause = words.cause_of(run.error_code)
    when = relative(run.end_time or run.start_time)
    href = url_for("pages.run", run_id=run.run_id)
    return Found(run.email_address, "alert", f"{cause}, {when}", href)
