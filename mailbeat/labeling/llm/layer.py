"""The last layer: a model is asked about what the others left open.

It is believed little: alone it makes a suggestion, and only together with what our own
layers take a message for, a label. It never raises into a run, but to stop it.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from mailbeat.labeling.categorizer import FACTS, LEARNED, LLM, MEMORY, Opinion
from mailbeat.labeling.category import Category
from mailbeat.labeling.llm.answer import read_answer
from mailbeat.labeling.llm.endpoint import NoAnswer, Reply
from mailbeat.labeling.llm.likeness import Likeness
from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.llm.question import (
    BATCH,
    MOST_CATEGORIES,
    Question,
    question_about,
)
from mailbeat.labeling.llm.withheld import (
    SECRET,
    names_a_category,
    reason_to_withhold,
    speaks_to_a_program,
)
from mailbeat.labeling.reading import Reading
from mailbeat.mail.deadline import Stopped, never

ALONE, AGREED, SECRETLY = 0.6, 0.8, 0.5  # confidence
BACKED = 0.3  # confidence of an opinion of ours that an answer may agree with
FEW = 3  # messages; so few are asked about one by one
RUN_SECONDS = 120.0  # that a run waits for the model, all in all
SHARE = 0.25  # of the time that a run may take

Answers = dict[int, int | None]  # by the message's place; None is "none fits"

log = structlog.get_logger(__name__)


class Asked(Protocol):
    """Who answers: an `Endpoint`, or somebody who only writes down the question."""

    @property
    def model(self) -> Model: ...

    def ask(
        self, question: Question, *, seconds: float, is_stopped: Callable[[], bool]
    ) -> Reply: ...

    def failed(self, error: NoAnswer) -> None: ...


class Notes(Protocol):
    """What is remembered of a model. Each method is one transaction."""

    def known(self, keys: Iterable[str]) -> Mapping[str, int | None]:
        """Return what was answered before about mail of the same likeness."""
        ...

    def remember(self, answers: Mapping[str, int | None]) -> None: ...

    def take(self, wanted: int) -> int:
        """Take messages from what may be asked about today; return how many."""
        ...

    def note(self, *, tokens: int = 0, written: int = 0, failures: int = 0) -> None:
        """Count a question, with how it went; see Reply."""
        ...


@dataclass(frozen=True, slots=True)
class _Open:
    """A message to ask about. `key` is its likeness, or nothing if it has none.

    `is_alone`: it could sway what is said of others. `is_tricky`: it seems to try.
    """

    place: int
    reading: Reading
    key: str
    is_alone: bool
    is_tricky: bool


class LLMLayer:
    """Asks during one run of one account."""

    def __init__(
        self,
        categories: Sequence[Category],
        asked: Asked,
        notes: Notes,
        *,
        likeness: Likeness,
        seconds: float = RUN_SECONDS,
        is_stopped: Callable[[], bool] = never,
    ) -> None:
        self._categories = categories[:MOST_CATEGORIES]
        self._by_id = {one.id: one for one in self._categories}
        self._asked = asked
        self._notes = notes
        self._likeness = likeness
        self._seconds = seconds
        self._is_stopped = is_stopped
        self.withheld: list[tuple[Reading, str]] = []

    def consider(self, readings: Sequence[Reading]) -> list[list[Opinion]]:
        """Return one opinion or none for each message.

        Raises:
            Stopped: the run is to end; what is open stays for the next.
        """
        try:
            opened = self._opened(readings)
            answers = self._answers(opened)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 # a run must outlive all that goes wrong here
            log.warning("model not asked", error=type(error).__name__)
            return [[] for _ in readings]
        by_place = {one.place: one for one in opened}
        opinions: list[list[Opinion]] = [[] for _ in readings]
        for place, category_id in answers.items():
            category = self._by_id.get(category_id or 0)
            if category is not None:
                opinions[place] = [self._opinion(by_place[place], category)]
        return opinions

    # What is asked

    def _opened(self, readings: Sequence[Reading]) -> list[_Open]:
        opened = []
        for place, reading in enumerate(readings):
            reason = reason_to_withhold(reading, reading.heard, self._categories)
            if reason:
                self.withheld.append((reading, reason))
                continue
            is_tricky = speaks_to_a_program(reading)
            is_alone = is_tricky or names_a_category(reading, self._categories)
            key = "" if is_tricky else self._likeness.of(reading)
            opened.append(_Open(place, reading, key, is_alone, is_tricky))
        return opened

    def _answers(self, opened: Sequence[_Open]) -> Answers:
        known = self._notes.known({one.key for one in opened if one.key})
        answers = {one.place: known[one.key] for one in opened if one.key in known}
        for batch in _batches([one for one in opened if one.place not in answers]):
            try:
                found = self._about(batch)
            except NoAnswer:
                break  # the next run may have more luck; this one has waited enough
            answers |= found
            keys = {one.place: one.key for one in batch}
            told = {keys[n]: answer for n, answer in found.items() if keys[n]}
            if told:
                self._notes.remember(told)
        return answers

    def _about(self, batch: Sequence[_Open]) -> Answers:
        """Ask about some messages, and again one by one if one may have swayed all.

        Raises:
            NoAnswer: and no more of them is to be asked.
        """
        found = self._answered(batch)
        counts = Counter(found.values())
        doubtful = [
            one
            for one in batch
            if len(batch) > 1
            and (answer := found.get(one.place)) is not None
            and 2 * counts[answer] > len(batch)
            and not _agrees(one.reading, answer)
        ]
        for one in doubtful:
            del found[one.place]
        for one in doubtful:
            try:
                found |= self._answered([one])
            except NoAnswer:
                break  # what was answered before stands
        return found

    def _answered(self, batch: Sequence[_Open]) -> Answers:
        """Ask once.

        Raises:
            NoAnswer: the time of this run or the day's messages are used up, or the
                model is away or talks nonsense.
        """
        if self._seconds <= 0:
            raise NoAnswer("has had its time of this run")
        batch = batch[: self._notes.take(len(batch))]
        if not batch:
            log.info("model not asked", reason="LLM_DAILY_MESSAGES is used up")
            raise NoAnswer("was asked enough today")
        question = question_about([one.reading for one in batch], self._categories)
        began = time.monotonic()
        try:
            reply = self._asked.ask(
                question, seconds=self._seconds, is_stopped=self._is_stopped
            )
        except NoAnswer:
            self._notes.note(failures=1)
            raise
        finally:
            self._seconds -= time.monotonic() - began
        answers = read_answer(reply.content, question)
        self._notes.note(
            tokens=reply.tokens, written=reply.written, failures=not answers
        )
        if not answers:
            error = NoAnswer("answered what was not asked")
            self._asked.failed(error)
            raise error
        return {batch[number - 1].place: one for number, one in answers.items()}

    # What is made of an answer

    def _opinion(self, one: _Open, category: Category) -> Opinion:
        evidence = f"{self._asked.model.shown} chose {category.name}"
        confidence = ALONE
        if category.slug in SECRET or one.is_tricky:
            # Below any bar, so that it never becomes a label.
            confidence = min(SECRETLY, 0.99 * category.bar)
        elif _agrees(one.reading, category.id):
            confidence = AGREED
        return Opinion(category.id, confidence, LLM, evidence)


def _batches(opened: Sequence[_Open]) -> list[list[_Open]]:
    """Few messages one by one, and those that could sway others; else in batches."""
    together = [one for one in opened if not one.is_alone]
    alone = [[one] for one in opened if one.is_alone]
    if len(together) <= FEW:
        return [[one] for one in together] + alone
    starts = range(0, len(together), BATCH)
    return [together[start : start + BATCH] for start in starts] + alone


def _agrees(reading: Reading, category_id: int) -> bool:
    """Whether a layer of ours takes the message for this first of all."""
    for layer in (FACTS, LEARNED, MEMORY):
        of_layer = [one for one in reading.heard if one.layer == layer]
        surest = max(of_layer, key=lambda one: one.confidence, default=None)
        is_it = surest is not None and surest.category_id == category_id
        if surest and is_it and surest.confidence >= BACKED:
            return True
    return False
