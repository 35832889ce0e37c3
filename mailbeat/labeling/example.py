"""One message whose category a person told, as the layers learn from it."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailbeat.labeling.details import list_id_of, thread_of
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.tokens import tokens_of
from mailbeat.mail.message import Message


@dataclass(frozen=True, slots=True)
class Example:
    """A message of a category, or with `is_negative` one that is not of it.

    The fields are those of `db.models.LearnedExample`; `tokens` is what `tokens.py`
    made of the message, and may be empty. Of several examples with one `message_key`
    the last counts.
    """

    category_id: int
    is_negative: bool
    message_key: str
    sender: str  # address in lower case, or empty
    sender_domain: str
    list_id: str
    thread: str
    tokens: bytes


def example_of(
    message: Message, category_id: int, *, is_negative: bool = False
) -> Example:
    """Make an example of a message that is at hand."""
    return Example(
        category_id=category_id,
        is_negative=is_negative,
        message_key=message.key,
        sender=message.sender,
        sender_domain=message.sender_domain,
        list_id=list_id_of(message),
        thread=thread_of(message),
        tokens=tokens_of(Reading(message)),
    )


def newest_of_each(examples: Iterable[Example]) -> list[Example]:
    """Return what still holds of examples that come oldest first, in their order.

    A message is of one category, the last that was told, unless it was told later that
    it is not of that one. It may be not of several.
    """
    newest: dict[tuple[str, int | None], Example] = {}
    for example in examples:
        is_of = (example.message_key, None)
        is_not = (example.message_key, example.category_id)
        if example.is_negative:
            told = newest.get(is_of)
            if told is not None and told.category_id == example.category_id:
                del newest[is_of]
        else:
            newest.pop(is_not, None)
        key = is_not if example.is_negative else is_of
        newest.pop(key, None)  # the order is by the newest
        newest[key] = example
    return [*newest.values()]
