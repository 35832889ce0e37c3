"""`mailbeat account ...`."""

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.installation import (
    Failed,
    Installation,
    ask,
    pass_installation,
)
from mailbeat.mail.address import normal_address

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from mailbeat.db.accounts import SignedIn
    from mailbeat.db.models import Account
    from mailbeat.db.session import Sessions
    from mailbeat.mail.mailbox import Login
    from mailbeat.mail.providers import Server

VERIFY_SECONDS = 30.0
MAX_PREFIX = 64  # characters, as in the API
OAUTH = ("google", "microsoft")  # mail.oauth.PROVIDERS, which is read late
REDIRECT_PORT = "Where the browser comes back to, if that is registered with a port."
LEARNS = (
    "Take a label of Mailbeat's that you change in your mail program for a correction."
)
MOVES = "Where labels are folders (Outlook): move mail there. Else it is copied."
# Surrogates are what a shell's bytes become that are no UTF-8.
_LETTER = r"[^\s@\x00-\x1f\x7f\ud800-\udfff]"
ADDRESS = re.compile(f"{_LETTER}{{1,64}}@{_LETTER}{{1,255}}")
LOOKS_BACK = (
    "Hours. How far a run looks back where nothing was read before (default: "
    "BACKGROUND_PROCESS_HOURS)."
)
ASKS = "Ask the model of LLM_BASE_URL about mail that is not clear."


@click.group()
def account() -> None:
    """Add, change and watch over the accounts."""


def find(session: "Session", ref: str) -> "Account":
    from mailbeat.db import accounts

    try:
        return accounts.find_account(session, ref)
    except accounts.AccountNotFound as error:
        raise Failed(str(error)) from None


def _read_password(address: str, *, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(click.prompt(f"Password of {address}", hide_input=True))
    if not password:
        raise Failed("The password is empty. Nothing was stored.")
    return password


def _verify(login: "Login", mailbox: str) -> None:
    """Sign in once.

    Raises:
        Failed: the server refused, with what to do.
    """
    from mailbeat.mail.errors import MailError
    from mailbeat.mail.imap import open_mailbox

    try:
        with open_mailbox(login, mailbox, deadline=VERIFY_SECONDS):
            pass
    except MailError as error:
        raise Failed(str(error)) from None


def _now(session: "Session") -> "datetime":
    from mailbeat.db.clock import database_now

    return database_now(session)


def _audit(session: "Session", action: str, target: str, detail: str = "") -> None:
    from mailbeat.db.audit import record

    record(session, "cli", action, target, detail, now=_now(session))


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):  # noqa: PLR2004 # control characters
        raise click.BadParameter("it may not hold control characters.")
    return text


@account.command("add")
@click.argument("email_address")
@click.option("--host", help="IMAP server; known providers need none.")
@click.option("--port", type=click.IntRange(1, 65_535))
@click.option("--security", type=click.Choice(["tls", "starttls", "none"]))
@click.option("--username", help="If it is not the address.")
@click.option("--mailbox", default="INBOX", show_default=True)
@click.option("--interval", type=click.IntRange(2, 86_400), help="Seconds.")
@click.option("--look-back", type=click.IntRange(1, 8760), help=LOOKS_BACK)
@click.option("--move/--no-move", "moves_mail", default=False, help=MOVES)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
@click.option(
    "--oauth", type=click.Choice(OAUTH), help="Sign in there instead of a password."
)
@click.option("--redirect-port", type=click.IntRange(1, 65_535), help=REDIRECT_PORT)
@click.option("--no-verify", is_flag=True, help="Store without signing in first.")
@pass_installation
def add(installation: Installation, /, **options: Any) -> None:
    """Store an account; it runs at once and then every interval."""
    from mailbeat.db import accounts
    from mailbeat.db.session import transaction
    from mailbeat.mail.mailbox import Login

    address = options["email_address"].strip()
    if not ADDRESS.fullmatch(normal_address(address)):
        raise click.BadParameter(
            f"{address[:100]!r} is not an address like ada@example.org."
        )
    mailbox = _one_line(options["mailbox"])
    username = _one_line(options["username"] or address)
    server = _server(installation, address, options)
    password, tokens = "", None
    if options["oauth"]:
        tokens = _tokens_of_new(installation, address, username, options)
    else:
        _say_what_is_needed(server.host, quiet=options["password_stdin"])
        password = _read_password(address, from_stdin=options["password_stdin"])
    login = Login(
        *server,
        username=username,
        password=password,
        allowed_networks=installation.settings.imap_allowed_networks,
        access_token=tokens.access_token if tokens else "",
    )
    if not options["no_verify"]:
        try:
            _verify(login, mailbox)
        except Failed as error:
            raise Failed(f"{error}\nNothing was stored.") from None
    new = accounts.NewAccount(
        email_address=address,
        host=login.host,
        port=login.port,
        security=login.security,
        username=login.username,
        password=password,
        mailbox=mailbox,
        interval_seconds=options["interval"],
        look_back_hours=options["look_back"],
        tokens=tokens,
        moves_mail=options["moves_mail"],
    )
    with installation.sessions() as sessions:
        try:
            with transaction(sessions) as session:
                added = accounts.add_account(session, new, now=_now(session))
                _audit(session, "account.add", f"account {added.id}")
        except accounts.AccountExists as error:
            raise Failed(str(error)) from None
    click.echo(
        f"{added.email_address} is account {added.id}, on {login.host}:{login.port}."
    )


