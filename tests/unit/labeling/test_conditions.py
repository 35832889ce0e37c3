"""What conditions hold for."""

import pytest

from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.condition_words import in_words
from mailbeat.labeling.conditions import compiled, keys_in, keys_of
from mailbeat.labeling.rule_facts import RuleFacts
from tests.factories import make_message

LONG = 10**6


def known(account="me@example.org", **message):
    return RuleFacts(make_message(**message), account)


def holds(written, account="me@example.org", **message):
    return compiled(read_condition(written))(known(account, **message))


@pytest.mark.parametrize(
    ("written", "sender", "expected"),
    [
        ({"sender": "ada@example.org"}, "ada@example.org", True),
        ({"sender": "Ada@Example.ORG"}, "ada@example.org", True),
        ({"sender": "ada@example.org"}, "bada@example.org", False),
        ({"sender": {"contains": "example"}}, "ada@example.org", True),
        ({"sender": {"starts": "no-reply"}}, "no-reply@example.org", True),
        ({"sender": {"ends": "lufthansa.com"}}, "a@lufthansa.com", True),
        ({"sender": {"ends": "lufthansa.com"}}, "a@mail.lufthansa.com", True),
        ({"sender": {"ends": "lufthansa.com"}}, "a@not-lufthansa.com", False),
        ({"sender": {"ends": "@lufthansa.com"}}, "a@mail.lufthansa.com", False),
        ({"sender": ["a@x.org", "b@x.org"]}, "b@x.org", True),
        ({"domain": "lufthansa.com"}, "a@lufthansa.com", True),
        ({"domain": "@Lufthansa.com."}, "a@lufthansa.com", True),
        ({"domain": "lufthansa.com"}, "a@info.mail.lufthansa.com", True),
        ({"domain": "lufthansa.com"}, "a@evil-lufthansa.com", False),
        ({"domain": "lufthansa.com"}, "a@lufthansa.com.evil.example", False),
        ({"domain": {"ends": "ac.uk"}}, "a@ox.ac.uk", True),
        ({"domain": {"ends": "ac.uk"}}, "a@evilac.uk", False),
        ({"domain": {"contains": "luft"}}, "a@lufthansa.com", True),
        ({"domain": {"starts": "mail."}}, "a@mail.lufthansa.com", True),
        ({"domain": "bücher.example"}, "a@xn--bcher-kva.example", True),
        ({"domain": "xn--bcher-kva.example"}, "a@bücher.example", True),
        ({"domain": "example.org"}, "", False),
    ],
)
def test_senders_and_their_domains(written, sender, expected):
    assert holds(written, sender=sender) is expected


def test_letters_that_only_look_the_same_are_others():
    cyrillic = "a@lufth\u0430nsa.com"

    assert not holds({"domain": "lufthansa.com"}, sender=cyrillic)
    assert not holds({"sender": {"contains": "lufthansa"}}, sender=cyrillic)


@pytest.mark.parametrize(
    "subject",
    [
        "INVOICE 7",
        "Your in\u200bvoice",
        "\uff49\uff4e\uff56\uff4f\uff49\uff43\uff45",
        "an  Invo\u00adice",
    ],
)
def test_case_width_and_invisible_letters_do_not_matter(subject):
    assert holds({"subject": {"contains": "Invoice"}}, subject=subject)


@pytest.mark.parametrize(
    ("written", "to", "expected"),
    [
        ({"recipient": "me@example.org"}, "Me <me@example.org>", True),
        ({"recipient": "me@example.org"}, "me+shop@example.org", True),
        ({"recipient": "me+shop@example.org"}, "me+shop@example.org", True),
        ({"recipient": "me+shop@example.org"}, "me@example.org", False),
        ({"recipient": {"contains": "+shop@"}}, "me+shop@example.org", True),
        ({"recipient": {"ends": "example.org"}}, "a@b.net, me@example.org", True),
        ({"recipient": "me@example.org"}, "you@example.org", False),
        ({"not": {"recipient": "me@example.org"}}, "you@example.org", True),
    ],
)
def test_recipients_are_those_of_to(written, to, expected):
    assert holds(written, headers={"To": to}) is expected


