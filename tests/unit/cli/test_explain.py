"""`mailbeat explain`"""

import json
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from mailbeat.cli.installation import Installation
from mailbeat.db.corrections import correct
from mailbeat.db.models import MessageRow
from mailbeat.db.session import transaction
from tests.factories import NOW
from tests.unit.test_run import invoice

SUGGESTION = '[[8, 0.4, "facts", "An offer"]]'


@contextmanager
def installed(tmp_path):
    """A transaction of the installation that the commands work on."""
    home = Installation(tmp_path / "var")
    with home.sessions() as sessions, transaction(sessions) as session:
        yield session


@pytest.fixture
def message_id(mailbeat, imap_server, account, tmp_path):
    """A message of the account, which a run decided about."""
    imap_server.append(account, invoice(1))
    assert mailbeat("run", account).exit_code == 0
    with installed(tmp_path) as session:
        session.execute(update(MessageRow).values(considered=SUGGESTION))
    return 1


@pytest.fixture
def corrected(message_id, tmp_path):
    with installed(tmp_path) as session:
        correct(session, message_id, 3, source="api", actor="me", now=NOW)
    return message_id


def test_it_says_what_was_decided_by_what_and_what_else(mailbeat, account, message_id):
    done = mailbeat("explain", message_id, "--json")

    told = json.loads(done.stdout)
    assert (told["category"], told["account"]) == ("Receipts", account)
    assert (told["label"], told["label_state"]) == ("Receipts", "on")
    assert told["reason"]
    assert told["considered"] == [
        {
            "category": "Promotions",
            "confidence": 0.4,
            "layer": "facts",
            "reason": "An offer",
        }
    ]
    assert told["corrections"] == []


def test_corrections_since_are_told(mailbeat, account, corrected):
    told = json.loads(mailbeat("explain", account, corrected, "--json").stdout)
    text = mailbeat("explain", corrected).stdout

    (one,) = told["corrections"]
    assert (one["from"], one["to"], one["waits"]) == ("Receipts", "Finance", True)
    assert "Finance 1.00, by you: You chose this" in text
    assert "Promotions 0.40, by facts: An offer" in text
    assert "Label on the server: Finance (waits)" in text
    assert "Receipts -> Finance, api (me); waits" in text


def test_a_file_is_decided_about_with_what_the_account_was_taught(
    mailbeat, account, corrected, tmp_path
):
    file = tmp_path / "new.eml"
    file.write_bytes(invoice(9))

    done = mailbeat("explain", file, "--account", account, "--json")

    told = json.loads(done.stdout)
    assert told["path"] == str(file)
    assert (told["category"], told["layer"]) == ("Finance", "memory")
    assert mailbeat("explain", file).stdout.startswith(str(file))


@pytest.mark.parametrize("message", ["99", "9" * 30])
def test_a_message_that_is_not_there_is_told(mailbeat, message_id, message):
    done = mailbeat("explain", message)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "no message" in done.stderr


def test_a_message_of_another_account_is_told(
    mailbeat, message_id, imap_server, server_options
):
    imap_server.add_user("other@example.org", "right")
    mailbeat("account", "add", "other@example.org", *server_options, stdin="right\n")

    done = mailbeat("explain", "other@example.org", message_id)

    assert done.exit_code == 1
    assert "no message 1 of other@example.org" in done.stderr


def test_whose_knowledge_is_asked_where_there_are_several(
    mailbeat, account, imap_server, server_options, tmp_path
):
    imap_server.add_user("third@example.org", "right")
    mailbeat("account", "add", "third@example.org", *server_options, stdin="right\n")
    (tmp_path / "new.eml").write_bytes(invoice(9))

    done = mailbeat("explain", "new.eml")

    assert done.exit_code == 1
    assert "--account" in done.stderr
    assert "nowhere.eml" in mailbeat("explain", "nowhere.eml").stderr


@pytest.mark.parametrize("content", [None, b""])
def test_a_file_that_is_no_message_is_told(mailbeat, account, tmp_path, content):
    if content is not None:
        (tmp_path / "odd.eml").write_bytes(content)

    done = mailbeat("explain", "odd.eml")

    assert done.exit_code == 1
    assert "odd.eml" in done.stderr


@pytest.mark.parametrize("arguments", [["1", "2", "3"], ["1", "2", "--account", "1"]])
def test_too_much_is_wrong_usage(mailbeat, account, arguments):
    assert mailbeat("explain", *arguments).exit_code == 2
