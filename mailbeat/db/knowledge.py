"""What is known of an account's mail, made into a categorizer."""

from collections.abc import Sequence

from mailbeat.db.session import Sessions
from mailbeat.labeling.categorizer import Categorizer, Decision
from mailbeat.labeling.category import Category
from mailbeat.labeling.layers import build_categorizer
from mailbeat.mail.message import Message


class AccountCategorizer:
    """Decides for one account with all that it was taught, during one run.

    The database is asked when the first message is decided about: most runs find
    nothing new.
    """

    def __init__(
        self, sessions: Sessions, account_id: int, categories: Sequence[Category]
    ) -> None:
        self._sessions = sessions
        self._account_id = account_id
        self._categories = categories
        self._built: Categorizer | None = None

    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        if self._built is None:
            self._built = self._build()
        return self._built.decide(messages)

    def _build(self) -> Categorizer:
        return build_categorizer(self._categories)