def test_recipients_are_those_of_cc_too():
    headers = {"To": "you@example.org", "Cc": "The team <team@example.org>"}

    assert holds({"recipient": "team@example.org"}, headers=headers)


def test_a_bracket_that_holds_nothing_is_part_of_a_lists_name():
    condition = read_condition({"list": {"is": "The developers <"}})

    assert in_words(condition) == "its list is The developers <"
    assert not compiled(condition)(known(headers={"List-Id": "<other.example.org>"}))


@pytest.mark.parametrize(
    "written",
    [
        {"list": "dev.lists.example.org"},
        {"list": "The developers <dev.lists.example.org>"},
        {"list": {"ends": "lists.example.org"}},
        {"list": True},
        {"list": "yes"},
        {"not": {"list": {"exists": False}}},
        {"header": {"name": "list-id", "contains": "developers"}},
        {"header": {"name": "List-Id"}},
        {"header": {"name": "X-Mailer", "exists": "no"}},
    ],
)
def test_lists_and_headers(written):
    headers = {"List-Id": "The Developers <dev.lists.example.org>"}

    assert holds(written, headers=headers)
    assert not holds({"not": written}, headers=headers)


@pytest.mark.parametrize(
    ("written", "attachments", "expected"),
    [
        ({"attachment": True}, ("application/pdf",), True),
        ({"attachment": "no"}, (), True),
        ({"attachment": {"is": "Application/PDF"}}, ("application/pdf",), True),
        ({"attachment": {"starts": "image/"}}, ("application/pdf",), False),
        ({"attachment": {"starts": "image/"}}, ("a/b", "image/png"), True),
    ],
)
def test_attachments(written, attachments, expected):
    assert holds(written, attachments=attachments) is expected


@pytest.mark.parametrize(
    ("written", "size", "expected"),
    [
        ({"size": {"over": "5 MB"}}, 5 * 1024 * 1024, False),
        ({"size": {"over": "5MB"}}, 5 * 1024 * 1024 + 1, True),
        ({"size": {"under": "10 kb"}}, 10 * 1024 - 1, True),
        ({"size": {"under": 100}}, 100, False),
        ({"size": {"over": "1 KB", "under": "2 KB"}}, 1500, True),
        ({"size": {"over": "1 KB", "under": "2 KB"}}, 2500, False),
    ],
)
def test_sizes(written, size, expected):
    assert holds(written, size=size) is expected


def test_the_account_can_be_asked_about():
    assert holds({"account": "Me@example.org"})
    assert not holds({"account": {"ends": "example.net"}})


def test_all_any_and_not_are_joined():
    written = {
        "all": [
            {"any": [{"domain": "example.org"}, {"domain": "example.net"}]},
            {"not": {"subject": {"starts": "Re:"}}},
        ]
    }

    assert holds(written)
    assert not holds(written, subject="Re: A subject")
    assert not holds(written, sender="ada@example.com")


def test_several_things_to_look_at_must_all_hold():
    written = {"domain": "example.org", "subject": {"contains": "invoice"}}

    assert holds(written, subject="Your invoice")
    assert not holds(written)


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ({"sender": "A@x.org"}, {"sender a@x.org"}),
        ({"domain": {"ends": "x.org"}}, {"domain x.org"}),
        ({"subject": {"is": "x"}}, None),
        ({"not": {"sender": "a@x.org"}}, None),
        ({"domain": "x.org", "subject": "x"}, {"domain x.org"}),
        ({"any": [{"domain": "x.org"}, {"list": "l"}]}, {"domain x.org", "list l"}),
        ({"any": [{"domain": "x.org"}, {"subject": "x"}]}, None),
    ],
)
def test_what_must_hold_can_be_looked_up(written, keys):
    assert keys_of(read_condition(written)) == keys


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"sender": "ada@example.org"}, {}),
        ({"domain": "example.org"}, {"sender": "a@x.y.example.org"}),
        ({"list": "l.example.org"}, {"headers": {"List-Id": "<l.example.org>"}}),
        ({"recipient": "me@example.org"}, {"headers": {"To": "me+x@example.org"}}),
    ],
)
def test_what_holds_is_found_by_looking_up(written, message):
    condition = read_condition(written)

    keys = set(keys_in(known(**message), with_recipients=True))

    assert compiled(condition)(known(**message))
    assert keys & keys_of(condition)
