"""What mail has in common that a model need not be asked about twice."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence

from mailbeat.labeling.category import Category
from mailbeat.labeling.llm.masking import masked
from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.llm.question import MOST_SUBJECT
from mailbeat.labeling.reading import Reading

_ANSWER = re.compile(r"^(?:\w{1,4}\s?(?:\[#\])?\s?:\s*)+")


class Likeness:
    """Of one account's mail, for one model and one set of categories.

    Another model, or a category with another name or meaning, makes other keys. A key
    tells nothing of the mail to who has not the salt.
    """

    def __init__(
        self, salt: bytes, model: Model, account_id: int, categories: Sequence[Category]
    ) -> None:
        known = [[one.id, one.name, one.definition] for one in categories]
        scope = json.dumps([model.base_url, model.name, account_id, known])
        self._key = hmac.digest(salt, scope.encode(), hashlib.sha256)

    def of(self, reading: Reading) -> str:
        """Return the key of a message's sender and subject.

        Nothing for one without either, which is like too many, or of a doubtful sender.
        """
        message = reading.message
        subject = _ANSWER.sub("", masked(message.subject, MOST_SUBJECT).casefold())
        if not subject or not message.sender or reading.doubt:
            return ""
        told = json.dumps([message.sender, subject])
        return hmac.new(self._key, told.encode(), hashlib.sha256).hexdigest()
