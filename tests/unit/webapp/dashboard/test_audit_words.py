import re
from pathlib import Path

import pytest

import mailbeat
import webapp
from mailbeat.db.models import AuditEntry
from webapp.dashboard.audit_words import (
    ACTIONS,
    action_words,
    detail_words,
    target_of,
    target_words,
)

KINDS = {action.partition(".")[0] for action in ACTIONS if "." in action}
ACTION = re.compile(rf'"((?:{"|".join(sorted(KINDS))})\.[a-z-]+)",')
# The API's description names its functions so.
ELSEWHERE = {"openapi.py"}


@pytest.fixture
def in_german(app):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        yield


def test_every_action_has_words():
    folders = (Path(mailbeat.__file__).parent, Path(webapp.__file__).parent)
    texts = [
        path.read_text()
        for folder in folders
        for path in folder.rglob("*.py")
        if path.name not in ELSEWHERE
    ]
    written = {action for text in texts for action in ACTION.findall(text)}
    files = {f"{kind}.{ending}" for kind in KINDS for ending in ("html", "js", "css")}

    assert written - files - ACTIONS.keys() == set()
    assert len(written) > 20


def test_an_entry_is_told_in_german(in_german):
    assert action_words("account.pause") == "Konto angehalten"
    assert target_words("account 7") == "Konto 7"
    assert target_words("into category 12") == "in Kategorie 12"
    assert target_words("3 rules, add") == "3 Regeln, hinzugefügt"


def test_what_is_typed_in_german_is_found(in_german):
    assert target_of("Konto 7") == "account 7"
    assert target_of("account 7") == "account 7"
    assert target_of("100 %(id)s") == "100 %(id)s"


def test_a_worker_says_why_it_paused_an_account(in_german):
    entry = AuditEntry(action="account.pause", detail="auth_failed")

    assert detail_words(entry) == "Anmeldung abgelehnt"


@pytest.mark.parametrize("text", ["", "<b>", "100 %(id)s", "account 7 and more", "a.b"])
def test_what_is_not_known_stays_as_it_is(in_german, text):
    assert (action_words(text), target_words(text)) == (text, text)
