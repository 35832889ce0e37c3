"""The blueprint of the pages, and what every page is given."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import structlog
from flask import Blueprint, abort, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mailbeat.db.accounts import SETTING_UP
from mailbeat.db.alerts import count_open
from mailbeat.db.api_keys import Scope
from mailbeat.db.models import Account
from mailbeat.db.status import account_without_secret
from webapp.auth import Caller
from webapp.dashboard import assets, filters, words
from webapp.language import N_, _
from webapp.parts import parts
from webapp.sentences import said

log = structlog.get_logger(__name__)
pages = Blueprint("pages", __name__)
filters.register(pages)
assets.register(pages)

NAVIGATION = (
    ("live", N_("Live"), "pulse"),
    ("accounts", N_("Accounts"), "at"),
    ("runs", N_("Runs"), "list"),
    ("messages", N_("Messages"), "mail"),
    ("rules", N_("Rules"), "rule"),
    ("categories", N_("Categories"), "tag"),
    ("insights", N_("Insights"), "chart"),
    ("workers", N_("Operation"), "cpu"),
    ("settings", N_("Settings"), "gear"),
)
# The key that leads to a page, after `g`.
GO = {
    "live": "l",
    "accounts": "a",
    "runs": "r",
    "messages": "m",
    "rules": "u",
    "categories": "c",
    "insights": "i",
    "workers": "o",
    "settings": "s",
}
# The pages of the operation, as tabs above each of them.
OPERATION = (
    ("workers", N_("Workers")),
    ("tasks", N_("Tasks")),
    ("alerts", N_("Alerts")),
)
# Pages that lie under an entry of the navigation.
_UNDER = {
    "account": "accounts",
    "account_settings": "accounts",
    "account_login": "accounts",
    "account_find": "accounts",
    "account_new": "accounts",
    "account_sign_in": "accounts",
    "accounts_add": "accounts",
    "alert_test": "workers",
    "alerts": "workers",
    "audit": "settings",
    "category": "categories",
    "digest": "settings",
    "digest_add": "settings",
    "digest_send": "settings",
    "message": "messages",
    "rule": "rules",
    "rule_new": "rules",
    "run": "runs",
    "run_again": "runs",
    "runs_failures": "runs",
    "set_up": "accounts",
    "set_up_change": "accounts",
    "set_up_look": "accounts",
    "set_up_start": "accounts",
    "task": "workers",
    "task_failures": "workers",
    "tasks": "workers",
}
# What a page says after a form was sent; the address carries only the code.
DONE = {
    "categories-added": N_("What was not there yet is added, after the others."),
    "category-added": N_(
        "The category is added. It is learned from what you file there."
    ),
    "category-changed": N_("The category is changed. It counts from the next run on."),
    "category-merged": N_("It is read as the other category from now on."),
    "category-moved": N_("The order is changed."),
    "category-off": N_("It is switched off: nothing new is decided for it."),
    "category-on": N_("It is switched on again, from the next run."),
    "category-removed": N_(
        "The category is removed. Labels that are on mail stay there."
    ),
    "category-restored": N_("The category is there again, exactly as it was."),
    "corrected": N_("It is filed. Mail like it is decided better from now on."),
    "corrected-many": N_(
        "They are filed. Mail like them is decided better from now on."
    ),
    "alert-known": N_("Noted. You are told again only when it is over."),
    "alert-over": N_("That is over already."),
    "alert-silenced": N_("Nobody is told of it for a while."),
    "silence-ended": N_("It is told again."),
    "alert-test": N_("A test is on its way. Below stands whether it arrives."),
    "digest-added": N_("The digest is added. Below stands when it comes."),
    "digest-removed": N_("That address gets no more digests."),
    "digest-sent": N_(
        "A digest is on its way. Whether it arrives stands on the page Alerts."
    ),
    "undone": N_("It is undone, and what was learned from it is forgotten."),
    "dismissed": N_("It is not proposed again."),
    "rule-added": N_("The rule is added. It counts from the next run on."),
    "rule-changed": N_("The rule is changed. It counts from the next run on."),
    "rule-made": N_("The rule is made. It counts from the next run on."),
    "rule-moved": N_("The order is changed."),
    "rule-off": N_("The rule is switched off."),
    "rule-on": N_("The rule is switched on, from the next run."),
    "rule-restored": N_("The rule is there again."),
    "rules-imported": N_("All rules of the file are there."),
    "cancelling": N_("The run stops at its next message."),
    "changed": N_("The change is stored."),
    "login": N_("The server let us in, and the sign-in is stored."),
    "login-paused": N_(
        "The server let us in, and the sign-in is stored. The account stays paused."
    ),
    "key-revoked": N_("The key is revoked. Whoever came in with it is signed out."),
    "session-ended": N_("That browser is signed out."),
    "sessions-ended": N_("All other browsers are signed out."),
    "language": N_("The pages speak this language now."),
    "not-running": N_("That run is not running any more."),
    "paused": N_("The account is paused."),
    "paused-all": N_("Everything is paused."),
    "removed": N_("The account is removed."),
    "resumed": N_("The account runs again, at once."),
    "signed-in": N_("Signed in. The account is tried at once."),
    "resumed-all": N_("Everything runs again."),
    "started": N_("The account is set up. This is its first run."),
    "started-paused": N_("The account is set up. It runs when everything is resumed."),
    "verified": N_("The server lets us in, and the mailbox is there."),
    "wanted": N_("The run starts within seconds."),
    "worker-resized": N_("The worker has so many threads within seconds."),
    "worker-stopping": N_(
        "It stops within seconds, and its runs at their next message."
    ),
    "zone": N_("Times are told by that clock from now on."),
}


@pages.app_context_processor
def _everywhere() -> dict[str, Any]:
    endpoint = (request.endpoint or "").removeprefix("pages.")
    return {
        "navigation": [(name, _(label), icon) for name, label, icon in NAVIGATION],
        "go": GO,
        "operation": [(name, _(label)) for name, label in OPERATION],
        "open_alerts": _open_alerts(),
        "page_name": endpoint,
        "here": _UNDER.get(endpoint, endpoint),
        "reader": _reader(),
        "can_control": may("control"),
        "can_admin": may("admin"),
        "notices": _notices(),
        "steps_words": [_(step) for step in words.STEPS],
    }


def _open_alerts() -> int:
    """How many the entry of the navigation shows. A page comes also without."""
    if g.get("caller") is None:
        return 0
    try:
        with parts().sessions() as session:
            return count_open(session)
    except SQLAlchemyError as error:
        log.warning("alerts_not_counted", error=type(error).__name__)
        return 0


def _reader() -> str:
    caller: Caller | None = g.get("caller")
    return "" if caller is None else caller.key_id


def may(scope: str) -> bool:
    """Whether who is signed in has at least this scope."""
    caller: Caller | None = g.get("caller")
    return caller is not None and caller.scope.includes(Scope(scope))


# What was not done.
NOT_DONE = {
    "none-chosen": N_("No message was ticked, so nothing was changed."),
    "session-gone": N_("That browser was signed out before."),
    "not-undone": N_("It was changed again since. Undo the newest change first."),
    "bad-threads": N_("A worker has 1 to 1000 threads. Nothing was changed."),
    "worker-gone": N_("That worker is not running any more. Nothing was changed."),
}
NUMBERS = "[0-9]{1,9}"
MOST_UNDONE = 50  # at once: a page of messages
# Where what was done is undone, and what the numbers in the address are there.
UNDO = {
    "category-merged": ("pages.category_restore", "category_id"),
    "category-removed": ("pages.category_restore", "category_id"),
    "corrected": ("pages.corrections_undo", "ids"),
    "corrected-many": ("pages.corrections_undo", "ids"),
    "rule-added": ("pages.rule_remove", "rule_id"),
    "rule-made": ("pages.rule_remove", "rule_id"),
}


class Notice(NamedTuple):
    """What a page says above all; `undo` is where a form undoes what was done."""

    tone: str
    text: str
    undo: str | None = None


def _notices() -> list[Notice]:
    notices: list[Notice] = list(g.get("notices", ()))
    code = request.args.get("done", "")
    if (done := DONE.get(code)) is not None:
        notices.append(Notice("good", _(done), _undo(code)))
    if code in NOT_DONE:
        notices.append(Notice("bad", _(NOT_DONE[code])))
    return notices


def _undo(code: str) -> str | None:
    numbers = request.args.get("undo", "")
    known = re.fullmatch(rf"{NUMBERS}(,{NUMBERS}){{0,{MOST_UNDONE}}}", numbers)
    if code not in UNDO or known is None or not may("control"):
        return None
    endpoint, name = UNDO[code]
    if name != "ids" and not numbers.isdigit():
        return None
    values: dict[str, Any] = {name: numbers}
    return url_for(endpoint, **values)


def refuse(message: str) -> None:
    """Let the page that is rendered next say why something was not done."""
    g.notices = [*g.get("notices", ()), Notice("bad", said(message))]


@contextmanager
def reading() -> Iterator[Session]:
    with parts().sessions() as session:
        yield session


def known_account(session: Session, account_id: int) -> Account:
    """Return the account, or answer 404."""
    account = account_without_secret(session, account_id)
    if account is None:
        abort(404, _("There is no account %(id)s.", id=account_id))
    return account


def idle_status(account: Account) -> dict[str, Any]:
    """The status of an account that the board has not heard of yet."""
    return {
        "account_id": account.id,
        "email_address": account.email_address,
        "state": "idle",
        "current_step": "Waiting for the next run",
        "progress": None,
        "start_time": None,
        "last_updated": filters.iso(account.created_at),
        "error_message": None,
        "run_id": None,
        "error_code": None,
        "eta_seconds": None,
        "paused": account.paused_at is not None,
        "setting_up": account.pause_reason == SETTING_UP,
        "next_run_at": filters.iso(account.next_run_at),
    }


def number_in(name: str) -> int | None:
    """A whole number of the query string, or None when it is absent or is none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 # ids are 32 bits


def paging(
    endpoint: str, filters: dict[str, Any], cursor: str | None, older: str | None
) -> dict[str, str | None]:
    """Addresses of the next page and of the first, or None."""
    kept = {name: value for name, value in filters.items() if value is not None}
    return {
        "older": url_for(endpoint, **kept, cursor=older) if older else None,
        "newest": url_for(endpoint, **kept) if cursor else None,
    }
