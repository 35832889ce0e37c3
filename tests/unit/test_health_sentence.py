"""One true sentence for each way an account can be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db.health import Facts, Kind, Last
from mailbeat.health_sentence import in_words, plain, sentence_of
from mailbeat.mail.errors import ErrorCode

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FACTS = Facts(
    now=NOW,
    interval=5 * MINUTE,
    next_run_at=NOW + 2 * MINUTE,
    last=Last("succeeded", None, NOW - 3 * MINUTE, found=5, labeled=4),
    last_good_at=NOW - 3 * MINUTE,
)


def failed(code):
    return Last("failed", code, NOW - 3 * MINUTE)


SENTENCES = [
    ({}, "Working: last run 3 minutes ago labelled 4, next in 2 minutes."),
    (
        {"last": Last("succeeded", None, NOW - MINUTE), "is_running": True},
        "Working: last run 1 minute ago found nothing new, the next one is under way.",
    ),
    (
        {"last": Last("cancelled", None, NOW - 2 * HOUR), "is_wanted": True},
        (
            "Working: last run 2 hours ago was stopped by a person, the next one "
            "starts within seconds."
        ),
    ),
    (
        {"last": Last("interrupted", None, NOW - 2 * HOUR)},
        "Working: last run 2 hours ago was interrupted, next in 2 minutes.",
    ),
    (
        {"last": replace(failed("deadline"), labeled=4000)},
        (
            "Working: last run 3 minutes ago labelled 4,000 before its time was "
            "over, next in 2 minutes."
        ),
    ),
    (
        {"last": failed("auth_failed"), "next_run_at": NOW},
        "To be tried again: the password was refused 3 minutes ago, next now.",
    ),
    ({"last": None}, "Its first run is due in 2 minutes."),
    ({"last": None, "next_run_at": NOW - MINUTE / 2}, "Its first run is due now."),
    ({"last": None, "is_wanted": True}, "Its first run starts within seconds."),
    ({"last": None, "is_running": True}, "Its first run is under way."),
    (
        {"next_run_at": NOW - 2 * HOUR},
        (
            "Late: a run was due 2 hours ago, and it was not started yet; the last "
            "good run ended 3 minutes ago."
        ),
    ),
    (
        {"next_run_at": NOW + 2 * MINUTE, "is_sent": True, "last": None},
        (
            "Late: its first run was due 3 minutes ago, and no worker took it yet; "
            "the last good run ended 3 minutes ago."
        ),
    ),
    (
        {
            "next_run_at": NOW + MINUTE,
            "is_sent": True,
            "last_good_at": None,
            "last": Last("cancelled", None, NOW - 2 * MINUTE),
        },
        "Late: a run was asked for, and no worker took it yet.",
    ),
    (
        {"failures": 1, "last": failed("connect_failed")},
        (
            "Failing: the server was not reached 3 minutes ago; the next try is in "
            "2 minutes."
        ),
    ),
    (
        {
            "failures": 7,
            "failed_runs": 7,
            "failing_since": NOW - 5 * HOUR,
            "last": failed("server_busy"),
            "is_running": True,
        },
        (
            "Failing: the server was busy. 7 runs failed, the first 5 hours ago; it "
            "is being tried again now."
        ),
    ),
    (
        {"interruptions": 3},
        (
            "Failing: its worker stopped in the middle of the last 3 runs; the next "
            "try is in 2 minutes."
        ),
    ),
    (
        {"paused_at": NOW - 2 * DAY, "pause_reason": "auth_failed"},
        "Needs you: the password was refused 2 days ago; 576 runs were not made.",
    ),
    (
        {"paused_at": NOW - 6 * MINUTE, "pause_reason": "auth_failed"},
        "Needs you: the password was refused 6 minutes ago; 1 run was not made.",
    ),
    (
        {
            "paused_at": NOW - 2 * MINUTE,
            "pause_reason": "auth_failed",
            "by_token": True,
        },
        "Needs you: the sign-in at its provider was refused 2 minutes ago.",
    ),
    (
        {
            "failures": 2,
            "failed_runs": 2,
            "failing_since": NOW - HOUR,
            "last": failed("tls_failed"),
        },
        (
            "Needs you: the server's certificate was not trusted. 2 runs failed, "
            "the first 60 minutes ago; the next try is in 2 minutes."
        ),
    ),
    (
        {"failures": 1, "last": failed("tls_failed"), "all_paused_at": NOW},
        (
            "Needs you: the server's certificate was not trusted 3 minutes ago; it "
            "is not tried again while everything is paused."
        ),
    ),
    (
        {"paused_at": NOW - HOUR * 3, "pause_reason": "user"},
        "Paused by a person 3 hours ago. It runs again once it is resumed.",
    ),
    (
        {"paused_at": NOW, "pause_reason": "user", "is_running": True},
        "Paused: the run in hand stops at its next message.",
    ),
    (
        {"all_paused_at": NOW - DAY * 20},
        (
            "Paused with everything else on 16 December 2025. It runs again once "
            "that is resumed."
        ),
    ),
    (
        {"paused_at": NOW, "pause_reason": "set-up", "last": None},
        "Being set up: it labels nothing until that is finished.",
    ),
]


@pytest.mark.parametrize(("changes", "said"), SENTENCES)
def test_a_sentence_tells_what_is_so(changes, said):
    assert plain(sentence_of(replace(FACTS, **changes)), NOW) == said


def test_every_kind_and_every_error_has_words():
    kinds = {sentence_of(replace(FACTS, **changes)).kind for changes, _ in SENTENCES}
    assert kinds == set(Kind)

    for code in ErrorCode:
        told = sentence_of(replace(FACTS, failures=1, last=failed(code)))
        assert told.values["cause"] != "a run failed"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "just now"), (-60, "1 minute ago"), (3600, "in 60 minutes"), (3, "now")],
)
def test_a_time_is_told_in_words(seconds, said):
    assert in_words(NOW + timedelta(seconds=seconds), NOW) == said


def test_what_is_to_come_is_never_in_the_past():
    assert in_words(NOW - HOUR, NOW, is_to_come=True) == "now"
