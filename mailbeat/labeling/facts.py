"""The layer that knows nothing of the user: headers, senders and genre words.

A header that says what the message is decides at once. Else each fact gives points to
a category, and the more it is in front the surer it is.
"""

import re
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from mailbeat.labeling.categorizer import FACTS, Opinion
from mailbeat.labeling.category import BAR, Category
from mailbeat.labeling.signs import Signs
from mailbeat.labeling.weighing import LONG_TEXT, short
from mailbeat.labeling.words import STRONG, find_words

if TYPE_CHECKING:
    from mailbeat.labeling.reading import Reading

MOST_OPINIONS = 3  # of one message
HALF_SURE = 0.45  # points at which an uncontested category has a confidence of 1/2
MOST = 0.98  # confidence; above the bar .8 was right in 97 of 100, and .9 in 99
AN_ISSUE = 2.2  # points from which a message on a list is an issue to read
RIVALRY = 0.2  # how much of the confidence a category of equal points takes away

# As calendars write it: "Updated invitation: Review @ Tue Feb 4".
_INVITED = re.compile(
    r"^\s*(?:\w+\s)?(?:invitation|event|einladung|termin|événement|invitación|evento"
    r"|invito|uitnodiging|afspraak|zaproszenie|wydarzenie|convite)[\w\s]{0,20}\s?:.{1,200}@",
    re.IGNORECASE,
)


class FactsLayer:
    """Has opinions of the categories it is given; one that a user removed is none."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._categories = {category.slug: category.id for category in categories}

    def consider(self, readings: Sequence["Reading"]) -> list[list[Opinion]]:
        return [
            [
                Opinion(self._categories[slug], confidence, FACTS, evidence)
                for slug, confidence, evidence in verdicts_of(reading, self._categories)
            ]
            for reading in readings
        ]


def verdicts_of(
    reading: "Reading", slugs: Container[str]
) -> list[tuple[str, float, str]]:
    """Return the likeliest of the categories: slug, confidence and evidence."""
    sure = sure_fact(reading.signs) or _on_a_list(reading)
    if sure and sure[0] in slugs:
        return [sure]
    ranked = sorted(
        (
            (slug, case)
            for slug, case in reading.facts.cases.items()
            if slug in slugs and case.points > 0
        ),
        key=lambda item: -item[1].points,
    )
    points = [case.points for _, case in ranked]
    return [
        (
            slug,
            confidence_of(case.points, max([*points[:i], *points[i + 1 :]] or [0])),
            case.evidence,
        )
        for i, (slug, case) in enumerate(ranked[:MOST_OPINIONS])
    ]


def confidence_of(points: float, second: float) -> float:
    """Confidence grows with the points, and falls with those of the next category.

    Above the bar it grows faster at first, as measured, and never stops growing.
    """
    if points <= 0:
        return 0.0
    alone = points / (points + HALF_SURE)
    share = alone * max(0, 1 - RIVALRY * max(second, 0) / points)
    if share <= BAR:
        return share
    above = (share - BAR) / (1 - BAR)
    return BAR + (MOST - BAR) * (1 - (1 - above) ** 2)


def sure_fact(signs: Signs) -> tuple[str, float, str] | None:
    """Return what a header says outright: category, confidence, evidence."""
    if signs.report:
        return "notifications", 0.95, "it is a delivery report"
    if signs.auto_reply:
        return "notifications", 0.92, "Auto-Submitted: an automatic reply"
    if signs.calendar_part:
        return "calendar", 0.95, "it carries a calendar entry"
    if signs.tracker:
        return "notifications", 0.92, "a tracker of issues, code or jobs sent it"
    if signs.social and (signs.machine or signs.bulk):
        return "social", 0.9, "a social network sent it"
    return None


def _on_a_list(reading: "Reading") -> tuple[str, float, str] | None:
    """A discussion list: people discuss there, and programs report.

    Some lists only send out issues to read, and keep the header of a discussion.
    """
    signs = reading.signs
    if not signs.discussion_list:
        return None
    if signs.robot:
        return "notifications", 0.85, "on a list, and sent by a program"
    if not signs.reply:
        if _INVITED.match(reading.subject_words.text):
            return "calendar", 0.85, "on a list, the subject is a calendar's"
        for found in find_words(reading.subject_words, reading.languages):
            for slug in ("calendar", "notifications"):
                if found.meanings.get(slug, 0) >= STRONG:
                    fact = f'on a list, the subject says "{short(found)}"'
                    return slug, 0.8, fact
        reading_matter = reading.facts.cases.get("newsletters")
        if (
            reading_matter
            and reading_matter.points >= AN_ISSUE
            and not signs.list_tag
            and len(reading.text_words.words) > LONG_TEXT
        ):
            return "newsletters", 0.8, f"on a list, {reading_matter.evidence}"
    return "forums", 0.95, "List-Id and List-Post: a discussion list"
