"""What events say of tasks is believed as far as it makes sense, and told in short."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from webapp.live.task_events import TASK_EVENTS, read_task_event, shorten

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
RECEIVED = {
    "type": "task-received",
    "uuid": "11111111-2222-3333-4444-555555555555",
    "name": "shop.tasks.send",
    "args": "(7,)",
    "kwargs": "{'deep': True}",
    "retries": 1,
    "eta": "2026-01-05T09:00:00+00:00",
    "expires": None,
    "root_id": "the-root",
    "parent_id": None,
    "hostname": "celery@one",
    "timestamp": NOW.timestamp() - 1,
}


def read(**changes):
    return read_task_event(RECEIVED | changes, now=NOW)


def test_a_task_that_a_worker_received_is_known_with_all_that_names_it():
    one = read()

    assert (one.state, one.name, one.worker) == (
        "received",
        "shop.tasks.send",
        "celery@one",
    )
    assert one.arguments == "(7,) {'deep': True}"
    assert one.received_at == NOW - timedelta(seconds=1)
    assert one.eta == NOW + timedelta(hours=1)
    assert (one.root_id, one.parent_id, one.retries) == ("the-root", None, 1)


def test_a_failure_is_known_by_its_type_and_a_short_text():
    one = read(
        type="task-failed",
        exception="ConnectionError('ada@example.org: password=hunter2 refused')",
    )

    assert one.exception == "ConnectionError"
    assert one.error == "…@…: password=*** refused"
    assert one.ended_at == one.received_at


def test_how_long_a_task_took_is_the_workers_word():
    assert read(type="task-succeeded", runtime=0.25).runtime == 0.25
    assert read(type="task-succeeded", runtime="long").runtime is None
    assert read(type="task-succeeded", runtime=float("nan")).runtime is None


def test_a_run_tells_its_account():
    one = read(type="task-labeling", account_id=7, seq=3)

    assert (one.name, one.account_id, one.state) == (
        "tasks.account.process_account",
        7,
        "labeling",
    )


@pytest.mark.parametrize("args", ["(7,)", "[7]"])
def test_a_run_that_waits_tells_its_account_by_its_argument(args):
    assert read(name="tasks.account.process_account", args=args).account_id == 7
    assert read(name="another", args=args).account_id is None


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("('ada@example.org',)", "('…@…',)"),
        ("{'token': 'abc', 'n': 7}", "{'token': ***, 'n': 7}"),
        ('{"api_key": "abc"}', '{"api_key": ***}'),
        ("imap://ada:secret@host/x", "imap://ada:…@…/x"),
        ("('sk0live" + "a1" * 20 + "',)", "('***',)"),
        (
            "('11111111-2222-3333-4444-555555555555',)",
            "('11111111-2222-3333-4444-555555555555',)",
        ),
        ("a\u202eb\nc\x00d\ud800", "a b c d "),
        ("(12345678901234567890123456789,)", "(12345678901234567890123456789,)"),
    ],
)
def test_a_text_is_shown_without_addresses_secrets_and_odd_characters(told, shown):
    assert shorten(told, 200) == shown


@pytest.mark.parametrize("sign", ["x", "@", "a=", "key:", "'", "\u202e", "-_", "0"])
def test_a_text_of_a_million_characters_costs_little(sign):
    text = sign * (1_000_000 // len(sign))
    began = time.process_time()

    one = read(args=text, kwargs=text, name=text, hostname=text)
    failed = read(type="task-failed", exception=text)

    assert time.process_time() - began < 0.05
    texts = (one.arguments, one.name, one.worker, failed.exception, failed.error)
    assert all(len(text or "") <= 300 for text in texts)


@pytest.mark.parametrize(
    "changes",
    [
        {"uuid": None},
        {"uuid": ""},
        {"uuid": 7},
        {"uuid": "x" * 101},
        {"uuid": "../settings"},
        {"uuid": "a/b"},
        {"uuid": "<img src=x>"},
        {"type": "task-mine"},
        {"type": None},
        {"type": ["task-received"]},
    ],
)
def test_what_names_no_task_is_no_event(changes):
    assert read(**changes) is None


@pytest.mark.parametrize(
    "told",
    [
        NOW.timestamp() + 1e6,
        0,
        -1,
        1e300,
        float("nan"),
        float("inf"),
        "now",
        None,
        True,
    ],
)
def test_a_time_that_cannot_be_is_that_of_hearing(told):
    assert read(timestamp=told).received_at == NOW


def test_random_events_never_raise():
    odd = [None, 0, -1, 10**40, 1.5, "", "x" * 1000, [], {}, True, "9999-12-31T23:59"]
    chance = random.Random(1)

    for _ in range(3000):
        kind = chance.choice([*TASK_EVENTS, "x"])
        names = [*RECEIVED, "exception", "runtime", "seq", "account_id"]
        raw = {name: chance.choice([*odd, RECEIVED.get(name)]) for name in names}
        read_task_event(raw | {"type": kind, "uuid": "x"}, now=NOW).values() if (
            kind != "x"
        ) else read_task_event(raw, now=NOW)
