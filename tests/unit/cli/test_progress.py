"""How a run in the foreground is shown."""

from mailbeat.cli.progress import show_bar, show_json
from mailbeat.labeling.progress import Outcome, RunState
from tests.unit.tasks.test_events import step


def test_the_last_step_comes_back_and_is_summed_up(capsys):
    steps = [
        step(RunState.FETCHING),
        step(RunState.COMPLETED, outcome=Outcome.SUCCEEDED),
    ]

    assert show_bar(iter(steps), "ada@example.org") is steps[-1]

    assert "20 new, 5 labelled, 1 left alone, 1 failed." in capsys.readouterr().out


def test_without_a_step_nothing_is_said(capsys):
    assert show_bar(iter([]), "x") is None
    assert show_json(iter([]), "x") is None

    assert capsys.readouterr().out == ""
