"""What goes out has no secrets; what comes in is believed only as far as checked."""

import re
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from mailbeat.db.accounts import find_account
from mailbeat.mail.mailbox import Security
from tests.factories import find_offline
from webapp.api import schemas
from webapp.api.schemas import AccountChange, AccountNew, Paging, RunsQuery

GOOD = {"email_address": "ada@example.org", "password": "open sesame"}


def new(**changes):
    sent = AccountNew.model_validate(GOOD | changes)
    return sent.as_new_account(find_offline(sent.email_address))


def test_an_account_has_no_password(sessions, add):
    with sessions() as session:
        shown = schemas.account_json(find_account(session, add()))

    assert "password" not in shown
    assert "open sesame" not in str(shown)


def test_the_server_that_was_found_is_taken_where_none_was_sent():
    account = new()

    assert (account.host, account.port) == ("imap.example.org", 993)
    assert (account.security, account.username) == (Security.TLS, "ada@example.org")


def test_the_server_of_a_known_domain_is_known():
    assert new(email_address="ada@gmail.com").host == "imap.gmail.com"


def test_the_port_follows_the_security():
    assert new(host="mail.example.org", security="starttls").port == 143
    assert new(host="mail.example.org", security="tls").port == 993
    assert new(security="starttls", port=1143).port == 1143


@pytest.mark.parametrize(
    "changes",
    [
        {"email_address": "ada"},
        {"email_address": "@example.org"},
        {"email_address": "ada@"},
        {"email_address": "ada @example.org"},
        {"email_address": "ada@example.org\r\nBcc: eve@example.org"},
        {"email_address": 'a"b@example.org'},
        {"email_address": "a" * 320 + "@example.org"},
        {"email_address": "a@" + "b" * 251},  # its host would be too long a name
        {"email_address": 7},
        {"password": ""},
        {"password": "a\0b"},
        {"password": "a\r\nA1 DELETE INBOX"},
        {"password": "x" * 1025},
        {"host": "imap.example.org\r\n"},
        {"host": "imap example.org"},
        {"host": "imap.example.org/../x"},
        {"host": "-imap.example.org"},
        {"host": "h" * 256},
        {"host": ""},
        {"port": 0},
        {"port": 65_536},
        {"security": "ssl"},
        {"username": "ada\n"},
        {"mailbox": 'INBOX"\r\n'},
        {"mailbox": ""},
        {"label_prefix": "x" * 65},
        {"moves_mail": None},
        {"moves_mail": "perhaps"},
        {"asks_llm": "yes"},
        {"interval_seconds": 1},
        {"interval_seconds": 10**9},
        {"role": "admin"},
    ],
)
def test_odd_accounts_are_refused(changes):
    with pytest.raises(ValidationError):
        new(**changes)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "::1", "mail_1.example.org", "imap.example.org."]
)
def test_usual_hosts_are_taken(host):
    assert new(host=host).host == host


def test_a_validation_error_does_not_hold_the_password():
    with pytest.raises(ValidationError) as caught:
        new(password="hunter2\r\n")

    assert "hunter2" not in str(caught.value)


def test_a_change_holds_only_what_was_sent():
    change = AccountChange.model_validate({"interval_seconds": None, "port": 143})

    assert change.model_dump(exclude_unset=True) == {
        "interval_seconds": None,
        "port": 143,
    }


@pytest.mark.parametrize("name", ["host", "port", "password", "mailbox", "security"])
def test_what_must_be_there_cannot_be_taken_away(name):
    with pytest.raises(ValidationError):
        AccountChange.model_validate({name: None})


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "ten"},
        {"cursor": "1' OR 1=1"},
        {"cursor": "9" * 19},
        {"account_id": "0"},
        {"account_id": str(2**31)},
        {"state": "LABELING"},
        {"outcome": "fine"},
        {"since": "2026-01-05T08:00:00"},  # no zone
        {"since": "0001-01-01T00:00:00+14:00"},
        {"since": "9999-12-31T23:59:59-14:00"},
        {"since": "2026-02-30T08:00:00Z"},
        {"since": "2026-01-05"},
        {"since": "1767600000"},  # no number of seconds
        {"unknown": "1"},
    ],
)
def test_odd_questions_are_refused(asked):
    with pytest.raises(ValidationError):
        RunsQuery.model_validate(asked)


@pytest.mark.parametrize(
    "text",
    ["2026-01-05T08:00:00Z", "2026-01-05t08:00:00.000z", "2026-01-05T09:00:00+01:00"],
)
def test_a_time_is_taken_in_every_form_of_rfc_3339(text):
    since = RunsQuery.model_validate({"since": text}).since

    assert since == datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "taken"), [("7", True), ("7.0", True), ('"7"', False), ("true", False)]
)
def test_the_number_of_a_body_is_a_number(app, sent, taken):
    """JSON Schema, by which programs go, knows 7.0 as an integer, but not "7"."""
    text = f'{{"account_id": {sent}}}'
    asked = {"method": "POST", "data": text, "content_type": "application/json"}

    with app.test_request_context(**asked):
        if taken:
            assert schemas.body(schemas.RunNow).account_id == 7
        else:
            with pytest.raises(ValidationError):
                schemas.body(schemas.RunNow)


@pytest.mark.parametrize(
    "letter", ["\x00", "\n", "\x7f", "\x85", "\u2028", "é", " ", "—"]
)
def test_the_pattern_of_a_line_tells_what_is_checked(letter):
    fits = re.search(schemas.LINE, f"a{letter}b") is not None

    try:
        new(mailbox=f"a{letter}b")
    except ValidationError:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    "address",
    [
        *("ada@example.org", "a@b@c", "@b", "a@", "a b@c", "a\u3000b@c", "a\xa0b@c"),
        *('a"b@c', "a\\b@c", "a@" + "b" * 250, "a@" + "b" * 251, "é@ü.example"),
    ],
)
def test_the_pattern_of_an_address_tells_what_is_checked(address):
    fits = re.search(schemas.ADDRESS, address) is not None

    try:
        new(email_address=address)
    except ValidationError:
        assert not fits
    else:
        assert fits


def test_a_list_is_paged_by_its_ids():
    rows = list(range(1, 8))

    def page(**asked):
        return schemas.page_by_id(rows, Paging(**asked), str, lambda row: row)

    assert page(limit=3) == {"items": ["1", "2", "3"], "next_cursor": "3"}
    assert page(limit=3, cursor="6") == {"items": ["7"], "next_cursor": None}
    assert page(limit=7) == {"items": [str(row) for row in rows], "next_cursor": None}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("", "The body is empty. Send a JSON object with `account_id`."),
        (
            '{"account_id": 1,\n "x',
            "it breaks at line 2, column 2 (unterminated string starting at)",
        ),
        (b'{"\xff', "byte 3 is not UTF-8"),
        ("{'account_id': 1}", "it breaks at line 1, column 2 (expecting property name"),
    ],
)
def test_broken_json_is_told_where_it_broke_and_what_is_wanted(admin, sent, told):
    answer = admin.post(
        "/api/processing/runs", data=sent, content_type="application/json"
    )

    assert answer.status_code == 400
    assert told in answer.json["detail"]
    assert "`account_id`" in answer.json["detail"]
