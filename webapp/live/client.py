"""One browser or program on the live feed, inside the hub's event loop."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from wsproto.connection import Connection, ConnectionType
from wsproto.events import (
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from webapp.live import messages

MAX_MESSAGE = 4096  # bytes
MAX_MESSAGES = 20  # in WINDOW
MAX_FRAMES = 200  # in WINDOW: of any kind, fragments and pongs included
WINDOW = 10.0  # seconds
STALLED_AFTER = 10.0  # seconds without a byte taken by the peer
PING_EVERY = 20.0  # seconds
LOST_AFTER = 2 * PING_EVERY + 5  # seconds without a sign of life
GOODBYE = 2.0  # seconds for the peer to answer a Close
MAX_ASKED = 20  # questions waiting for a slow peer to read
MAX_REQUEST_ID = 100  # characters
MOST_RUNS = 100

LIMITS = {
    "message_bytes": MAX_MESSAGE,
    "messages": MAX_MESSAGES,
    "seconds": WINDOW,
    "recent_runs": MOST_RUNS,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is on a socket, to be put out when the key or the session ends."""

    key_id: str
    scope: str
    session_id: int | None = None
    address: str = ""


class Board(Protocol):
    """What a client reads: frames, and how far they lead."""

    def position(self) -> tuple[str, int]: ...
    def since(self, seq: int) -> tuple[int, bytes]: ...
    def welcome(self) -> tuple[int, bytes]: ...
    def whole(self) -> tuple[int, bytes]: ...
    def knows(self, epoch: object, seq: object) -> bool: ...
    def recent_frame(self, limit: int, request_id: object) -> bytes: ...


class Tasks(Protocol):
    """What a client reads of tasks, from where it was told up to."""

    seconds: float

    def watch(self) -> int: ...
    def since(self, place: int, seq: int) -> tuple[int, bytes]: ...
    def first(self, seq: int, request_id: object) -> bytes: ...


Answer = Callable[[], bytes]


