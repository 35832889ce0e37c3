"""The watch of one process: its sign of life, and, where it has the lead, the looks.

Whoever is alive when something is dead has to notice it, so every process has a watch.
They need nothing but the database; when that fails, see `_tell_without_database`.
"""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mailbeat.alerts.courier import Courier
from mailbeat.alerts.look import Look, Rulings
from mailbeat.alerts.once import Once
from mailbeat.alerts.rules import SILENT
from mailbeat.alerts.words import database_note
from mailbeat.db import alerts, outbox, watchers
from mailbeat.db.clock import database_now
from mailbeat.db.session import Sessions, transaction
from mailbeat.digest.post import send_due
from mailbeat.language import tongue_of
from mailbeat.logs import register_secret
from mailbeat.notify.channel import Channel, Note, Undelivered
from mailbeat.notify.channels import alert_channels, post_office
from mailbeat.settings import Settings

LOOK_EVERY = 5.0  # seconds
DIGESTS_EVERY = 20.0  # seconds
COURIER_EVERY = 1.0  # seconds, of who has the lead
DATABASE_FAILS = 20.0  # seconds, from which on it is told
CLAIM = 3600  # seconds that nobody else tells that the database fails
TRIES, PAUSE = 3, 5.0  # without a database: seconds between two
# Beat and workers have other things to do, so a web has the lead where there is one.
PATIENCE = {
    "web": timedelta(),
    "worker": timedelta(seconds=3),
    "beat": timedelta(seconds=6),
}
DATABASE = "database_failing"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watching:
    """What a watch works with. `disk` is where data are kept, if that is here."""

    rulings: Rulings = field(default_factory=Rulings)
    channels: Sequence[Channel] = ()
    post: Channel | None = None
    secret_keys: Sequence[str] = field(default=(), repr=False)
    redis_url: str | None = None
    disk: Path | None = None


def watching_of(settings: Settings) -> Watching:
    """What a watch works with in an installation of these settings.

    Whatever is secret in an address is in no log from then on.
    """
    for secret in settings.secrets_of_ways_out:
        register_secret(secret)
    url = make_url(settings.database_url)
    path = url.database if url.get_backend_name() == "sqlite" else None
    return Watching(
        rulings=Rulings(
            default_interval=timedelta(seconds=settings.background_scan_interval),
            failing_runs=settings.alert_failed_runs,
            public_url=settings.public_url,
            language=settings.language,
        ),
        channels=channels_of(settings),
        post=post_office(settings.smtp_url, settings.mail_from),
        secret_keys=[one.get_secret_value() for one in settings.mailbeat_secret_keys],
        redis_url=settings.redis_url,
        disk=Path(path).resolve().parent if path else None,
    )


def channels_of(settings: Settings) -> list[Channel]:
    secret = settings.alert_webhook_secret
    return alert_channels(
        smtp_url=settings.smtp_url,
        sender=settings.mail_from,
        to=settings.alert_to,
        webhook_url=settings.alert_webhook_url,
        webhook_secret=secret.get_secret_value() if secret else "",
        notify_urls=settings.notify_urls,
    )


@dataclass(slots=True)
class _Told:
    """That the database fails, as long as nothing can be written down."""

    note: Note
    at: datetime
    results: list[tuple[Channel, str | None]] = field(default_factory=list)


