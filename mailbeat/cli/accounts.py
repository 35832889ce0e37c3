"""`mailbeat account ...`."""

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from mailbeat.db.models import Account
    from mailbeat.mail.mailbox import Login

VERIFY_SECONDS = 30.0
MOVES = "Where labels are folders (Outlook): move mail there. Else it is copied."
ADDRESS = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,255}")


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
@click.option("--move/--no-move", "moves_mail", default=False, help=MOVES)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
@click.option("--no-verify", is_flag=True, help="Store without signing in first.")
@pass_installation
def add(installation: Installation, /, **options: Any) -> None:
    """Store an account; it runs at once and then every interval."""
    from mailbeat.db import accounts
    from mailbeat.db.session import transaction
    from mailbeat.mail.mailbox import DEFAULT_PORTS, Login, Security
    from mailbeat.mail.providers import guess_server

    address = options["email_address"].strip()
    if not ADDRESS.fullmatch(address):
        raise click.BadParameter(
            f"{address[:100]!r} is not an address like ada@example.org."
        )
    guess = guess_server(address)
    security = Security(options["security"] or guess.security)
    guessed_port = guess.port if not options["host"] else DEFAULT_PORTS[security]
    if options["security"]:
        guessed_port = DEFAULT_PORTS[security]
    password = _read_password(address, from_stdin=options["password_stdin"])
    login = Login(
        host=_one_line(options["host"] or guess.host),
        port=options["port"] or guessed_port,
        security=security,
        username=_one_line(options["username"] or address),
        password=password,
        allowed_networks=installation.settings.imap_allowed_networks,
    )
    if not options["no_verify"]:
        _verify(login, _one_line(options["mailbox"]))
    new = accounts.NewAccount(
        email_address=address,
        host=login.host,
        port=login.port,
        security=login.security,
        username=login.username,
        password=password,
        mailbox=options["mailbox"],
        interval_seconds=options["interval"],
        moves_mail=options["moves_mail"],
    )
    with installation.sessions() as sessions:
        try:
            with transaction(sessions) as session:
                added = accounts.add_account(session, new, now=_now(session))
                _audit(session, "account.add", f"account {added.id}")
        except accounts.AccountExists as error:
            raise Failed(str(error)) from None
    click.echo(f"{address} is account {added.id}, on {login.host}:{login.port}.")


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
    from mailbeat.db import runs

    with installation.sessions() as sessions, sessions() as session:
        one = find(session, ref)
        facts = _facts(one, runs.last_runs(session).get(one.id))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name:16} {'' if value is None else value}")


@account.command("change")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--mailbox", help="Read this one from now on.")
@click.option("--interval", type=click.IntRange(2, 86_400), help="Seconds.")
@click.option("--move/--no-move", "moves_mail", default=None, help=MOVES)
@pass_installation
def change(
    installation: Installation,
    ref: str,
    *,
    mailbox: str | None,
    interval: int | None,
    moves_mail: bool | None,
) -> None:
    """Change what is named; the rest stays. A new mailbox is tried at once."""
    from mailbeat.db import accounts
    from mailbeat.db.session import transaction

    wanted = {
        "mailbox": mailbox and _one_line(mailbox),
        "interval_seconds": interval,
        "moves_mail": moves_mail,
    }
    changes = {name: value for name, value in wanted.items() if value is not None}
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

    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        password = _read_password(one.email_address, from_stdin=password_stdin)
        if not no_verify:
            login = replace(_login(installation, one), password=password)
            _verify(login, one.mailbox)
        with transaction(sessions) as session:
            accounts.set_password(session, one.id, password, now=_now(session))
            _audit(session, "account.set-password", f"account {one.id}")
    click.echo(f"The new password of {one.email_address} is stored.")


@account.command("verify")
@click.argument("ref", metavar="ACCOUNT")
@pass_installation
def verify(installation: Installation, ref: str) -> None:
    """Sign in with what is stored, and change nothing."""
    with installation.sessions() as sessions, sessions() as session:
        one = find(session, ref)
        said = sign_in(installation, one)
    click.echo(said)


@account.command("remove")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_installation
def remove(installation: Installation, ref: str, *, yes: bool) -> None:
    """Forget an account with its password and decisions; labels stay on the mail."""
    from mailbeat.db import accounts
    from mailbeat.db.session import transaction

    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        if not yes:
            click.confirm(f"Forget {one.email_address} and its password?", abort=True)
        with transaction(sessions) as session:
            accounts.remove_account(session, one.id, now=_now(session))
            _audit(session, "account.remove", f"account {one.id}", one.email_address)
    click.echo(f"{one.email_address} is removed. Its runs stay in the history.")


def sign_in(installation: Installation, one: "Account") -> str:
    """Sign in to an account's mailbox once, and say that it worked.

    Raises:
        Failed: the server refused, with what to do.
    """
    _verify(_login(installation, one), one.mailbox)
    return f"{one.host} accepts {one.email_address}."


def _login(installation: Installation, one: "Account") -> "Login":
    from mailbeat.mail.mailbox import Login, Security

    return Login(
        host=one.host,
        port=one.port,
        security=Security(one.security),
        username=one.username,
        password=one.password or "",
        allowed_networks=installation.settings.imap_allowed_networks,
    )


def _facts(one: "Account", last: Any) -> dict[str, Any]:
    """What an account is, without its password."""
    if one.paused_at is not None:
        state = "paused" if one.pause_reason == "user" else "needs you"
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
        "mailbox": one.mailbox,
        "moves_mail": one.moves_mail,
        "interval_seconds": one.interval_seconds,
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
