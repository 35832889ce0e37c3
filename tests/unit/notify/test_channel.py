"""What is sent."""

import pytest

from mailbeat.notify.channel import Note, note_from_text, one_line


def test_a_note_is_the_same_after_it_was_stored():
    note = Note("id", "ä", "b", "<p>", {"alerts": [1]}, ("a@x.org",), {"List-Id": "x"})

    assert note_from_text(note.as_text()) == note


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb", "a b"),
        ("a\x00\x1bb\u202ec", "a b c"),
        ("a" * 300, "a" * 199 + "…"),
        ("  a   b ", "a b"),
    ],
)
def test_a_title_is_one_line(text, line):
    assert one_line(text) == line
