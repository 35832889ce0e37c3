"""What forms do without JavaScript; `live.js` asks the API for the same."""

from collections.abc import Callable
from typing import Any

from flask import g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailbeat.db import accounts as db
from mailbeat.db import audit
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.mail.address import normal_address
from webapp.auth import requires
from webapp.dashboard.account_pages import account_page
from webapp.dashboard.blueprint import known_account, pages, reading, refuse
from webapp.dashboard.one_run_page import known_run
from webapp.parts import parts
from webapp.verify import problem_of

Answer = Response | str | tuple[str, int]


def note(session: Session, action: str, target: str, detail: str = "") -> None:
    now = database_now(session)
    audit.record(session, g.caller.key_id, action, target, detail, now=now)


def back(endpoint: str, done: str, **values: Any) -> Response:
    """Answer a form: a page to be got, with what was done."""
    return redirect(url_for(endpoint, done=done, **values), code=303)


def _change(
    account_id: int, action: str, do: Callable[[Session], str | None], done: str
) -> Answer:
    """Do something to an account and show it, or show it with why it was not done.

    `action` is the audit log's word for it; its detail is what `do` returns.
    """
    try:
        with transaction(parts().sessions) as session:
            known_account(session, account_id)
            detail = do(session) or ""
            note(session, action, f"account {account_id}", detail)
        parts().live.refresh()
    except (db.AccountBusy, db.AccountPaused) as error:
        refuse(str(error))
        with reading() as session:
            return account_page(session, account_id), 409
    return back("pages.account", done, account_id=account_id)


@pages.post("/accounts/<int(max=2147483647):account_id>/run")
@requires("control")
def account_run(account_id: int) -> Answer:
    return _change(
        account_id,
        "run.want",
        lambda s: db.want_run(s, account_id, now=database_now(s)),
        "wanted",
    )


@pages.post("/accounts/<int(max=2147483647):account_id>/pause")
@requires("control")
def account_pause(account_id: int) -> Answer:
    return _change(
        account_id,
        "account.pause",
        lambda s: db.pause_account(s, account_id, now=database_now(s)),
        "paused",
    )


@pages.post("/accounts/<int(max=2147483647):account_id>/resume")
@requires("control")
def account_resume(account_id: int) -> Answer:
    with reading() as session:
        if known_account(session, account_id).pause_reason == db.SETTING_UP:
            # It is not what was paused: what is left of its set-up comes first.
            return redirect(url_for("pages.set_up", account_id=account_id), 303)
    return _change(
        account_id,
        "account.resume",
        lambda s: db.resume_account(s, account_id, now=database_now(s)),
        "resumed",
    )


@pages.post("/accounts/<int(max=2147483647):account_id>/verify")
@requires("control")
def account_verify(account_id: int) -> Answer:
    with reading() as session:
        known_account(session, account_id)
        account = db.find_account(session, account_id)
    problem = problem_of(account, parts())
    if problem is None:
        return back("pages.account", "verified", account_id=account_id)
    refuse(str(problem))
    with reading() as session:
        return account_page(session, account_id)


@pages.post("/accounts/<int(max=2147483647):account_id>/remove")
@requires("admin")
def account_remove(account_id: int) -> Answer:
    with transaction(parts().sessions) as session:
        address = known_account(session, account_id).email_address
        typed = request.form.get("confirm", "")
        if normal_address(typed) != normal_address(address):
            errors = {"confirm": f"That is not {address}. Nothing was removed."}
            return account_page(session, account_id, errors), 422
        db.remove_account(session, account_id, now=database_now(session))
        note(session, "account.remove", f"account {account_id}", address)
    parts().live.refresh()
    return back("pages.accounts", "removed")


@pages.post("/runs/<run_id>/cancel")
@requires("control")
def run_cancel(run_id: str) -> Answer:
    known_run(run_id)
    with transaction(parts().sessions) as session:
        running = db.cancel_run(session, run_id, now=database_now(session))
        if running:
            note(session, "run.cancel", f"run {run_id}")
    done = "cancelling" if running else "not-running"
    return back("pages.run", done, run_id=run_id)


@pages.post("/pause")
@requires("control")
def everything_pause() -> Answer:
    with transaction(parts().sessions) as session:
        db.pause_everything(session, now=database_now(session))
        note(session, "all.pause", "all")
    parts().live.refresh()
    return back("pages.live", "paused-all")


@pages.post("/resume")
@requires("control")
def everything_resume() -> Answer:
    with transaction(parts().sessions) as session:
        db.resume_everything(session, now=database_now(session))
        note(session, "all.resume", "all")
    parts().live.refresh()
    return back("pages.live", "resumed-all")
