"""`python -m mailbeat.demo.supervise FILE`: supervisord that never outlives its parent.

The kernel tells it when its parent is gone, however that ended; and its own children
go with it. Where the kernel cannot (it is Linux's), all but a SIGKILL is covered.
"""

import ctypes
import os
import signal
import sys

from supervisor.options import ServerOptions
from supervisor.supervisord import Supervisor

_PR_SET_PDEATHSIG = 1
LOOKS_EVERY = 0.2  # seconds


def die_with_parent(number: signal.Signals) -> None:
    """Ask the kernel to send us this signal when our parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number))


class Options(ServerOptions):  # type: ignore[misc] # supervisor has no types
    def setpgrp(self) -> None:
        """Between fork and exec of each child: the place to bind it to us."""
        super().setpgrp()
        die_with_parent(signal.SIGKILL)


def main(arguments: list[str]) -> None:
    path, parent = arguments
    die_with_parent(signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("The parent ended before we began.")
    options = Options()
    options.realize(["--nodaemon", "--configuration", path])
    options.first = True
    options.test = False
    # supervisord looks after its children once a second; a stop would take several.
    poll = options.poller.poll
    options.poller.poll = lambda timeout: poll(min(timeout, LOOKS_EVERY))
    Supervisor(options).main()


if __name__ == "__main__":
    main(sys.argv[1:])