class Client(asyncio.Protocol):
    """What it lacks is one number, `_sent`: the board knows the frames from there on.

    It is written to only when it has taken everything before, so nothing queues up
    here: who reads slowly gets fewer and newer states.
    """

    def __init__(
        self,
        board: Board,
        visitor: Visitor,
        *,
        arrived: Callable[["Client"], None],
        left: Callable[["Client"], None],
        gone: Callable[["Client"], None],
        tasks: Tasks | None = None,
    ) -> None:
        self.visitor = visitor
        self._board = board
        self._tasks = tasks
        self._task_place = 0
        self._told_tasks_until = float("-inf")  # by the loop's clock
        self._arrived, self._left, self._gone = arrived, left, gone
        self._loop = asyncio.get_running_loop()
        self._wire = Connection(ConnectionType.SERVER)
        self._transport: asyncio.Transport
        self._sent = 0
        self._paused_at: float | None = None  # since when nothing was taken
        self._unsent = 0  # bytes, at the last check of a slow peer
        self._closing = False
        self._asked: deque[Answer] = deque()
        self._text = ""
        self._size = 0
        self._heard_at = self._spoke_at = self._pinged_at = self._loop.time()
        self._window_from = self._opened_at = self._loop.time()
        self._put_out = False  # for no fault of its own
        self.is_stalled = False  # put out, for it took nothing
        self._messages = self._frames = 0

    # The socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 # of a socket
        self._transport = transport
        # Zero: we are told as soon as the peer does not take everything at once, and
        # again when it has.
        transport.set_write_buffer_limits(high=0)
        self._arrived(self)
        epoch, seq = self._board.position()
        self._write(self._hello(epoch, seq))
        self._sent, frames = self._board.welcome()
        self._write(frames)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # asyncio's signature
        self._leave()
        self._gone(self)

    def pause_writing(self) -> None:
        self._paused_at = self._loop.time()
        self._unsent = self._transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        self._paused_at = None
        self.push()
        self.push_tasks()

    def _write(self, frames: bytes) -> None:
        if frames:
            self._spoke_at = self._loop.time()
            self._transport.write(frames)

    # To the peer

    def push(self) -> None:
        """Send what is new and what was asked for, unless the peer lags."""
        if self._closing or self._paused_at is not None:
            return
        self._sent, frames = self._board.since(self._sent)
        self._write(frames)
        while self._asked and self._paused_at is None:
            self._write(self._asked.popleft()())

    @property
    def watches_tasks(self) -> bool:
        return self._loop.time() < self._told_tasks_until

    def push_tasks(self) -> None:
        """Send what changed among tasks, if the peer asked and keeps up."""
        if self._closing or self._paused_at is not None or not self.watches_tasks:
            return
        if self._tasks is not None:
            place = self._task_place
            self._task_place, frame = self._tasks.since(place, self._sent)
            self._write(frame)

    def check(self, now: float) -> None:
        """Called every second: signs of life, given and missed."""
        if self._closing:
            return
        if self._paused_at is not None:
            self._check_slow(now, self._paused_at)
            return
        if now - self._heard_at > LOST_AFTER:
            self.drop()
            return
        if now - self._pinged_at >= PING_EVERY:
            self._pinged_at = now
            self._transport.write(messages.ping_frame())
        if now - self._spoke_at >= messages.HEARTBEAT_SECONDS:
            self._write(messages.message("heartbeat", {}, seq=self._sent))

    def _check_slow(self, now: float, taken_at: float) -> None:
        """Put out who takes nothing; a phone may need long for a long snapshot."""
        unsent = self._transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._paused_at = now
        elif now - taken_at > STALLED_AFTER:
            self.is_stalled = True
            self.close(messages.STALLED, "too slow")
        self._unsent = unsent

    def close(self, code: int, reason: str, *, last: bytes = b"") -> None:
        """Say goodbye, free the slot, and wait a moment for the peer's answer."""
        if self._closing:
            return
        self._put_out = code in {messages.GOING_AWAY, messages.SIGNED_OUT}
        self._write(last + messages.close_frame(code, reason))
        self._leave()
        self._loop.call_later(GOODBYE, self.drop)

    def wasted(self, seconds: float) -> bool:
        """Whether the peer ended, or misused, what it opened so short a time ago."""
        return not self._put_out and self._loop.time() - self._opened_at < seconds

    def say_closing(self, reconnect_after_ms: int) -> None:
        data = {"reconnect_after_ms": reconnect_after_ms}
        last = messages.message("server_closing", data, seq=self._sent)
        self.close(messages.GOING_AWAY, "server restarting", last=last)

    def _leave(self) -> None:
        if not self._closing:
            self._closing = True
            self._asked.clear()
            self._text = ""
            self._left(self)

    def drop(self) -> None:
        self._leave()
        self._transport.abort()

    # From the peer

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            self._wire.receive_data(data)
            for event in self._wire.events():
                self._take(event)
        except ProtocolError:
            self.drop()

    def _take(self, event: Event) -> None:
        if isinstance(event, CloseConnection):
            self._said_goodbye(event)
        elif self._closing or self._too_chatty(event):
            return
        elif isinstance(event, Ping):
            if self._paused_at is None:
                self._transport.write(messages.pong_frame(bytes(event.payload)))
        elif isinstance(event, TextMessage):
            self._take_text(event)
        elif isinstance(event, BytesMessage):
            self._size += len(event.data)
            if self._size > MAX_MESSAGE:
                self._too_big()
            elif event.message_finished:
                self._size = 0
                self._complain("bad_message", "Send text frames, each a JSON object.")

    def _said_goodbye(self, event: CloseConnection) -> None:
        """The peer closed, or broke the protocol: wsproto reports both like this."""
        if not self._closing:
            code = int(event.code)
            sendable = code not in {1005, 1006}  # they stand for "none" in the API
            self._write(messages.close_frame(code if sendable else 1000, ""))
            self._leave()
            self._loop.call_later(GOODBYE, self.drop)
        self._transport.close()

    def _too_chatty(self, event: Event) -> bool:
        now = self._loop.time()
        if now - self._window_from >= WINDOW:
            self._window_from, self._messages, self._frames = now, 0, 0
        self._frames += 1
        whole = getattr(event, "message_finished", True)
        self._messages += whole and not isinstance(event, Pong)
        if self._messages > MAX_MESSAGES or self._frames > MAX_FRAMES:
            self.close(messages.TOO_CHATTY, "too many messages")
            return True
        return False

    def _take_text(self, event: TextMessage) -> None:
        self._size += len(event.data.encode(errors="surrogatepass"))
        if self._size > MAX_MESSAGE:
            self._too_big()
            return
        self._text += event.data
        if event.message_finished:
            text, self._text, self._size = self._text, "", 0
            self._answer(text)

    def _too_big(self) -> None:
        self.close(messages.TOO_BIG, f"more than {MAX_MESSAGE} bytes")

    def _answer(self, text: str) -> None:
        try:
            asked = json.loads(text)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            self._complain("bad_message", "That is not a JSON object.")
            return
        kind, request_id = asked.get("type"), _request_id(asked)
        answers: dict[object, Callable[[dict[str, Any], object], None]] = {
            "get_current_status": self._ask_status,
            "get_recent_runs": self._ask_runs,
            "resume": self._ask_resume,
            "ping": self._ask_ping,
            "watch_tasks": self._ask_tasks,
        }
        if not isinstance(kind, str) or kind not in answers:
            known = ", ".join(map(str, answers))
            self._complain("unknown_type", f"Known types: {known}.", request_id)
            return
        answers[kind](asked, request_id)

    def _ask_status(self, _asked: dict[str, Any], _request_id: object) -> None:
        self._ask(self._whole)

    def _ask_runs(self, asked: dict[str, Any], request_id: object) -> None:
        limit = asked.get("limit", 10)
        if type(limit) is not int or not 1 <= limit <= MOST_RUNS:
            self._complain(
                "bad_message", f"`limit` is a number from 1 to {MOST_RUNS}.", request_id
            )
            return
        self._ask(lambda: self._board.recent_frame(limit, request_id))

    def _ask_resume(self, asked: dict[str, Any], _request_id: object) -> None:
        epoch, seq = asked.get("epoch"), asked.get("seq")

        def missed() -> bytes:
            # What was told at the welcome is told again only where it could be lost.
            if not self._board.knows(epoch, seq):
                return self._whole()
            self._sent, frames = self._board.since(int(str(seq)))
            return frames

        self._ask(missed)

    def _ask_ping(self, _asked: dict[str, Any], request_id: object) -> None:
        self._ask(
            lambda: messages.message(
                "heartbeat", {}, seq=self._sent, beside={"request_id": request_id}
            )
        )

    def _ask_tasks(self, _asked: dict[str, Any], request_id: object) -> None:
        tasks = self._tasks
        if tasks is None:
            return
        place = tasks.watch()
        if not self.watches_tasks:
            self._task_place = place
        self._told_tasks_until = self._loop.time() + tasks.seconds
        self._ask(lambda: tasks.first(self._sent, request_id))

    def _whole(self) -> bytes:
        self._sent, frame = self._board.whole()
        return frame

    def _complain(self, code: str, text: str, request_id: object = None) -> None:
        data = {"code": code, "message": text, "request_id": request_id}
        self._ask(lambda: messages.message("error", data, seq=self._sent))

    def _ask(self, answer: Answer) -> None:
        """Answer at once, or when the peer has read what it was sent before."""
        if len(self._asked) < MAX_ASKED:
            self._asked.append(answer)
        self.push()

    def _hello(self, epoch: str, seq: int) -> bytes:
        scopes = ["read", "control", "admin"]
        data = {
            "epoch": epoch,
            "seq": seq,
            "heartbeat_seconds": messages.HEARTBEAT_SECONDS,
            "scopes": scopes[: scopes.index(self.visitor.scope) + 1],
            "limits": LIMITS,
        }
        return messages.message("hello", data, seq=seq)


def _request_id(asked: dict[str, Any]) -> object:
    """What the peer wants back beside the answer, if it is small."""
    found = asked.get("request_id")
    if isinstance(found, str):
        return found[:MAX_REQUEST_ID]
    return found if type(found) is int and abs(found) < 2**53 else None
