"""Whether a person wrote it: by how it was sent, for words alone could be anybody's."""

from math import inf

from mailbeat.labeling.cases import Case, Facts
from mailbeat.labeling.genre import BAIT, PITCH
from mailbeat.labeling.signs import Signs
from mailbeat.mail.message import Message

NAMED = 0.9  # points of words from which somebody is taken for a person
MOST_OF_WORDS = 2.0  # points that words give to a person's mail at most
NO_WORD_OF_A_PERSON = 0.8  # points at most where no word is a person's
STRANGERS = 1.2  # points at most for a person of whom no header says anything
OF_A_PERSON = 0.6  # of the points of other categories: people write of everything


def weigh_person(facts: Facts, words: Case, message: Message, signs: Signs) -> None:
    """A person shows by how it was sent; words alone could be anybody's."""
    case = Case()
    has_name = signs.named_sender and not signs.role
    mail_program = signs.mail_program and not signs.role
    colleague = signs.colleague and not (signs.role or signs.distrust)
    for is_so, points, fact in (
        (signs.answered, 2.0, "an answer to a message"),
        (signs.says_reply and not signs.answered, 1.0, "an answer, it says"),
        (mail_program, 0.8, "written in a mail program"),
        (signs.freemail, 0.8, f"sent from {message.sender_domain}"),
        (has_name, 0.8, "the sender has a person's name"),
        (colleague, 0.8, "sent within one domain"),
    ):
        if is_so:
            case.add(points, fact)
    if not case.facts:
        return
    if signs.few_recipients:
        case.add(0.4, "few recipients")
    if words.points > 0:
        case.add(min(words.points, MOST_OF_WORDS), words.evidence)
    if _signs_with_name(message):
        words.points += 0.8
        case.add(0.8, "the sender's name ends it")
    is_a_persons = not signs.role and (
        words.points > (0 if signs.reply else NAMED) or signs.answered or colleague
    )
    is_known = signs.answered or mail_program or signs.freemail or colleague
    case.points = min(
        case.points, _most_of_person(is_a_persons=is_a_persons, is_known=is_known)
    )
    selling = facts.cases.get("promotions")
    case.points -= max(selling.points, 0) if selling else 0
    case.points -= facts.tone(PITCH) + facts.tone(BAIT)
    if case.points > 0:
        for rival in facts.cases.values():
            rival.points *= OF_A_PERSON if is_a_persons else 1
        facts.cases["personal"] = case


def _most_of_person(*, is_a_persons: bool, is_known: bool) -> float:
    """Whoever sends junk has a name, a mail program and a mailbox, too."""
    if not is_a_persons:
        return NO_WORD_OF_A_PERSON
    return inf if is_known else STRANGERS


def _signs_with_name(message: Message) -> bool:
    first = message.sender_name.split(" ", 1)[0].casefold()
    return len(first) > 1 and first in message.text[-80:].casefold()
