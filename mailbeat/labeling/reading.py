"""One message as the layers see it: what was found out is found out once."""

from functools import cached_property
from itertools import chain, islice

from mailbeat.labeling.cases import Facts
from mailbeat.labeling.categorizer import Opinion
from mailbeat.labeling.genre import PITCH
from mailbeat.labeling.languages import languages_of
from mailbeat.labeling.signs import Signs, read_signs
from mailbeat.labeling.tokens import Token, said_in
from mailbeat.labeling.weighing import MAX_SUBJECT, NAMED, weigh
from mailbeat.labeling.words import Words, excerpt_of
from mailbeat.mail.message import Message

BEGINNING = 150  # words of the text that tell its language
SELLING = 1.4  # points of selling words from which a stranger wants to sell


class Reading:
    """A message with what several layers ask about it, worked out when it is asked.

    `heard` are the opinions of the layers that were asked before, as far as believed.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        self.heard: list[Opinion] = []

    @cached_property
    def signs(self) -> Signs:
        return read_signs(self.message)

    @cached_property
    def facts(self) -> Facts:
        return weigh(
            self.message,
            self.signs,
            self.subject_words,
            self.text_words,
            self.languages,
        )

    @cached_property
    def languages(self) -> frozenset[str]:
        words = self.text_words.words
        return languages_of(chain(self.subject_words.words, islice(words, BEGINNING)))

    @cached_property
    def subject_words(self) -> Words:
        return Words(self.message.subject[:MAX_SUBJECT])

    @cached_property
    def text_words(self) -> Words:
        return Words(excerpt_of(self.message.text))

    @cached_property
    def tokens(self) -> list[Token]:
        return said_in(self)

    def stranger(self, slug: str) -> str:
        """What speaks against going by words alone for a category, or nothing.

        Who sells writes like a friend, and who phishes like a bank: of somebody whom
        no header vouches for, words that others wrote say little.
        """
        signs = self.signs
        if slug == "personal":
            if signs.answered or signs.colleague:
                return ""
            if self.facts.tone(PITCH) >= SELLING:
                return "it wants to sell something"
            known = signs.mail_program or signs.freemail
            return "" if known else "its sender is a stranger"
        if signs.bulk or signs.machine or signs.calendar_part:
            return ""
        case = self.facts.cases.get(slug)
        return "" if case and case.points >= NAMED else "its sender is a stranger"

    @property
    def doubt(self) -> str:
        """What speaks against believing the sender, as the end of a sentence."""
        return self.signs.distrust or self.facts.pressure
