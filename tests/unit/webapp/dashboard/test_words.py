from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.digest.letter import CAUSES
from mailbeat.labeling.progress import Outcome, RunState
from mailbeat.mail.errors import ErrorCode, PermanentMailError
from webapp.dashboard import words

NOW = datetime(2026, 1, 5, 8, 0, 0, tzinfo=UTC)


def status(**values):
    return {
        "account_id": 7,
        "email_address": "ada@example.org",
        "state": "idle",
        "run_id": None,
        "error_code": None,
        "paused": False,
        "setting_up": False,
        **values,
    }


def run(**values):
    return {
        "run_id": "r1",
        "account_id": 7,
        "state": "completed",
        "outcome": "succeeded",
        "start_time": "2026-01-05T08:00:00.000Z",
        "end_time": "2026-01-05T08:00:10.000Z",
        "emails_found": 12,
        "emails_processed": 12,
        "emails_labeled": 12,
        "emails_failed": 0,
        "error_code": None,
        "phases": [],
        **values,
    }


def phase(state, second):
    return {"state": state, "start_time": f"2026-01-05T08:00:{second:02d}.000Z"}


def test_the_words_know_every_state_outcome_and_error():
    assert {state for state in RunState if state.is_running} == words.RUNNING
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(CAUSES) == set(ErrorCode)
    permanent = {one.code for one in PermanentMailError.__subclasses__()}
    assert permanent == words.NEEDS_A_PERSON


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (-4, "just now"),
        (3, "now"),
        (-12, "12 s ago"),
        (45, "in 45 s"),
        (-180, "3 min ago"),
        (-7200, "2 h ago"),
        (-3 * 86_400, "3 d ago"),
        (-40 * 86_400, "26 Nov 2025"),
    ],
)
def test_a_time_is_said_relative_to_now(seconds, said):
    assert words.relative(NOW + timedelta(seconds=seconds), NOW) == said


def test_what_is_due_is_never_in_the_past():
    assert words.relative(NOW - timedelta(seconds=40), NOW, due=True) == "now"
    assert words.relative(NOW + timedelta(seconds=40), NOW, due=True) == "in 40 s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.04, "0.0 s"),
        (1.26, "1.3 s"),
        (9.96, "10 s"),
        (65, "1 min 5 s"),
        (3725, "1 h 2 min"),
    ],
)
def test_a_duration_has_the_units_that_matter(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Waiting"),
        ({"state": "labeling"}, "Labeling"),
        ({"state": "completed"}, "Done"),
        ({"paused": True}, "Paused"),
        ({"state": "labeling", "paused": True}, "Stopping"),
        ({"state": "error", "error_code": "server_busy"}, "Retrying"),
        ({"state": "error", "error_code": "auth_failed", "paused": True}, "Needs you"),
    ],
)
def test_a_state_has_one_word(changes, word):
    assert words.mark_of(status(**changes)).word == word


def test_an_account_that_tries_again_still_needs_its_person():
    refused = run(outcome="failed", error_code="tls_failed")

    assert words.need_of(status(state="connecting"), refused) is refused
    assert words.need_of(status(state="completed"), refused) is None


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("idle", "todo todo todo todo todo"),
        ("connecting", "now todo todo todo todo"),
        ("fetching", "done now todo todo todo"),
        ("processing", "done done now todo todo"),
        ("categorizing", "done done now todo todo"),
        ("labeling", "done done done now todo"),
        ("completed", "done done done done done"),
    ],
)
def test_the_steps_follow_the_state(state, steps):
    assert words.steps_of(status(state=state), None) == steps.split()


def test_a_failed_run_shows_the_step_it_failed_at():
    failed = run(phases=[phase("connecting", 0), phase("fetching", 3)])
    shown = status(state="error", run_id="r1")

    assert words.steps_of(shown, failed) == ["done", "bad", "todo", "todo", "todo"]


def test_an_account_at_rest_shows_what_its_last_run_came_to():
    resting = status(state="completed", run_id="r1", current_step="Completed")
    working = status(state="fetching", run_id="r2", current_step="Looking")

    assert words.line_of(resting, run()) == "12 labelled"
    assert words.before_of(resting, run()) == "Last run "
    assert words.line_of(working, run()) == "Looking"
    assert words.before_of(working, run()) == "12 labelled · "


def test_a_run_that_a_person_stopped_is_neither_done_nor_failed():
    stopped = run(outcome="cancelled")
    shown = status(state="completed", run_id="r1")

    assert words.mark_of(shown, stopped).word == "Stopped"
    assert words.steps_of(shown, stopped) == ["todo"] * 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "12 labelled"),
        ({"emails_found": 0}, "Nothing new"),
        ({"emails_labeled": 9}, "9 of 12 labelled"),
        ({"emails_labeled": 9, "emails_failed": 1}, "9 of 12 labelled, 1 failed"),
        ({"outcome": "failed", "error_code": "auth_failed"}, "Sign-in refused"),
        ({"outcome": "cancelled", "emails_labeled": 3}, "3 of 12 labelled"),
    ],
)
def test_a_result_is_a_few_words(changes, said):
    assert words.result_of(run(**changes)) == said


def test_one_sentence_tells_everything():
    statuses = [
        status(account_id=1, state="labeling"),
        status(account_id=2, state="error", error_code="auth_failed"),
        status(account_id=3),
    ]

    said = words.sentence_of(statuses, {}, 1412)

    assert said == (
        "1 of 3 accounts working, 1 needs you, 1,412 messages labelled today"
    )


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([], "1 account waiting, "),
        ([{"state": "error", "error_code": "auth_failed"}], "1 account waiting, 1 n"),
        ([{"paused": True}], "1 account waiting, "),
    ],
)
def test_who_is_paused_or_needs_a_person_does_not_wait(others, said):
    statuses = [status(account_id=n, **one) for n, one in enumerate([{}, *others])]

    assert words.sentence_of(statuses, {}, 0).startswith(said)
    assert words.sentence_of(statuses[1:] or [status(paused=True)], {}, 0).startswith(
        "No account waiting, "
    )


def test_the_sentence_suits_an_empty_and_a_paused_house():
    assert words.sentence_of([], {}, 0) == "No account yet"
    assert (
        words.sentence_of([status()], {}, 1, all_paused=True)
        == "Everything is paused, 1 message labelled today"
    )


def test_phases_are_drawn_to_scale():
    told = run(phases=[phase("connecting", 0), phase("fetching", 2)])

    bars = words.phase_bars(told)

    assert [(bar.state, bar.start, bar.width) for bar in bars] == [
        ("connecting", 0, 20),
        ("fetching", 20, 80),
    ]


def test_phases_of_a_state_add_up():
    told = run(
        phases=[
            phase("categorizing", 0),
            phase("labeling", 4),
            phase("categorizing", 5),
        ]
    )

    assert words.phase_totals(told) == {"categorizing": 9, "labeling": 1}
