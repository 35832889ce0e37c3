"""How long a run will still take: from the pace of its last half minute."""

from collections import deque
from datetime import datetime

WINDOW = 30.0  # seconds
LEAST = 5.0  # seconds seen before a guess is made
APART = 0.5  # seconds between two samples that are kept
STEADY = 2.0  # times that the halves of the window may differ


class Pace:
    """Times are those of the worker's clock, which is one and the same in a run."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=64)

    def note(self, at: datetime, processed: int) -> None:
        now = at.timestamp()
        samples = self._samples
        if samples and (now <= samples[-1][0] or processed < samples[-1][1]):
            return
        while samples and now - samples[0][0] > WINDOW:
            samples.popleft()
        if len(samples) > 1 and now - samples[-2][0] < APART:
            samples[-1] = (now, processed)
        else:
            samples.append((now, processed))

    def seconds_left(self, remaining: int) -> int | None:
        """Seconds for `remaining` messages; None while the pace is not steady."""
        if len(self._samples) < 3 or remaining <= 0:  # noqa: PLR2004 # two halves
            return None
        first, last = self._samples[0], self._samples[-1]
        if last[0] - first[0] < LEAST:
            return None
        half = (first[0] + last[0]) / 2
        middle = min(self._samples, key=lambda sample: abs(sample[0] - half))
        before, after = _rate(first, middle), _rate(middle, last)
        if before is None or after is None:
            return None
        if max(before, after) > STEADY * min(before, after):
            return None
        whole = _rate(first, last)
        return None if whole is None else max(1, round(remaining / whole))


def _rate(start: tuple[float, int], end: tuple[float, int]) -> float | None:
    seconds, messages = end[0] - start[0], end[1] - start[1]
    return messages / seconds if seconds > 0 and messages > 0 else None
