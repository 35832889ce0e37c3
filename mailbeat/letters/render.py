"""Fills the templates of letters in. Whatever is put in is text, never markup."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mailbeat.language import IN_ENGLISH, Tongue

# What turns the direction of text (Unicode, UAX 9): a sender's name that begins so
# would turn over what stands beside it.
_TURNS = dict.fromkeys(
    map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def plain(text: str, limit: int = 200) -> str:
    """Text of a stranger's on one line: nothing that turns, hides or never ends."""
    shown = "".join(
        letter if letter.isprintable() else " " for letter in text.translate(_TURNS)
    )
    joined = " ".join(shown.split())
    return joined if len(joined) <= limit else f"{joined[: limit - 1]}…"


def coded(text: str) -> Markup:
    """Text with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick has no partner: all of it is plain
        return escape(text)
    return Markup("").join(
        Markup('<code style="font-size:13px;">{}</code>').format(part)
        if odd % 2
        else escape(part)
        for odd, part in enumerate(parts)
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    environment.filters["coded"] = coded
    return environment


def render(name: str, values: Mapping[str, Any], tongue: Tongue = IN_ENGLISH) -> str:
    """The HTML of a letter in a language."""
    speaking = {
        "_": tongue.gettext,
        "language": tongue.language,
        "number": tongue.number,
    }
    return _environment().get_template(name).render({**speaking, **values})
