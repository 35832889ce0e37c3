"""The bytes, against the other end of a socket."""

import socket
import threading
import zlib
from contextlib import suppress

import pytest

from mailbeat.mail import wire as module
from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import DeadlineExceeded
from mailbeat.mail.wire import (
    DROPPED,
    MAX_DROPPED,
    MAX_LINE,
    MAX_LITERAL,
    Lost,
    Unreadable,
    Wire,
)

LINE = 4 * 1024 * 1024


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def wire(pair):
    return Wire(pair[0], Deadline(20))


def say(pair, *pieces: bytes, hang_up: bool = False) -> None:
    """Say something from the other end, which may be more than a socket holds."""

    def talk():
        with suppress(OSError):  # the test is over
            for piece in pieces:
                pair[1].sendall(piece)
            if hang_up:
                pair[1].shutdown(socket.SHUT_WR)

    threading.Thread(target=talk, daemon=True).start()


def test_a_response_is_a_line(pair, wire):
    say(pair, b"* 3 EXISTS\r\n* OK", b" done\n")

    assert [wire.read(), wire.read()] == [[b"* 3 EXISTS"], [b"* OK done"]]


def test_literals_stand_between_the_pieces_of_the_line(pair, wire):
    say(pair, b"* 1 FETCH (A {5}\r\nHe\r\no B ~{0}\r\n)\r\n")

    assert wire.read() == [b"* 1 FETCH (A ", b"He\r\no", b" B ", b"", b")"]


@pytest.mark.parametrize("line", [b"* OK see {9}", b"A1 NO {300000000}", b"+ {5}"])
def test_a_text_for_people_announces_no_literal(pair, wire, line):
    say(pair, line + b"\r\n* NEXT\r\n")

    assert [wire.read(), wire.read()] == [[line], [b"* NEXT"]]


def test_of_a_long_literal_the_start_is_kept(pair, wire):
    size = 3 * MAX_LITERAL
    say(pair, b"* 1 FETCH (A {%d}\r\n" % size, b"x" * size, b")\r\n")

    response = wire.read()

    assert [len(piece) for piece in response] == [13, MAX_LITERAL, 1]


@pytest.mark.parametrize(
    "said",
    [
        b"* 1 FETCH (A {%d}\r\n" % (MAX_DROPPED + MAX_LITERAL + 1),
        b"* 1 FETCH (A {99999999999999999999}\r\n",
        b"* 1 FETCH " + b"x" * 80_000_000,
        b"* 1 FETCH (" + b"A {1}\r\nx " * 10_001,
        b"* LIST " + b"x" * 100_000,
        b"* LIST " + b"x" * 100_000 + b"\r\n",
        b"A1 OK " + b"x" * 100_000 + b"\r\n",
        b"* SEARCH " + b"1 " * LINE,
        b"* LIST (" + (b"A {200000}\r\n" + b"x" * 200_000) * 3 + b")\r\n",
    ],
    ids=[
        *("long literal", "endless literal", "endless row", "many literals"),
        "endless line",
        *("long line", "long end", "endless search", "long literals"),
    ],
)
def test_a_response_without_measure_is_not_read_to_its_end(pair, wire, said):
    say(pair, said)

    with pytest.raises(Unreadable):
        wire.read()


@pytest.mark.parametrize(
    "row",
    [
        b"* 1 FETCH (A " + b"x" * MAX_LINE + b")\r\n",
        b"* 1 FETCH (A " + b"x" * 1_000_000 + b" B {5}\r\n\r\n(\r\n C d)\r\n",
        b"* 1 FETCH (" + (b" A {200000}\r\n" + b"x" * 200_000) * 30 + b")\r\n",
        b"* 1 FETCH (A {1}\r\nx B " + b"x" * 1_000_000 + b")\r\n",
    ],
    ids=["long line", "longer line", "many literals", "a long line later"],
)
def test_a_row_that_is_too_long_is_dropped_and_the_next_is_read(pair, wire, row):
    say(pair, row, b"* 2 FETCH (C d)\r\n")

    assert [wire.read(), wire.read()] == [DROPPED, [b"* 2 FETCH (C d)"]]


def test_a_search_may_find_many(pair, wire):
    line = b"* SEARCH" + b" 1234567" * 100_000
    say(pair, line + b"\r\n")

    assert wire.read() == [line]


def test_an_answer_without_end_is_given_up(pair, wire, monkeypatch):
    monkeypatch.setattr(module, "MAX_ANSWER", 1_000_000)
    say(pair, b"* 1 FETCH (FLAGS (x))\r\n" * 100_000)

    with pytest.raises(Unreadable):
        list(iter(wire.read, None))


def test_the_end_of_a_command_starts_a_new_answer(pair, wire, monkeypatch):
    monkeypatch.setattr(module, "MAX_ANSWER", 200_000)
    say(pair, (b"* 1 FETCH (FLAGS (x))\r\n" * 1_000 + b"A1 OK\r\n") * 50)

    assert [len(wire.read()) for _ in range(50 * 1_001)] == [1] * 50 * 1_001


def test_who_hangs_up_is_lost(pair, wire):
    say(pair, b"* 1 FE", hang_up=True)

    with pytest.raises(Lost):
        wire.read()


def test_a_silent_server_is_waited_for_until_the_deadline(pair):
    with pytest.raises(DeadlineExceeded):
        Wire(pair[0], Deadline(0.2)).read()


def test_a_silent_server_is_not_waited_for_longer_than_a_read_may_take(
    wire, monkeypatch
):
    monkeypatch.setattr(module, "READ_SECONDS", 0.1)

    with pytest.raises(Lost):
        wire.read()


def test_a_server_that_does_not_listen_is_lost(pair, wire, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.1)

    with pytest.raises(Lost):
        wire.send(b"x" * 10_000_000)


def test_after_our_side_was_closed_everything_is_lost(wire):
    wire.close()

    with pytest.raises(Lost):
        wire.send(b"x")
    with pytest.raises(Lost):
        wire.read()


# Compressed


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def test_compressed_both_sides_understand_each_other(pair, wire):
    wire.compress()
    say(pair, deflated(b"* 1 FETCH (A {5}\r\nHello)\r\n" * 10_000))

    responses = [wire.read() for _ in range(10_000)]
    wire.send(b"A1 NOOP\r\n")
    wire.send(b"A2 NOOP\r\n")

    assert responses == [[b"* 1 FETCH (A ", b"Hello", b")"]] * 10_000
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    assert inflater.decompress(pair[1].recv(9999)) == b"A1 NOOP\r\nA2 NOOP\r\n"


def test_what_came_together_with_the_last_plain_line_is_inflated(pair, wire):
    pair[1].sendall(b"A1 OK go\r\n" + deflated(b"* 3 EXISTS\r\n"))

    assert wire.read() == [b"A1 OK go"]
    wire.compress()
    assert wire.read() == [b"* 3 EXISTS"]


@pytest.mark.parametrize(
    "packed",
    [
        b"* 3 EXISTS\r\n",
        deflated(b"x" * 200_000_000),
        zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush(),
    ],
    ids=["not packed", "a bomb", "the end"],
)
def test_what_cannot_be_inflated_is_unreadable(pair, wire, packed):
    wire.compress()
    say(pair, packed, hang_up=True)

    with pytest.raises(Unreadable):
        wire.read()
