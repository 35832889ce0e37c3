from dataclasses import replace

import pytest

from mailbeat import health_sentence, sentences
from mailbeat.health_sentence import sentence_of
from mailbeat.labeling.progress import RunState, describe
from mailbeat.language import IN_ENGLISH, TONGUES
from mailbeat.mail import refusal
from mailbeat.mail.refusal import (
    _SENTENCES,
    cannot_move,
    hung_up,
    no_starttls,
    no_way_back,
    not_found,
    numbered_anew,
    refused,
)
from mailbeat.sentences import EVIDENCE, FACTS, SHAPES, pattern_of
from tests.unit.test_health_sentence import FACTS as KNOWN
from tests.unit.test_health_sentence import SENTENCES


def said(text):
    return sentences.said(text, TONGUES["de"])


def test_a_sentence_with_a_value_is_known_by_its_shape():
    assert said("There is no account 7.") == "Es gibt kein Konto 7."


def test_a_sentence_without_values_is_known_as_it_is():
    assert said("The account is paused.") == "Das Konto ist angehalten."


@pytest.mark.parametrize("text", ["", "Nobody wrote this.", "100 % %(x)s", "x" * 9999])
def test_an_unknown_sentence_stays_as_it_is(text):
    assert said(text) == text


def test_in_english_a_sentence_stays_as_it_is():
    told = sentences.said("There is no account 7.", IN_ENGLISH)

    assert told == "There is no account 7."


@pytest.mark.parametrize("shapes", [SHAPES, EVIDENCE, FACTS])
def test_every_shape_knows_itself_first(shapes):
    """Else another one before it would take its sentences."""
    for shape in shapes:
        known = [one for one in shapes if pattern_of(one).fullmatch(shape)]
        assert known[0] == shape


@pytest.mark.parametrize(
    "error",
    [
        *(refused(one, host="imap.example.org", mailbox="Post") for one in _SENTENCES),
        hung_up("imap.example.org"),
        no_starttls("imap.example.org", 143),
        cannot_move("imap.example.org"),
        not_found("imap.example.org"),
        no_way_back("imap.example.org"),
        numbered_anew("imap.example.org"),
    ],
)
def test_what_a_mail_server_refused_is_told_in_german(error):
    assert said(str(error)) != str(error)
    assert "imap.example.org" in said(str(error))


def test_every_sentence_about_a_refusal_is_told_in_german():
    texts = [
        text.format(host="imap.example.org", mailbox="Post")
        for name, text in vars(refusal).items()
        if isinstance(text, str) and "{host} " in text and name.startswith("_")
    ]

    assert len(texts) > 2
    assert [text for text in texts if said(text) == text] == []


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Mailbeat: No worker runs", "Mailbeat: Kein Worker läuft"),
        (
            "Mailbeat: Still: 3 accounts need you, and 2 more",
            "Mailbeat: Weiterhin: 3 Konten brauchen Ihre Hilfe, und 2 weitere",
        ),
        (
            "Mailbeat: 1,200 messages labelled of ada@example.org",
            "Mailbeat: 1.200 Nachrichten mit Label versehen (ada@example.org)",
        ),
        ("Mail to ops@example.org", "E-Mail an ops@example.org"),
    ],
)
def test_titles_and_ways_of_letters_are_told_in_german(title, told):
    assert said(title) == told


@pytest.mark.parametrize("state", RunState)
def test_what_a_run_does_is_told_in_german(state):
    step = describe(state, current=3, total=7)

    assert said(step) != step


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (
            'The subject says "invoice", sender billing@, a code in it',
            "Im Betreff steht „invoice“, Absender billing@, ein Code darin",
        ),
        (
            "Looks like Receipts, but it presses for an answer: sender noreply@",
            "Sieht nach Receipts aus, aber: drängt auf eine Antwort: Absender noreply@",
        ),
        (
            "Learned from 12 of your corrections: a, b",
            "Gelernt aus 12 Ihrer Korrekturen: a, b",
        ),
        (
            "You filed 3 of 4 such mails from a@b.example here",
            "Sie haben 3 von 4 solchen E-Mails von a@b.example hier eingeordnet",
        ),
        (
            'The subject says "a", a code in it, the text says "b"',
            "Im Betreff steht „a“, ein Code darin, im Text steht „b“",
        ),
        ("Sender a@, of a new kind", "Sender a@, of a new kind"),
    ],
)
def test_evidence_is_told_in_german_where_all_of_it_is_known(evidence, told):
    assert said(evidence) == told


def test_what_is_known_of_accounts_is_what_the_core_says():
    told = [
        sentence_of(replace(KNOWN, **changes)).text
        for changes in (
            *(changes for changes, _ in SENTENCES),
            {"last": replace(KNOWN.last, found=0)},
            {"is_running": True},
            {"next_run_at": KNOWN.now + KNOWN.interval / 2, "is_sent": True},
            {
                "failures": 2,
                "failed_runs": 2,
                "last": replace(KNOWN.last, outcome="failed"),
            },
        )
    ]

    assert set(sentences.HEALTH) - set(told) == set()
    causes = (*health_sentence._CAUSES.values(), health_sentence._TOKEN_REFUSED)
    assert set(sentences.CAUSES) == set(causes)
