"""The places on the live feed, counted over all web processes.

Each process writes down in Redis how many sockets it has, of all keys and of each, and
writes it again before that is forgotten. So nothing can drift: what a process says is
what it has, and one that was killed soon counts no more.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from secrets import token_hex
from threading import Lock
from typing import Any

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

PREFIX = "mailbeat:places"
ALL = "*"  # in place of a key's id
KEPT_FOR = 15_000  # ms without a word of the process
TELL_EVERY = 5.0  # seconds
TIMEOUT = 0.5  # seconds for Redis
ASK_AGAIN_AFTER = 5.0  # seconds, when it did not answer

# One script, so that of two processes that take the last place only one has it.
# KEYS[1]: the set of processes. ARGV: this one, the key's id, how many places this
# process then has, how many of them the key has, the most of both, KEPT_FOR.
TAKE = """
local all, of_key = tonumber(ARGV[3]), tonumber(ARGV[4])
for _, other in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if other ~= ARGV[1] then
    local has = redis.call('HMGET', KEYS[1] .. ':' .. other, '*', ARGV[2])
    if has[1] then
      all, of_key = all + has[1], of_key + (has[2] or 0)
    else
      redis.call('SREM', KEYS[1], other)
    end
  end
end
if all > tonumber(ARGV[5]) then return 1 end
if of_key > tonumber(ARGV[6]) then return 2 end
local mine = KEYS[1] .. ':' .. ARGV[1]
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('HSET', mine, '*', ARGV[3], ARGV[2], ARGV[4])
redis.call('PEXPIRE', mine, ARGV[7])
return 0
"""

log = structlog.get_logger(__name__)

Counts = Mapping[str, int]  # by the key's id, and of all under ALL


class Full(Exception):
    """All places are taken, or the server is going down."""


class FullForKey(Exception):
    """This key has as many sockets as it may have."""


class SharedPlaces:
    """`mine` tells what this process has, at the moment when it is called.

    While Redis is away every process has the places for itself.
    """

    def __init__(
        self,
        url: str,
        *,
        most: int,
        most_per_key: int,
        host: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._most_per_key = most, most_per_key
        self._clock = clock
        self._host = host or socket.gethostname()
        self._redis: Any = Redis.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._script = self._redis.register_script(TAKE)
        self._token = token_hex(4)
        self._lock = Lock()  # what is written is never older than what stands there
        self._away_until = self._told_at = float("-inf")
        self._told: Counts = {}
        self._left = False

    def take(self, key_id: str, mine: Callable[[], Counts]) -> None:
        """Count a place that this process has just taken.

        Raises:
            Full: with those of other processes there is none left.
            FullForKey: there is none left for this key.
        """
        with self._lock:
            answer = self._ask(lambda: self._take(key_id, mine()))
            if answer and self._ask(self._forget_the_dead):
                answer = self._ask(lambda: self._take(key_id, mine()))
        if answer:
            raise Full if answer == 1 else FullForKey

    def tell(self, mine: Callable[[], Counts]) -> None:
        """Write down what this process has, if that changed or is long ago."""
        with self._lock:
            counts = dict(mine())
            long_ago = self._clock() - self._told_at >= TELL_EVERY
            if not self._left and (counts != self._told or long_ago):
                self._ask(lambda: self._tell(counts))

    def leave(self) -> None:
        """This process ends: it has none any more."""
        with self._lock:
            self._left = True
            self._ask(lambda: self._forget([self._me]))

    @property
    def _me(self) -> str:
        # Not in __init__: gunicorn may load the app before it forks.
        return f"{self._host}/{os.getpid()}/{self._token}"

    def _ask(self, question: Callable[[], Any]) -> Any:
        """The answer of Redis; None while it is away."""
        if self._clock() < self._away_until:
            return None
        try:
            return question()
        except (RedisError, OSError) as error:
            self._away_until = self._clock() + ASK_AGAIN_AFTER
            self._told = {}
            log.warning("places_counted_here_only", error=type(error).__name__)
            return None

    def _take(self, key_id: str, mine: Counts) -> int:
        numbers = [mine[ALL], mine[key_id], self._most, self._most_per_key, KEPT_FOR]
        answer = int(self._script(keys=[PREFIX], args=[self._me, key_id, *numbers]))
        if answer == 0:
            self._told = {}  # what is there now differs
        return answer

    def _tell(self, mine: Counts) -> None:
        name = f"{PREFIX}:{self._me}"
        with self._redis.pipeline() as pipe:
            pipe.delete(name)
            pipe.hset(name, mapping=mine)
            pipe.pexpire(name, KEPT_FOR)
            pipe.sadd(PREFIX, self._me)
            pipe.execute()
        self._told, self._told_at = mine, self._clock()

    def _forget_the_dead(self) -> bool:
        """Free what killed processes of this host had: their clients come back now."""
        names = self._redis.smembers(PREFIX) - {self._me}
        dead = [name for name in names if self._is_dead(name)]
        self._forget(dead)
        return bool(dead)

    def _is_dead(self, name: str) -> bool:
        host, pid, _ = name.rsplit("/", 2)
        if host != self._host:
            return False
        if int(pid) == os.getpid():
            return True  # another life had our number
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False

    def _forget(self, names: list[str]) -> None:
        if names:
            with self._redis.pipeline() as pipe:
                pipe.srem(PREFIX, *names)
                pipe.delete(*(f"{PREFIX}:{name}" for name in names))
                pipe.execute()
