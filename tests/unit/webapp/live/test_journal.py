"""A client is one number, and gets exactly what it lacks."""

from datetime import UTC, datetime

import pytest

from mailbeat.labeling.progress import RunState
from tests.frames import split
from webapp.api.schemas import iso
from webapp.live import journal as module
from webapp.live.journal import Journal
from webapp.live.messages import AccountStatus, message, status_json

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)
STATES = ("connecting", "fetching", "labeling")


def status(account_id=1, state="labeling", run_id="one", current=1):
    return AccountStatus(
        account_id=account_id,
        email_address="ada@example.org",
        state=RunState(state),
        current=current,
        total=20,
        start_time=TIME,
        last_updated=TIME,
        error_code=None,
        error_message=None,
        run_id=run_id,
        eta_seconds=None,
        paused=False,
        next_run_at=None,
    )


def run(run_id):
    counts = ("found", "processed", "labeled", "skipped", "failed")
    return {
        "run_id": run_id,
        "account_id": 1,
        "email_address": "ada@example.org",
        "state": "completed",
        "outcome": "succeeded",
        "start_time": iso(TIME),
        "end_time": iso(TIME),
        "duration_seconds": 1.0,
        **{f"emails_{name}": 0 for name in counts},
        "error_code": None,
        "error_message": None,
        "phases": [],
    }


@pytest.fixture
def journal():
    def snapshot():
        return {
            "current_processing": None,
            "recent_runs": [],
            "timestamp": iso(TIME),
            "accounts": [],
            "paused": False,
            "workers": {"online": None},
            "feed_down_since": None,
            "epoch": made.epoch,
            "seq": made.seq,
        }

    made = Journal(snapshot)
    return made


def read(journal, seq):
    return split(journal.since(seq))[0]


def test_who_has_everything_gets_nothing(journal):
    journal.status(status())

    assert journal.since(journal.seq) == b""


def test_who_lags_gets_the_newest_of_each_account(journal):
    for current in range(1, 10):
        journal.status(status(1, current=current))
        journal.status(status(2, current=current))

    found = [one["data"] for one in read(journal, 0)]

    assert [one["account_id"] for one in found] == [1, 2]
    assert [one["progress"]["current"] for one in found] == [9, 9]


def test_who_keeps_up_gets_every_step(journal):
    steps = []
    for current in range(1, 4):
        before = journal.seq
        journal.status(status(1, current=current))
        steps += read(journal, before)

    assert [one["data"]["progress"]["current"] for one in steps] == [1, 2, 3]


def test_each_phase_is_told_however_short(journal):
    for state in ("connecting", "fetching", "labeling", "completed"):
        journal.status(status(state=state))

    assert [one["data"]["state"] for one in read(journal, 0)] == [
        "connecting",
        "fetching",
        "labeling",
        "completed",
    ]


def test_the_order_always_rises(journal):
    journal.status(status(1))
    journal.finished(run("a"))
    journal.status(status(2))
    journal.status(status(1, state="completed"))
    journal.idle()
    journal.changed_as_a_whole()

    numbers = [one["seq"] for one in read(journal, 0)]

    assert numbers == sorted(set(numbers))


def test_finished_runs_are_never_merged(journal):
    for number in range(100):
        journal.finished(run(str(number)))

    assert [one["data"]["run_id"] for one in read(journal, 0)] == [
        str(number) for number in range(100)
    ]


def test_who_lags_too_far_starts_over(journal):
    for number in range(module.RING + 1):
        journal.finished(run(str(number)))

    assert journal.since(0) is None
    assert len(read(journal, 1)) == module.RING


def test_a_removed_account_is_not_told_of_any_more(journal):
    journal.status(status())
    journal.removed(1)

    assert [one["type"] for one in read(journal, 0)] == ["account_removed"]


def test_who_comes_late_does_not_hear_that_nothing_ran_before(journal):
    journal.idle()
    journal.busy()
    journal.status(status())

    assert [one["data"] is None for one in read(journal, 0)] == [False]


def test_what_no_other_message_tells_comes_as_a_snapshot(journal):
    journal.status(status())
    before = journal.seq
    journal.changed_as_a_whole()

    assert [one["type"] for one in read(journal, before)] == ["snapshot"]
    assert read(journal, journal.seq) == []


def test_a_frame_is_built_once_for_all(journal):
    journal.status(status())

    assert journal.since(0) is journal.since(0)
    assert journal.whole() is journal.whole()
    assert journal.welcome(lambda: [status_json(status())]) is journal.welcome(list)


def test_a_state_that_nobody_reads_is_no_frame(journal, monkeypatch):
    made = []
    monkeypatch.setattr(
        module,
        "message",
        lambda *told, **more: made.append(told) or message(*told, **more),
    )
    for current in range(1, 10):
        journal.status(status(current=current))
    read(journal, 0)
    read(journal, 1)

    assert len(made) == 1


def test_the_welcome_tells_each_running_account_and_then_everything(journal):
    journal.status(status())

    running, _ = split(
        journal.welcome(lambda: [status_json(status(n)) for n in (1, 2)])
    )

    assert [one["type"] for one in running] == ["status_update"] * 2 + ["snapshot"]


def test_the_welcome_of_an_idle_board_begins_with_null(journal):
    idle, _ = split(journal.welcome(list))

    assert idle[0]["data"] is None


@pytest.mark.parametrize(
    ("seq", "known"), [(0, True), (3, True), (4, False), (-1, False), (True, False)]
)
def test_a_client_can_go_on_from_where_it_was(journal, seq, known):
    for _ in range(3):
        journal.status(status())

    assert journal.knows(journal.epoch, seq) is known
    assert not journal.knows("another life", seq)


def test_memory_has_a_bound(journal):
    for number in range(5000):
        journal.status(status(number % 10, state=STATES[number % 3]))
        journal.finished(run(str(number)))
        journal.since(journal.seq - 2)

    assert len(journal._passed) == module.PHASES
    assert len(journal._ring) == module.RING
    assert len(journal._newest) == 10
    assert len(journal._deltas) <= 1


def test_who_asks_for_every_number_there_is_fills_no_memory(journal):
    for number in range(1000):
        journal.finished(run(f"run {number}"))

    for seq in range(journal.seq):
        journal.since(seq)

    assert len(journal._deltas) <= module.SHARED
