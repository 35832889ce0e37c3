"""The states of a run and the line people read."""

import pytest

from mailbeat.labeling.progress import Progress, RunState


def test_the_states_are_those_eight():
    assert [str(state) for state in RunState] == [
        "idle",
        "connecting",
        "fetching",
        "processing",
        "categorizing",
        "labeling",
        "completed",
        "error",
    ]


@pytest.mark.parametrize(
    ("progress", "step"),
    [
        (Progress(RunState.LABELING, found=20, processed=7), "Labeling 7 of 20"),
        (Progress(RunState.PROCESSING, found=1), "Found 1 new message"),
        (Progress(RunState.PROCESSING, found=0), "Found 0 new messages"),
        (Progress(RunState.CONNECTING), "Connecting to the mail server"),
    ],
)
def test_a_step_says_where_the_run_stands(progress, step):
    assert progress.step == step


def test_every_state_can_be_said():
    assert all(Progress(state).step for state in RunState)


def test_a_run_is_over_when_it_completed_or_failed():
    over = {state for state in RunState if not state.is_running}

    assert over == {RunState.IDLE, RunState.COMPLETED, RunState.ERROR}
