"""What is refused before anything starts; tests/e2e/test_demo.py starts it for good."""

import socket

from mailbeat.demo.installation import _plan_up, run_demo, run_up
from mailbeat.demo.lock import only_one
from mailbeat.settings import load_settings


def demo(directory, *, port=1):
    return run_demo(directory, port=port, host="127.0.0.1", interval=15, accounts=5)


def test_a_taken_port_is_a_clear_error_before_anything_starts(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert demo(tmp_path / "var", port=port) == 1

    assert f"Port {port} of 127.0.0.1 is taken" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["lock"]


def test_a_second_start_in_the_same_directory_is_a_clear_error(tmp_path, capsys):
    with only_one(tmp_path):
        assert demo(tmp_path) == 1

    assert f"runs in {tmp_path} already" in capsys.readouterr().err


def test_a_key_that_can_be_guessed_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MAILBEAT_API_KEY", "short")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert demo(tmp_path, port=port) == 1

    error = capsys.readouterr().err
    assert "MAILBEAT_API_KEY" in error
    assert "short" not in error


def test_a_directory_that_cannot_be_made_is_a_clear_error(tmp_path, capsys):
    (tmp_path / "var").write_text("a file")

    assert demo(tmp_path / "var") == 1

    assert str(tmp_path / "var") in capsys.readouterr().err


def test_up_refuses_the_same_things(tmp_path, capsys, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        settings = load_settings()

        assert run_up(tmp_path, settings, {}) == 1

    assert "is taken" in capsys.readouterr().err


def test_up_brings_a_redis_unless_there_is_a_broker(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.setenv("BROKER_URL", "")
    alone = _plan_up(tmp_path, load_settings(), {})
    monkeypatch.setenv("BROKER_URL", "amqp://127.0.0.1//")
    beside = _plan_up(tmp_path, load_settings(), {})

    assert [one.name for one in alone.processes] == ["redis", "web", "worker", "beat"]
    assert [one.name for one in beside.processes] == ["web", "worker", "beat"]
    assert beside.env["REDIS_URL"] == ""
