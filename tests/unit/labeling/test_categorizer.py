"""What a categorizer answers."""

import dataclasses

import pytest

from mailbeat.labeling.categorizer import Decision


def test_a_decision_cannot_be_changed_afterwards():
    decision = Decision(None, 0.0, "none", "Not sure")

    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.category_id = 3  # type: ignore[misc]
