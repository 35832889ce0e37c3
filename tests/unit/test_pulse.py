"""The thread that says that a process lives."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from mailbeat.db.processes import Kind, ProcessState, list_processes
from mailbeat.db.session import create_engine, create_sessions
from mailbeat.pulse import Pulse, machine, resident_bytes, this_process
from tests.waiting import wait_for


@pytest.fixture
def begin(sessions):
    begun = []

    def begin(**options):
        pulse = Pulse(
            options.pop("sessions", sessions),
            this_process(Kind.WORKER, "celery@one"),
            facts=options.pop("facts", dict),
            every=0.02,
            **options,
        )
        begun.append(pulse)
        pulse.start()
        return pulse

    yield begin
    for pulse in begun:
        pulse.stop()


def only(sessions):
    with sessions() as session:
        now = datetime.now(UTC) + timedelta(milliseconds=1)
        found = list_processes(session, now=now)
    return found[0] if found else None


def test_it_writes_what_it_is_told_to_say(begin, sessions):
    begin(facts=lambda: {"size": 3})

    wait_for(lambda: only(sessions))

    assert only(sessions).facts["size"] == 3
    assert only(sessions).facts["rss_bytes"] == pytest.approx(resident_bytes(), rel=0.5)


def test_its_end_is_told_at_once(begin, sessions):
    pulse = begin()
    wait_for(lambda: only(sessions))

    pulse.stopping()
    wait_for(lambda: only(sessions).state is ProcessState.STOPPING)
    pulse.stop()

    assert only(sessions).state is ProcessState.STOPPED


def test_it_outlives_a_database_that_is_away(begin, tmp_path):
    away = create_sessions(create_engine(f"sqlite:///{tmp_path}/none/at.all"))
    asked = threading.Semaphore(0)

    def facts():
        asked.release()
        return {}

    with capture_logs() as logs:
        begin(sessions=away, facts=facts)
        assert asked.acquire(timeout=5)
        assert asked.acquire(timeout=5)

    assert {one["event"] for one in logs} == {"sign of life not written"}


def test_what_people_want_is_heard(begin):
    heard = threading.Event()

    begin(heard=lambda wishes: heard.set() if not wishes.stop else None)

    assert heard.wait(5)


def test_a_process_has_a_name_of_its_own():
    one, two = this_process(Kind.WEB), this_process(Kind.WEB)

    assert one.name == two.name
    assert one.name.startswith("web@")
    assert one.instance != two.instance
    assert set(machine()) == {"rss_bytes", "load", "cpus"}
