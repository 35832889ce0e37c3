"""Mail that a person wrote."""

import pytest

from mailbeat.labeling.people import NO_WORD_OF_A_PERSON, STRANGERS
from mailbeat.labeling.reading import Reading
from tests.factories import make_message

FRIENDLY = "Hi, how are you? I have the photos, see you soon. Max"
MAX = {"sender": "max.wood@firm.example", "sender_name": "Max Wood"}


def points(**message):
    case = Reading(make_message(**message)).facts.cases.get("personal")
    return case.points if case else 0.0


@pytest.mark.parametrize(
    "known",
    [
        {"headers": {"User-Agent": "Mozilla Thunderbird"}},
        {"headers": {"In-Reply-To": "<1>"}, "subject": "Re: photos"},
        {"sender": "max.wood@example.org"},
    ],
    ids=["a mail program", "an answer", "a colleague"],
)
def test_a_header_that_tells_a_person_counts(known):
    assert points(**MAX | {"text": FRIENDLY} | known) > STRANGERS


def test_of_a_stranger_friendly_words_are_not_enough():
    assert points(**MAX, text=FRIENDLY) == STRANGERS


def test_without_a_word_of_a_person_a_mail_program_is_not_enough():
    program = {"User-Agent": "Mozilla Thunderbird"}

    assert points(**MAX, text="Figures.", headers=program) <= NO_WORD_OF_A_PERSON


def test_a_persons_mail_of_a_parcel_is_more_a_persons():
    said = {"subject": "Re: parcel", "text": f"{FRIENDLY} Your parcel is here."}
    cases = Reading(
        make_message(**MAX, **said, headers={"In-Reply-To": "<1>"})
    ).facts.cases

    assert cases["personal"].points > cases["receipts"].points


def test_who_sells_is_no_person_to_you():
    pitch = f"{FRIENDLY} We help companies like yours. 15 minutes for a call?"

    assert points(**MAX, text=pitch, headers={"User-Agent": "Thunderbird"}) < 1
