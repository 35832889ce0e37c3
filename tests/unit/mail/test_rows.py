"""Rows are kept by UID, however they come."""

import pytest

from mailbeat.mail import rows as module
from mailbeat.mail.rows import Rows


@pytest.fixture
def rows():
    return Rows("FLAGS")


def told(rows: Rows, *pieces: bytes) -> None:
    rows.take([b"* 1 FETCH " + pieces[0], *pieces[1:]])


def tell_text(rows: Rows, uid: int, text: bytes = b"Hi") -> None:
    start = b"(UID %d BODY[HEADER.FIELDS (FROM)]<0> " % uid
    told(rows, start, b"From: a@example.org\r\n", b" BODY[TEXT]<0> ", text, b")")


def test_what_was_asked_for_is_kept_until_it_is_taken(rows):
    rows.ask([7])

    tell_text(rows, 7)

    assert rows.has_text(7)
    assert rows.pop(7)[b"BODY[TEXT]<0>"] == b"Hi"
    assert not rows.has_text(7)


def test_what_nobody_asked_for_is_not_kept(rows):
    rows.ask([7])

    tell_text(rows, 8)
    rows.ask([8])

    assert not rows.has_text(8)


def test_a_row_may_come_in_pieces(rows):
    rows.ask([7])

    tell_text(rows, 7)
    told(rows, b"(UID 7 RFC822.SIZE 99)")

    assert rows.has_text(7)
    assert rows.pop(7)[b"RFC822.SIZE"] == 99


def test_changed_flags_alone_are_no_text(rows):
    rows.ask([7])

    told(rows, b"(UID 7 FLAGS (x))")

    assert not rows.has_text(7)


def test_a_number_in_the_mailbox_is_taken_for_no_uid(rows):
    rows.ask([1])
    rows.watch([1])

    told(rows, b"(FLAGS (receipts))")

    assert rows.labelled([1], "receipts") == []


def test_what_cannot_be_read_is_noted(rows):
    rows.ask([7])

    told(rows, b'(UID 7 FLAGS ("unfinished)')

    assert rows.are_broken


def test_rows_read_ahead_take_no_more_memory_than_allowed(rows, monkeypatch):
    monkeypatch.setattr(module, "MAX_AHEAD", 100)
    rows.ask([1, 2, 3])
    rows.first = [3]

    tell_text(rows, 1, b"x" * 60)
    tell_text(rows, 2, b"x" * 60)
    tell_text(rows, 3, b"x" * 60)

    assert [rows.has_text(uid) for uid in (1, 2, 3)] == [True, False, True]
    rows.pop(1)
    rows.pop(3)
    tell_text(rows, 2, b"x" * 60)
    assert rows.has_text(2)


def test_all_rows_together_take_no_more_memory_than_allowed(rows, monkeypatch):
    monkeypatch.setattr(module, "MAX_KEPT", 100)
    rows.ask([1, 2])
    rows.first = [1, 2]

    tell_text(rows, 1, b"x" * 60)
    tell_text(rows, 2, b"x" * 60)

    assert [rows.has_text(uid) for uid in (1, 2)] == [True, False]


def test_a_repeated_row_counts_once(rows, monkeypatch):
    monkeypatch.setattr(module, "MAX_AHEAD", 200)
    rows.ask([1, 2])

    for _ in range(9):
        tell_text(rows, 1, b"x" * 60)
    tell_text(rows, 2, b"x" * 60)

    assert rows.has_text(2)


def test_a_text_longer_than_asked_for_is_cut(rows):
    rows.ask([7])

    tell_text(rows, 7, b"x" * 200_000)

    assert len(rows.pop(7)[b"BODY[TEXT]<0>"]) == 64 * 1024


def test_labels_of_watched_messages_are_noted_in_any_case(rows):
    rows.watch([1, 2, 3])

    told(rows, b"(UID 1 FLAGS (\\Seen receipts))")
    told(rows, b"(UID 2 FLAGS ())")
    told(rows, b"(UID 9 FLAGS (receipts))")

    assert rows.labelled([1, 2, 3, 9], "Receipts") == [True, False]


def test_watched_again_the_labels_of_before_are_forgotten(rows):
    rows.watch([1])
    told(rows, b"(UID 1 FLAGS (receipts))")

    rows.watch([1])

    assert rows.labelled([1], "receipts") == []


def test_of_what_is_watched_no_more_nothing_is_noted_and_of_others_all(rows):
    rows.watch([1, 2])
    told(rows, b"(UID 1 FLAGS (receipts))")

    rows.unwatch([1])
    told(rows, b"(UID 1 FLAGS (receipts))")
    told(rows, b"(UID 2 FLAGS (receipts))")

    assert rows.labelled([1, 2], "receipts") == [True]
