"""Says who of several processes does something while the database is away.

Redis knows, if there is one that answers. Else the webs do it, each for itself: better
twice than never.
"""

import redis
import structlog

ANSWER = 2  # seconds
PREFIX = "mailbeat:alert:"

log = structlog.get_logger(__name__)


class Once:
    """`alone` is whether this process does it where nobody can be asked."""

    def __init__(self, redis_url: str | None, *, alone: bool) -> None:
        self._url = redis_url
        self._alone = alone

    def claim(self, name: str, holder: str, *, seconds: int) -> bool:
        """Whether `holder` is the one, for so long."""
        if self._url is None:
            return self._alone
        try:
            with self._client(self._url) as client:
                return bool(client.set(PREFIX + name, holder, nx=True, ex=seconds))
        except redis.RedisError as error:
            log.warning("nobody to ask who tells", error=type(error).__name__)
            return self._alone

    def give_back(self, name: str, holder: str) -> None:
        """Let the next trouble be told at once."""
        if self._url is None:
            return
        try:
            with self._client(self._url) as client:
                if client.get(PREFIX + name) == holder.encode():
                    client.delete(PREFIX + name)
        except redis.RedisError as error:
            log.warning("claim not given back", error=type(error).__name__)

    def _client(self, url: str) -> "redis.Redis":
        return redis.Redis.from_url(
            url, socket_timeout=ANSWER, socket_connect_timeout=ANSWER
        )