class Watch:
    """`deaf_since` tells since when a web hears no events."""

    def __init__(
        self,
        sessions: Sessions,
        kind: str,
        watching: Watching,
        *,
        deaf_since: Callable[[], datetime | None] = lambda: None,
        look_every: float = LOOK_EVERY,
        database_fails: float = DATABASE_FAILS,
    ) -> None:
        self.id = str(uuid4())
        self._sessions = sessions
        self._kind = kind
        self.watching = watching
        self._deaf_since = deaf_since
        self._look_every = look_every
        self._database_fails = database_fails
        self._look = Look(watching.rulings, watching.channels)
        self._courier = Courier(sessions, watching.channels, watching.post)
        self._once = Once(watching.redis_url, alone=kind == "web")
        self._host = socket.gethostname()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._failing_since: tuple[float, datetime] | None = None
        self._claimed = False
        self._told: _Told | None = None
        self._began_at: datetime | None = None
        self._turned_at: datetime | None = None
        self.has_lead = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end. Another process takes the lead by itself."""
        self._stopping.set()

    def _run(self) -> None:
        looked_at = wrote_at = float("-inf")
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                if began - looked_at >= self._look_every:
                    looked_at = began
                    self.turn()
                if self.has_lead and self._failing_since is None:
                    self._courier.turn()
                    if began - wrote_at >= DIGESTS_EVERY:
                        wrote_at = began
                        self.write_digests()
            except SQLAlchemyError as error:
                self._turned_at = None  # the others could not show life either
                self.note_failing(error, began=began)
            except Exception:  # the watch must outlive whatever it watches
                log.exception("watch failed")
            self._stopping.wait(COURIER_EVERY)

    def turn(self, *, now: datetime | None = None) -> None:
        """Show life, and look if this process has the lead.

        Raises:
            SQLAlchemyError: the database fails.
        """
        with transaction(self._sessions) as session:
            now = now or database_now(session)
            watchers.show_life(session, self._sign(), now=now)
            self.has_lead = watchers.take_lead(
                session, self.id, now=now, patience=PATIENCE[self._kind]
            )
            self._write_down_told(session, now)
            alive_since = self._alive_since(now)
            if self.has_lead:
                self._look.take(session, now=now, alive_since=alive_since)
            else:
                self._look.forget()
        self._be_well()

    def write_digests(self, *, now: datetime | None = None) -> int:
        """Put the digests that are due into the outbox, if mail can go out."""
        if self.watching.post is None:
            return 0
        return send_due(
            self._sessions,
            public_url=self.watching.rulings.public_url,
            secret_keys=self.watching.secret_keys,
            now=now,
        )

    def _alive_since(self, now: datetime) -> datetime:
        """Since when this process has shown life without a gap."""
        if self._turned_at is None or now - self._turned_at > SILENT:
            self._began_at = now
        self._turned_at = now
        return self._began_at or now

    def _sign(self) -> watchers.Sign:
        free = size = None
        if self.watching.disk is not None:
            try:
                usage = shutil.disk_usage(self.watching.disk)
                free, size = usage.free, usage.total
            except OSError as error:
                log.warning("disk not looked at", error=type(error).__name__)
        return watchers.Sign(
            self.id, self._kind, self._host, self._deaf_since(), free, size
        )

    # Without a database

    def note_failing(self, error: Exception, *, began: float) -> None:
        """The database failed; once it did for long enough, that is told."""
        if self._failing_since is None:
            ago = timedelta(seconds=time.monotonic() - began)
            self._failing_since = (began, datetime.now(UTC) - ago)
            log.warning("watch cannot write", error=type(error).__name__)
        failing_for = time.monotonic() - self._failing_since[0]
        if failing_for < self._database_fails or self._claimed:
            return
        if self._once.claim("database", self.id, seconds=CLAIM):
            self._tell_without_database(type(error).__name__, self._failing_since[1])
        self._claimed = True

    def _tell_without_database(self, error: str, since: datetime) -> None:
        """Tell on every way at once. What came of it is written down later."""
        detail = (
            f"It could not be written since {since:%Y-%m-%d %H:%M:%S} UTC ({error}), "
            f"as seen from the {self._kind} on {self._host}."
        )
        rulings = self.watching.rulings
        note = database_note(
            detail,
            since=since,
            public_url=rulings.public_url,
            tongue=tongue_of(rulings.language),
        )
        told = self._told = _Told(note, datetime.now(UTC))
        log.error("the database fails", since=since.isoformat())
        for channel in self.watching.channels:
            threading.Thread(
                target=self._send_directly, args=(channel, told), daemon=True
            ).start()

    def _send_directly(self, channel: Channel, told: _Told) -> None:
        error: str | None = None
        for number in range(TRIES):
            if number and self._stopping.wait(PAUSE):
                return
            try:
                channel.send(told.note)
                error = None
                break
            except Undelivered as undelivered:
                error = str(undelivered)
                log.warning("message not sent", channel=channel.key, error=error)
            except Exception as other:  # a thread has nobody above it
                error = f"A fault in Mailbeat ({type(other).__name__})."
                log.exception("a way out broke", channel=channel.key)
        told.results.append((channel, error))

    def _write_down_told(self, session: Session, now: datetime) -> None:
        """The database is back: what was told meanwhile is an alert like others."""
        told = self._told
        if told is None or self._failing_since is None:
            return
        detail = str(told.note.data["alerts"][0]["detail"])
        alerts.open_told(
            session,
            alerts.Found(DATABASE, "", detail),
            since=min(self._failing_since[1], now),
            told_at=now,
        )
        for channel, error in told.results:
            outbox.note_told(
                session,
                channel,
                message_id=told.note.id,
                title=told.note.title,
                error=error,
                now=now,
            )

    def _be_well(self) -> None:
        if self._failing_since is None:
            return
        log.info("watch can write again")
        self._failing_since = None
        if self._told is not None:
            self._once.give_back("database", self.id)
        self._told, self._claimed = None, False
