"""The categories that every installation starts with; users change them later."""

from dataclasses import dataclass

BAR = 0.75  # of confidence


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
