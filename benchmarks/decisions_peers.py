"""Who decides in the benchmark: we, parts of us, and two usual ways of doing it."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from benchmarks.decisions_mail import Mail
from benchmarks.decisions_scores import Answer
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.category import BAR, STARTING_CATEGORIES, Category
from mailbeat.labeling.details import list_id_of, thread_of
from mailbeat.labeling.facts import FactsLayer
from mailbeat.labeling.layers import LayeredCategorizer, build_categorizer
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.words import words_of

NO_SKLEARN = (
    "SGD is left out: it needs scikit-learn, which Mailbeat itself does not."
    " Install it with: .venv/bin/pip install scikit-learn"
)
BATCH = 200  # messages decided at once


class Peer(Protocol):
    name: str

    def learn(self, mails: Sequence[Mail]) -> None:
        """Forget all, and learn from these."""
        ...

    def answer(self, mails: Sequence[Mail]) -> list[Answer]: ...


def answers_of(
    mails: Sequence[Mail], decisions: Sequence[Decision], names: dict[int, str]
) -> list[Answer]:
    answers = []
    for mail, one in zip(mails, decisions, strict=True):
        guess = one.category_id if one.category_id is not None else one.suggestion
        is_sure = one.category_id is not None
        answers.append(
            Answer(mail, names.get(guess or 0), one.confidence, is_sure, one.layer)
        )
    return answers


class Ours:
    """The whole stack as the product builds it, without a language model."""

    name = "ours"

    def __init__(self, categories: Sequence[Category] = STARTING_CATEGORIES) -> None:
        self.categories = categories
        self.ids = {category.name: category.id for category in categories}
        self.names = {category.id: category.name for category in categories}
        self.categorizer = build_categorizer(categories)

    def learn(self, mails: Sequence[Mail]) -> None:
        examples = [example_of(mail, self.ids[mail.label]) for mail in mails]
        self.build(examples)

    def build(self, examples: Sequence[Any]) -> None:
        if not examples:
            self.categorizer = build_categorizer(self.categories)
            return
        self.categorizer = build_categorizer(self.categories, examples=examples)

    def answer(self, mails: Sequence[Mail]) -> list[Answer]:
        decisions: list[Decision] = []
        for start in range(0, len(mails), BATCH):
            some = [mail.message for mail in mails[start : start + BATCH]]
            decisions += self.categorizer.decide(some)
        return answers_of(mails, decisions, self.names)


def can_learn() -> bool:
    return find_spec("mailbeat.labeling.example") is not None


def example_of(mail: Mail, category_id: int) -> Any:
    """What the product keeps of a message that a user filed."""
    from mailbeat.labeling.example import Example
    from mailbeat.labeling.tokens import tokens_of

    message = mail.message
    return Example(
        category_id=category_id,
        is_negative=False,
        message_key=message.key,
        sender=message.sender,
        sender_domain=message.sender_domain,
        list_id=list_id_of(message),
        thread=thread_of(message),
        tokens=tokens_of(Reading(message)),
    )


class FactsAlone(Ours):
    """Headers, senders and genre words; they never learn."""

    name = "facts alone"

    def __init__(self) -> None:
        super().__init__()
        layers = [FactsLayer(self.categories)]
        self.categorizer = LayeredCategorizer(self.categories, layers)

    def learn(self, mails: Sequence[Mail]) -> None:
        pass


def words_of_mail(mail: Mail) -> list[str]:
    message = mail.message
    return words_of(f"{message.sender} {message.subject} {message.text[:8_000]}")


class PlainBayes:
    """Multinomial naive Bayes over words with add-one smoothing, as in textbooks."""

    name = "naive Bayes"

    def learn(self, mails: Sequence[Mail]) -> None:
        self.words: dict[str, Counter[str]] = defaultdict(Counter)
        self.labels = Counter(mail.label for mail in mails)
        for mail in mails:
            self.words[mail.label].update(words_of_mail(mail))
        self.known = len({word for some in self.words.values() for word in some})
        self.totals = {label: some.total() for label, some in self.words.items()}

    def answer(self, mails: Sequence[Mail]) -> list[Answer]:
        return [self._answer(mail) for mail in mails]

    def _answer(self, mail: Mail) -> Answer:
        logs = {}
        found = words_of_mail(mail)
        for label, counts in self.words.items():
            below = self.totals[label] + self.known
            logs[label] = math.log(self.labels[label]) + sum(
                math.log((counts[word] + 1) / below) for word in found
            )
        best = max(logs, key=lambda label: logs[label])
        total = sum(math.exp(log - logs[best]) for log in logs.values())
        return Answer(mail, best, 1 / total, 1 / total >= BAR)


class HashedSGD:
    """Logistic regression on hashed words by gradient descent, of scikit-learn."""

    name = "SGD, hashed words"

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer

        self.vectorizer = HashingVectorizer(
            analyzer=words_of_mail, n_features=2**18, alternate_sign=False
        )

    def learn(self, mails: Sequence[Mail]) -> None:
        from sklearn.linear_model import SGDClassifier

        self.model = SGDClassifier(loss="log_loss", random_state=0)
        self.model.fit(self.vectorizer.transform(mails), [one.label for one in mails])

    def answer(self, mails: Sequence[Mail]) -> list[Answer]:
        shares = self.model.predict_proba(self.vectorizer.transform(mails))
        names = self.model.classes_
        return [
            Answer(mail, str(names[row.argmax()]), float(row.max()), row.max() >= BAR)
            for mail, row in zip(mails, shares, strict=True)
        ]


def learning_peers() -> list[Callable[[], Peer]]:
    """Those that know nothing before they were taught."""
    try:
        import sklearn  # noqa: F401 # only whether it is there
    except ImportError:
        print(NO_SKLEARN)
        return [PlainBayes]
    return [PlainBayes, HashedSGD]
