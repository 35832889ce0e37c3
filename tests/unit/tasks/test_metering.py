"""What a worker counts of a run."""

from datetime import timedelta

import pytest

from mailbeat.db.totals import Meter
from mailbeat.labeling.progress import Outcome, Progress, RunState, RunStep
from mailbeat.mail.errors import ErrorCode
from tasks.metering import RunMeter
from tests.factories import NOW, make_account, make_row


@pytest.fixture
def count(sessions):
    """Count a run of steps `(seconds, state)`, and return what was counted."""

    def count(*steps, processed=0, **end):
        meter = Meter()
        run = RunMeter(sessions, meter)
        account_id = make_account(sessions, end.pop("address", "ada@example.org"))
        last = len(steps) - 1
        for n, (seconds, state) in enumerate(steps):
            run.step(
                RunStep(
                    run_id="run-1",
                    account_id=account_id,
                    seq=n,
                    started_at=NOW,
                    at=NOW + timedelta(seconds=seconds),
                    progress=Progress(state, processed=processed),
                    **(end if n == last else {}),
                )
            )
        return meter.take()

    return count


def test_a_run_is_counted_by_its_outcome_and_length(count):
    counted = count(
        (0, RunState.CONNECTING),
        (4, RunState.COMPLETED),
        outcome=Outcome.SUCCEEDED,
    )

    assert counted["runs", ("succeeded",)] == 1
    assert counted["run_seconds_bucket", ("5.0",)] == 1
    assert counted["run_seconds_sum", ()] == 4


def test_a_phase_that_comes_again_is_one_time(count):
    counted = count(
        (0, RunState.CATEGORIZING),
        (1, RunState.LABELING),
        (3, RunState.CATEGORIZING),
        (7, RunState.COMPLETED),
        outcome=Outcome.SUCCEEDED,
    )

    assert counted["phase_seconds_sum", ("categorizing",)] == 5
    assert counted["phase_seconds_bucket", ("categorizing", "5.0")] == 1
    assert counted["phase_seconds_sum", ("labeling",)] == 2


def test_a_run_that_has_not_ended_is_not_counted(count):
    assert count((0, RunState.CONNECTING), (1, RunState.FETCHING)) == {}


def test_an_error_is_counted_for_a_known_host_or_for_all_others(count):
    counted = count(
        (0, RunState.ERROR), outcome=Outcome.FAILED, error_code=ErrorCode.AUTH_FAILED
    )

    assert counted["mail_errors", ("auth_failed", "other")] == 1


def test_messages_are_counted_by_category_and_what_became_of_them(count, sessions):
    other = make_account(sessions, "bob@example.org")
    make_row(sessions, other, 1)
    make_row(sessions, other, 2, state="failed")
    make_row(sessions, other, 3, category_id=None, label=None)
    make_row(sessions, other, 4, run_id="another")

    counted = count((0, RunState.COMPLETED), processed=3, outcome=Outcome.SUCCEEDED)

    messages = {
        key[1]: number for key, number in counted.items() if key[0] == "messages"
    }
    assert messages == {
        ("receipts", "labeled"): 1,
        ("receipts", "failed"): 1,
        ("none", "skipped"): 1,
    }
