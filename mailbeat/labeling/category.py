"""The categories that every installation starts with; users change them later."""

import unicodedata
from dataclasses import dataclass

BAR = 0.75  # of confidence
LOWEST_BAR = 0.3  # below it, every guess would be a label
MAX_NAME = 64  # characters
MAX_DEFINITION = 300  # characters
COLORS = (  # names of colour tokens of the dashboard
    *("blue", "green", "teal", "purple", "red"),
    *("slate", "amber", "orange", "pink", "cyan"),
)
UNCATEGORIZED = "Uncategorized"  # is said of a message that has none
NO_CATEGORY = "none"  # is written in rules and in answers for no category


def folded_name(name: str) -> str:
    """A name without case and without what cannot be seen, to find the same again."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    seen = (letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join("".join(seen).split())


def name_fault(name: str) -> str | None:
    """Say why a category cannot be called so, or None."""
    if len(name) > MAX_NAME:
        return f"may have {MAX_NAME} characters at most"
    if any(unicodedata.category(letter) in _NO_TEXT for letter in name):
        return "may hold no control character, such as a new line"
    if not folded_name(name):
        return "needs a character that can be seen"
    if folded_name(name) in {folded_name(UNCATEGORIZED), NO_CATEGORY}:
        return "is what is said of messages without a category"
    return None


_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control characters, half ones, lines


def definition_fault(definition: str) -> str | None:
    """Say why a category cannot be described so, or None."""
    if len(definition) > MAX_DEFINITION:
        return f"may have {MAX_DEFINITION} characters at most"
    if any(unicodedata.category(letter) in _NO_TEXT for letter in definition):
        return "may hold no control character, such as a new line"
    return None


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of message. `id` is its row; `label` what is put on the server.

    Below its `bar` of confidence a message is not labelled.
    """

    id: int
    slug: str
    name: str
    label: str
    definition: str
    color: str  # name of a colour token of the dashboard
    bar: float = BAR


def _starting(number: int, name: str, color: str, definition: str) -> Category:
    return Category(number, name.lower(), name, name, definition, color)


STARTING_CATEGORIES = (
    _starting(1, "Personal", "blue", "A person writing to a person"),
    _starting(2, "Receipts", "green", "Orders, invoices, deliveries, tickets"),
    _starting(3, "Finance", "teal", "Banks, cards, investments, tax, salary"),
    _starting(4, "Calendar", "purple", "Invitations and changes of time"),
    _starting(5, "Security", "red", "Codes, sign-ins, warnings about an account"),
    _starting(6, "Notifications", "slate", "Machines and services telling of an event"),
    _starting(7, "Newsletters", "amber", "Regular reading that one asked for"),
    _starting(8, "Promotions", "orange", "Offers"),
    _starting(9, "Social", "pink", "People's activity on networks"),
    _starting(10, "Forums", "cyan", "Mailing lists and group discussion"),
)
