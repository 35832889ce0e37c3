"""The delaying line delays, counts, and does nothing else."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from tests.servers.line import Line, LineProcess

ROUND_TRIP = 0.2  # seconds; enough to be told from a busy machine


@contextmanager
def echo():
    """A server that greets, then answers each line with itself."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection):
        with connection, connection.makefile("rwb") as file:
            file.write(b"hello\n")
            file.flush()
            for line in file:
                file.write(line)
                file.flush()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture(params=[Line, LineProcess])
def line(request):
    with echo() as port, request.param(port, round_trip=ROUND_TRIP) as one:
        yield one


@contextmanager
def call(line):
    with (
        socket.create_connection(("127.0.0.1", line.port), timeout=10) as sock,
        sock.makefile("rwb") as file,
    ):
        assert file.readline() == b"hello\n"
        yield file


def say(file, data):
    file.write(data)
    file.flush()


def test_each_question_and_answer_is_a_turn_and_takes_a_round_trip(line):
    with call(line) as file:
        start = time.monotonic()
        for _ in range(3):
            say(file, b"x\n")
            assert file.readline() == b"x\n"
        seconds = time.monotonic() - start

    assert 3 * ROUND_TRIP <= seconds < 4 * ROUND_TRIP
    count = line.reset()
    assert (count.turns, count.connections) == (3, 1)
    assert (count.bytes_up, count.bytes_down) == (6, len("hello\n") + 6)


def test_what_is_sent_together_travels_together(line):
    with call(line) as file:
        start = time.monotonic()
        for number in range(10):
            say(file, b"%d\n" % number)
        answers = [file.readline() for _ in range(10)]
        seconds = time.monotonic() - start

    assert answers == [b"%d\n" % number for number in range(10)]
    assert ROUND_TRIP <= seconds < 2 * ROUND_TRIP
    assert line.reset().turns == 1


def test_much_comes_as_fast_as_little(line):
    size = 30_000_000
    with call(line) as file:
        start = time.monotonic()
        sending = threading.Thread(
            target=say, args=(file, b"x" * (size - 1) + b"\n"), daemon=True
        )
        sending.start()
        came = 0
        while came < size:
            came += len(file.read1(1 << 20))
        seconds = time.monotonic() - start

    assert seconds < 10 * ROUND_TRIP
    assert line.reset().bytes_down >= size


def test_the_end_of_one_side_is_the_end_of_the_other(line):
    with call(line) as file:
        say(file, b"x\n")
        assert file.readline() == b"x\n"
    with (
        socket.create_connection(("127.0.0.1", line.port), timeout=10) as sock,
        sock.makefile("rwb", buffering=0) as file,
    ):
        sock.shutdown(socket.SHUT_WR)
        assert file.read() == b"hello\n"

    assert line.reset().connections == 2
