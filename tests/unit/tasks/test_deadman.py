"""Who watches beat from outside is told that it lives, and never waited for."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from structlog.testing import capture_logs

from tasks.deadman import AT_MOST_EVERY, DeadMan
from tests.waiting import wait_for

NOBODY = "http://127.0.0.1:1/a-secret"


class Watcher(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def watcher():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Watcher)
    server.asked, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/a-secret"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_address_is_asked_once_a_minute(watcher):
    now = [0.0]
    deadman = DeadMan(watcher.url, clock=lambda: now[0])

    assert deadman.ping()
    wait_for(lambda: watcher.asked == ["/a-secret"])
    now[0] = AT_MOST_EVERY - 1
    assert not deadman.ping()
    now[0] = AT_MOST_EVERY
    assert deadman.ping()

    wait_for(lambda: len(watcher.asked) == 2)


def test_what_it_answers_is_known(watcher):
    assert DeadMan(watcher.url).tell() is None

    watcher.status = 404

    assert DeadMan(watcher.url).tell() == "status 404"
    assert DeadMan(NOBODY).tell() == "ConnectError"


def test_a_watcher_that_is_away_is_said_once_and_without_its_address():
    deadman = DeadMan(NOBODY)

    with capture_logs() as logs:
        for failure in ("ConnectError", "ConnectError", None, None):
            deadman._say(failure)

    assert [one["event"] for one in logs] == [
        "dead man's switch not told",
        "dead man's switch told again",
    ]
    assert "a-secret" not in str(logs)
