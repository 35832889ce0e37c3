"""Many small counts in one number, so that adding numbers adds all of them at once.

Each count has a lane of 32 bits, the first of them lowest. In the database a number is
its bytes, the lowest first, without the zeros at the end. Python adds 7,000 such
numbers in a millisecond, where as many rows of counts take the database fifty.

The durations of runs are counted so, each in the lane of its length: a lane is a
twelfth of an octave wide, so that what is read from it is at most 3 of 100 off.
"""

import math
from collections.abc import Iterable, Sequence

BITS = 32
_LANE = (1 << BITS) - 1

SHORTEST = 0.01  # seconds; what is shorter is in the first lane
PER_OCTAVE = 12
LONGEST = 320  # the last lane: 12 days


def one_in(lane: int, number: int = 1) -> int:
    return number << (BITS * lane)


def pack(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def unpack(packed: bytes) -> int:
    return int.from_bytes(packed, "little")


def packed_counts(counts: Sequence[int]) -> bytes:
    return pack(sum(one_in(lane, number) for lane, number in enumerate(counts)))


def counts_of(number: int) -> list[int]:
    """The counts of all lanes, as far as there are any."""
    counts = []
    while number > 0:
        counts.append(number & _LANE)
        number >>= BITS
    return counts


def lane_of(seconds: float) -> int:
    if seconds <= SHORTEST:
        return 0
    lane = math.floor(PER_OCTAVE * math.log2(seconds / SHORTEST)) + 1
    return min(lane, LONGEST)


def durations(seconds: Iterable[float]) -> int:
    return sum(one_in(lane_of(one)) for one in seconds)


def quantile(number: int, share: float) -> float | None:
    """The seconds below which a share of counted durations lies; None of none."""
    counts = counts_of(number)
    if not counts:
        return None
    whole = sum(counts)
    rank = min(whole - 1, int(share * whole))
    for lane, count in enumerate(counts):
        rank -= count
        if rank < 0:
            return _middle(lane)
    raise AssertionError("the counts are fewer than their sum")


def _middle(lane: int) -> float:
    if lane == 0:
        return SHORTEST
    return round(SHORTEST * math.exp2((lane - 0.5) / PER_OCTAVE), 3)
