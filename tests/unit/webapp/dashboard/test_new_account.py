from dataclasses import replace

import pytest

from mailbeat.mail.mailbox import Security
from tests.factories import find_offline
from webapp.api.schemas import AccountNew
from webapp.dashboard import new_account
from webapp.dashboard.new_account import password_fault, read_change

FILLED = {"email_address": "ada@example.org", "password": " pass word "}


def read_form(form, **options):
    return new_account.read_form(form, find_offline, **options)


def test_an_address_and_a_password_are_enough():
    new, errors = read_form(FILLED)

    assert errors == {}
    assert (new.host, new.port, new.security) == (
        "imap.example.org",
        993,
        Security.TLS,
    )
    assert (new.username, new.mailbox) == ("ada@example.org", "INBOX")
    assert new.interval_seconds is None
    assert new.password == " pass word ", "a password is taken as it was typed"


def test_what_is_typed_wins_over_the_guess():
    new, _ = read_form(
        {
            **FILLED,
            "host": "mail.example.net",
            "port": "1143",
            "security": "starttls",
            "username": "ada",
            "mailbox": "Work",
            "interval_seconds": "60",
        }
    )

    assert (new.host, new.port, new.security) == (
        "mail.example.net",
        1143,
        Security.STARTTLS,
    )
    assert (new.username, new.mailbox, new.interval_seconds) == ("ada", "Work", 60)


def test_without_tls_from_the_start_the_port_is_the_plain_one():
    new, _ = read_form({**FILLED, "security": "starttls"})

    assert new.port == 143


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email_address", "ada"),
        ("email_address", "ada@localhost"),
        ("email_address", "a da@example.org"),
        ("email_address", "ada\n@example.org"),
        ("password", ""),
        ("password", "x\r\ny"),
        ("password", "x\0y"),
        ("password", "x" * 1025),
        ("host", "imap.example.org now"),
        ("host", 'im"ap\\x/{3}'),
        ("host", "x" * 256),
        ("port", "0"),
        ("port", "65536"),
        ("port", "\u0663"),
        ("port", "1_000"),
        ("security", "rot13"),
        ("interval_seconds", "1"),
        ("interval_seconds", "often"),
        ("mailbox", "x" * 256),
        ("mailbox", "IN\rBOX"),
        ("mailbox", "IN\u2028BOX"),
        ("username", "a\x00b"),
        ("username", "x" * 321),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field, value):
    new, errors = read_form({**FILLED, field: value})

    assert new is None
    assert list(errors) == [field]


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_form_makes_the_account_of_the_api_and_it_waits(security):
    sent = {**FILLED, "security": security, "mailbox": "Work"}

    new, _ = read_form({**sent, "username": "", "port": ""})

    found = find_offline(sent["email_address"])
    by_api = AccountNew.model_validate(sent).as_new_account(found)
    assert new == replace(by_api, setting_up=True)


def test_a_server_that_is_not_found_has_to_be_named():
    unknown = FILLED | {"email_address": "ada@nowhere.example"}

    assert read_form(unknown) == (
        None,
        {"host": "We found none for nowhere.example. What is it called?"},
    )
    new, _ = read_form(unknown | {"host": "mail.nowhere.example"})
    assert new.host == "mail.nowhere.example"


def test_nobody_is_asked_for_a_server_that_was_named():
    def find(_address):
        raise AssertionError("asked")

    new, _ = new_account.read_form(FILLED | {"host": "mail.example.org"}, find)

    assert new.host == "mail.example.org"


def test_who_signs_in_elsewhere_needs_no_password():
    new, errors = read_form(FILLED | {"password": ""}, by_password=False)

    assert errors == {}
    assert new.password == ""


@pytest.mark.parametrize(
    ("ticked", "moves"), [({}, False), ({"moves_mail": "yes"}, True)]
)
def test_a_ticked_box_moves_mail(ticked, moves):
    new, errors = read_form({**FILLED, **ticked})

    assert errors == {}
    assert new.moves_mail is moves


def test_a_password_of_any_letters_is_taken():
    assert password_fault(' pässwörd " \\ ') is None


NAMES = ("host", "port", "password", "label_prefix")


def test_a_change_holds_what_was_typed_and_nothing_else():
    typed = {"host": " imap.example.org ", "port": "", "password": " p ", "other": "x"}

    assert read_change(typed, NAMES) == (
        {"host": "imap.example.org", "password": " p "},
        {},
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "a b"),
        ("port", "0"),
        ("port", "1_0"),
        ("password", "x\0"),
        ("password", "x" * 1025),
        ("label_prefix", "x" * 65),
    ],
)
def test_what_is_wrong_in_a_change_is_said_at_its_field(field, value):
    changes, errors = read_change({field: value}, NAMES)

    assert changes == {}
    assert list(errors) == [field]
