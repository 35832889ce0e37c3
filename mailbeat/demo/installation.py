"""A whole Mailbeat on one machine: `mailbeat demo` and `mailbeat up`."""

import os
import shlex
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from mailbeat.db.clock import database_now
from mailbeat.db.schema import ROOT, migrate
from mailbeat.db.session import Sessions, create_engine, create_sessions, transaction
from mailbeat.db.sign_in import issue_ticket
from mailbeat.demo import keys
from mailbeat.demo.lock import DirectoryBusy, only_one
from mailbeat.demo.logins import read_logins
from mailbeat.demo.mailboxes import prepare_mailboxes, store_accounts
from mailbeat.demo.ports import (
    LOOPBACK,
    PortTaken,
    accepts,
    choose_port,
    require_free,
)
from mailbeat.demo.private_files import private_directory
from mailbeat.demo.processes import Process, Runner, procfile
from mailbeat.demo.redis import RedisServer
from mailbeat.settings import Settings, SettingsError, load_settings

DEMO_HOURS = 24 * 30  # the sample mail is of the last days
READY_WITHIN = 60.0  # seconds; then we say that something is wrong, and go on waiting
LINK_TTL = timedelta(hours=1)
EVERYWHERE = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 # to compare with


@dataclass(frozen=True, slots=True)
class Plan:
    """What is started, and what the user is told about it."""

    directory: Path
    env: Mapping[str, str]
    database_url: str
    secret_keys: list[str]
    host: str
    port: int
    processes: list[Process]
    key_line: str
    before_ready: Callable[[Sessions], None] | None = None


