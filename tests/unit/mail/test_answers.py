"""The words that we send and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.mail.answers import (
    MAX_SET,
    MAX_UID,
    fetched_rows,
    imap_date,
    message_of,
    parts,
    permanent_flags,
    quoted,
    received_at,
    section,
    uid_sets,
    words_in,
)


def numbers(uid_set: str) -> list[int]:
    found: list[int] = []
    for word in uid_set.split(","):
        first, _, last = word.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found


def test_neighbouring_uids_become_a_range():
    assert list(uid_sets([9, 1, 2, 3, 7])) == ["1:3,7,9"]


def test_no_uids_are_no_set():
    assert list(uid_sets([])) == []


@given(st.sets(st.integers(1, MAX_UID), max_size=300))
def test_sets_name_exactly_the_uids_and_stay_short(uids):
    sets = list(uid_sets(list(uids)))

    assert [uid for one in sets for uid in numbers(one)] == sorted(uids)
    assert all(len(one) <= MAX_SET for one in sets)


def test_parts_are_in_order_and_complete():
    assert [list(part) for part in parts([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("INBOX", '"INBOX"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("Entwürfe", '"Entw&APw-rfe"'),
        ("x\r\ny", '"x&AA0ACg-y"'),
    ],
)
def test_a_name_is_quoted_and_cannot_end_the_line(name, expected):
    assert quoted(name) == expected


def test_a_date_is_written_as_imap_wants_it():
    assert imap_date(datetime(2026, 1, 5, tzinfo=UTC)) == "05-Jan-2026"


def test_permanent_flags_are_read_in_lower_case():
    assert permanent_flags(b"(\\Seen \\* Work)] Flags ]") == {"\\seen", "\\*", "work"}


def test_a_server_that_tells_no_permanent_flags_keeps_all():
    assert "\\*" in permanent_flags(None)


def test_the_time_of_a_message_is_in_utc():
    zone = timezone(timedelta(hours=-8))
    row = {b"INTERNALDATE": datetime(2026, 1, 5, 23, tzinfo=zone)}

    assert received_at(row) == datetime(2026, 1, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, b"no date", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))]
)
def test_a_message_without_a_time_came_now(value):
    assert received_at({b"INTERNALDATE": value}).year >= 2026


def test_a_section_is_found_whatever_follows_its_name():
    row = {b"BODY[HEADER.FIELDS (FROM TO)]<0>": b"From: x"}

    assert section(row, b"BODY[HEADER") == b"From: x"
    assert section(row, b"BODY[TEXT") == ()


def test_a_section_without_a_value_is_empty():
    assert section({b"BODY[TEXT]<0>": None}, b"BODY[TEXT") == b""


def test_words_are_read_in_lower_case():
    assert words_in((b"\\Seen", b"Receipts", 7)) == {"\\seen", "receipts"}
    assert words_in(None) == set()


def test_a_row_becomes_a_message():
    data = [
        (
            (
                b'1 (UID 9 INTERNALDATE "05-Jan-2026 08:00:00 +0000" RFC822.SIZE 99'
                b" X-GM-MSGID 123 BODY[HEADER.FIELDS (FROM)] {21}"
            ),
            b"From: a@example.org\r\n",
        ),
        (b" BODY[TEXT]<0> {5}", b"Hello"),
        b")",
    ]

    message = message_of(9, fetched_rows(data)[9])

    assert (message.uid, message.sender, message.text) == (9, "a@example.org", "Hello")
    assert message.key == "gm-123"
    assert message.received_at == datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_rows_are_known_by_the_uid_they_tell():
    data = [b"1 (UID 7 FLAGS (a))", b"2 (FLAGS (b) UID 9)", b"1 (UID 7 FLAGS (c))"]

    rows = fetched_rows(data)

    assert {uid: row[b"FLAGS"] for uid, row in rows.items()} == {7: (b"c",), 9: (b"b",)}


def test_a_number_in_the_mailbox_is_taken_for_no_uid():
    data = [b"7 (FLAGS (b))", b"1 (UID 7 FLAGS (a))", b"7 (FLAGS (b))"]

    assert fetched_rows(data)[7][b"FLAGS"] == (b"a",)


def test_messages_that_had_the_same_number_one_after_another_are_not_mixed():
    """As when the first was expunged in the middle of the answer."""
    data = [
        (b"1 (UID 7 BODY[TEXT]<0> {3}", b"one"),
        b" FLAGS ())",
        b"1 (UID 8 FLAGS (new))",
    ]

    rows = fetched_rows(data)

    assert section(rows[7], b"BODY[TEXT") == b"one"
    assert section(rows[8], b"BODY[TEXT") == ()
