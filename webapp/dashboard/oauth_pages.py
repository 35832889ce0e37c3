"""Signing an account in at Google or Microsoft: out to the provider, and back.

What the browser brings back is taken from the one that began, once, within ten
minutes; the code in it is worth nothing without the verifier, which stays here.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from mailbeat.db import accounts as db
from mailbeat.db import audit, pending
from mailbeat.db.accounts import NewAccount, SignedIn
from mailbeat.db.clock import database_now
from mailbeat.db.pending import NewMailbox, Pending
from mailbeat.db.session import transaction
from mailbeat.mail import oauth
from mailbeat.mail.errors import MailError
from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import PROVIDERS
from webapp.auth import Caller, requires
from webapp.dashboard.account_pages import account_page
from webapp.dashboard.accounts_page import accounts_page
from webapp.dashboard.actions import Answer, back
from webapp.dashboard.blueprint import known_account, pages, reading, refuse
from webapp.dashboard.new_account import read_form
from webapp.dashboard.new_account_pages import sign_in_page
from webapp.language import N_, _
from webapp.parts import parts
from webapp.security import is_loopback
from webapp.sentences import said
from webapp.sign_in import move_on
from webapp.verify import one_of_few

CALLBACK = "/oauth/callback"
SPENT = N_(
    "This sign-in was begun in another browser, ended already, or took longer than ten "
    "minutes. Begin again."
)
NO_ADDRESS_OF_OURS = N_(
    "The provider has to know where it shall send you back to, and here that is not "
    "known: PUBLIC_URL has to be set to the https address of these pages."
)


class _Unsafe(Exception):
    pass


@pages.post("/accounts/<int(max=2147483647):account_id>/oauth/<provider>")
@requires("admin")
def account_oauth(account_id: int, provider: str) -> Answer:
    """Send the browser to the provider, for an account that is there."""
    client = _client(provider)
    with reading() as session:
        account = known_account(session, account_id)
        try:
            return _begin(client, account.username, account_id=account_id)
        except _Unsafe as error:
            refuse(str(error))
            return account_page(session, account_id), 409


@pages.post("/accounts/oauth/<provider>")
@requires("admin")
def accounts_oauth(provider: str) -> Answer:
    """Send the browser to the provider, for an account that is to be added."""
    client = _client(provider)
    form = request.form.to_dict()
    server = next(one.server for one in PROVIDERS if one.oauth == provider)
    new, errors = read_form(form, lambda _: server, by_password=False)
    if new is None:
        return sign_in_page(form, errors), 422
    with reading() as session:
        try:
            known = db.find_account(session, new.email_address)
        except db.AccountNotFound:
            known = None
    if known is not None and known.pause_reason != db.SETTING_UP:
        text = _(
            "%(address)s is there already. Sign in on its page.",
            address=new.email_address,
        )
        return sign_in_page(form, {"email_address": text}), 409
    try:
        if known is not None:
            return _begin(client, known.username, account_id=known.id)
        return _begin(client, new.username, new=_mailbox_of(new))
    except _Unsafe as error:
        return sign_in_page(form, {"form": said(str(error))}), 409


@pages.get(CALLBACK)
@requires("admin")
def oauth_callback() -> Answer:
    """Take what the browser brings back; the sign-in is used up whatever it is."""
    state = request.args.get("state", "")
    with transaction(parts().sessions) as session:
        now = database_now(session)
        begun = pending.take(session, state, owner=_owner(), now=now)
    if begun is None:
        return _refused(SPENT)
    try:
        tokens = _redeem(begun, request.args.to_dict(), state)
        return _store(begun, tokens)
    except (MailError, db.AccountExists, db.AccountNotFound) as error:
        return _refused(str(error), begun)


def _client(provider: str) -> oauth.Client:
    client = parts().access.clients.get(provider)
    if client is None:
        abort(404, _("This installation is registered at no provider of that name."))
    return client


def _begin(client: oauth.Client, address: str, **whose: Any) -> Response:
    """Write a sign-in down, and lead the browser out.

    Not by a redirect: the Content-Security-Policy lets forms lead to us only.

    Raises:
        _Unsafe: it is not known where the browser could come back to.
    """
    redirect_uri = _redirect_uri()
    begun = oauth.begin(client, redirect_uri=redirect_uri, address=address)
    remembered = Pending(client.provider.name, redirect_uri, begun.verifier, **whose)
    with transaction(parts().sessions) as session:
        now = database_now(session)
        pending.remember(session, begun.state, remembered, owner=_owner(), now=now)
    return move_on(begun.url)


def _redirect_uri() -> str:
    """Where the provider sends the browser back to.

    The host that a request names is believed only when it is this very machine.
    """
    public = parts().settings.public_url
    base = public.rstrip("/") if public else f"{request.scheme}://{request.host}"
    is_safe = urlsplit(base).scheme == "https" and public is not None
    if not is_safe and not is_loopback(urlsplit(base).netloc):
        raise _Unsafe(NO_ADDRESS_OF_OURS)
    return base + CALLBACK


def _owner() -> str:
    caller: Caller = g.caller
    if caller.session_id is not None:
        return pending.owner_of(caller.session_id)
    return f"key {caller.key_id}"


def _redeem(begun: Pending, answer: Mapping[str, str], state: str) -> oauth.Tokens:
    client = oauth.client_of(parts().access.clients, begun.provider)
    code = oauth.code_in(client, answer, state=state)
    with one_of_few():
        tokens = oauth.redeem(
            client, code, verifier=begun.verifier, redirect_uri=begun.redirect_uri
        )
    oauth.require_address(client.provider, tokens, wanted=_wanted(begun))
    return tokens


def _wanted(begun: Pending) -> list[str]:
    """The addresses that may have signed in."""
    if begun.new is not None:
        return [begun.new.username, begun.new.email_address]
    with reading() as session:
        account = known_account(session, begun.account_id or 0)
        return [account.username, account.email_address]


def _store(begun: Pending, tokens: oauth.Tokens) -> Answer:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        got = SignedIn(
            provider=begun.provider,
            refresh_token=tokens.refresh_token or "",
            access_token=tokens.access_token,
            expires_at=now + timedelta(seconds=tokens.seconds),
        )
        if begun.new is not None:
            new = _account_of(begun.new, got)
            account_id = db.add_account(session, new, now=now).id
            action = "account.add"
        else:
            account_id = begun.account_id or 0
            db.store_sign_in(session, account_id, got, now=now)
            action = "account.sign-in"
        is_set_up = known_account(session, account_id).pause_reason != db.SETTING_UP
        target = f"account {account_id}"
        actor = g.caller.key_id
        audit.record(session, actor, action, target, begun.provider, now=now)
    parts().live.refresh()
    if not is_set_up:
        return redirect(url_for("pages.set_up", account_id=account_id), 303)
    return back("pages.account", "signed-in", account_id=account_id)


def _refused(text: str, begun: Pending | None = None) -> Answer:
    refuse(text)
    if begun is None or begun.account_id is None:
        return accounts_page(), 409
    with reading() as session:
        return account_page(session, begun.account_id), 409


def _mailbox_of(new: NewAccount) -> NewMailbox:
    return NewMailbox(
        email_address=new.email_address,
        host=new.host,
        port=new.port,
        security=str(new.security),
        username=new.username,
        mailbox=new.mailbox,
        label_prefix=new.label_prefix,
        interval_seconds=new.interval_seconds,
    )


def _account_of(new: NewMailbox, tokens: SignedIn) -> NewAccount:
    return NewAccount(
        email_address=new.email_address,
        host=new.host,
        port=new.port,
        security=Security(new.security),
        username=new.username,
        password="",
        mailbox=new.mailbox,
        label_prefix=new.label_prefix,
        interval_seconds=new.interval_seconds,
        tokens=tokens,
        setting_up=True,
    )
