"""What can go wrong, one thing after another, in an order that a seed decides."""

import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tests.faults.installation import BEATS, NAMES, WORKERS, Installation
from tests.faults.records import Fault, Stop

HANG = 10.0  # seconds
FREEZE = 20.0  # seconds: longer than a lease
OUTAGE = 1.0, 6.0  # seconds that a killed server stays away
RESTART = 0.0, 3.0  # seconds until a killed process is started again
QUIET = 1.0, 4.0  # seconds between two faults


class Chaos:
    """Does one fault after another, and remembers them."""

    def __init__(self, installation: Installation, *, seed: int) -> None:
        self.faults: list[Fault] = []
        self.stops: list[Stop] = []
        self._it = installation
        self._random = random.Random(seed)
        self._kinds: list[tuple[int, Callable[[], Fault]]] = [
            (5, self._kill_worker),
            (1, self._kill_all_workers),
            (2, self._kill_beat),
            (1, self._kill_both_beats),
            (1, self._kill_web),
            (1, self._kill_redis),
            (2, self._wipe_redis),
            (1, self._hang_redis),
            (1, self._hang_database),
            (1, self._hang_mail_server),
            (2, self._cut_mail),
            (1, self._cut_redis),
            (2, self._stop_worker),
            (1, self._stop_everything),
            (1, self._freeze_worker),
        ]
        if hasattr(installation.database, "crash"):
            self._kinds += [(1, self._crash_database), (1, self._cut_database)]

    def go_on_for(self, seconds: float) -> None:
        """Have faults until the time is over; every kind comes before any repeats.

        So a short run has them all, and a long one has them by their weights.
        """
        end = time.monotonic() + seconds
        weights = [weight for weight, _ in self._kinds]
        acts = [act for _, act in self._kinds]
        first = self._random.sample(acts, len(acts))
        while time.monotonic() < end:
            act = first.pop() if first else self._random.choices(acts, weights)[0]
            self.faults.append(act())
            self._it.start(*NAMES)
            time.sleep(self._between(QUIET))

    def _between(self, bounds: tuple[float, float]) -> float:
        return self._random.uniform(*bounds)

    # Processes

    def _kill(self, kind: str, *names: str, is_outage: bool = False) -> Fault:
        at = datetime.now(UTC)
        self._it.kill(*names)
        time.sleep(self._between(RESTART))
        self._it.start(*names)
        until = datetime.now(UTC)
        return Fault(kind, at, until, is_outage, " ".join(names))

    def _kill_worker(self) -> Fault:
        return self._kill("kill -9 worker", self._random.choice(WORKERS))

    def _kill_all_workers(self) -> Fault:
        return self._kill("kill -9 all workers", *WORKERS, is_outage=True)

    def _kill_beat(self) -> Fault:
        return self._kill("kill -9 beat", self._random.choice(BEATS))

    def _kill_both_beats(self) -> Fault:
        return self._kill("kill -9 both beats", *BEATS, is_outage=True)

    def _kill_web(self) -> Fault:
        return self._kill("kill -9 web", "web")

    def _stop_worker(self) -> Fault:
        at = datetime.now(UTC)
        name = self._random.choice(WORKERS)
        self.stops += self._it.terminate(name)
        return Fault("SIGTERM worker", at, datetime.now(UTC), detail=name)

    def _stop_everything(self) -> Fault:
        at = datetime.now(UTC)
        self.stops += self._it.terminate(*NAMES)
        until = datetime.now(UTC)
        return Fault("SIGTERM everything", at, until, is_outage=True)

    def _freeze_worker(self) -> Fault:
        at = datetime.now(UTC)
        name = self._random.choice(WORKERS)
        self._it.signal(signal.SIGSTOP, name)
        time.sleep(FREEZE)
        self._it.signal(signal.SIGCONT, name)
        return Fault("SIGSTOP worker", at, datetime.now(UTC), detail=name)

    # Servers

    def _outage(
        self,
        kind: str,
        begin: Callable[[], object],
        end: Callable[[], object],
        seconds: float,
    ) -> Fault:
        at = datetime.now(UTC)
        begin()
        time.sleep(seconds)
        end()
        return Fault(kind, at, datetime.now(UTC), is_outage=True)

    def _kill_redis(self) -> Fault:
        redis = self._it.redis
        seconds = self._between(OUTAGE)
        return self._outage("kill -9 redis", redis.kill, redis.start, seconds)

    def _wipe_redis(self) -> Fault:
        def come_back_empty() -> None:
            self._it.redis.forget()
            self._it.redis.start()

        seconds = self._between(OUTAGE)
        return self._outage(
            "kill -9 redis, data lost", self._it.redis.kill, come_back_empty, seconds
        )

    def _hang_redis(self) -> Fault:
        redis = self._it.redis
        return self._outage("SIGSTOP redis", redis.pause, redis.resume, HANG)

    def _hang_database(self) -> Fault:
        database = self._it.database
        return self._outage("SIGSTOP database", database.pause, database.resume, HANG)

    def _hang_mail_server(self) -> Fault:
        mail = self._it.mail
        return self._outage("SIGSTOP mail server", mail.pause, mail.resume, HANG)

    def _crash_database(self) -> Fault:
        def wait() -> None:
            time.sleep(1)

        return self._outage("kill -9 database", self._it.database.crash, wait, 1)

    def _cut(self, kind: str, cut: Callable[[], object]) -> Fault:
        at = datetime.now(UTC)
        cut()
        return Fault(kind, at, datetime.now(UTC))

    def _cut_mail(self) -> Fault:
        return self._cut("connections to mail cut", self._it.gate.cut)

    def _cut_redis(self) -> Fault:
        return self._cut("connections to redis cut", self._it.cut_redis)

    def _cut_database(self) -> Fault:
        return self._cut("connections to database cut", self._it.database.cut)
