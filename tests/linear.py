"""How much more processor time eight times the input takes: eight times, if linear."""

import time
from collections.abc import Callable

ENOUGH = 0.02  # seconds: below it nothing is worth a judgement


def growth(work: Callable[[int], object], small: int, large: int) -> float:
    """Return the ratio of times, best of three, or 1 where both are short.

    With eight times the input a quadratic method gives 64, a linear one 8.
    """
    slow = _best(work, large)
    return slow / _best(work, small) if slow > ENOUGH else 1.0


def _best(work: Callable[[int], object], size: int) -> float:
    times = []
    for _ in range(3):
        began = time.thread_time()
        work(size)
        times.append(time.thread_time() - began)
    return min(times)
