"""Header fields, whatever the bytes are."""

import pytest

from mailbeat.mail.fields import MAX_ADDRESS_VALUE, MAX_VALUE, normal_lines, scan


def fields(raw: bytes):
    return list(scan(raw.split(b"\n")))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"Subject: Tea", [("subject", b"Tea")]),
        (b"SUBJECT:Tea\nTo: a", [("subject", b"Tea"), ("to", b"a")]),
        (b"Subject \t: Tea", [("subject", b"Tea")]),
        (b"Subject: Tea\n at\n\tfive", [("subject", b"Tea at\tfive")]),
        (b"Subject:\n Tea", [("subject", b"Tea")]),
        (b"what\nSubject: Tea\nthat", [("subject", b"Tea")]),
        (b" folded into nothing\nSubject: Tea", [("subject", b"Tea")]),
        (b"To: a\nTo: b", [("to", b"a"), ("to", b"b")]),
        (b"\xdcber: x\n: y\na b: z", []),
        (b"Subject", []),
        (b"", []),
    ],
)
def test_what_is_a_field_is_yielded(raw, expected):
    assert fields(raw) == expected


@pytest.mark.parametrize("fold", [b"x", b"\n x"])
def test_a_long_value_is_cut(fold):
    ((_, subject),) = fields(b"Subject: " + fold * MAX_VALUE * 3)
    ((_, sender),) = fields(b"From: " + fold * MAX_ADDRESS_VALUE * 3)

    assert MAX_VALUE / 2 < len(subject) <= MAX_VALUE
    assert MAX_ADDRESS_VALUE / 2 < len(sender) <= MAX_ADDRESS_VALUE


def test_all_line_ends_become_one():
    assert normal_lines(b"a\r\nb\nc\rd\r\r\ne") == b"a\nb\nc\nd\ne"
