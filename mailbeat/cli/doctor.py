"""`mailbeat doctor`: try every part, and say what to do about each that fails."""

import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation


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
    if settings.broker_url is not None:
        yield _tried("broker", _broker, settings.broker_url)
    yield _tried("redis", _redis, installation)
    if settings.llm_base_url is not None or settings.llm_model is not None:
        yield _tried("model", _model, installation)
    database = _tried("database", _database, settings)
    yield database
    if not database.ok:
        return
    yield from _parts(installation)
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


def _broker(url: str) -> str:
    speaks_amqp = urlsplit(url).scheme in {"amqp", "amqps"}
    return _ask_rabbitmq(url) if speaks_amqp else _ask_redis(url, "BROKER_URL")


def _redis(installation: Installation) -> str:
    settings = installation.settings
    if settings.redis_url is not None:
        return _ask_redis(settings.redis_url, "REDIS_URL")
    if settings.broker_url is not None:
        return "none configured, and none needed beside BROKER_URL"
    file = installation.directory / "redis.url"
    if not file.exists():
        return "none configured; `mailbeat up` starts one"
    return _ask_redis(file.read_text().strip(), "REDIS_URL")


def _ask_redis(url: str, variable: str) -> str:
    import redis

    try:
        with redis.Redis.from_url(
            url, socket_timeout=3, socket_connect_timeout=3
        ) as client:
            client.ping()
            version = client.info("server")["redis_version"]
    except redis.RedisError as error:
        raise Failed(_no_answer(error, variable)) from None
    return f"version {version} answers"


def _ask_rabbitmq(url: str) -> str:
    import amqp

    parts = urlsplit(url)
    encrypted = parts.scheme == "amqps"
    verified = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
    try:
        with amqp.Connection(
            f"{parts.hostname}:{parts.port or (5671 if encrypted else 5672)}",
            userid=unquote(parts.username or "guest"),
            password=unquote(parts.password or "guest"),
            virtual_host=unquote(parts.path[1:]) or "/",
            ssl=verified if encrypted else False,
            connect_timeout=3,
            read_timeout=3,
        ) as connection:
            properties = connection.server_properties  # type: ignore[attr-defined] # the stubs lack it
    except amqp.AccessRefused:
        raise Failed("refuses the user or the password of BROKER_URL.") from None
    except (OSError, amqp.AMQPError) as error:
        raise Failed(_no_answer(error, "BROKER_URL")) from None
    return f"RabbitMQ version {properties['version']} answers"


def _no_answer(error: Exception, variable: str) -> str:
    return f"does not answer ({type(error).__name__}). Start it, or correct {variable}."


def _model(installation: Installation) -> str:
    """Ask about a message of ours; what a model gets to see of mail is not in it."""
    from mailbeat.labeling.llm.endpoint import NoAnswer
    from mailbeat.labeling.llm.trial import try_model

    asking = installation.llm
    if asking is None:
        known = installation.settings.llm_base_url is not None
        missing = "LLM_MODEL" if known else "LLM_BASE_URL"
        raise Failed(f"is not asked: {missing} is not set.")
    model = asking.endpoint.model
    try:
        seconds = try_model(asking.endpoint)
    except NoAnswer as error:
        raise Failed(f"{model.shown} at {model.host} {error}.") from None
    return f"{model.shown} at {model.host} answers in {seconds:.1f} s"


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


def _parts(installation: Installation) -> Iterator[Finding]:
    """What the rows and the disk tell, as `/api/health` says it."""
    from mailbeat.alerts.watch import watching_of
    from mailbeat.db.clock import database_now
    from mailbeat.health import Condition, look_at_disk, read_health, read_ways_out

    watching = watching_of(installation.settings)
    has_post = watching.post is not None
    with installation.sessions(secrets=False) as sessions, sessions() as session:
        found = list(read_health(session, now=database_now(session)))
        ways = read_ways_out(session, watching.channels, has_post=has_post)
        found += [one for one in ways if one.condition is not Condition.OFF]
    found.append(look_at_disk(installation.settings.database_url))
    for one in found:
        text = one.text if not one.is_bad else f"{one.text}. {one.advice}"
        yield Finding(one.name, ok=not one.is_bad, text=text)


def _accounts(installation: Installation, *, mail: bool) -> Iterator[Finding]:
    from mailbeat.cli.accounts import sign_in
    from mailbeat.db import accounts, runs

    with installation.sessions() as sessions:
        with sessions() as session:
            known = accounts.list_accounts(session)
            last = runs.last_runs(session)
        if not known:
            text = "none yet. `mailbeat account add you@example.org`"
            yield Finding("accounts", ok=True, text=text)
        for one in known:
            part = f"account {one.id} ({one.email_address})"
            run = last.get(one.id)
            if mail:
                yield _tried(part, partial(sign_in, installation, sessions), one)
            elif one.pause_reason == "set-up":
                text = f"set-up not finished: go on at /accounts/{one.id}/set-up"
                yield Finding(part, ok=False, text=text)
            elif one.paused_at is not None and one.pause_reason != "user":
                text = (run.error_message if run else None) or "needs you"
                yield Finding(part, ok=False, text=text)
            elif run is not None and run.error_message:
                yield Finding(part, ok=False, text=run.error_message)
            else:
                yield Finding(part, ok=True, text="paused" if one.paused_at else "well")
