"""`/accounts/new`: an address, then what opens its mailbox. A set-up begins.

What is stored here is not tried yet, and labels nothing: see setup_pages.py.
"""

from collections.abc import Mapping

from flask import g, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from mailbeat.db import accounts as db
from mailbeat.db import audit
from mailbeat.db.accounts import SETTING_UP, NewAccount
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.mail.oauth import Provider as SignInProvider
from mailbeat.mail.providers import (
    Needs,
    Provider,
    Server,
    domain_of,
    provider_of,
    provider_of_host,
)
from webapp.auth import requires
from webapp.dashboard.actions import Answer
from webapp.dashboard.blueprint import pages, reading, refuse
from webapp.dashboard.draft import Draft, keep, kept
from webapp.dashboard.new_account import read_form
from webapp.errors import Problem
from webapp.language import _
from webapp.parts import parts
from webapp.verify import server_of

NO_ERRORS: Mapping[str, str] = {}


@pages.get("/accounts/new")
@requires("admin")
def account_new() -> str:
    """Ask for the address."""
    return _address_page({}, NO_ERRORS)


@pages.post("/accounts/new")
@requires("admin")
def account_find() -> Answer:
    """Find where an address has its mail, and lead on."""
    typed = {"email_address": request.form.get("email_address", "")}
    try:
        new, errors = read_form(typed, _find, by_password=False)
    except Problem as busy:
        refuse(str(busy.description))
        return _address_page(typed, NO_ERRORS), busy.code or 429
    if "email_address" in errors:
        return _address_page(typed, errors), 422
    address = typed["email_address"].strip()
    if (known := _known(address)) is not None:
        account_id, is_set_up = known
        if not is_set_up:
            return redirect(url_for("pages.set_up", account_id=account_id), 303)
        where = url_for("pages.account", account_id=account_id)
        return _address_page(typed, NO_ERRORS, known_at=where), 409
    found = None if new is None else Server(new.host, new.port, new.security)
    response = make_response(redirect(url_for("pages.account_sign_in"), 303))
    keep(response, Draft(address, found))
    return response


@pages.get("/accounts/new/sign-in")
@requires("admin")
def account_sign_in() -> Answer:
    """Ask for what opens the mailbox of the address that was typed."""
    draft = kept()
    if draft is None:
        return redirect(url_for("pages.account_new"), 303)
    return sign_in_page({"email_address": draft.email_address}, NO_ERRORS)


@pages.post("/accounts")
@requires("admin")
def accounts_add() -> Answer:
    """Store an account, which then is tried; sent twice, it is the same one."""
    form = request.form.to_dict()
    try:
        new, errors = read_form(_without_found(form), _find_again)
    except Problem as busy:
        refuse(str(busy.description))
        return sign_in_page(form, NO_ERRORS), busy.code or 429
    if new is None:
        return sign_in_page(form, errors), 422
    try:
        account_id = _add(new)
    except db.AccountExists as error:
        return sign_in_page(form, {"email_address": str(error)}), 409
    parts().live.refresh()
    # The draft stays: who goes back from the next page finds the address again.
    return redirect(url_for("pages.set_up", account_id=account_id), 303)


def sign_in_page(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The second step, with what was typed and what is wrong."""
    address = form.get("email_address", "").strip()
    draft = _draft_of(address)
    found = draft.server if draft else None
    host = form.get("host", "").strip() or (found.host if found else "")
    provider = provider_of_host(host)
    return render_template(
        "account_sign_in.html",
        form={**form, "email_address": address, "host": host},
        errors=errors,
        found=found,
        told=_how_found(address, found),
        provider=provider,
        sign_in_with=_sign_in_with(provider),
        only_elsewhere=provider is not None and provider.needs is Needs.OAUTH,
        opened=not host or bool(errors.keys() - {"password", "form"}),
        default_interval=parts().settings.background_scan_interval,
    )


def _address_page(
    form: Mapping[str, str], errors: Mapping[str, str], *, known_at: str | None = None
) -> str:
    return render_template(
        "account_new.html", form=form, errors=errors, known_at=known_at
    )


# Finding


def _find(email_address: str) -> Server | None:
    return server_of(email_address, parts())


def _find_again(email_address: str) -> Server | None:
    """What was found for the address before, or else what is found now."""
    draft = _draft_of(email_address)
    return draft.server if draft and draft.server else _find(email_address)


def _draft_of(email_address: str) -> Draft | None:
    draft = kept()
    same = draft is not None and draft.email_address == email_address.strip()
    return draft if same else None


def _without_found(form: dict[str, str]) -> dict[str, str]:
    """Leave the server out where it is the one that was found.

    What was found has a port, which follows from another kind of encryption.
    """
    draft = _draft_of(form.get("email_address", ""))
    if draft and draft.server and form.get("host", "").strip() == draft.server.host:
        return {name: value for name, value in form.items() if name != "host"}
    return form


def _how_found(email_address: str, found: Server | None) -> str:
    """Why we believe that an address has its mail there."""
    domain = domain_of(email_address)
    if found is None:
        return _(
            "We asked who takes mail in for %(domain)s, what it publishes for mail "
            "programs, and for the usual name of a server, and found none. Your "
            "provider's help names its IMAP server.",
            domain=domain,
        )
    if (known := provider_of(email_address)) is not None:
        return f"{domain} belongs to {known.name}."
    if (known := provider_of_host(found.host)) is not None:
        return f"{known.name} takes in the mail of {domain}."
    if found.host == f"imap.{domain}":
        return f"{found.host} is where {domain} seems to have its mail."
    return f"{domain} names {found.host} for mail programs."


def _sign_in_with(provider: Provider | None) -> list[SignInProvider]:
    """Where one can sign in instead: at the provider, or at any if it is not known."""
    clients = parts().access.clients
    return [
        client.provider
        for name, client in clients.items()
        if provider is None or provider.oauth == name
    ]


# Storing


def _known(email_address: str) -> tuple[int, bool] | None:
    """The account of an address, and whether its set-up is finished."""
    with reading() as session:
        try:
            account = db.find_account(session, email_address)
        except db.AccountNotFound:
            return None
        return account.id, account.pause_reason != SETTING_UP


def _add(new: NewAccount) -> int:
    """Store an account, or what was typed anew for one that is still set up.

    Raises:
        AccountExists: the address is there already, and set up.
    """
    try:
        with transaction(parts().sessions) as session:
            account = db.add_account(session, new, now=database_now(session))
            _note(session, "account.add", account.id)
            return account.id
    except db.AccountExists:
        known = _known(new.email_address)
        if known is None or known[1]:
            raise
        with transaction(parts().sessions) as session:
            _store_again(session, known[0], new)
        return known[0]


def _store_again(session: Session, account_id: int, new: NewAccount) -> None:
    changes = {
        "host": new.host,
        "port": new.port,
        "security": str(new.security),
        "username": new.username,
        "mailbox": new.mailbox,
        "password": new.password,
    }
    db.change_account(
        session,
        account_id,
        changes,
        now=database_now(session),
        default_interval=parts().settings.background_scan_interval,
    )
    _note(session, "account.change", account_id, ", ".join(changes))


def _note(session: Session, action: str, account_id: int, detail: str = "") -> None:
    now = database_now(session)
    audit.record(
        session, g.caller.key_id, action, f"account {account_id}", detail, now=now
    )
