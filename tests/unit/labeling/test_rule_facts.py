"""What rules may ask of a message in hand, and of what the ledger kept of one."""

import pytest

from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.conditions import compiled
from mailbeat.labeling.details import Details, details_from_text, details_of
from mailbeat.labeling.rule_facts import (
    KeptFacts,
    RuleFacts,
    folded,
    folded_address,
    folded_domain,
)
from tests.factories import make_message
from tests.linear import growth

HEADERS = {
    "To": "Me <me+shop@example.org>, you@example.org",
    "List-Id": "Developers <Dev.Lists.Example.org>",
    "X-Mailer": "Mailer 7",
    "Content-Type": "multipart/mixed; boundary=x",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Two\t WORDS ", "two words"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("\ufb01le", "file"),
        ("in\u00advoice\u200b", "invoice"),
        ("e\u0301", "\u00e9"),
        ("\u0130", "i\u0307"),
    ],
)
def test_text_is_folded(text, expected):
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("Example.ORG.", "example.org"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("\u3002", ""),
        ("a..\u00fc", "a..\u00fc"),
        ("\u00fc" * 100, "\u00fc" * 100),
    ],
)
def test_domains_are_folded_and_odd_ones_harm_nobody(domain, expected):
    assert folded_domain(domain).rstrip("\u3002.") == expected


def test_the_name_of_an_address_is_no_domain():
    assert folded_address("B\u00fccher@B\u00fccher.example") == (
        "b\u00fccher@xn--bcher-kva.example"
    )


def kept(message, *, subject=True, details=True):
    found = details_of(message, b"")
    return KeptFacts(
        sender=message.sender,
        list_id="dev.lists.example.org",
        subject=message.subject if subject else None,
        details=details_from_text(found.as_text()) if details else None,
        account="me@example.org",
    )


QUESTIONS = [
    {"sender": "ada@example.org"},
    {"domain": "example.org"},
    {"recipient": "me@example.org"},
    {"list": "dev.lists.example.org"},
    {"subject": {"contains": "subject"}},
    {"header": {"name": "X-Mailer", "contains": "mailer"}},
    {"header": {"name": "Subject", "contains": "subject"}},
    {"attachment": True},
    {"attachment": "application/pdf"},
    {"size": {"over": 500}},
    {"account": "me@example.org"},
]


@pytest.mark.parametrize("written", QUESTIONS)
def test_the_ledger_answers_as_the_message_does(written):
    message = make_message(headers=HEADERS, attachments=("application/pdf",))
    ask = compiled(read_condition(written))

    assert ask(RuleFacts(message, "me@example.org")) is True
    assert ask(kept(message)) is True
    assert compiled(read_condition({"not": written}))(kept(message)) is False


@pytest.mark.parametrize("written", QUESTIONS[2:3] + QUESTIONS[5:6] + QUESTIONS[7:10])
def test_what_was_forgotten_is_not_known(written):
    ask = compiled(read_condition(written))
    row = kept(make_message(headers=HEADERS), details=False)

    assert ask(row) is None
    assert compiled(read_condition({"not": written}))(row) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"domain": "example.org", "subject": "x"}, None),
        ({"domain": "example.net", "subject": "x"}, False),
        ({"any": [{"domain": "example.org"}, {"subject": "x"}]}, True),
        ({"any": [{"domain": "example.net"}, {"subject": "x"}]}, None),
    ],
)
def test_what_is_known_may_decide_without_the_rest(written, expected):
    row = kept(make_message(), subject=False)

    assert compiled(read_condition(written))(row) is expected


@pytest.mark.parametrize("name", ["From", "To", "Date", "References"])
def test_headers_that_the_ledger_does_not_keep_are_not_known(name):
    ask = compiled(read_condition({"header": {"name": name, "contains": "x"}}))

    assert ask(kept(make_message(headers=HEADERS))) is None


def test_what_was_cut_may_have_held_it():
    message = make_message(
        headers={
            "To": ", ".join(f"u{n}@example.org" for n in range(30)),
            "X-Mailer": "m" * 300,
        }
    )
    for written in (
        {"recipient": "u29@example.org"},
        {"header": {"name": "X-Mailer", "ends": "x"}},
    ):
        ask = compiled(read_condition(written))
        assert ask(kept(message)) is None

    ask = compiled(read_condition({"recipient": "u29@example.org"}))
    assert ask(RuleFacts(message)) is True


@pytest.mark.parametrize(
    ("kind", "size", "expected"),
    [
        ("multipart/mixed; boundary=x", 100_000, True),
        ("Multipart/Mixed", 100_000, True),
        ("multipart/mixed; boundary=x", 1_000, False),
        ("multipart/alternative; boundary=x", 100_000, False),
        ("text/plain", 100_000, False),
    ],
)
def test_of_a_long_message_the_header_tells_of_attachments(kind, size, expected):
    message = make_message(headers={"Content-Type": kind}, size=size)

    assert RuleFacts(message).has_attachment is expected
    assert kept(message).has_attachment is expected


def test_empty_details_are_known_to_be_empty():
    row = KeptFacts(sender="", list_id="", subject="", details=Details())

    assert (row.recipients, row.attachments, row.has_attachment) == ((), (), False)


@pytest.mark.parametrize("letter", ["\u00fc", "\u0301", "\ufb03", "a", " ", "\u200b"])
def test_folding_takes_time_that_grows_with_the_text(letter):
    assert growth(lambda size: folded(letter * size), 2_000, 16_000) < 20


@pytest.mark.parametrize("letter", ["\u00fc", "\u0301", "a.", "."])
def test_folding_a_domain_takes_time_that_grows_with_it(letter):
    assert growth(lambda size: folded_domain(letter * size), 2_000, 16_000) < 20
