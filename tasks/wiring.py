"""What a worker or beat is made of, built once per process from the settings."""

import atexit
import threading
from dataclasses import dataclass
from functools import cache

from mailbeat.alerts.watch import Watching, watching_of
from mailbeat.db.llm import asking_of
from mailbeat.db.retention import Retention
from mailbeat.db.session import Sessions, create_engine, create_sessions
from mailbeat.lease import LeaseKeeper
from mailbeat.logs import configure_logging, register_secret
from mailbeat.mail.oauth import clients_of
from mailbeat.run import RunOptions
from mailbeat.settings import Settings, load_settings
from tasks.celery import app
from tasks.deadman import DeadMan
from tasks.reporter import Reporter

_building = threading.Lock()


@dataclass(frozen=True, slots=True)
class Parts:
    sessions: Sessions
    own_sessions: Sessions  # of the leases and the pulse: they wait for no run
    options: RunOptions
    leases: LeaseKeeper
    reporter: Reporter
    deadman: DeadMan | None
    retention: Retention
    watching: Watching


def parts() -> Parts:
    """The parts of this process. Safe to call from many threads at once.

    Raises:
        SettingsError: the environment is wrong.
    """
    with _building:
        return _build()


@cache
def _build() -> Parts:
    settings = load_settings()
    keys = settings.secret_keys
    sessions = create_sessions(create_engine(settings.database_url, secret_keys=keys))
    # The leases are renewed though all other connections are waited for.
    own = create_sessions(create_engine(settings.database_url, connections=3))
    built = Parts(
        sessions=sessions,
        own_sessions=own,
        options=run_options(settings),
        leases=LeaseKeeper(own),
        reporter=Reporter(app),
        deadman=_deadman(settings),
        retention=Retention(
            run_days=settings.run_days,
            message_days=settings.message_days,
            subject_days=settings.subject_days,
            task_days=settings.task_days,
            task_failure_days=settings.task_failure_days,
            statistics_days=settings.statistics_days,
        ),
        watching=watching_of(settings),
    )
    atexit.register(built.reporter.close)
    return built


def _deadman(settings: Settings) -> DeadMan | None:
    url = settings.deadman_url
    return None if url is None else DeadMan(url.get_secret_value())


def run_options(settings: Settings) -> RunOptions:
    return RunOptions(
        scan_interval=settings.background_scan_interval,
        process_hours=settings.background_process_hours,
        deadline=settings.run_deadline,
        allowed_networks=settings.imap_allowed_networks,
        subject_days=settings.subject_days,
        oauth_clients=clients_of(
            settings.oauth_credentials, networks=settings.imap_allowed_networks
        ),
        llm=asking_of(
            settings.llm,
            networks=settings.imap_allowed_networks,
            daily_messages=settings.llm_daily_messages,
            prices=settings.llm_prices,
            secret_keys=[
                one.get_secret_value() for one in settings.mailbeat_secret_keys
            ],
        ),
    )


def set_up_logging() -> None:
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    for key in settings.mailbeat_secret_keys:
        register_secret(key.get_secret_value())
    for _, secret in settings.oauth_credentials.values():
        register_secret(secret)
    if settings.llm is not None:
        register_secret(settings.llm[2])
    if settings.deadman_url is not None:
        register_secret(settings.deadman_url.get_secret_value())
    for secret in settings.secrets_of_ways_out:
        register_secret(secret)
