"""What counts as an answer."""

import json

import pytest

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.llm.answer import no_answer, read_answer
from mailbeat.labeling.llm.question import question_about
from mailbeat.labeling.reading import Reading
from tests.factories import make_message

QUESTION = question_about(
    [Reading(make_message(n)) for n in range(3)], STARTING_CATEGORIES
)


def said(*pairs):
    return json.dumps({"answers": [{"id": n, "code": code} for n, code in pairs]})


@pytest.mark.parametrize(
    ("content", "answers"),
    [
        (said((1, "c2"), (2, "none"), (3, "c10")), {1: 2, 2: None, 3: 10}),
        (said((3, "c1"), (1, "c2")), {3: 1, 1: 2}),
        (said((1, "c2"), (1, "c2"), (2, "c3")), {2: 3}),
        (said((1, "c2"), (1, "c11")), {}),
        (said((0, "c2"), (4, "c2"), (-1, "c2"), (2, "c3")), {2: 3}),
        (said((1, "c11"), (2, "C2"), (3, "Receipts")), {}),
        (said((1, " c2"), (2, ""), (3, "c02")), {}),
        (said((True, "c2"), ("2", "c2"), (3.0, "c2")), {}),
        (said((1, 2), (2, None), (3, ["c2"])), {}),
        (f"```json\n{said((1, 'c2'))}\n```", {1: 2}),
        (f"Here it is: {said((1, 'c2'))}", {}),
        (f"{said((1, 'c2'))} I hope that helps", {}),
        (said((1, "c2"))[:-2], {}),
        ("", {}),
        ("null", {}),
        ("[]", {}),
        ('{"answers": {"1": "c2"}}', {}),
        ('{"answers": [1, null, [], {}, {"id": 1}]}', {}),
        ("[" * 100_000, {}),
        ('{"answers": [{"id": 1' + "0" * 10_000 + ', "code": "c2"}]}', {}),
        (said((1, "c2")) + " " * 10, {1: 2}),
        (said((1, "c2")).replace(" ", " " * 40_000), {}),
    ],
)
def test_nothing_is_guessed(content, answers):
    assert read_answer(content, QUESTION) == answers


def test_no_answer_is_one():
    assert read_answer(no_answer(QUESTION), QUESTION) == {1: None, 2: None, 3: None}