def _server(
    installation: Installation, address: str, options: dict[str, Any]
) -> "Server":
    """The server that was named, or else that of the address.

    Raises:
        Failed: it is not found.
    """
    from mailbeat.mail.autoconfig import find_server
    from mailbeat.mail.mailbox import Security
    from mailbeat.mail.providers import PROVIDERS, chosen

    found = None
    if options["host"]:
        _one_line(options["host"])
    elif options["oauth"]:
        found = next(one.server for one in PROVIDERS if one.oauth == options["oauth"])
    else:
        networks = installation.settings.imap_allowed_networks
        found = find_server(address, networks=networks)
        if found is None:
            raise Failed(
                f"No IMAP server was found for {address.rpartition('@')[2]}. Name it "
                "with --host (and --port, --security where they are unusual)."
            )
    security = Security(options["security"]) if options["security"] else None
    return chosen(found, host=options["host"], port=options["port"], security=security)


def _say_what_is_needed(host: str, *, quiet: bool) -> None:
    """Tell a person who is about to type a password which one is meant."""
    from mailbeat.mail.providers import Needs, provider_of_host

    known = provider_of_host(host)
    if known is None or quiet or known.needs is Needs.PASSWORD:
        return
    click.echo(f"{known.name}: {known.how}\n  {known.page}", err=True)
    if known.oauth is not None:
        click.echo(f"  or: --oauth {known.oauth}", err=True)


def _tokens_of_new(
    installation: Installation, address: str, username: str, options: dict[str, Any]
) -> "SignedIn":
    """Have a person sign in for an account that is not there yet.

    Raises:
        Failed: it is there, or nobody signed in.
    """
    from mailbeat.cli.oauth import registered, signed_in
    from mailbeat.db import accounts

    client = registered(installation, options["oauth"])
    with installation.sessions() as sessions, sessions() as session:
        try:
            known = accounts.find_account(session, address)
        except accounts.AccountNotFound:
            known = None
    if known is not None:
        raise Failed(
            f"{address} is there already, as account {known.id}. Sign it in anew with "
            f"`mailbeat account sign-in {known.id}`."
        )
    wanted = [username, address]
    return signed_in(installation, client, wanted, port=options["redirect_port"])


