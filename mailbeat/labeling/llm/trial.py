"""A try whether a model answers, and as it is asked to, with a message of ours."""

import time
from datetime import UTC, datetime

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.llm.answer import read_answer
from mailbeat.labeling.llm.endpoint import FIRST_CALL_SECONDS, Endpoint, NoAnswer
from mailbeat.labeling.llm.question import question_about
from mailbeat.labeling.reading import Reading
from mailbeat.mail.message import Message


def try_model(endpoint: Endpoint) -> float:
    """Ask one question; return how many seconds the answer took.

    Raises:
        NoAnswer: there was none, or it is not one that counts.
    """
    question = question_about([Reading(_message())], STARTING_CATEGORIES)
    began = time.monotonic()
    reply = endpoint.ask(question, seconds=FIRST_CALL_SECONDS)
    if not read_answer(reply.content, question):
        raise NoAnswer(
            "answers, but not in the form that it was asked for, so nothing it says "
            "would count; try another LLM_MODEL"
        )
    return time.monotonic() - began


def _message() -> Message:
    return Message(
        uid=1,
        key="",
        message_id="",
        sender="ada@example.org",
        subject="Lunch",
        received_at=datetime.now(UTC),
        headers={},
        text="Shall we have lunch together on Friday?",
    )
