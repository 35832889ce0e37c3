"""Looking host names up, for no longer than one may wait.

`getaddrinfo` takes no time limit and hears of no stop: with a name server that is away
it lasts half a minute and more. So it runs in a thread of its own, and who asked waits
beside it and may leave.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any

from mailbeat.mail.deadline import LOOK_EVERY, Deadline
from mailbeat.mail.errors import ConnectFailed

LOOK_UP_SECONDS = 10.0
AT_ONCE = 100  # names; the threads that a hanging resolver can hold

Resolve = Callable[..., Sequence[Any]]  # socket.getaddrinfo
Name = tuple[str, int]  # host and port


class Names:
    """Looks names up; all who want the same one at a time share one look-up."""

    def __init__(
        self, resolve: Resolve = socket.getaddrinfo, *, at_once: int = AT_ONCE
    ) -> None:
        self._resolve = resolve
        self._at_once = at_once
        self._changed = threading.Condition()
        self._pending: dict[Name, Future[Sequence[Any]]] = {}

    def look_up(self, host: str, port: int, deadline: Deadline) -> Sequence[Any]:
        """Return what `getaddrinfo` returns for TCP.

        Raises:
            ConnectFailed: not in time.
            Exception: what `getaddrinfo` raises.
        """
        if _is_address(host):  # there is nothing to wait for
            return self._resolve(host, port, type=socket.SOCK_STREAM)
        end = time.monotonic() + LOOK_UP_SECONDS
        name = (host, port)
        with self._changed:
            while (answer := self._pending.get(name)) is None:
                if len(self._pending) < self._at_once:
                    answer = self._begin(name)
                    break
                self._wait(host, deadline, end)
            while not answer.done():
                self._wait(host, deadline, end)
        return answer.result()

    def _wait(self, host: str, deadline: Deadline, end: float) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise _too_slow(host)
        self._changed.wait(deadline.left(min(left, LOOK_EVERY)))

    def _begin(self, name: Name) -> Future[Sequence[Any]]:
        answer: Future[Sequence[Any]] = Future()
        threading.Thread(
            target=self._run, args=(name, answer), name="look-up", daemon=True
        ).start()
        self._pending[name] = answer
        return answer

    def _run(self, name: Name, answer: Future[Sequence[Any]]) -> None:
        found: Sequence[Any] = ()
        trouble: Exception | None = None
        try:
            found = self._resolve(*name, type=socket.SOCK_STREAM)
        except Exception as error:  # noqa: BLE001 # it is raised where it was asked for
            trouble = error
        with self._changed:
            del self._pending[name]
            if trouble is None:
                answer.set_result(found)
            else:
                answer.set_exception(trouble)
            self._changed.notify_all()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _too_slow(host: str) -> ConnectFailed:
    return ConnectFailed(
        f"The name {host} could not be looked up in time. Check the name servers of "
        "the machine that Mailbeat runs on; it tries again at the next run."
    )
