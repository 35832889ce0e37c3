"""What a model answered, as far as it is an answer. Nothing is guessed or mended."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mailbeat.labeling.llm.question import NONE, Question

MOST_CONTENT = 64 * 1024  # characters

_FENCES = ("```json\n", "```\n")


def read_answer(content: str, question: Question) -> dict[int, int | None]:
    """Return the category's id of each message that was answered, by the message's id.

    None is "none fits". Left out is each message that was answered not at all, more
    than once, or with a code that is not in the list.
    """
    answered = [*_pairs(_parsed(content))]
    times = Counter(number for number, _ in answered)
    return {
        number: question.codes[code]
        for number, code in answered
        if 1 <= number <= question.size
        and times[number] == 1
        and code in question.codes
    }


def no_answer(question: Question) -> str:
    """Return the answer that says of each message: none fits."""
    numbers = range(1, question.size + 1)
    return json.dumps({"answers": [{"id": n, "code": NONE} for n in numbers]})


def _parsed(content: str) -> Any:
    """Return what the JSON says, or None if it is not nothing but JSON.

    Small models put it between fences though they are told not to.
    """
    content = content.strip()
    if len(content) > MOST_CONTENT:
        return None
    for fence in _FENCES:
        if content.startswith(fence) and content.endswith("```"):
            content = content.removeprefix(fence).removesuffix("```")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):  # cut, prose around it, or thousands deep
        return None


def _pairs(parsed: Any) -> Iterator[tuple[int, str]]:
    entries = parsed.get("answers") if isinstance(parsed, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        number, code = entry.get("id"), entry.get("code")
        if type(number) is int and isinstance(code, str):  # True is an int, too
            yield number, code
