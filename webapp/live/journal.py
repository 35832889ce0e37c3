"""What changed, in order, as frames: a client is one number into it.

Each account has only its newest frame here, so a client that lags misses steps and
never the newest state, and costs no memory. The last frame of a phase that is over is
kept for a while, so that a client that keeps up sees each phase, however short.
Finished runs and removed accounts are never merged; a client that lags further than
`RING` of those starts over.

A frame is made when somebody reads it: of many events in a moment few are ever shown.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from secrets import token_hex
from typing import Any

from webapp.live.messages import AccountStatus, message, status_json

RING = 256  # finished runs and removed accounts
PHASES = 256  # frames of phases that are over
SHARED = 32  # places from which one may lag, whose frames are kept till the next change

_IDLE = 0  # in place of an account's id: "nothing runs any more"


@dataclass(slots=True)
class _Change:
    seq: int
    kind: str
    data: AccountStatus | dict[str, Any] | None
    made: bytes = b""

    def frame(self) -> bytes:
        if not self.made:
            data = self.data
            body = status_json(data) if isinstance(data, AccountStatus) else data
            self.made = message(self.kind, body, seq=self.seq)
        return self.made


class Journal:
    """Not thread-safe: the board that owns it holds its lock."""

    def __init__(self, snapshot: Callable[[], dict[str, Any]]) -> None:
        self.epoch = token_hex(8)
        self.seq = 0
        self._snapshot = snapshot
        self._newest: OrderedDict[int, _Change] = OrderedDict()
        self._phase: dict[int, tuple[object, object]] = {}  # of the newest frame
        self._passed: deque[_Change] = deque(maxlen=PHASES)
        self._ring: deque[_Change] = deque(maxlen=RING)
        self._forgotten = 0  # seq of the newest change that fell out of the ring
        self._whole_at = 0  # seq of the newest change that only a snapshot tells
        self._deltas: dict[int, bytes] = {}
        self._wholes: dict[str, bytes] = {}

    # Writing

    def status(self, status: AccountStatus) -> None:
        account_id, phase = status.account_id, (status.run_id, status.state)
        passed = self._newest.get(account_id)
        if passed is not None and self._phase[account_id] != phase:
            self._passed.append(passed)
        self._phase[account_id] = phase
        self._put(account_id, status)

    def idle(self) -> None:
        """Nothing runs any more."""
        self._put(_IDLE, None)

    def busy(self) -> None:
        """Something runs again: who comes late need not hear that nothing did."""
        self._newest.pop(_IDLE, None)

    def finished(self, run: dict[str, Any]) -> None:
        self._append("run_finished", run)

    def removed(self, account_id: int) -> None:
        self._newest.pop(account_id, None)
        self._phase.pop(account_id, None)
        self._append("account_removed", {"account_id": account_id})

    def changed_as_a_whole(self) -> None:
        """Something changed that no other message tells, e.g. "all is paused"."""
        self._whole_at = self._next()

    def _put(self, slot: int, data: AccountStatus | None) -> None:
        self._newest[slot] = _Change(self._next(), "status_update", data)
        self._newest.move_to_end(slot)

    def _append(self, kind: str, data: dict[str, Any]) -> None:
        if len(self._ring) == RING:
            self._forgotten = self._ring[0].seq
        self._ring.append(_Change(self._next(), kind, data))

    def _next(self) -> int:
        self._deltas.clear()
        self._wholes.clear()
        self.seq += 1
        return self.seq

    # Reading

    def knows(self, epoch: object, seq: object) -> bool:
        """Whether a client that has everything up to `seq` can go on from there."""
        return (
            epoch == self.epoch
            and type(seq) is int
            and self._forgotten <= seq <= self.seq
        )

    def since(self, seq: int) -> bytes | None:
        """The frames newer than `seq`, in order; None when some are forgotten.

        Nearly all clients have the same `seq` and share the bytes.
        """
        if seq < self._forgotten:
            return None
        known = self._deltas.get(seq)
        if known is None:
            if len(self._deltas) >= SHARED:
                self._deltas.clear()  # somebody asks for every number there is
            known = self._deltas[seq] = self._delta(seq)
        return known

    def _delta(self, seq: int) -> bytes:
        parts: list[_Change] = []
        for oldest_first in (self._newest.values(), self._passed, self._ring):
            for item in reversed(oldest_first):
                if item.seq <= seq:
                    break
                parts.append(item)
        parts.sort(key=attrgetter("seq"))
        frames = b"".join(item.frame() for item in parts)
        return frames + (self.whole() if self._whole_at > seq else b"")

    def whole(self) -> bytes:
        """A `snapshot` of this moment."""
        if "snapshot" not in self._wholes:
            frame = message("snapshot", self._snapshot(), seq=self.seq)
            self._wholes["snapshot"] = frame
        return self._wholes["snapshot"]

    def welcome(self, running: Callable[[], list[dict[str, Any]]]) -> bytes:
        """What comes after `hello`: each running account, or null; then everything."""
        if "welcome" not in self._wholes:
            known: list[dict[str, Any] | None] = [*running()]
            frames = [
                message("status_update", data, seq=self.seq) for data in known or [None]
            ]
            self._wholes["welcome"] = b"".join([*frames, self.whole()])
        return self._wholes["welcome"]
