"""Carries out what is in the outbox, each way in a thread of its own.

A way out that hangs holds up nobody but itself: what waits for another way goes.
"""

import threading
from collections.abc import Mapping, Sequence

import structlog

from mailbeat.db import outbox
from mailbeat.db.clock import database_now
from mailbeat.db.outbox import Parcel
from mailbeat.db.session import Sessions, transaction
from mailbeat.notify.channel import Channel, Undelivered, note_from_text

AT_ONCE = 8  # threads

log = structlog.get_logger(__name__)


class Courier:
    """`channels` are the ways out; `post` is the one for letters to single people."""

    def __init__(
        self,
        sessions: Sessions,
        channels: Sequence[Channel],
        post: Channel | None = None,
    ) -> None:
        self._sessions = sessions
        self._ways: Mapping[str, Channel] = {one.key: one for one in channels}
        self._post = post
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def turn(self) -> int:
        """Begin to send what is due; return how much that was."""
        with self._lock:
            busy = set(self._busy)
        room = AT_ONCE - len(busy)
        if room <= 0:
            return 0
        with self._sessions() as session:
            if not outbox.has_due(session, now=database_now(session)):
                return 0
        with transaction(self._sessions) as session:
            now = database_now(session)
            parcels = outbox.take_due(session, now=now, limit=room, busy=busy)
        for parcel in parcels:
            with self._lock:
                self._busy.add(parcel.channel)
            threading.Thread(
                target=self._carry, args=(parcel,), name="courier", daemon=True
            ).start()
        return len(parcels)

    def carry_now(self, parcel: Parcel) -> None:
        """Send one, and write down how that went."""
        error: Undelivered | None = None
        try:
            self._send(parcel)
        except Undelivered as undelivered:
            error = undelivered
        except Exception as other:  # the row must say something
            log.exception("a way out broke", channel=parcel.channel)
            error = Undelivered(f"A fault in Mailbeat ({type(other).__name__}).")
        with transaction(self._sessions) as session:
            now = database_now(session)
            if error is None:
                outbox.note_sent(session, parcel.id, now=now)
            else:
                outbox.note_failed(
                    session,
                    parcel.id,
                    str(error),
                    now=now,
                    is_final=error.permanent,
                )
        if error is None:
            log.info("message sent", kind=parcel.kind, channel=parcel.channel)
        else:
            log.warning(
                "message not sent",
                kind=parcel.kind,
                channel=parcel.channel,
                error=str(error),
            )

    def _carry(self, parcel: Parcel) -> None:
        try:
            self.carry_now(parcel)
        except Exception as error:  # noqa: BLE001 # the row is taken again when its time is over
            log.warning("delivery not written down", error=type(error).__name__)
        finally:
            with self._lock:
                self._busy.discard(parcel.channel)

    def _send(self, parcel: Parcel) -> None:
        note = note_from_text(parcel.payload)
        way = self._post if note.to else self._ways.get(parcel.channel)
        if way is None:
            raise Undelivered(
                "This way out is not configured any more.", permanent=True
            )
        way.send(note)
