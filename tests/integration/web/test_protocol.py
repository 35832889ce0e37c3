"""What the feed says is what the API says, to the letter of the schema."""

import json

import pytest

from mailbeat.labeling.progress import RunState
from tests.frames import is_question

from .conftest import api

CURRENT = "/api/processing/current-status"


@pytest.fixture
def both(dashboard, listen):
    """The newest snapshot on a feed just opened, and the API's body, without times.

    Of one moment: what changed between two looks at the API is looked at again.
    """

    def ask():
        status, body = api(dashboard, CURRENT)
        assert status == 200
        return body | {"timestamp": ""}

    def both():
        while True:
            before = ask()
            listener = listen(dashboard)
            shown = listener.welcome()[-1]["data"] | {"timestamp": ""}
            listener.socket.close()
            if ask() == before:
                return shown, before

    return both


def test_a_snapshot_is_the_body_of_the_current_status(dashboard, worker, both, add):
    done, waiting, running = (add(dashboard, f"{n}@example.org") for n in "abc")
    worker.begin(done).end()
    worker.begin(waiting)
    worker.begin(running).step(RunState.LABELING, 7)
    dashboard.look()

    shown, body = both()

    assert shown == body
    assert shown["current_processing"] in shown["accounts"]
    assert [one["state"] for one in shown["accounts"]][1:] == ["connecting", "labeling"]
    assert [run["account_id"] for run in shown["recent_runs"]] == [done]


def test_a_snapshot_of_nothing_is_the_body_of_the_current_status(both):
    shown, body = both()

    assert shown == body
    assert shown["current_processing"] is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({"type": "ping", "request_id": 7}, "heartbeat"),
        ({"type": "get_recent_runs", "limit": 3, "request_id": "a"}, "recent_runs"),
        ({"type": "get_current_status"}, "snapshot"),
        ({"type": "resume", "epoch": "0123456789abcdef", "seq": 3}, "snapshot"),
        ({"type": "get_everything", "request_id": 7}, "error"),
    ],
)
def test_each_question_of_the_schema_has_its_answer(
    dashboard, listen, question, answer
):
    assert is_question(question) is (answer != "error")
    listener = listen(dashboard)
    listener.welcome()

    listener.say(**question)

    seen = listener.read_until(lambda message: message["type"] == answer)
    asked = question.get("request_id")
    told = seen[-1]["data"] if answer == "error" else seen[-1]
    assert told.get("request_id") == asked


def test_the_seq_of_a_frame_stands_in_its_first_bytes(dashboard, listen, add):
    for number in range(20):
        add(dashboard, f"{number}@example.org")
    listener = listen(dashboard)

    while (frame := listener.socket.recv(10)) and "snapshot" not in frame[:20]:
        assert frame.index('"seq":') < 200

    assert frame.index('"seq":') < 200
    assert json.loads(frame)["type"] == "snapshot"
