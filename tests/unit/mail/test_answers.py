"""The words that we send and read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.mail.answers import (
    FIELD_ITEMS,
    MAX_SET,
    MAX_UID,
    fetched_row,
    imap_date,
    message_of,
    parts,
    permanent_flags,
    quoted,
    received_at,
    section,
    uid_sets,
    values_of,
    words_in,
)


def numbers(uid_set: str) -> list[int]:
    found: list[int] = []
    for word in uid_set.split(","):
        first, _, last = word.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found


def test_neighbouring_uids_become_a_range():
    assert list(uid_sets([9, 1, 2, 3, 7])) == [b"1:3,7,9"]


def test_no_uids_are_no_set():
    assert list(uid_sets([])) == []


@given(st.sets(st.integers(1, MAX_UID), max_size=300))
def test_sets_name_exactly_the_uids_and_stay_short(uids):
    sets = [one.decode() for one in uid_sets(list(uids))]

    assert [uid for one in sets for uid in numbers(one)] == sorted(uids)
    assert all(len(one) <= MAX_SET for one in sets)


def test_parts_are_in_order_and_complete():
    assert [list(part) for part in parts([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("INBOX", b'"INBOX"'),
        ('a"b\\c', b'"a\\"b\\\\c"'),
        ("Entwürfe", b'"Entw&APw-rfe"'),
        ("x\r\ny", b'"x&AA0ACg-y"'),
    ],
)
def test_a_name_is_quoted_and_cannot_end_the_line(name, expected):
    assert quoted(name) == expected


def test_a_date_is_written_as_imap_wants_it():
    assert imap_date(datetime(2026, 1, 5, tzinfo=UTC)) == b"05-Jan-2026"


def test_permanent_flags_are_read_in_lower_case():
    assert permanent_flags(b"(\\Seen \\* Work)] Flags ]") == {"\\seen", "\\*", "work"}


def test_a_server_that_tells_no_permanent_flags_keeps_all():
    assert "\\*" in permanent_flags(None)


def test_the_time_of_a_message_is_in_utc():
    told = {b"INTERNALDATE": b"05-Jan-2026 23:00:00 -0800"}

    assert received_at(told) == datetime(2026, 1, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        b"no date",
        b"01-Jan-0001 00:00:00 +0900",
        b"05-Foo-2026 08:00:00 +0000",
        b"45-Jan-2026 08:00:00 +0000",
        b"05-Jan-2026 08:00:00 +9999",
    ],
)
def test_a_message_without_a_time_came_now(value):
    assert received_at({b"INTERNALDATE": value}).year >= 2026


def test_a_section_is_found_whatever_follows_its_name():
    told = {b"BODY[HEADER.FIELDS (FROM TO)]<0>": b"From: x"}

    assert section(told, b"BODY[HEADER") == b"From: x"
    assert section(told, b"BODY[TEXT") == ()


def test_a_section_without_a_value_is_empty():
    assert section({b"BODY[TEXT]<0>": None}, b"BODY[TEXT") == b""


def test_words_are_read_in_lower_case():
    assert words_in((b"\\Seen", b"Receipts", 7)) == {"\\seen", "receipts"}
    assert words_in(None) == set()


def row(*pieces: bytes):
    return fetched_row([b"* 1 FETCH " + pieces[0], *pieces[1:]])


def test_a_row_becomes_a_message():
    told = row(
        b'(UID 9 INTERNALDATE " 5-Jan-2026 08:00:00 +0000" RFC822.SIZE 99'
        b' X-GM-MSGID 123 BODY[HEADER.FIELDS (FROM "TO")]<0> ',
        b"From: a@example.org\r\n",
        b" BODY[TEXT]<0> ",
        b"Hello",
        b")",
    )

    message = message_of(9, told)

    assert (message.uid, message.sender, message.text) == (9, "a@example.org", "Hello")
    assert message.key == "gm-123"
    assert message.received_at == datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_the_items_of_a_row_have_upper_case_names():
    assert row(b"(uid 7 Flags ())") == {b"UID": 7, b"FLAGS": ()}


def test_values_are_numbers_texts_nothing_and_lists():
    told = row(b'(X (nil 12 "a \\"b\\" (c" ((d) e) "") Y ', b"a (literal", b")")

    assert told == {
        b"X": (None, 12, b'a "b" (c', ((b"d",), b"e"), b""),
        b"Y": b"a (literal",
    }


@pytest.mark.parametrize(
    "piece",
    [
        b"",
        b"UID 7",
        b"(UID 7",
        b"(UID)",
        b'(FLAGS ("unfinished)',
        b"(BODY[HEADER {9)",
        b"(" * 100 + b")" * 100,
        b"(UID " + b"9" * 10_000 + b")",
        b"[" * 60_000,
        b"(" + b'"' * 60_001,
    ],
)
def test_what_is_no_row_is_told(piece):
    with pytest.raises(ValueError):  # noqa: PT011 # it is caught where it is raised
        row(piece)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_row_or_none(data):
    try:
        told = row(data)
    except ValueError:
        return
    assert isinstance(told, dict)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            [b'* LIST (\\Noselect \\HasChildren) "/" Sent'],
            ((b"\\Noselect", b"\\HasChildren"), b"/", b"Sent"),
        ),
        ([b"* LIST () NIL ", b'a "b"', b""], ((), None, b'a "b"')),
        ([b'* NAMESPACE (("" "/")) NIL NIL'], (((b"", b"/"),), None, None)),
    ],
)
def test_an_untagged_response_says_what_is_behind_its_name(response, expected):
    assert values_of(response) == expected


@pytest.mark.parametrize("line", [b"* LIST ((", b'* LIST "x', b"*"])
def test_what_cannot_be_read_is_told(line):
    with pytest.raises(ValueError, match=r"."):
        values_of([line])


def test_to_know_a_message_nothing_of_its_text_is_asked_for():
    assert FIELD_ITEMS.startswith(b"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[")
    assert FIELD_ITEMS.endswith(b">)")
    assert b"TEXT" not in FIELD_ITEMS
