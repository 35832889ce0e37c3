"""How a worker stops: its runs at their next message, and itself in time. And beat."""

import os
import signal
import threading
from types import FrameType
from typing import Any

import structlog
from celery.signals import beat_init, worker_ready, worker_shutting_down

from tasks import pulse
from tasks.wiring import parts

# Procfile hosts kill after 30 s at the latest, some after 20. What has not stopped by
# then waits for a database or a resolver that hangs.
LEAVE_AFTER = 15.0  # seconds
# Beat has nothing in hand. What it sent and could not commit is sent once more.
BEAT_LEAVES_AFTER = 0.3  # seconds
BEAT_ENDS_BY = frozenset({signal.SIGTERM, signal.SIGINT})

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
    pulse.end()
    parts().reporter.close()
    os._exit(0)


@beat_init.connect
def end_beat_in_time(**_: Any) -> None:
    """From now on SIGTERM and SIGINT end beat, whatever it waits for.

    Celery's own handler closes the scheduler, in the middle of what it does.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # inside a worker (`-B`), which has an end of its own
    # Python calls a handler when the main thread comes back from C, and SQLite may
    # keep it there for 30 s. But the signal's number is written to this pipe at once.
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(
        target=_leave_beat, args=(told,), name="stopping", daemon=True
    ).start()
    for number in BEAT_ENDS_BY:
        signal.signal(number, _end_beat)


def _end_beat(_number: int, _frame: FrameType | None) -> None:
    for number in BEAT_ENDS_BY:
        signal.signal(number, signal.SIG_IGN)  # once is enough
    raise SystemExit


def _leave_beat(told: int) -> None:
    while not BEAT_ENDS_BY & set(os.read(told, 64)):
        pass
    threading.Event().wait(BEAT_LEAVES_AFTER)
    os._exit(0)
