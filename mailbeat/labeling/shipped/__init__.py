"""Examples of mail that come with the product, one readable file per language.

Every line of them is invented. A file has a part for each category, `[slug]`, and in it
paragraphs, one for each message: the sender with hints at the header after a bar, the
subject, and the first lines of the text. Lines that begin with `#` are for readers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")

JUNK = "junk"

# What a hint stands for. Who sends in bulk, by a list or by a program says so there.
HINTS = {
    "esp": {"feedback-id": "1:2:3:mailer"},  # sent through a service for mail
    "bulk": {"list-unsubscribe": "<https://mailer.example/u>"},
    "list": {
        "list-id": "<talk.lists.example>",
        "list-post": "<mailto:talk@lists.example>",
    },
    "auto": {"auto-submitted": "auto-generated"},
    "answer": {"in-reply-to": "<1@mail.example>"},
    "phone": {"x-mailer": "iPhone Mail"},
    "calendar": {"content-type": "text/calendar"},
}


@dataclass(frozen=True, slots=True)
class ShippedExample:
    """A message and its category. `headers` are by lower-case name.

    The slug is that of a starting category, or `JUNK`: mail that is of none, and wants
    to be taken for something that one trusts.
    """

    slug: str
    sender: str
    sender_name: str
    subject: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)


@cache
def shipped_examples() -> tuple[ShippedExample, ...]:
    """Return the examples of all languages; read once."""
    return tuple(
        example
        for language in LANGUAGES
        for example in read_examples(
            (files(__name__) / f"{language}.txt").read_text(encoding="utf-8")
        )
    )


def read_examples(written: str) -> Iterator[ShippedExample]:
    """Read what a file of examples says.

    Raises:
        ValueError: a paragraph is no message; the error quotes its first line.
    """
    slug = ""
    for paragraph in written.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        if lines and lines[0].startswith("["):
            slug = lines.pop(0).strip("[] ")
        if lines:
            yield _example(slug, lines)


def _example(slug: str, lines: list[str]) -> ShippedExample:
    sender, _, hints = lines[0].partition("|")
    name, address = parseaddr(sender)
    if not slug or "@" not in address or len(lines) < 3:  # noqa: PLR2004 # sender, subject, text
        raise ValueError(f"{lines[0]!r} begins no sender, subject and text")
    headers: dict[str, str] = {}
    for hint in hints.split():
        headers |= HINTS[hint]
    text = "\n".join(lines[2:])
    return ShippedExample(slug, address.lower(), name, lines[1], text, headers)
