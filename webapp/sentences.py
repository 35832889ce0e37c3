"""Sentences of the core in the language of the page.

The core speaks English: its sentences are stored with runs and messages, and go to
programs as they are. A page translates those that it knows by their shape. What it does
not know stays as it is, so that a new sentence is never lost, only English.
"""

import re
from functools import cache

from webapp.language import ENGLISH, N_, gettext, language

# Each as the core makes it; a value may be anything.
SHAPES: tuple[str, ...] = (
    N_("There is no account %(id)s."),
    # What a run does now: labeling/progress.py.
    N_("Waiting for the next run"),
    N_("Connecting to the mail server"),
    N_("Looking for new messages"),
    N_("Found 1 new message"),
    N_("Found %(n)s new messages"),
    N_("Categorizing %(n)s of %(all)s"),
    N_("Labeling %(n)s of %(all)s"),
    N_("Completed"),
    N_("Stopped by an error"),
    N_("Its worker stopped; another takes over"),
)
LONGEST = 2_000  # characters that are looked at
_VALUE = re.compile(r"%\((\w+)\)s")


def said(text: str | None) -> str:
    """The sentence in the language of the page, or as it is."""
    if language() == ENGLISH or not text or len(text) > LONGEST:
        return text or ""
    known = gettext(text.replace("%", "%%"))
    if known != text:
        return known
    for shape, pattern in _patterns():
        if (found := pattern.fullmatch(text)) is not None:
            values = {name: value or "" for name, value in found.groupdict().items()}
            return gettext(shape, **values)
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((shape, pattern_of(shape)) for shape in SHAPES)


def pattern_of(shape: str) -> re.Pattern[str]:
    """What a sentence of this shape looks like, its values as groups."""
    parts = _VALUE.split(shape)
    pattern = "".join(
        f"(?P<{part}>.+?)" if odd % 2 else re.escape(part.replace("%%", "%"))
        for odd, part in enumerate(parts)
    )
    return re.compile(pattern, re.DOTALL)
