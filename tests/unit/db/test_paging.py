"""Lists in pages."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mailbeat.db.audit import record
from mailbeat.db.models import AuditEntry
from mailbeat.db.paging import BadCursor, newest_page
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def page(session, cursor=None):
    found, cursor = newest_page(
        session, select(AuditEntry), AuditEntry, limit=2, cursor=cursor
    )
    return [one.target for one in found], cursor


def test_the_pages_hold_everything_once_and_the_last_has_no_cursor(any_sessions):
    with transaction(any_sessions) as session:
        for number in range(5):
            record(session, "cli", "all.pause", str(number), now=NOW)

    seen, cursor = [], None
    with any_sessions() as session:
        for _ in range(3):
            targets, cursor = page(session, cursor)
            seen += targets

    assert seen == ["4", "3", "2", "1", "0"]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1;DROP", "٣", "9" * 19])
def test_a_cursor_that_nobody_gave_out_is_refused(any_sessions, cursor):
    with any_sessions() as session, pytest.raises(BadCursor, match="without it"):
        page(session, cursor)
