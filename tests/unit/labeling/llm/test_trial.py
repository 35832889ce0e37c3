"""Trying a model."""

import pytest

from mailbeat.labeling.llm.endpoint import Endpoint, NoAnswer
from mailbeat.labeling.llm.trial import try_model
from tests.servers import llm


def test_a_model_is_tried_with_a_message_of_ours(llm_server):
    assert 0 < try_model(Endpoint(llm_server.model)) < 10

    assert [one["subject"] for one in llm_server.asked[0].messages] == ["Lunch"]


@pytest.mark.parametrize("behaviour", [llm.chatty, llm.unknown_codes, llm.cut])
def test_an_answer_that_would_not_count_is_none(llm_server, behaviour):
    llm_server.behaviour = behaviour

    with pytest.raises(NoAnswer, match="another LLM_MODEL"):
        try_model(Endpoint(llm_server.model))
