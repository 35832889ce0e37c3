"""`/api/accounts`: add, change, pause, verify and remove accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Blueprint, g, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from mailbeat.db import accounts, audit
from mailbeat.db.account_list import Asked, list_page
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account
from mailbeat.db.session import transaction
from mailbeat.db.status import account_without_secret
from webapp.api.schemas import (
    MAX_ID,
    AccountChange,
    AccountNew,
    AccountsQuery,
    account_json,
    body,
    query,
)
from webapp.auth import requires
from webapp.errors import Problem, refused
from webapp.parts import parts
from webapp.verify import problem_of, server_of

blueprint = Blueprint("accounts", __name__, url_prefix="/api/accounts")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(AccountsQuery)
    with parts().sessions() as session:
        found, following = list_page(
            session,
            Asked(asked.q, asked.state, "id"),
            now=database_now(session),
            default_interval=parts().settings.background_scan_interval,
            limit=asked.limit,
            cursor=asked.cursor,
        )
    items = [account_json(one.account) for one in found]
    return jsonify(items=items, next_cursor=following)


@blueprint.post("")
@requires("admin")
def add() -> ResponseReturnValue:
    sent = body(AccountNew)
    found = None if sent.host else server_of(sent.email_address, parts())
    if sent.host is None and found is None:
        domain = sent.email_address.rpartition("@")[2]
        text = f"No IMAP server was found for {domain}. Send it as `host`."
        raise Problem(409, "server_unknown", text)
    new = sent.as_new_account(found)
    with _change() as (session, now):
        try:
            account = accounts.add_account(session, new, now=now)
        except accounts.AccountExists as error:
            raise refused("exists", error) from None
        answer = account_json(account)
        _note(session, "account.add", account.id, now)
    parts().live.refresh()
    where = url_for("accounts.one", account_id=answer["account_id"])
    return jsonify(answer), 201, {"Location": where}


@blueprint.get("/<int:account_id>")
def one(account_id: int) -> ResponseReturnValue:
    with parts().sessions() as session:
        return jsonify(account_json(_known(session, account_id)))


@blueprint.patch("/<int:account_id>")
@requires("admin")
def change(account_id: int) -> ResponseReturnValue:
    wanted = body(AccountChange)
    with _change() as (session, now):
        account = _known(session, account_id)
        fields = wanted.model_dump(exclude_unset=True)
        password = fields.pop("password", None)
        accounts.change_account(
            session,
            account_id,
            fields,
            now=now,
            default_interval=parts().settings.background_scan_interval,
        )
        if password is not None:
            accounts.set_password(
                session, account_id, password.get_secret_value(), now=now
            )
        changed = ", ".join(sorted(wanted.model_fields_set))
        _note(session, "account.change", account_id, now, changed)
        answer = account_json(account)
    parts().live.refresh()
    return jsonify(answer)


@blueprint.delete("/<int:account_id>")
@requires("admin")
def remove(account_id: int) -> ResponseReturnValue:
    with _change() as (session, now):
        address = _known(session, account_id).email_address
        accounts.remove_account(session, account_id, now=now)
        _note(session, "account.remove", account_id, now, address)
    parts().live.refresh()
    return "", 204


@blueprint.post("/<int:account_id>/pause")
@requires("control")
def pause(account_id: int) -> ResponseReturnValue:
    with _change() as (session, now):
        account = _known(session, account_id)
        accounts.pause_account(session, account_id, now=now)
        _note(session, "account.pause", account_id, now)
        answer = account_json(account)
    parts().live.refresh()
    return jsonify(answer)


@blueprint.post("/<int:account_id>/resume")
@requires("control")
def resume(account_id: int) -> ResponseReturnValue:
    with _change() as (session, now):
        account = _known(session, account_id)
        accounts.resume_account(session, account_id, now=now)
        _note(session, "account.resume", account_id, now)
        answer = account_json(account)
    parts().live.refresh()
    return jsonify(answer)


@blueprint.post("/<int:account_id>/verify")
@requires("control")
def verify(account_id: int) -> ResponseReturnValue:
    """Sign in to the mail server, open the mailbox, and hang up."""
    with parts().sessions() as session:
        try:
            account = accounts.find_account(session, account_id)
        except accounts.AccountNotFound as error:
            raise NotFound(str(error)) from None
    problem = problem_of(account, parts())
    if problem is None:
        return jsonify(ok=True, error_code=None, error_message=None)
    return jsonify(ok=False, error_code=problem.code, error_message=str(problem))


@contextmanager
def _change() -> Iterator[tuple[Session, datetime]]:
    """Change accounts.

    Raises:
        NotFound: somebody removed the account at the same moment.
    """
    try:
        with transaction(parts().sessions) as session:
            yield session, database_now(session)
    except accounts.AccountNotFound as error:
        raise NotFound(str(error)) from None


def _known(session: Session, account_id: int) -> Account:
    # A larger number is no id, and an error of its own to PostgreSQL.
    known = account_id <= MAX_ID
    account = account_without_secret(session, account_id) if known else None
    if account is None:
        raise NotFound(f"There is no account {account_id}.")
    return account


def _note(
    session: Session, action: str, account_id: int, now: datetime, detail: str = ""
) -> None:
    target = f"account {account_id}"
    audit.record(session, g.caller.key_id, action, target, detail, now=now)
