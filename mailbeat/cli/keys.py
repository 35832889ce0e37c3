"""`mailbeat key ...` and `mailbeat secrets ...`."""

import json
from datetime import datetime, timedelta
from typing import Any

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation


@click.group()
def key() -> None:
    """Issue, list and revoke API keys."""


@key.command("issue")
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["read", "control", "admin"]),
    default="read",
    show_default=True,
)
@click.option("--days", type=click.IntRange(1, 3650), help="Valid for so many days.")
@pass_installation
def issue(installation: Installation, name: str, scope: str, days: int | None) -> None:
    """Make a key and print it, once; only a hash of it is kept."""
    from mailbeat.db.api_keys import Scope, issue_key
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    with (
        installation.sessions(secrets=False) as sessions,
        transaction(sessions) as session,
    ):
        now = database_now(session)
        expires = now + timedelta(days=days) if days else None
        row, text = issue_key(
            session, name=name[:100], scope=Scope(scope), now=now, expires_at=expires
        )
        record(
            session,
            actor="cli",
            action="key.issue",
            target=f"key {row.key_id}",
            now=now,
        )
    click.echo(text)


@key.command("list")
@click.option("--json", "as_json", is_flag=True)
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show all keys, without their secrets."""
    from mailbeat.db.api_keys import list_keys

    def text(moment: datetime | None) -> str | None:
        return moment.isoformat(timespec="seconds") if moment else None

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        rows: list[dict[str, Any]] = [
            {
                "key_id": row.key_id,
                "name": row.name,
                "scope": row.scope,
                "created_at": text(row.created_at),
                "expires_at": text(row.expires_at),
                "last_used_at": text(row.last_used_at),
                "revoked_at": text(row.revoked_at),
            }
            for row in list_keys(session)
        ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = "revoked" if row["revoked_at"] else "valid"
        used = row["last_used_at"] or "never"
        click.echo(
            f"{row['key_id']}  {row['scope']:8} {state:8} used {used}  {row['name']}"
        )


@key.command("revoke")
@click.argument("key_id")
@pass_installation
def revoke(installation: Installation, key_id: str) -> None:
    """End a key at once, with the sessions and sockets opened by it."""
    from mailbeat.db.api_keys import KeyNotFound, revoke_key
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    with installation.sessions(secrets=False) as sessions:
        try:
            with transaction(sessions) as session:
                now = database_now(session)
                revoke_key(session, key_id, now=now)
                record(
                    session,
                    actor="cli",
                    action="key.revoke",
                    target=f"key {key_id}",
                    now=now,
                )
        except KeyNotFound as error:
            raise Failed(str(error)) from None
    click.echo(f"Key {key_id} is revoked.")


@click.group()
def secrets() -> None:
    """The keys that encrypt stored passwords."""


@secrets.command("new")
def new() -> None:
    """Print a new key for MAILBEAT_SECRET_KEYS."""
    from cryptography.fernet import Fernet

    click.echo(Fernet.generate_key().decode())


@secrets.command("rotate")
@pass_installation
def rotate(installation: Installation) -> None:
    """Encrypt everything anew with the first of MAILBEAT_SECRET_KEYS."""
    from mailbeat.db.secrets import reencrypt
    from mailbeat.db.session import transaction
    from mailbeat.db.types import SecretUnreadable

    with installation.sessions() as sessions:
        try:
            with transaction(sessions) as session:
                count = reencrypt(session)
        except SecretUnreadable as error:
            raise Failed(str(error)) from None
    click.echo(f"{count} secrets are encrypted with the first key. Others can go now.")
