"""Labels as a server knows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient import imap_utf7

from mailbeat.mail.labels import (
    encode_utf7,
    folder,
    gmail_label,
    keyword,
    label_fault,
    label_keys,
)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Receipts", "Receipts"),
        ("My mail", "My_mail"),
        ("Mail/Work", "Mail/Work"),
        ("\\Seen", "Seen"),
        ("a]b(c)", "a_b_c"),
        ("Bücher", "B&APw-cher"),
        ("***", ""),
        ("", ""),
    ],
)
def test_a_keyword_is_an_atom(label, expected):
    assert keyword(label) == expected


@given(st.text())
def test_whatever_the_label_its_keyword_breaks_no_command(label):
    assert not set(keyword(label)) & set(' (){%*"\\]\r\n\0')
    assert keyword(label).isascii()


@pytest.mark.parametrize(
    ("prefix", "label", "expected"),
    [
        ("Mailbeat", "Receipts", "Mailbeat/Receipts"),
        ("", "Receipts", "Receipts"),
        ("Mailbeat", 'He said "no"', 'Mailbeat/He said "no"'),
        ("", "\\Inbox", ""),
        ("Mailbeat", "Bücher", "Mailbeat/Bücher"),
        ("Mailbeat", "x\r\ny", ""),
        ("Mailbeat", "x" * 300, ""),
    ],
)
def test_a_gmail_label_is_nested_or_not_sent(prefix, label, expected):
    assert gmail_label(prefix, label) == expected


@pytest.mark.parametrize(
    ("prefix", "label", "delimiter", "expected"),
    [
        ("Mailbeat", "Receipts", "/", "Mailbeat/Receipts"),
        ("Mailbeat", "Receipts", ".", "Mailbeat.Receipts"),
        ("Mailbeat", "Receipts", "", "Mailbeat-Receipts"),
        ("Work/Mail", "Bücher", ".", "Work.Mail.Bücher"),
        ("v1.2", "a.b/c", ".", "v1_2.a_b_c"),
        ("Mailbeat", "a-b", "", "Mailbeat-a_b"),
        ("Mailbeat", 'all * 5 % "x" \\y\r\n', "/", "Mailbeat/all _ 5 _ _x_ _y__"),
        ("", "Receipts", "/", "Receipts"),
        ("", " ", "/", ""),
        ("Mailbeat", "", "/", ""),
        ("Mailbeat//x", "Receipts", "/", ""),
    ],
)
def test_a_label_is_one_folder_below_those_of_the_prefix(
    prefix, label, delimiter, expected
):
    assert folder(prefix, label, delimiter) == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_names_are_written_as_another_program_writes_them(name):
    assert encode_utf7(name) == imap_utf7.encode(name)


def test_half_characters_break_nothing():
    assert encode_utf7("a\ud800b").isascii()


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Receipts",
            "My mail",
            "Work/Travel",
            "Bücher",
            "健康",
            "🧾 Bills",
            "Sent by Ada",
        ),
        *("x" * 50, "Re: [x]", "100 %", "Archives", "Category 1"),
    ],
)
def test_a_label_that_every_server_can_keep_is_fine(label):
    assert label_fault(label) is None


@pytest.mark.parametrize(
    "label",
    [
        *("", " ", "x ", "x" * 51, "x" * 65, "名" * 19),
        *(
            "a\\b",
            "\\Seen",
            "a\r\nb",
            "a\0b",
            "a\u202eb",
            "\ud800",
            "***",
            "a//b",
            "/a",
            "a/ b",
        ),
        *("INBOX", "inbox/x", "Sent", "[Gmail]/Spam", "[Gmail]", "All Mail", "Junk"),
        *("CATEGORY_PROMOTIONS", "category_x", "$Label1", "$Junk", "Seen", "NonJunk"),
    ],
)
def test_a_label_that_some_server_cannot_keep_is_refused(label):
    assert label_fault(label)


@given(st.text())
def test_a_fine_label_has_a_name_on_every_server(label):
    if label_fault(label) is None:
        assert keyword(label)
        assert gmail_label("", label)
        assert folder("", label, ".")


def test_labels_that_a_server_cannot_tell_apart_have_a_common_key():
    keys = label_keys("My mail")

    assert all(label_keys(one) & keys for one in ("my mail", "My_Mail", "MY*MAIL"))
    assert not label_keys("Mymail") & keys
