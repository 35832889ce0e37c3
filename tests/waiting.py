"""Waiting for what a test needs to have become true."""

import time
from collections.abc import Callable


def wait_for(true: Callable[[], object], timeout: float = 20) -> float:
    """Wait until something is true, and return how many seconds that took.

    Raises:
        AssertionError: it is not after `timeout` seconds.
    """
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < timeout, "it did not come true"
        time.sleep(0.01)
    return time.monotonic() - began
