"""One client of the feed: what it is told, and when it is put out."""

import asyncio
import json

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import (
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Pong,
    TextMessage,
)

from tests.frames import is_question, split
from tests.unit.db.test_task_record import record
from webapp.live import client as module
from webapp.live import messages
from webapp.live.client import Client, Visitor
from webapp.live.task_board import WATCHED_FOR, TaskBoard
from webapp.live.task_feed import TaskFeed


class Transport(asyncio.Transport):
    """Takes everything, unless it is told that the peer reads nothing."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.reads = True
        self.closed = self.aborted = False
        self.client = None
        self.unsent = 0

    def get_write_buffer_size(self):
        return self.unsent

    def set_write_buffer_limits(self, high=None, low=None):
        assert high == 0

    def write(self, data):
        self.written += data
        if not self.reads:
            self.client.pause_writing()

    def close(self):
        self.closed = True

    def abort(self):
        self.aborted = True


class Loop:
    """The clock of a loop, moved by the test."""

    def __init__(self):
        self.now = 100.0
        self.later = []

    def time(self):
        return self.now

    def call_later(self, delay, action):
        self.later.append((self.now + delay, action))

    def run_until(self, now):
        self.now = now
        for at, action in [one for one in self.later if one[0] <= now]:
            self.later.remove((at, action))
            action()


@pytest.fixture
def loop(monkeypatch):
    loop = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    return loop


class Peer:
    """A client, its transport, and the other end of the wire."""

    def __init__(self, board, scope="read", tasks=None):
        self.left = 0
        self.transport = Transport()
        self.wire = Connection(ConnectionType.CLIENT)
        self.client = Client(
            board,
            Visitor("key", scope),
            arrived=lambda _client: None,
            left=self._leave,
            gone=lambda _client: None,
            tasks=tasks,
        )
        self.transport.client = self.client
        self.client.connection_made(self.transport)

    def _leave(self, _client):
        self.left += 1

    def send(self, event):
        self.client.data_received(self.wire.send(event))

    def say(self, **asked):
        self.send(TextMessage(data=json.dumps(asked)))

    def read(self):
        """The messages since the last time, and the codes of closes."""
        written, self.transport.written = self.transport.written, b""
        return split(written)

    def types(self):
        return [one["type"] for one in self.read()[0]]


@pytest.fixture
def running(database, board, event):
    """A board on which one account runs."""
    database.add_account()
    database.run("one", 1, alive=True)
    board.load(database.standing())
    board.apply(event(seq=2))
    return board


@pytest.fixture
def peer(loop, running):
    """Somebody who has read the welcome."""
    peer = Peer(running)
    peer.read()
    return peer


def close_code(peer):
    return peer.read()[1]


def test_the_welcome_is_hello_what_runs_and_everything(loop, running):
    peer = Peer(running, scope="control")

    found, _ = peer.read()

    assert [one["type"] for one in found] == ["hello", "status_update", "snapshot"]
    assert found[0]["data"]["scopes"] == ["read", "control"]
    assert found[1]["data"]["email_address"] == "user1@example.org"
    assert found[2]["data"]["epoch"] == found[0]["data"]["epoch"]
    assert found[2]["data"] | {"timestamp": ""} == running.snapshot() | {
        "timestamp": ""
    }


def test_with_nothing_running_the_welcome_says_null(loop, database, board):
    database.add_account()
    board.load(database.standing())

    found, _ = Peer(board).read()

    assert [one["type"] for one in found] == ["hello", "status_update", "snapshot"]
    assert found[1]["data"] is None


def test_news_are_pushed(peer, running, event):
    running.apply(event(seq=3))
    peer.client.push()

    found, _ = peer.read()
    assert [one["data"]["progress"]["current"] for one in found] == [3]
    peer.client.push()
    assert peer.read() == ([], [])


def test_a_slow_peer_gets_the_newest_and_nothing_piles_up(peer, running, event):
    peer.transport.reads = False
    for seq in range(3, 100):
        running.apply(event(seq=seq))
        peer.client.push()
    (first,), _ = peer.read()

    peer.transport.reads = True
    peer.client.resume_writing()

    (second,), _ = peer.read()
    assert first["data"]["progress"]["current"] == 3
    assert second["data"]["progress"]["current"] == 99


def test_questions_of_a_slow_peer_wait_and_have_a_bound(peer, monkeypatch):
    monkeypatch.setattr(module, "MAX_MESSAGES", 1000)
    peer.client.pause_writing()

    for number in range(50):
        peer.say(type="ping", request_id=number)

    assert peer.read() == ([], [])
    peer.client.resume_writing()
    found, _ = peer.read()
    assert [one["request_id"] for one in found] == list(range(module.MAX_ASKED))


def test_who_takes_nothing_for_long_is_put_out(peer, loop):
    peer.client.pause_writing()

    peer.client.check(loop.now + module.STALLED_AFTER)
    assert peer.left == 0
    peer.client.check(loop.now + module.STALLED_AFTER + 1)

    assert close_code(peer) == [messages.STALLED]
    assert peer.left == 1
    loop.run_until(loop.now + module.GOODBYE)
    assert peer.transport.aborted


def test_who_takes_a_little_is_not_stalled(peer, loop):
    peer.transport.unsent = 100_000
    peer.client.pause_writing()

    for _ in range(10):
        peer.transport.unsent -= 1000
        loop.now += module.STALLED_AFTER
        peer.client.check(loop.now)

    assert peer.left == 0
    loop.now += module.STALLED_AFTER + 1
    peer.client.check(loop.now)
    assert close_code(peer) == [messages.STALLED]


def test_silence_is_broken_by_heartbeats_and_pings(peer, loop):
    loop.now += 20

    peer.client.check(loop.now)

    assert b"\x89\x00" in peer.transport.written
    peer.transport.written = peer.transport.written.replace(b"\x89\x00", b"")
    assert peer.types() == ["heartbeat"]


def test_who_gives_no_sign_of_life_is_dropped(peer, loop):
    peer.client.check(loop.now + module.LOST_AFTER + 1)

    assert peer.transport.aborted
    assert peer.left == 1


def test_a_pong_is_a_sign_of_life(peer, loop):
    loop.now += module.LOST_AFTER
    peer.send(Pong())

    peer.client.check(loop.now + 1)

    assert not peer.transport.aborted


def test_a_ping_is_answered(peer):
    peer.send(Ping(payload=b"abc"))

    assert peer.transport.written == messages.pong_frame(b"abc")


def test_recent_runs_are_told_with_the_request_s_id(peer, running, database, event):
    for row_id, run_id in enumerate(("two", "three"), start=2):
        database.run(run_id, row_id)
        database.end(run_id)
    running.load(database.standing())
    peer.client.push()
    peer.read()

    peer.say(type="get_recent_runs", limit=1, request_id="mine")

    ((found,), _) = peer.read()
    assert [run["run_id"] for run in found["data"]] == ["three"]
    assert found["request_id"] == "mine"


def test_a_program_of_the_specification_asks_without_anything_else(peer):
    peer.say(type="get_recent_runs")

    assert peer.types() == ["recent_runs"]


@pytest.mark.parametrize("limit", [0, 101, -1, "10", 1.5, True, None, [], 10**30])
def test_an_odd_limit_is_an_error_and_closes_nothing(peer, limit):
    peer.say(type="get_recent_runs", limit=limit)

    assert peer.types() == ["error"]
    assert peer.left == 0


def test_the_current_status_is_a_snapshot(peer):
    peer.say(type="get_current_status")

    assert peer.types() == ["snapshot"]


def test_who_was_here_before_gets_what_was_missed(peer, running, database, event):
    epoch, seq = running.position()
    database.end("one")
    running.apply(event(seq=3, state="completed"))
    peer.client.push()
    peer.read()

    peer.say(type="resume", epoch=epoch, seq=seq)

    assert peer.types() == ["status_update", "run_finished"]


@pytest.mark.parametrize(
    "resume",
    [
        {"epoch": "another life", "seq": 1},
        {"epoch": None},
        {"seq": -1},
        {"seq": 10**9},
        {"seq": "1"},
    ],
)
def test_who_comes_from_another_life_starts_over(peer, running, resume):
    peer.say(**({"type": "resume", "epoch": running.position()[0]} | resume))

    assert peer.types() == ["snapshot"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "7",
        "null",
        '"get_recent_runs"',
        '{"type": "get_recent_runs"',
        "[" * 4000,
        '{"type": 7}',
        '{"type": {"a": []}}',
        '{"type": "launch"}',
        '{"a": 1e999999}',
        "\ud83d\ude00",
    ],
)
def test_garbage_is_an_error_and_closes_nothing(peer, text):
    peer.send(TextMessage(data=text.encode(errors="replace").decode()))

    ((found,), closes) = peer.read()
    assert found["type"] == "error"
    assert found["data"]["code"] in {"bad_message", "unknown_type"}
    assert (closes, peer.left) == ([], 0)


def test_bytes_are_an_error_and_close_nothing(peer):
    peer.send(BytesMessage(data=b"\x00\x01"))

    assert peer.types() == ["error"]


@pytest.mark.parametrize(
    ("request_id", "told"),
    [("x" * 500, "x" * 100), (7, 7), (2**60, None), ({"a": 1}, None), (True, None)],
)
def test_only_a_small_request_s_id_comes_back(peer, request_id, told):
    peer.say(type="ping", request_id=request_id)

    ((found,), _) = peer.read()
    assert found["request_id"] == told


EPOCH = "0123456789abcdef"


@pytest.mark.parametrize(
    "question",
    [
        {"type": "ping"},
        {"type": "ping", "request_id": "x" * 100},
        {"type": "ping", "request_id": 2**53 - 1},
        {"type": "get_current_status", "request_id": None},
        {"type": "get_recent_runs"},
        {"type": "get_recent_runs", "limit": 1, "request_id": 7},
        {"type": "get_recent_runs", "limit": 100},
        {"type": "resume", "epoch": EPOCH, "seq": 0},
        {"type": "resume", "epoch": EPOCH, "seq": 7, "more": "of a later version"},
    ],
)
def test_what_the_schema_lets_a_client_ask_is_answered(peer, question):
    assert is_question(question)

    peer.say(**question)

    assert peer.types() not in ([], ["error"])


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"type": None},
        {"type": "PING"},
        {"type": "hello"},
        {"type": "get_recent_runs", "limit": 0},
        {"type": "get_recent_runs", "limit": 101},
        {"type": "get_recent_runs", "limit": "10"},
        {"type": "get_recent_runs", "limit": None},
    ],
)
def test_what_the_schema_does_not_let_a_client_ask_is_an_error(peer, question):
    assert not is_question(question)

    peer.say(**question)

    assert peer.types() == ["error"]


@pytest.mark.parametrize("kind", [TextMessage, BytesMessage])
def test_more_than_4_kb_closes(peer, kind):
    data = "x" * 4097
    peer.send(kind(data=data if kind is TextMessage else data.encode()))

    assert close_code(peer) == [messages.TOO_BIG]
    assert peer.left == 1


def test_exactly_4_kb_is_read(peer):
    peer.send(TextMessage(data="x" * 4096))

    assert peer.types() == ["error"]


def test_letters_count_as_their_bytes(peer):
    peer.send(TextMessage(data="ü" * 2049))

    assert close_code(peer) == [messages.TOO_BIG]


def test_a_message_without_an_end_closes(peer):
    for _ in range(50):
        peer.send(Message(data="x" * 100, message_finished=False))

    assert close_code(peer) == [messages.TOO_BIG]


def test_fragments_make_one_message(peer):
    peer.send(TextMessage(data='{"type": "pi', message_finished=False))
    peer.send(TextMessage(data='ng"}', message_finished=True))

    assert peer.types() == ["heartbeat"]


def test_more_than_20_messages_in_10_s_close(peer, loop):
    for _ in range(20):
        peer.say(type="ping")
    assert peer.left == 0

    peer.say(type="ping")

    assert peer.read()[1] == [messages.TOO_CHATTY]


def test_20_messages_each_10_s_are_fine(peer, loop):
    for _ in range(3):
        for _ in range(20):
            peer.say(type="ping")
        loop.now += module.WINDOW

    assert peer.left == 0


@pytest.mark.parametrize(
    "frame", [Pong(), TextMessage(data="", message_finished=False)]
)
def test_a_flood_of_empty_frames_closes(peer, frame):
    for _ in range(module.MAX_FRAMES + 1):
        peer.send(frame)

    assert close_code(peer) == [messages.TOO_CHATTY]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\x81\x82\x00\x00\x00\x00\xff\xfe", 1007),  # no UTF-8
        (b"\xf1\x80\x00\x00\x00\x00", 1002),  # reserved bits
        (b"\x83\x80\x00\x00\x00\x00", 1002),  # an unknown opcode
        (b"\x89\xff" + b"\x00" * 12, 1002),  # a ping too long
    ],
)
def test_broken_frames_close(peer, data, code):
    peer.client.data_received(data)

    assert close_code(peer) == [code]
    assert peer.left == 1
    assert peer.transport.closed


def test_a_goodbye_is_answered(peer):
    peer.send(CloseConnection(code=1000))

    assert close_code(peer) == [1000]
    assert peer.transport.closed


def test_after_our_goodbye_nothing_more_is_done(peer, running, event):
    peer.client.close(messages.SIGNED_OUT, "signed out")
    peer.client.close(messages.TOO_BIG, "again")
    peer.read()

    peer.say(type="ping")
    running.apply(event(seq=50))
    peer.client.push()
    peer.client.data_received(b"\x00" * 100_000)

    assert peer.read()[0] == []
    assert peer.left == 1


def test_the_answer_to_our_goodbye_ends_the_connection(peer):
    peer.client.close(messages.SIGNED_OUT, "signed out")

    peer.send(CloseConnection(code=4401))

    assert peer.transport.closed


def test_a_restart_is_announced(peer):
    peer.client.say_closing(1234)

    ((found,), closes) = peer.read()
    assert found["type"] == "server_closing"
    assert found["data"] == {"reconnect_after_ms": 1234}
    assert closes == [messages.GOING_AWAY]


def test_a_lost_connection_frees_its_slot_once(peer):
    peer.client.connection_lost(None)
    peer.client.connection_lost(None)

    assert peer.left == 1


# Tasks


@pytest.fixture
def tasks(clock):
    return TaskBoard(clock=clock)


@pytest.fixture
def watcher(loop, running, tasks):
    """Somebody who asked to be told of tasks."""
    peer = Peer(running, tasks=TaskFeed(tasks))
    peer.say(type="watch_tasks", request_id="mine")
    peer.read()
    return peer


def test_who_did_not_ask_is_told_of_no_task(loop, running, tasks):
    peer = Peer(running, tasks=TaskFeed(tasks))
    peer.read()
    tasks.take(record("received"))

    peer.client.push_tasks()

    assert peer.read() == ([], [])


def test_who_asked_is_told_once_of_each_change(watcher, tasks):
    tasks.take(record("received"))
    watcher.client.push_tasks()
    watcher.client.push_tasks()

    assert watcher.types() == ["tasks"]


def test_a_slow_peer_misses_states_of_a_task_never_the_newest(watcher, tasks):
    watcher.client.pause_writing()
    for state in ("received", "started", "succeeded"):
        tasks.take(record(state))
        watcher.client.push_tasks()
    assert watcher.read() == ([], [])

    watcher.client.resume_writing()

    ((told,), _) = watcher.read()
    assert [one["state"] for one in told["data"]["items"]] == ["succeeded"]


def test_who_asks_no_more_is_told_no_more(watcher, tasks, loop):
    loop.now += WATCHED_FOR + 1
    tasks.take(record("received"))

    watcher.client.push_tasks()

    assert watcher.read() == ([], [])


def test_who_asks_again_in_time_misses_nothing(watcher, tasks):
    tasks.take(record("received"))

    watcher.say(type="watch_tasks")
    watcher.client.push_tasks()

    assert watcher.types() == ["tasks", "tasks"]
