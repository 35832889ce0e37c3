"""What is kept of a message that a person told about."""

import base64

import pytest
from sqlalchemy import select

from mailbeat.db.corrections import correct
from mailbeat.db.examples import forget, teach
from mailbeat.db.models import LearnedExample, MessageRow
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account, make_row


@pytest.fixture
def session(any_sessions):
    make_row(any_sessions, make_account(any_sessions))
    with transaction(any_sessions) as session:
        yield session


@pytest.fixture
def row(session):
    return session.scalars(select(MessageRow)).one()


def examples(session):
    return list(session.scalars(select(LearnedExample).order_by(LearnedExample.id)))


def test_an_example_has_what_there_is_to_learn_from(session, row):
    teach(session, row, 3, correction_id=None, now=NOW)

    (one,) = examples(session)

    assert (one.account_id, one.category_id, one.is_negative) == (1, 3, False)
    assert (one.message_key, one.sender, one.sender_domain) == (
        "key-1",
        "shop@shop.example",
        "shop.example",
    )
    assert (one.list_id, one.thread) == ("news.shop.example", "thread-1")
    assert base64.b85decode(one.tokens) == b"12345678"


def test_a_message_whose_words_were_forgotten_teaches_its_sender(session, row):
    row.details = None

    teach(session, row, 3, correction_id=None, is_negative=True, now=NOW)

    (one,) = examples(session)
    assert (one.tokens, one.sender, one.is_negative) == (
        None,
        "shop@shop.example",
        True,
    )


def test_what_one_correction_taught_is_forgotten_and_no_more(session, row):
    kept, gone = (
        correct(session, row.id, category, source="api", actor="me", now=NOW)
        for category in (3, 4)
    )

    forget(session, gone.id)

    assert {one.correction_id for one in examples(session)} == {kept.id}
