"""Frames: JSON inside, RFC 6455 outside."""

import json
from datetime import UTC, datetime

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Ping, Pong, TextMessage

from mailbeat.labeling.progress import RunState
from webapp.live import messages
from webapp.live.messages import AccountStatus

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def read(frames):
    """What a client of another making reads."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(frames)
    return list(client.events())


def status(**changes):
    values = {
        "account_id": 7,
        "email_address": "ada@example.org",
        "state": RunState.LABELING,
        "current": 7,
        "total": 20,
        "start_time": NOW,
        "last_updated": NOW,
        "error_code": None,
        "error_message": None,
        "run_id": "one",
        "eta_seconds": 12,
        "paused": False,
        "setting_up": False,
        "next_run_at": None,
    }
    return messages.status_json(AccountStatus(**(values | changes)))


def test_a_status_has_the_fields_of_the_specification():
    shown = status()

    assert shown["email_address"] == "ada@example.org"
    assert shown["state"] == "labeling"
    assert shown["current_step"] == "Labeling 7 of 20"
    assert shown["progress"] == {"current": 7, "total": 20}
    assert shown["start_time"] == shown["last_updated"] == "2026-01-05T08:00:00.000Z"
    assert shown["error_message"] is None


@pytest.mark.parametrize("total", [None, 0])
def test_progress_of_nothing_is_none(total):
    assert status(total=total)["progress"] is None


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_of_any_size_can_be_read(size):
    frame = messages.message("x", "a" * size, seq=3)

    text = "".join(event.data for event in read(frame))

    assert json.loads(text)["data"] == "a" * size


def test_an_envelope_has_the_three_keys_of_the_specification_and_ours():
    (event,) = read(
        messages.message("recent_runs", [], seq=3, beside={"request_id": 1})
    )

    assert isinstance(event, TextMessage)
    envelope = json.loads(event.data)
    assert set(envelope) == {"type", "data", "timestamp", "v", "seq", "request_id"}
    assert (envelope["v"], envelope["seq"]) == (1, 3)


def test_the_type_and_the_seq_stand_in_the_first_bytes():
    (event,) = read(messages.message("snapshot", {"seq": 1, "x": "x" * 1000}, seq=3))

    assert event.data.startswith('{"type":"snapshot","seq":3,"v":1,"timestamp":"')


def test_odd_letters_survive():
    (event,) = read(messages.message("x", "Übergröße 漢字 \u2028 \ud800", seq=1))

    assert json.loads(event.data)["data"] == "Übergröße 漢字 \u2028 ?"


def test_control_frames_can_be_read():
    close = messages.close_frame(4401, "signed out")

    found = read(messages.ping_frame() + messages.pong_frame(b"x") + close)

    assert isinstance(found[0], Ping)
    assert isinstance(found[1], Pong)
    assert isinstance(found[2], CloseConnection)
    assert (found[2].code, found[2].reason) == (4401, "signed out")


def test_the_reason_of_a_close_fits_into_a_control_frame():
    (found,) = read(messages.close_frame(1000, "x" * 500))

    assert len(found.reason) == 123
