"""`mailbeat doctor`: try every part, and say what to do about each that fails."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation

BEAT_SILENT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    ok: bool
    text: str


@click.command()
@click.option("--mail", is_flag=True, help="Sign in to every account too.")
@pass_installation
def doctor(installation: Installation, *, mail: bool) -> None:
    """Try every part; exit code 1 when one of them fails."""
    findings = list(_examine(installation, mail=mail))
    for finding in findings:
        click.echo(
            f"{'ok  ' if finding.ok else 'FAIL'}  {finding.part}: {finding.text}"
        )
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _examine(installation: Installation, *, mail: bool) -> Iterator[Finding]:
    try:
        settings = installation.settings
    except Failed as error:
        yield Finding("settings", ok=False, text=str(error))
        return
    yield Finding("settings", ok=True, text="understood")
    yield _tried("secret keys", _secret_keys, settings)
    yield _tried("redis", _redis, installation)
    database = _tried("database", _database, settings)
    yield database
    if not database.ok:
        return
    yield _tried("beat", _beat, installation)
    yield from _accounts(installation, mail=mail)


def _tried(part: str, examine: Callable[[Any], str], subject: Any) -> Finding:
    try:
        return Finding(part, ok=True, text=examine(subject))
    except Failed as error:
        return Finding(part, ok=False, text=str(error))
    except Exception as error:  # noqa: BLE001 # the doctor goes on with the next part
        text = f"failed ({type(error).__name__}). Look at the logs."
        return Finding(part, ok=False, text=text)


def _secret_keys(settings: Any) -> str:
    from mailbeat.settings import SettingsError

    try:
        return f"{len(settings.secret_keys)} configured"
    except SettingsError as error:
        raise Failed(str(error)) from None


def _redis(installation: Installation) -> str:
    import redis

    url = installation.settings.redis_url
    if url is None:
        file = installation.directory / "redis.url"
        if not file.exists():
            return "none configured; `mailbeat up` starts one"
        url = file.read_text().strip()
    try:
        with redis.Redis.from_url(
            url, socket_timeout=3, socket_connect_timeout=3
        ) as client:
            client.ping()
            version = client.info("server")["redis_version"]
    except redis.RedisError as error:
        raise Failed(
            f"does not answer ({type(error).__name__}). Start it, or correct REDIS_URL."
        ) from None
    return f"version {version} answers"


def _database(settings: Any) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    from mailbeat.db import schema
    from mailbeat.db.session import create_engine

    engine = create_engine(settings.database_url)
    try:
        revision = schema.revision_of(engine)
    except SQLAlchemyError as error:
        raise Failed(
            f"cannot be reached ({type(error).__name__}). Start it, or correct "
            "DATABASE_URL."
        ) from None
    finally:
        engine.dispose()
    if revision != schema.newest_revision():
        raise Failed(f"has schema {revision}. Run `mailbeat migrate`.")
    return f"{engine.dialect.name}, schema {revision}"


def _beat(installation: Installation) -> str:
    from mailbeat.db.clock import database_now
    from mailbeat.db.models import Installation as Row

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        row = session.get(Row, 1)
        now = database_now(session)
    ticked = row.beat_ticked_at if row else None
    if ticked is None:
        return "never ran yet; `mailbeat up` starts it"
    silent = now - ticked
    if silent > BEAT_SILENT:
        raise Failed(
            f"is silent since {ticked:%Y-%m-%d %H:%M:%S} UTC, so nothing is scheduled. "
            "Start it: `mailbeat up`, or the Procfile's beat."
        )
    return "ticks"


def _accounts(installation: Installation, *, mail: bool) -> Iterator[Finding]:
    from mailbeat.cli.accounts import sign_in
    from mailbeat.db import accounts, runs

    with installation.sessions() as sessions, sessions() as session:
        known = accounts.list_accounts(session)
        last = runs.last_runs(session)
    if not known:
        text = "none yet. `mailbeat account add you@example.org`"
        yield Finding("accounts", ok=True, text=text)
    for one in known:
        part = f"account {one.id} ({one.email_address})"
        run = last.get(one.id)
        if mail:
            yield _tried(part, lambda account: sign_in(installation, account), one)
        elif one.paused_at is not None and one.pause_reason != "user":
            text = (run.error_message if run else None) or "needs you"
            yield Finding(part, ok=False, text=text)
        elif run is not None and run.error_message:
            yield Finding(part, ok=False, text=run.error_message)
        else:
            yield Finding(part, ok=True, text="paused" if one.paused_at else "well")
