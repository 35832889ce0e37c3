"""How answers are scored: all in one place, so that it can be read and disputed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.decisions_mail import Mail

BINS = 10  # of confidence, for the calibration error


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered about a message.

    `guess` is the category, or the suggestion where none was sure enough (`is_sure`),
    or nothing.
    """

    mail: Mail
    guess: str | None
    confidence: float
    is_sure: bool
    layer: str = ""

    @property
    def is_right(self) -> bool:
        return self.guess == self.mail.label


@dataclass(frozen=True, slots=True)
class Score:
    count: int
    accuracy: float  # of the guesses, sure or not; no guess is wrong
    macro_f1: float  # over the labels that occur
    coverage: float  # share that is labelled, being sure enough
    precision: float  # share of those that is right
    calibration: float  # mean distance of confidence and truth, by bins


def score(answers: Sequence[Answer]) -> Score:
    sure = [one for one in answers if one.is_sure]
    return Score(
        len(answers),
        _share(answers, lambda one: one.is_right),
        macro_f1(answers),
        len(sure) / max(len(answers), 1),
        _share(sure, lambda one: one.is_right),
        calibration_error(answers),
    )


def _share(answers: Sequence[Answer], holds: Callable[[Answer], bool]) -> float:
    return sum(map(holds, answers)) / len(answers) if answers else 0.0


def macro_f1(answers: Sequence[Answer]) -> float:
    labels = {one.mail.label for one in answers}
    right = Counter(one.mail.label for one in answers if one.is_right)
    guessed = Counter(one.guess for one in answers)
    labelled = Counter(one.mail.label for one in answers)
    f1 = [2 * right[name] / (guessed[name] + labelled[name]) for name in labels]
    return sum(f1) / len(f1) if f1 else 0.0


def calibration_error(answers: Sequence[Answer]) -> float:
    """Expected calibration error of the guesses (Naeini et al. 2015), equal bins."""
    bins: list[list[Answer]] = [[] for _ in range(BINS)]
    for one in answers:
        if one.guess is not None:
            bins[min(int(one.confidence * BINS), BINS - 1)].append(one)
    guesses = sum(map(len, bins))
    return sum(
        abs(sum(one.confidence for one in some) - sum(one.is_right for one in some))
        for some in bins
    ) / max(guesses, 1)


def balanced_recall(answers: Sequence[Answer]) -> float:
    """Recall with each sender, list or feed counting as one, the mean of the labels."""
    of_group: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for one in answers:
        key = (one.mail.label, one.mail.group)
        of_group[key] += 1
        right[key] += one.is_right
    recalls: dict[str, list[float]] = {}
    for (label, name), count in of_group.items():
        recalls.setdefault(label, []).append(right[label, name] / count)
    means = [sum(some) / len(some) for some in recalls.values()]
    return sum(means) / len(means) if means else 0.0


def share_in(answers: Sequence[Answer], names: Sequence[str]) -> float:
    """Share that is labelled with one of these categories."""
    return _share(answers, lambda one: one.is_sure and one.guess in names)
