"""What is known of an account's mail, made into a categorizer."""

import base64
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Over, case, func, select
from sqlalchemy.orm import Session

from mailbeat.db.categories import effective_categories
from mailbeat.db.models import LearnedExample
from mailbeat.db.rules import address_of, rules_of
from mailbeat.db.session import Sessions, reading
from mailbeat.labeling.categorizer import Categorizer, Decision
from mailbeat.labeling.category import Category
from mailbeat.labeling.example import Example
from mailbeat.labeling.layers import Layer, build_categorizer
from mailbeat.mail.message import Message

MOST_EXAMPLES = 200  # of a category; more than are counted, for the memory of senders
_COLUMNS = (
    "id", "category_id", "is_negative", "message_key", "sender", "sender_domain",
    "list_id", "thread", "tokens",
)  # fmt: skip


class AccountCategorizer:
    """Decides for one account with all that it was taught, during one run.

    The database is asked when the first message is decided about: most runs find
    nothing new. `llm` is the layer of a model, if the account asks one.
    """

    def __init__(
        self,
        sessions: Sessions,
        account_id: int,
        categories: Sequence[Category],
        *,
        llm: Layer | None = None,
    ) -> None:
        self._sessions = sessions
        self._account_id = account_id
        self._categories = categories
        self._llm = llm
        self._built: Categorizer | None = None

    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        if self._built is None:
            self._built = self._build()
        return self._built.decide(messages)

    def _build(self) -> Categorizer:
        with reading(self._sessions) as session:
            rules = rules_of(session, self._account_id)
            account = address_of(session, self._account_id) if rules else ""
            examples = examples_of(session, self._account_id)
        return build_categorizer(
            self._categories,
            rules=rules,
            examples=examples,
            llm=self._llm,
            account=account,
        )


def examples_of(session: Session, account_id: int) -> list[Example]:
    """Return what an account was taught, oldest first.

    At most the newest `MOST_EXAMPLES` of each category. An example of a category that
    became part of another is one of the other; of a deleted one it is none, until the
    deletion is undone. Of what was said about a message and a category the last counts.
    """
    told = LearnedExample
    is_not = case((told.is_negative, told.category_id), else_=0)
    newest = (
        select(told, _place(told.message_key, is_not).label("of_message"))
        .where(told.account_id == account_id)
        .subquery()
    )
    of_each = newest.c.category_id, newest.c.is_negative
    counted = (
        select(newest, _place(*of_each, by=newest.c.id).label("of_category"))
        .where(newest.c.of_message == 1)
        .subquery()
    )
    rows = session.execute(
        select(*(counted.c[name] for name in _COLUMNS))
        .where(counted.c.of_category <= MOST_EXAMPLES)
        .order_by(counted.c.id)
    ).all()
    becomes = effective_categories(session) if rows else {}
    # A message that was not of this category but of that: where one became part of the
    # other, the last counts.
    last = {(row.message_key, becomes.get(row.category_id)): row.id for row in rows}
    return [
        Example(
            category_id=now,
            is_negative=row.is_negative,
            message_key=row.message_key,
            sender=row.sender,
            sender_domain=row.sender_domain,
            list_id=row.list_id,
            thread=row.thread,
            tokens=base64.b85decode(row.tokens) if row.tokens else b"",
        )
        for row in rows
        if (now := becomes.get(row.category_id)) is not None
        and last[row.message_key, now] == row.id
    ]


def _place(*group: Any, by: Any = LearnedExample.id) -> Over[int]:
    """The place of a row in its group, the newest first."""
    return func.row_number().over(partition_by=group, order_by=by.desc())
