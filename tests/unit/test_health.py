"""How every part is, as the rows and the disk tell it."""

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest

from mailbeat.db import accounts, outbox
from mailbeat.db.models import LLMDay
from mailbeat.db.processes import Kind, Who, say
from mailbeat.db.queues import record_samples
from mailbeat.db.session import transaction
from mailbeat.health import (
    Condition,
    look_at_disk,
    read_health,
    read_model,
    read_ways_out,
)
from tests.unit.db.test_accounts import NOW, new_account

GIB = 2**30


@pytest.fixture
def read(any_sessions):
    def read(now=NOW):
        with any_sessions() as session:
            return {one.name: one for one in read_health(session, now=now)}

    return read


@pytest.fixture
def begun(any_sessions):
    """A beat that ticked, a worker, an account that is due, and a queue."""
    with transaction(any_sessions) as session:
        accounts.tick(session, now=NOW)
        accounts.add_account(session, new_account(), now=NOW)
        who = Who(Kind.WORKER, "celery@one", "1", host="one", pid=7, version="0.1")
        say(session, who, {"size": 50}, now=NOW)
        record_samples(session, {"celery": 3}, {}, now=NOW)


def conditions(found):
    return {name: str(one.condition) for name, one in found.items()}


def test_what_was_never_started_is_off(read):
    found = read()

    assert conditions(found) == {"beat": "off", "workers": "off", "queue": "unknown"}
    assert not any(one.is_bad for one in found.values())


@pytest.mark.usefixtures("begun")
def test_a_well_installation(read):
    found = read()

    assert conditions(found) == {"beat": "up", "workers": "up", "queue": "up"}
    assert found["workers"].text == "1 online, 50 threads"


@pytest.mark.usefixtures("begun")
def test_what_fell_silent_is_down_since_then_with_what_to_do(read):
    found = read(NOW + timedelta(minutes=20))

    assert conditions(found) == {"beat": "down", "workers": "down", "queue": "degraded"}
    assert {one.since for one in found.values()} == {NOW}
    assert all(one.advice for one in found.values())


@pytest.mark.usefixtures("begun")
def test_a_long_queue_is_worth_a_look(read, any_sessions):
    with transaction(any_sessions) as session:
        record_samples(session, {"celery": 1000}, {}, now=NOW + timedelta(seconds=1))

    assert read(NOW + timedelta(seconds=2))["queue"].condition is Condition.DEGRADED


@pytest.mark.parametrize(
    ("calls", "failures", "expected"),
    [(0, 0, "up"), (4, 4, "up"), (9, 4, "up"), (9, 5, "degraded")],
)
def test_a_model_is_judged_by_how_it_answered_today(
    any_sessions, calls, failures, expected
):
    with transaction(any_sessions) as session:
        day = NOW.date().isoformat()
        session.add(LLMDay(day=day, calls=calls, failures=failures))
        session.flush()
        found = read_model(session, is_configured=True, now=NOW)
        off = read_model(session, is_configured=False, now=NOW)

    assert (str(found.condition), off.condition) == (expected, Condition.OFF)


@pytest.mark.parametrize(
    ("total", "free", "expected"),
    [
        (100 * GIB, 50 * GIB, "up"),
        (1000 * GIB, 20 * GIB, "up"),  # 2 %, and a lot
        (100 * GIB, 4 * GIB, "degraded"),
        (4 * GIB, 0.4 * GIB, "degraded"),
        (4 * GIB, 0.01 * GIB, "down"),
    ],
)
def test_a_disk_is_judged_by_what_is_left(monkeypatch, tmp_path, total, free, expected):
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: SimpleNamespace(total=total, free=free)
    )

    found = look_at_disk(f"sqlite:///{tmp_path}/mailbeat.db")

    assert str(found.condition) == expected


def test_a_folder_that_is_not_there_is_unknown(tmp_path):
    found = look_at_disk(f"sqlite:///{tmp_path}/none/mailbeat.db")

    assert found.condition is Condition.UNKNOWN


class Way:
    def __init__(self, key):
        self.key = self.shown = key


@pytest.fixture
def ways_out(any_sessions):
    def ways_out(*channels, has_post=False):
        with any_sessions() as session:
            found = read_ways_out(session, channels, has_post=has_post)
            return {one.name: one for one in found}

    return ways_out


@pytest.fixture
def tried(any_sessions):
    def tried(key, error=None, seconds=0):
        with transaction(any_sessions) as session:
            now = NOW + timedelta(seconds=seconds)
            text = {"message_id": "m", "title": "A title"}
            outbox.note_told(session, Way(key), **text, error=error, now=now)

    return tried


def test_ways_out_that_nobody_set_are_off(ways_out):
    found = ways_out()

    assert set(conditions(found).values()) == {"off"}
    assert found["mail out"].text == "SMTP_URL is not set"


def test_of_a_way_out_that_was_not_tried_nothing_is_known(ways_out):
    found = ways_out(Way("webhook-1"), has_post=True)

    assert conditions(found) == {
        "mail out": "unknown",
        "webhook": "unknown",
        "apprise": "off",
    }
    assert "mailbeat alert test" in found["webhook"].advice


def test_the_last_message_says_how_its_way_out_is(ways_out, tried):
    tried("email")
    tried("digest-7", "mail.example.org did not answer.", seconds=9)
    tried("webhook-1", "It answered 500.")
    tried("webhook-1", seconds=5)

    found = ways_out(Way("email"), Way("webhook-1"))

    mail, hook = found["mail out"], found["webhook"]
    assert (mail.condition, hook.condition) == (Condition.DEGRADED, Condition.UP)
    assert "mail.example.org did not answer" in mail.text
    assert mail.since == NOW + timedelta(seconds=9)
    assert "SMTP_URL" in mail.advice
    assert hook.since == NOW + timedelta(seconds=5)


def test_of_several_addresses_the_one_that_fails_is_told(ways_out, tried):
    tried("apprise-1", "Apprise ntfy did not take it.")
    tried("apprise-2", seconds=9)

    found = ways_out(Way("apprise-1"), Way("apprise-2"))

    assert found["apprise"].is_bad


def test_an_address_that_is_not_used_any_more_is_not_told_of(ways_out, tried):
    tried("webhook-old", "It answered 404.")

    assert ways_out(Way("webhook-new"))["webhook"].condition is Condition.UNKNOWN
