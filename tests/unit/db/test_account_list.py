"""The list of accounts, found, sorted and page by page, the same on both databases."""

from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from mailbeat.db import accounts
from mailbeat.db.account_list import SORTS, Asked, list_page
from mailbeat.db.health import Kind
from mailbeat.db.models import Account, Run
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from tests.factories import make_account

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def page(any_sessions):
    def page(text="", kind=None, sort="address", *, limit=50, cursor=None):
        with any_sessions() as session:
            return list_page(
                session,
                Asked(text, kind, sort),
                now=NOW,
                default_interval=300,
                limit=limit,
                cursor=cursor,
            )

    return page


@pytest.fixture
def some(any_sessions):
    """Five accounts; of the first three, c ran last and a before it."""
    ids = {
        name: make_account(any_sessions, f"{name}@example.org")
        for name in ("d", "b", "a", "e", "c")
    }
    with transaction(any_sessions) as session:
        for number, name in enumerate("abcde"):
            account = session.get(Account, ids[name])
            account.next_run_at = NOW + (number % 2 + 1) * MINUTE
        for number, name in enumerate(("a", "b", "a", "c")):
            session.add(
                Run(
                    run_id=f"run-{number}",
                    account_id=ids[name],
                    email_address=f"{name}@example.org",
                    start_time=NOW,
                    end_time=NOW,
                    updated_at=NOW,
                    state="completed",
                    outcome="succeeded",
                )
            )
            session.flush()
    return ids


def names(listed):
    return "".join(one.account.email_address[0] for one in listed)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("address", "abcde"),
        ("next", "aecdb"),  # a minute from now, then two; then as they were added
        ("last", "cabed"),  # who never ran is last, the newest of them first
        ("quiet", "debac"),
        ("added", "ceabd"),
        ("id", "dbaec"),
    ],
)
def test_each_order_is_the_same_page_by_page(page, some, sort, order):
    seen, cursor = "", None
    for _ in range(10):
        listed, cursor = page(sort=sort, limit=2, cursor=cursor)
        seen += names(listed)
        if cursor is None:
            break

    assert seen == names(page(sort=sort)[0])
    assert len(seen) == 5
    assert seen == order
    assert sort in SORTS


def test_accounts_are_found_by_address_and_by_server(any_sessions, page, some):
    with transaction(any_sessions) as session:
        session.get(Account, some["b"]).host = "imap.Gmail.com"
        session.get(Account, some["c"]).email_address = "100%_ä\\@example.org"

    assert names(page(" A@EXAMPLE ")[0]) == "a"
    assert names(page("gmail")[0]) == "b"
    assert names(page("%")[0]) == "1"
    assert names(page("ä\\@")[0]) == "1"
    assert names(page("_")[0]) == "1"
    assert names(page("\0")[0]) == "1abde"
    assert names(page("x" * 10_000)[0]) == ""


def test_accounts_are_found_by_how_they_are(any_sessions, page, some):
    with transaction(any_sessions) as session:
        accounts.pause_account(session, some["a"], now=NOW)
        accounts.pause_account(session, some["b"], reason="auth_failed", now=NOW)

    kinds = {kind: names(page(kind=kind)[0]) for kind in Kind}

    assert kinds == {
        Kind.WORKING: "c",
        Kind.NEEDS_YOU: "b",
        Kind.PAUSED: "a",
        Kind.NEW: "de",
        Kind.FAILING: "",
        Kind.LATE: "",
        Kind.SETTING_UP: "",
    }
    (one,) = page("b@", Kind.NEEDS_YOU)[0]
    assert one.kind is Kind.NEEDS_YOU
    assert one.last.run_id == "run-1"


HOSTILE = (
    "x",
    "ä",
    "9" * 5000,
    *(
        urlsafe_b64encode(kept.encode()).decode()
        for kept in (
            "[1]",
            '["a","b"]',
            "[1,99999999999999]",
            '["\\ud800",1]',
            "[1e999,1]",
            "[" * 1400,
            "[NaN,1]",
        )
    ),
)


@pytest.mark.parametrize("sort", SORTS)
def test_no_cursor_but_ours_is_more_than_wrong(sessions, sort):
    """Whatever is sent, it is refused or finds nothing: never an error of its own."""
    found = []
    with sessions() as session:
        for kept in HOSTILE:
            with suppress(BadCursor):
                found += list_page(
                    session,
                    Asked(sort=sort),
                    now=NOW,
                    default_interval=300,
                    limit=2,
                    cursor=kept,
                )[0]

    assert found == []


def test_a_page_takes_as_many_statements_for_many_accounts_as_for_few(
    any_sessions, page, some
):
    counted = []
    engine = any_sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *_: counted.append(1))

    page(limit=1)
    few = len(counted)
    page(limit=50)

    assert len(counted) - few == few
