"""How often keys were wrong, per address, by whatever way they came.

A try is counted before it is looked at, so that many at once are not more than the
limit; what turns out right is given back. The count is in Redis, for all processes, and
always in this process too: when Redis dies between two tries, nothing starts anew.
"""

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Protocol, TypeVar

import structlog
from flask import Flask, current_app
from limits.storage import RedisStorage
from redis import RedisError

PER_MINUTE = 5  # wrong keys of one address
# So many wrong keys from all addresses together are an attack, and each address then
# has one. Nobody is refused for what others do, for each still has that one.
ATTACK = 100  # a minute
PER_MINUTE_IN_ATTACK = 1
WINDOW = 60  # seconds
TIMEOUT = 0.5  # seconds for Redis
ASK_AGAIN_AFTER = 5.0  # seconds, when it did not answer
KNOWN_FOR = 3600.0  # seconds
MOST_KNOWN = 1000
MOST_COUNTED = 10_000  # addresses

_NAME = "mailbeat.attempts"
_LOCKS = 64

T = TypeVar("T")
log = structlog.get_logger(__name__)


class TooMany(Exception):
    """This address has tried too often; it may again after `WINDOW`."""


class Counts(Protocol):
    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count, and return it; a new one ends after `expiry` seconds."""


class HereCounts:
    """Counts of this process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self._clock()
        with self._lock:
            count, ends = self._counts.get(key, (0, -math.inf))
            if ends <= now:
                self._counts.pop(key, None)
                count, ends = 0, now + expiry
            self._counts[key] = (max(0, count + amount), ends)
            while len(self._counts) > MOST_COUNTED:
                self._counts.popitem(last=False)
            return self._counts[key][0]


class SharedCounts:
    """Counts in Redis; `incr` returns 0 while Redis is away, and never raises."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._away_until = -math.inf
        self._redis = RedisStorage(
            url,
            key_prefix="mailbeat",
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
        )

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        if self._clock() < self._away_until:
            return 0
        try:
            return self._redis.incr(key, expiry, amount)
        except (RedisError, OSError) as error:
            self._away_until = self._clock() + ASK_AGAIN_AFTER
            log.warning("attempts_counted_here_only", error=type(error).__name__)
            return 0


class Attempts:
    """`redis_url` None: this process counts for itself."""

    def __init__(
        self, redis_url: str | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._counts: list[Counts] = [HereCounts(clock)]
        if redis_url is not None:
            self._counts.append(SharedCounts(redis_url, clock))
        self._attack_until = -math.inf
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()
        self._judging = [threading.Lock() for _ in range(_LOCKS)]

    def judge(
        self,
        address: str,
        secret: str,
        look_up: Callable[[], T | None],
        *,
        can_be_guessed: Callable[[T], bool],
    ) -> T | None:
        """Return what `look_up` finds for a secret; None was counted as a failure.

        A right secret is accepted, however many were wrong before, unless it is one
        that people choose and that this address has not used of late: who guesses
        must not learn at the 6th try that it was right.

        Raises:
            TooMany: this address had more failures than it may have.
        """
        address = network_of(address)
        secret_hash = hashlib.sha256(
            f"{address} {secret}".encode(errors="surrogatepass")
        ).digest()
        if self._is_known(secret_hash):
            found = look_up()
            if found is None:  # it was revoked
                self._forget(secret_hash)
                self._count_failure(in_time=self._take(address))
            else:
                self._remember(secret_hash)
            return found
        # One after the other, so that a program that begins with twenty requests at
        # once is known from its first one on.
        with self._judging[secret_hash[0] % _LOCKS]:
            in_time = self._is_known(secret_hash) or self._take(address)
            # When it raises, the try stays counted: an outage is no time to guess.
            found = look_up()
            if found is not None and (in_time or not can_be_guessed(found)):
                if not self._is_known(secret_hash):
                    self._add(address, -1)
                self._remember(secret_hash)
                return found
        self._count_failure(in_time=in_time)
        return None

    # Counts

    def _take(self, address: str) -> bool:
        """Count a try, before its outcome is known; False when it is one too many."""
        in_attack = self._clock() < self._attack_until
        most = PER_MINUTE_IN_ATTACK if in_attack else PER_MINUTE
        count = self._add(address, 1)
        if count == most + 1:
            log.warning("keys_limited", address=address, in_attack=in_attack)
        return count <= most

    def _count_failure(self, *, in_time: bool) -> None:
        """Only what was in time, so that one address alone is never an attack."""
        if not in_time:
            raise TooMany
        if self._add("everybody", 1) > ATTACK:
            self._attack_until = self._clock() + WINDOW

    def _add(self, name: str, amount: int) -> int:
        key = f"failed-keys/{name}"
        return max([counts.incr(key, WINDOW, amount) for counts in self._counts])

    # Keys in use

    def _is_known(self, secret_hash: bytes) -> bool:
        with self._lock:
            return self._known.get(secret_hash, -math.inf) > self._clock()

    def _remember(self, secret_hash: bytes) -> None:
        with self._lock:
            self._known[secret_hash] = self._clock() + KNOWN_FOR
            self._known.move_to_end(secret_hash)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)

    def _forget(self, secret_hash: bytes) -> None:
        with self._lock:
            self._known.pop(secret_hash, None)


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64, all of which one host may use."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return f"{IPv6Address(int(ip) >> 64 << 64)}/64"


def count_attempts(app: Flask, redis_url: str | None) -> None:
    is_redis = redis_url is not None and redis_url.startswith("redis")
    app.extensions[_NAME] = Attempts(redis_url if is_redis else None)


def attempts() -> Attempts:
    """Those of the current app."""
    found = current_app.extensions[_NAME]
    assert isinstance(found, Attempts)  # noqa: S101 # extensions are untyped
    return found
