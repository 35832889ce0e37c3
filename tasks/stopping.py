"""How a worker stops: its runs at their next message, and itself in time."""

import os
import threading
from typing import Any

import structlog
from celery.signals import worker_ready, worker_shutting_down

from tasks.wiring import parts

# Procfile hosts kill after 30 s at the latest, some after 20. What has not stopped by
# then waits for a database or a resolver that hangs.
LEAVE_AFTER = 15.0  # seconds

log = structlog.get_logger(__name__)

_asked = threading.Event()


@worker_ready.connect
def wait_for_the_end(**_: Any) -> None:
    # A thread that is started by a signal's handler can lock the process for ever.
    threading.Thread(target=_leave_in_time, name="stopping", daemon=True).start()


@worker_shutting_down.connect
def stop_at_the_next_message(**_: Any) -> None:
    """SIGTERM: runs in hand stop at their next message and are handed over."""
    parts().leases.shut_down()
    _asked.set()


def _leave_in_time() -> None:
    """End the process though a run stands still: its lease brings the account back."""
    _asked.wait()
    threading.Event().wait(LEAVE_AFTER)
    log.warning("left with runs that did not stop", seconds=LEAVE_AFTER)
    parts().reporter.close()
    os._exit(0)
