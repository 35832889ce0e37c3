"""`/accounts/<id>/set-up`: the connection is tried, mail is looked at, then it starts.

The account is stored by then and paused with a reason of its own, so that it labels
nothing till the end, can be gone on with at any time, or be thrown away.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, redirect, request, stream_template, url_for
from sqlalchemy.orm import Session

from mailbeat.db import accounts as db
from mailbeat.db.accounts import SETTING_UP
from mailbeat.db.categories import enabled_categories
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account
from mailbeat.db.session import transaction
from mailbeat.mail.providers import provider_of_host
from webapp.auth import requires
from webapp.dashboard.account_pages import sign_in_with
from webapp.dashboard.actions import Answer, back, note
from webapp.dashboard.blueprint import known_account, pages, reading, refuse
from webapp.dashboard.draft import forget
from webapp.dashboard.new_account import is_checked, read_change
from webapp.dashboard.preview import Preview
from webapp.dashboard.trial import Trial
from webapp.errors import Problem
from webapp.language import _
from webapp.parts import parts

WHERE = "/accounts/<int(max=2147483647):account_id>/set-up"
NO_ERRORS: Mapping[str, str] = {}
# What can be mended while the connection does not work.
SERVER = ("host", "port", "security", "username", "mailbox", "password")
CHOICES = ("label_prefix", "interval_seconds")
HOURS = (24, 72, 168, 720)  # to look back
INTERVALS = (60, 300, 900, 3600)  # seconds


@pages.get(WHERE)
@requires("admin")
def set_up(account_id: int) -> Answer:
    """Try the connection, and tell of it while it is tried."""
    account = _unfinished(account_id)
    if account is None:
        return _finished(account_id)
    return _connection_page(account, {}, NO_ERRORS)


@pages.post(WHERE)
@requires("admin")
def set_up_change(account_id: int) -> Answer:
    """Store what was mended, and try again; what is left empty stays."""
    account = _unfinished(account_id)
    if account is None:
        return _finished(account_id)
    form = request.form.to_dict()
    changes, errors = read_change(form, SERVER)
    if errors:
        return _connection_page(account, form, errors, status=422)
    with transaction(parts().sessions) as session:
        _change(session, account_id, changes)
        note(session, "account.change", f"account {account_id}", ", ".join(changes))
    parts().live.refresh()
    return redirect(url_for("pages.set_up", account_id=account_id), 303)


@pages.get(f"{WHERE}/look")
@requires("admin")
def set_up_look(account_id: int) -> Answer:
    """Show what would be done with the newest mail; nothing is."""
    account = _unfinished(account_id)
    if account is None:
        return _finished(account_id)
    return _look_page(account, {}, NO_ERRORS)


@pages.post(f"{WHERE}/start")
@requires("admin")
def set_up_start(account_id: int) -> Answer:
    """Store what was chosen, and let the account run, at once: its run is shown."""
    account = _unfinished(account_id)
    if account is None:
        return _finished(account_id)
    form = request.form.to_dict()
    changes, errors = read_change(form, CHOICES)
    hours = form.get("look_back_hours", "")
    if hours and hours not in map(str, HOURS):
        errors["look_back_hours"] = _("One of those that are offered.")
    if errors:
        return _look_page(account, form, errors, status=422)
    changes["moves_mail"] = is_checked(form, "moves_mail")
    changes["look_back_hours"] = int(hours) if hours else None
    with transaction(parts().sessions) as session:
        _change(session, account_id, changes)
        now = database_now(session)
        db.resume_account(session, account_id, now=now)
        run_id = _first_run(session, account_id, now)
        detail = ", ".join(changes)
        note(session, "account.start", f"account {account_id}", detail)
    parts().live.refresh()
    response = (
        back("pages.run", "started", run_id=run_id)
        if run_id
        else back("pages.account", "started-paused", account_id=account_id)
    )
    forget(response)
    return response


@pages.post(f"{WHERE}/remove")
@requires("admin")
def set_up_remove(account_id: int) -> Answer:
    """Throw a set-up away. There is nothing else yet that would be lost."""
    account = _unfinished(account_id)
    if account is None:
        return _finished(account_id)
    with transaction(parts().sessions) as session:
        db.remove_account(session, account_id, now=database_now(session))
        target = f"account {account_id}"
        note(session, "account.remove", target, account.email_address)
    parts().live.refresh()
    return back("pages.accounts", "removed")


def _unfinished(account_id: int) -> Account | None:
    """A copy of an account with its secrets, or None where its set-up is finished."""
    with reading() as session:
        if known_account(session, account_id).pause_reason != SETTING_UP:
            return None
        session.expunge_all()
        account = db.find_account(session, account_id)
        db.read_secrets(account)
        return account


def _first_run(session: Session, account_id: int, now: datetime) -> str | None:
    """Ask for a run and return its id; None where it has to wait for a person."""
    try:
        return db.want_run(session, account_id, now=now)
    except db.AccountPaused:  # everything is: it runs as soon as that is over
        return None


def _finished(account_id: int) -> Answer:
    return redirect(url_for("pages.account", account_id=account_id), 303)


def _change(session: Session, account_id: int, changes: dict[str, Any]) -> None:
    db.change_account(
        session,
        account_id,
        changes,
        now=database_now(session),
        default_interval=parts().settings.background_scan_interval,
    )


# Pages that are sent while the work they tell of is done


def _connection_page(
    account: Account,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Answer:
    trial: Trial | None = None
    if not errors:  # what is wrong in the form comes first
        try:
            trial = Trial(account, parts())
        except Problem as busy:
            refuse(str(busy.description))
            status = busy.code or 429
    return _streamed(
        "account_connection.html",
        status,
        account=account,
        trial=trial,
        form=form,
        errors=errors,
        provider=provider_of_host(account.host),
        sign_in_with=sign_in_with(account),
    )


def _look_page(
    account: Account,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Answer:
    look: Preview | None = None
    try:
        look = Preview(account, parts())
    except Problem as busy:
        refuse(str(busy.description))
        status = busy.code or 429
    with reading() as session:
        categories = enabled_categories(session)
    return _streamed(
        "account_look.html",
        status,
        account=account,
        look=look,
        categories=categories,
        form=form,
        errors=errors,
        hours=HOURS,
        intervals=INTERVALS,
        settings=parts().settings,
    )


def _streamed(template: str, status: int, **values: Any) -> Response:
    """A page whose parts are sent as soon as they are known."""
    # A proxy that keeps the page till it is whole would show nothing but the end.
    headers = {"X-Accel-Buffering": "no"}
    page = stream_template(template, **values)
    return Response(page, status, headers, mimetype="text/html")
