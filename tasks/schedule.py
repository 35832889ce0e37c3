"""Beat's scheduler. Its truth is the accounts' table: there is no second schedule."""

from collections import Counter
from datetime import datetime
from typing import Any

import structlog
from celery.beat import Scheduler
from sqlalchemy.orm import Session

from mailbeat.db import accounts, processes, queues, takeover
from mailbeat.db.clock import database_now
from mailbeat.db.session import Sessions, transaction
from mailbeat.pulse import machine, this_process
from tasks.broker import let_go, patience
from tasks.deadman import DeadMan
from tasks.wiring import parts

TICK = 1  # seconds
SIGN_OF_LIFE = 5.0  # seconds
BATCH = 500  # accounts of one tick: no herd after an outage
MOST_WAITING = 5000  # messages in the queue; a message takes 1 KiB
EXPIRES = 3600.0  # seconds, at least
EPOCH_KEY = "mailbeat:epoch"  # gone when Redis lost its data
# A Redis that hangs is waited for this long, at times with the database locked.
PATIENCE = 2  # seconds for each answer of the broker
TASK = "tasks.account.process_account"
FORGET = "tasks.retention.forget_old"
FORGET_EVERY = 3600.0  # seconds

log = structlog.get_logger(__name__)


class AccountScheduler(Scheduler):
    """Sends a run for each account that is due.

    A new, changed, paused or resumed account shows at the next tick. Publishing comes
    before the commit: with the broker away everything rolls back and stays due.
    """

    def __init__(
        self,
        *args: Any,
        sessions: Sessions | None = None,
        interval: int | None = None,
        deadman: DeadMan | None = None,
        **options: Any,
    ) -> None:
        # In a test that brings its own database there is nobody to be told.
        self._deadman = parts().deadman if sessions is None else deadman
        self.sessions = sessions or parts().sessions
        self.interval = interval or parts().options.scan_interval
        self._failing: str | None = None
        self._lived_at: datetime | None = None
        self._forgot_at: datetime | None = None
        self._sending: Any = None
        self._me = this_process(processes.Kind.BEAT)
        self._depths: dict[str, int] = {}  # of each queue, at the beginning of a tick
        self._sent: Counter[str] = Counter()  # into each queue, since the last sample
        self._all_sent = 0
        super().__init__(*args, **options)
        self.max_interval = TICK

    def setup_schedule(self) -> None:
        """Nothing to set up: there are no static entries."""

    def tick(self, *_args: Any, **_options: Any) -> float:
        """Send what is due, and return the seconds to the next tick."""
        try:
            sent = self.send_due()
        except Exception as error:  # noqa: BLE001 # beat must outlive broker and database
            self._say_once(type(error).__name__)
            self._close_producer()
            return TICK
        self._say_once(None)
        if self._deadman is not None:
            self._deadman.ping()
        return 0 if sent >= BATCH else TICK

    def send_due(self, *, now: datetime | None = None) -> int:
        """Send the runs that are due and return how many those were.

        `now` is the database's time unless it is given.
        """
        # Asked before the transaction: on SQLite all writers would wait with us.
        lost = self._broker_lost_its_data()
        room = self._room()
        sent_before = Counter(self._sent)
        with transaction(self.sessions) as session:
            now = now or database_now(session)
            if lost:
                accounts.send_again(session, now=now)
            takeover.take_over_idle(session, now=now, default_interval=self.interval)
            due = accounts.claim_due(
                session, now=now, default_interval=self.interval, limit=room
            )
            # One round trip for all of them, where the broker is Redis.
            with self._open_producer().batch(BATCH):
                for one in due:
                    self._send(one)
            self._show_life(session, now, sent_before)
        if lost:
            self._open_producer().channel.client.set(EPOCH_KEY, "1", nx=True)
        self._forget(now)
        return len(due)

    def _room(self) -> int:
        """How many more messages are of use: without workers they pile up."""
        channel = self._open_producer().channel
        for name, queue in self.app.amqp.queues.items():
            declared: Any = queue.bind(channel).queue_declare()
            self._depths[name] = declared.message_count
        waiting = self._depths[self.app.conf.task_default_queue]
        return max(min(BATCH, MOST_WAITING - waiting), 0)

    def _send(self, due: accounts.Due) -> None:
        self.app.send_task(
            TASK,
            args=[due.account_id],
            task_id=due.run_id,
            producer=self._open_producer(),
            # What is old does no harm: a worker runs an id once. But a worker's clock
            # may differ from ours, and a stopped worker's backlog must not stay.
            expires=max(due.interval_seconds, EXPIRES),
            retry=False,
            # Else the result backend is asked to tell us the result of each.
            ignore_result=True,
        )
        self._count_sent()

    def _count_sent(self) -> None:
        self._sent[self.app.conf.task_default_queue] += 1
        self._all_sent += 1

    def _open_producer(self) -> Any:
        """A producer that fails at once when the broker is away.

        The base class has one that waits for the broker, for ever and with growing
        pauses, and would miss its return.
        """
        if self._sending is None:
            connection = self.app.connection_for_write(
                transport_options=patience(
                    str(self.app.conf.broker_url), answer=PATIENCE, connect=PATIENCE
                )
            )
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            self._sending = self.app.amqp.Producer(connection, auto_declare=False)
        return self._sending

    def _forget(self, now: datetime) -> None:
        """Have what is old forgotten, once an hour; twice does no harm."""
        last = self._forgot_at
        if last is None or (now - last).total_seconds() >= FORGET_EVERY:
            self.app.send_task(
                FORGET,
                producer=self._open_producer(),
                expires=FORGET_EVERY,
                retry=False,
                ignore_result=True,
            )
            self._count_sent()
            self._forgot_at = now

    def _close_producer(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            let_go(sending.connection)

    def _show_life(self, session: Session, now: datetime, sent: Counter[str]) -> None:
        """Leave a sign of life, with how full the queues were before this tick."""
        last = self._lived_at
        if last is None or (now - last).total_seconds() >= SIGN_OF_LIFE:
            accounts.tick(session, now=now)
            facts = {**machine(), "processed": self._all_sent}
            processes.say(session, self._me, facts, now=now)
            queues.record_samples(session, self._depths, sent, now=now)
            self._sent.subtract(sent)
            self._lived_at = now

    def _broker_lost_its_data(self) -> bool:
        """Whether Redis came back empty; RabbitMQ keeps its queues.

        True until what was lost is sent again: two beats may both do that.
        """
        if not self._speaks_redis():
            return False
        return not self._open_producer().channel.client.exists(EPOCH_KEY)

    def _speaks_redis(self) -> bool:
        return str(self.app.conf.broker_url).startswith("redis")

    def _say_once(self, failure: str | None) -> None:
        if failure and failure != self._failing:
            log.warning("nothing could be sent; trying on", error=failure)
        elif self._failing and not failure:
            log.info("runs are sent again")
        self._failing = failure

    def close(self) -> None:
        self._close_producer()
        super().close()
