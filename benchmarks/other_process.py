"""Objects that live in processes of their own, and share no thread with others.

What clients cost, or a publisher, is then theirs, and can be said beside the rest.
"""

import multiprocessing
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import psutil

CONTEXT = multiprocessing.get_context("spawn")
ENDS_WITHIN = 10.0  # seconds


class OtherProcess:
    """`make(*args, **named)` is called there; then its methods, one after the other.

    Between two calls the object's `turn()` is called again and again, if it has one.
    """

    def __init__(self, make: Callable[..., Any], *args: Any, **named: Any) -> None:
        self._pipe, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(
            target=_live, args=(partial(make, *args, **named), theirs), daemon=True
        )
        self._process.start()
        theirs.close()
        self.finish()
        self.process = psutil.Process(self._process.pid)

    def call(self, method: str, *args: Any) -> Any:
        self.begin(method, *args)
        return self.finish()

    def begin(self, method: str, *args: Any) -> None:
        """Call without waiting; `finish` must follow before the next call."""
        self._pipe.send((method, args))

    def finish(self) -> Any:
        """Return what the call returned.

        Raises:
            EOFError: the process ended; its traceback is on stderr.
        """
        return self._pipe.recv()

    def end(self) -> None:
        self._pipe.close()
        self._process.join(ENDS_WITHIN)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _live(make: Callable[[], Any], pipe: Connection) -> None:
    one = make()
    turn = getattr(one, "turn", None)
    pipe.send(None)
    try:
        while True:
            while turn is not None and not pipe.poll():
                turn()
            method, given = pipe.recv()
            pipe.send(getattr(one, method)(*given))
    except (EOFError, KeyboardInterrupt):
        pass