def run_demo(
    directory: Path,
    *,
    port: int | None = None,
    host: str | None = None,
    interval: int,
    accounts: int,
) -> int:
    """Run sample mailboxes until Ctrl-C; return the exit code.

    Without `port` and `host` those of the environment are taken.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        return _refuse(error)
    port, host = port or settings.port, host or settings.host

    def plan(home: Path) -> Plan:
        return _plan_demo(
            home,
            given=settings.mailbeat_api_key,
            host=host,
            port=port,
            interval=interval,
            accounts=accounts,
        )

    return _run(directory, plan, host=host, port=port)


def run_up(directory: Path, settings: Settings, env: Mapping[str, str]) -> int:
    """Run the user's own accounts until Ctrl-C; return the exit code.

    `env` is the environment that `settings` were read from; the children get it.
    """

    def plan(home: Path) -> Plan:
        return _plan_up(home, settings, env)

    return _run(directory, plan, host=settings.host, port=settings.port)


def _run(directory: Path, plan: Callable[[Path], Plan], *, host: str, port: int) -> int:
    try:
        home = private_directory(directory).resolve()
        with only_one(home):
            require_free(port, host)
            return _serve(plan(home))
    except (DirectoryBusy, PortTaken, SettingsError, OSError) as error:
        return _refuse(error)


def _refuse(error: Exception) -> int:
    sys.stderr.write(f"{error}\n")
    return 1


def _plan_demo(
    home: Path,
    *,
    given: SecretStr | None,
    host: str,
    port: int,
    interval: int,
    accounts: int,
) -> Plan:
    key = given.get_secret_value() if given else keys.api_key(home).value
    secret = keys.secret_keys(home).value
    database_url = f"sqlite:///{home / 'mailbeat.db'}"
    redis = RedisServer(home)
    redis.prepare()
    now = datetime.now(UTC)
    logins = prepare_mailboxes(home, accounts, port=_imap_port(home), now=now)
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis.url,
        "BROKER_URL": "",
        "BACKGROUND_SCAN_INTERVAL": str(interval),
        "BACKGROUND_PROCESS_HOURS": str(DEMO_HOURS),
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        "MAILBEAT_SECRET_KEYS": secret,
        "MAILBEAT_API_KEY": key,
    }
    mail_server = [sys.executable, "-m", "mailbeat.demo.imap", "--dir", str(home)]
    mail_server += ["--port", str(logins[0].port)]

    def add_accounts(sessions: Sessions) -> None:
        _wait(lambda: accepts(logins[0].port))
        store_accounts(sessions, accounts, logins, now=datetime.now(UTC))

    return Plan(
        directory=home,
        env=_for_children(env, host=host, port=port),
        database_url=database_url,
        secret_keys=[secret],
        host=host,
        port=port,
        processes=[
            Process("redis", f"exec {shlex.join(redis.command)}", serves=True),
            Process("imap", f"exec {shlex.join(mail_server)}", serves=True),
            *_ours(),
        ],
        key_line=_key_line(home, given=given is not None),
        before_ready=add_accounts,
    )


def _plan_up(home: Path, settings: Settings, env: Mapping[str, str]) -> Plan:
    given = settings.mailbeat_api_key
    made = None if given else keys.api_key(home)
    key = given.get_secret_value() if given else keys.api_key(home).value
    secrets = [k.get_secret_value() for k in settings.mailbeat_secret_keys]
    secrets = secrets or [keys.secret_keys(home).value]
    database_url = settings.database_url
    if "database_url" not in settings.model_fields_set:
        database_url = f"sqlite:///{home / 'mailbeat.db'}"
    processes = _ours()
    redis_url = settings.redis_url or ""
    if not redis_url and settings.broker_url is None:
        redis = RedisServer(home)
        redis.prepare()
        redis_url = redis.url
        processes.insert(
            0, Process("redis", f"exec {shlex.join(redis.command)}", serves=True)
        )
    key_line = _key_line(home, given=given is not None)
    if made is not None and made.is_new:
        key_line = f"Your API key, shown this once (kept in {home}/api.key): {key}"
    own = {
        **env,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MAILBEAT_SECRET_KEYS": ",".join(secrets),
        "MAILBEAT_API_KEY": key,
    }
    return Plan(
        directory=home,
        env=_for_children(own, host=settings.host, port=settings.port),
        database_url=database_url,
        secret_keys=secrets,
        host=settings.host,
        port=settings.port,
        processes=processes,
        key_line=key_line,
    )


def _imap_port(home: Path) -> int:
    known = read_logins(home)
    return choose_port(known[0].port if known else None)


def _key_line(home: Path, *, given: bool) -> str:
    where = "of MAILBEAT_API_KEY" if given else f"in {home}/api.key"
    return f"At any time with the key {where}."


def _ours() -> list[Process]:
    commands = procfile(ROOT)
    return [Process(name, commands[name]) for name in ("web", "worker", "beat")]


def _for_children(env: Mapping[str, str], *, host: str, port: int) -> dict[str, str]:
    """The environment with our programs first on the PATH."""
    programs = str(Path(sys.executable).parent)
    path = os.pathsep.join([programs, env.get("PATH", os.defpath)])
    return {**env, "HOST": host, "PORT": str(port), "PATH": path}


def _serve(plan: Plan) -> int:
    migrate(plan.database_url)
    engine = create_engine(plan.database_url, secret_keys=plan.secret_keys)
    runner = Runner(plan.directory, plan.processes, root=ROOT, env=plan.env, say=_say)
    sessions = create_sessions(engine)
    herald = threading.Thread(target=_announce, args=(plan, sessions), daemon=True)
    try:
        return runner.run(herald.start)
    finally:
        engine.dispose()
        _say("Mailbeat has stopped.")


def _announce(plan: Plan, sessions: Sessions) -> None:
    """Say where it runs as soon as it does."""
    if plan.before_ready is not None:
        plan.before_ready(sessions)
    address = _address(plan.host, plan.port)
    if not _wait(lambda: _is_ready(address)):
        _say(f"The web does not answer yet. See {plan.directory}/logs/web.log")
        while not _is_ready(address):
            time.sleep(1)
    with transaction(sessions) as session:
        token = issue_ticket(
            session,
            purpose="sign_in",
            key_id="bootstrap",
            scope="admin",
            now=database_now(session),
            ttl=LINK_TTL,
        )
    _say(
        f"\nMailbeat runs at {address}\n"
        f"Sign in with this link, good once and for an hour:\n"
        f"  {address}/login?once={token}\n"
        f"{plan.key_line}\n"
        f"Logs are in {plan.directory}/logs. Ctrl-C ends everything.\n"
    )


def _address(host: str, port: int) -> str:
    host = EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_ready(address: str) -> bool:
    with suppress(OSError):
        url = f"{address}/readyz"
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 # http
            return bool(answer.status == 200)  # noqa: PLR2004
    return False


def _wait(is_done: Callable[[], bool]) -> bool:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        if is_done():
            return True
        time.sleep(0.05)
    return False


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
