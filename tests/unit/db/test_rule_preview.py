"""What a rule would have done to the last messages."""

import pytest
import sqlalchemy as sa

from mailbeat.db.models import MessageRow, RuleRow
from mailbeat.db.rule_preview import MOST_EXAMPLES, preview
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.details import details_of
from mailbeat.labeling.rules import Rule
from tests.factories import NOW, make_account, make_message

RECEIPTS, FINANCE = 2, 3


@pytest.fixture
def account(any_sessions):
    return make_account(any_sessions)


@pytest.fixture
def put(any_sessions, account):
    """Put a message into the ledger, with all that is kept of one."""

    def put(uid=1, *, account_id=None, category_id=None, forgotten=False, **more):
        row = {
            name: more.pop(name) for name in ("layer", "state", "label") if name in more
        }
        message = make_message(uid, **more)
        details = details_of(message, b"").as_text()
        with transaction(any_sessions) as session:
            session.add(
                MessageRow(
                    account_id=account_id or account,
                    mailbox="INBOX",
                    uid_validity=1,
                    uid=uid,
                    key=message.key,
                    run_id="run-1",
                    category_id=category_id,
                    confidence=0.9,
                    evidence="",
                    sender=message.sender,
                    sender_domain=message.sender_domain,
                    subject=None if forgotten else message.subject,
                    details=None if forgotten else details,
                    received_at=NOW,
                    decided_at=NOW,
                    **{"state": "applied", "layer": "facts", **row},
                )
            )

    return put


def tried(sessions, written, category_id=RECEIPTS, **more):
    limit = more.pop("limit", 500)
    asked = more.pop("of", None)
    rule = Rule(0, "New", read_condition(written), category_id, **more)
    with sessions() as session:
        return preview(session, rule, account_id=asked, limit=limit)


def counts(found):
    return found.looked_at, found.matched, found.would_change, found.unknown


def test_it_counts_what_matches_and_what_would_change(any_sessions, put):
    put(1, category_id=RECEIPTS)
    put(2, category_id=FINANCE)
    put(3)
    put(4, sender="a@example.net")

    found = tried(any_sessions, {"domain": "example.org"})

    assert counts(found) == (4, 3, 2, 0)
    assert [one.message.uid for one in found.examples] == [3, 2, 1]
    assert [one.would_change for one in found.examples] == [True, True, False]
    assert found.examples[0].evidence == (
        'Your rule "New": sender\'s domain is example.org'
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"recipient": "me@example.org"}, (2, 1, 1, 1)),
        ({"subject": {"contains": "nothing"}}, (2, 0, 0, 1)),
        ({"not": {"subject": {"contains": "nothing"}}}, (2, 1, 1, 1)),
        ({"size": {"over": 1}}, (2, 1, 1, 1)),
        ({"sender": "ada@example.org"}, (2, 2, 2, 0)),
        ({"sender": "b@x.org", "subject": "x"}, (2, 0, 0, 0)),
    ],
)
def test_what_was_forgotten_is_unknown_and_never_no(
    any_sessions, put, written, expected
):
    put(1, forgotten=True)
    put(2)

    assert counts(tried(any_sessions, written)) == expected


def test_a_catch_all_rule_changes_only_what_nothing_else_decided(any_sessions, put):
    put(1, layer="none")
    put(2, category_id=FINANCE)
    put(3, category_id=FINANCE, layer="rule")

    found = tried(any_sessions, {"domain": "example.org"}, is_catch_all=True)

    assert counts(found) == (3, 3, 2, 0)


def test_only_the_last_messages_are_looked_at(any_sessions, put):
    for uid in range(1, 31):
        put(uid)

    assert tried(any_sessions, {"list": "no"}, limit=10).looked_at == 10
    found = tried(any_sessions, {"list": "no"})
    assert counts(found) == (30, 30, 30, 0)
    assert [one.message.uid for one in found.examples] == [
        *range(30, 30 - MOST_EXAMPLES, -1)
    ]


def test_only_the_mail_that_it_is_for_is_looked_at(any_sessions, put, account):
    other = make_account(any_sessions, "bob@example.org")
    put(1)
    put(2, account_id=other)

    for more in ({"account_id": other}, {"of": other}):
        found = tried(any_sessions, {"list": "no"}, **more)
        assert [one.message.uid for one in found.examples] == [2]
    found = tried(any_sessions, {"account": "ada@example.org"})
    assert counts(found) == (2, 1, 1, 0)


def test_what_could_not_be_read_is_not_counted(any_sessions, put):
    put(1, state="failed")
    put(2, state="failed", label="Receipts")

    assert tried(any_sessions, {"list": "no"}).looked_at == 1


def test_it_only_reads(any_sessions, put):
    put(1)
    tried(any_sessions, {"domain": "example.org"})

    with any_sessions() as session:
        assert session.scalar(sa.select(MessageRow.category_id)) is None
        assert session.scalars(sa.select(RuleRow)).all() == []
