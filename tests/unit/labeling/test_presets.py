"""The sets of categories that can be added."""

import pytest

from mailbeat.labeling.category import (
    COLORS,
    STARTING_CATEGORIES,
    definition_fault,
    folded_name,
    name_fault,
)
from mailbeat.labeling.presets import PRESETS
from mailbeat.mail.labels import label_fault

PROPOSALS = [one for preset in PRESETS.values() for one in preset.proposals]


@pytest.mark.parametrize("one", PROPOSALS, ids=lambda one: one.name)
def test_a_proposal_can_be_added(one):
    assert (name_fault(one.name), label_fault(one.name)) == (None, None)
    assert one.definition
    assert definition_fault(one.definition) is None
    assert one.color in COLORS


def test_no_proposal_is_one_of_the_ten_or_made_twice():
    names = [folded_name(one.name) for one in [*STARTING_CATEGORIES, *PROPOSALS]]

    assert len(set(names)) == len(names)