@account.command("list")
@click.option("--json", "as_json", is_flag=True)
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show all accounts, and what each of them does or lacks."""
    from mailbeat.db import accounts, runs

    with installation.sessions() as sessions, sessions() as session:
        last = runs.last_runs(session)
        rows = [
            _facts(one, last.get(one.id)) for one in accounts.list_accounts(session)
        ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif not rows:
        click.echo("No account yet. Add one: mailbeat account add you@example.org")
    else:
        _print_table(rows)


@account.command("show")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--json", "as_json", is_flag=True)
@pass_installation
def show(installation: Installation, ref: str, *, as_json: bool) -> None:
    """Show one account, by its id or address."""
    from mailbeat.db import health, runs
    from mailbeat.health_sentence import plain, sentence_of

    with installation.sessions() as sessions, sessions() as session:
        one = find(session, ref)
        now = _now(session)
        known = health.read_facts(
            session,
            one,
            now=now,
            default_interval=installation.settings.background_scan_interval,
        )
        facts = _facts(one, runs.last_runs(session, [one.id]).get(one.id))
    told = sentence_of(known)
    facts = {**facts, "health": str(told.kind), "health_sentence": plain(told, now)}
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"{facts.pop('health_sentence')}\n")
    for name, value in facts.items():
        click.echo(f"{name:19} {'' if value is None else value}")


@account.command("change")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--mailbox", help="Read this one from now on.")
@click.option("--interval", type=click.IntRange(2, 86_400), help="Seconds.")
@click.option(
    "--look-back",
    "look_back_hours",
    type=click.IntRange(0, 8760),
    help=f"{LOOKS_BACK} 0: the default again.",
)
@click.option("--label-prefix", help="In front of each label; '' for nothing.")
@click.option("--move/--no-move", "moves_mail", default=None, help=MOVES)
@click.option(
    "--learn-from-mailbox/--no-learn-from-mailbox",
    "learns_from_mailbox",
    default=None,
    help=LEARNS,
)
@click.option("--ask-model/--no-ask-model", "asks_llm", default=None, help=ASKS)
@pass_installation
def change(
    installation: Installation,
    ref: str,
    *,
    mailbox: str | None,
    interval: int | None,
    look_back_hours: int | None,
    label_prefix: str | None,
    moves_mail: bool | None,
    learns_from_mailbox: bool | None,
    asks_llm: bool | None,
) -> None:
    """Change what is named; the rest stays. A new mailbox is tried at once."""
    from mailbeat.db import accounts
    from mailbeat.db.session import transaction

    if label_prefix is not None and len(label_prefix) > MAX_PREFIX:
        raise click.BadParameter(f"it may have {MAX_PREFIX} characters at most.")
    wanted = {
        "mailbox": mailbox and _one_line(mailbox),
        "label_prefix": label_prefix and _one_line(label_prefix),
        "look_back_hours": look_back_hours,
        "interval_seconds": interval,
        "moves_mail": moves_mail,
        "learns_from_mailbox": learns_from_mailbox,
        "asks_llm": asks_llm,
    }
    changes: dict[str, Any] = {
        name: value for name, value in wanted.items() if value is not None
    }
    if look_back_hours == 0:
        changes["look_back_hours"] = None
    if not changes:
        raise click.UsageError("Name what to change: `mailbeat account change --help`.")
    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        with transaction(sessions) as session:
            accounts.change_account(
                session,
                one.id,
                changes,
                now=_now(session),
                default_interval=installation.settings.background_scan_interval,
            )
            changed = ", ".join(sorted(changes))
            _audit(session, "account.change", f"account {one.id}", changed)
    click.echo(f"{one.email_address} is changed.")
    if asks_llm:
        click.echo(_what_is_told(installation))


def _what_is_told(installation: Installation) -> str:
    asking = installation.llm
    if asking is None:
        return "No model is asked yet: LLM_BASE_URL and LLM_MODEL say which."
    return f"{asking.endpoint.model.told} See it: `mailbeat llm preview`."


@account.command("set-password")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
@click.option("--no-verify", is_flag=True, help="Store without signing in first.")
@pass_installation
def set_password(
    installation: Installation, ref: str, *, password_stdin: bool, no_verify: bool
) -> None:
    """Store a new password; an account that waited for one runs at once."""
    from dataclasses import replace

    from mailbeat.db import accounts
    from mailbeat.db.session import transaction
    from mailbeat.signing_in import login_of

    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        password = _read_password(one.email_address, from_stdin=password_stdin)
        if not no_verify:
            login = login_of(one, installation.settings.imap_allowed_networks)
            login = replace(login, password=password, access_token="")
            _verify(login, one.mailbox)
        with transaction(sessions) as session:
            accounts.set_password(session, one.id, password, now=_now(session))
            _audit(session, "account.set-password", f"account {one.id}")
    click.echo(f"The new password of {one.email_address} is stored.")


@account.command("sign-in")
@click.argument("ref", metavar="ACCOUNT")
@click.option(
    "--oauth", type=click.Choice(OAUTH), help="If the account does not tell already."
)
@click.option("--redirect-port", type=click.IntRange(1, 65_535), help=REDIRECT_PORT)
@click.option("--no-verify", is_flag=True, help="Store without signing in first.")
@pass_installation
def sign_in_by_oauth(
    installation: Installation,
    ref: str,
    *,
    oauth: str | None,
    redirect_port: int | None,
    no_verify: bool,
) -> None:
    """Sign in at the provider anew; an account that waited for it runs at once."""
    from dataclasses import replace

    from mailbeat.cli.oauth import registered, signed_in
    from mailbeat.db import accounts
    from mailbeat.db.session import transaction
    from mailbeat.mail.providers import provider_of_host
    from mailbeat.signing_in import login_of

    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        known = provider_of_host(one.host)
        name = oauth or one.oauth_provider or (known.oauth if known else None)
        if name is None:
            raise Failed(
                f"{one.host} is not known to let anybody in by OAuth. Name the "
                "provider with --oauth, or store a password with `mailbeat account "
                "set-password`."
            )
        client = registered(installation, name)
        wanted = [one.username, one.email_address]
        tokens = signed_in(installation, client, wanted, port=redirect_port)
        if not no_verify:
            login = login_of(one, installation.settings.imap_allowed_networks)
            login = replace(login, password="", access_token=tokens.access_token)
            _verify(login, one.mailbox)
        with transaction(sessions) as session:
            accounts.store_sign_in(session, one.id, tokens, now=_now(session))
            _audit(session, "account.sign-in", f"account {one.id}", name)
    click.echo(f"{one.email_address} signs in with {client.provider.title}.")


@account.command("verify")
@click.argument("ref", metavar="ACCOUNT")
@pass_installation
def verify(installation: Installation, ref: str) -> None:
    """Sign in with what is stored, and change nothing."""
    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        said = sign_in(installation, sessions, one)
    click.echo(said)


@account.command("remove")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_installation
def remove(installation: Installation, ref: str, *, yes: bool) -> None:
    """Forget an account with its password and decisions; labels stay on the mail."""
    from mailbeat.db import accounts
    from mailbeat.db.removal import removal_of, removed_with_it
    from mailbeat.db.session import transaction

    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
            gone = removed_with_it(removal_of(session, one.id))
        if not yes:
            click.echo("Deleted for good: " + "; ".join(gone) + ".")
            click.echo("Its runs stay in the history, and labels stay on the mail.")
            ask(f"Remove {one.email_address}?")
        with transaction(sessions) as session:
            accounts.remove_account(session, one.id, now=_now(session))
            _audit(session, "account.remove", f"account {one.id}", one.email_address)
    click.echo(f"{one.email_address} is removed. Its runs stay in the history.")


def sign_in(installation: Installation, sessions: "Sessions", one: "Account") -> str:
    """Sign in to an account's mailbox once, and say that it worked.

    Raises:
        Failed: the server refused, with what to do.
    """
    from functools import partial

    from mailbeat.mail.errors import MailError
    from mailbeat.mail.imap import open_mailbox
    from mailbeat.signing_in import verify as try_to_open

    opening = partial(open_mailbox, name=one.mailbox, deadline=VERIFY_SECONDS)
    try:
        try_to_open(sessions, one, opening, access=installation.access)
    except MailError as error:
        raise Failed(str(error)) from None
    return f"{one.host} accepts {one.email_address}."


def _facts(one: "Account", last: Any) -> dict[str, Any]:
    """What an account is, without its secrets."""
    if one.paused_at is not None:
        known = {"user": "paused", "set-up": "set-up not finished"}
        state = known.get(one.pause_reason or "", "needs you")
    else:
        state = last.state if last is not None else "idle"
    return {
        "id": one.id,
        "email_address": one.email_address,
        "state": state,
        "host": one.host,
        "port": one.port,
        "security": one.security,
        "username": one.username,
        "signs_in_with": one.oauth_provider or "password",
        "mailbox": one.mailbox,
        "moves_mail": one.moves_mail,
        "learns_from_mailbox": one.learns_from_mailbox,
        "asks_llm": one.asks_llm,
        "interval_seconds": one.interval_seconds,
        "look_back_hours": one.look_back_hours,
        "label_prefix": one.label_prefix,
        "next_run_at": one.next_run_at.isoformat(),
        "last_run_at": last.end_time.isoformat() if last else None,
        "error_code": last.error_code if last else None,
        "error_message": last.error_message if last else None,
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("id", "account", "state", "last run", "what to do"):
        table.add_column(title, overflow="fold")
    for row in rows:
        last = (row["last_run_at"] or "")[:16].replace("T", " ")
        table.add_row(
            str(row["id"]),
            row["email_address"],
            row["state"],
            last,
            row["error_message"] or "",
        )
    Console(markup=False, highlight=False).print(table)
