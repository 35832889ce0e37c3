"""What is kept of a message beside its decision."""

from mailbeat.labeling.categorizer import FACTS, Opinion
from mailbeat.labeling.details import (
    MOST_RECIPIENTS,
    MOST_VALUE,
    Details,
    considered_as_text,
    considered_from_text,
    details_from_text,
    details_of,
    list_id_of,
    thread_of,
)
from tests.factories import make_message


def test_details_are_read_as_they_were_written():
    message = make_message(
        headers={
            "To": "Ada <Ada@Example.org>, grace@example.org",
            "List-Id": "Gardeners <gardeners.example.org>",
        },
        attachments=("application/pdf",),
    )

    details = details_of(message, b"\x00\xff1234")

    assert details_from_text(details.as_text()) == details
    assert details.recipients == ("ada@example.org", "grace@example.org")
    assert dict(details.headers)["list-id"] == "Gardeners <gardeners.example.org>"
    assert details.tokens == b"\x00\xff1234"


def test_nothing_kept_is_empty_details():
    assert details_from_text(None) == Details()


def test_details_are_short_whatever_the_sender_writes():
    message = make_message(
        headers={
            "To": ", ".join(f"{n}@example.org" for n in range(500)),
            "X-Mailer": "x" * 10_000,
        },
        attachments=("text/plain",) * 500,
    )

    details = details_of(message, b"")

    assert len(details.recipients) == MOST_RECIPIENTS
    assert len(details.attachments) == MOST_RECIPIENTS
    assert len(dict(details.headers)["x-mailer"]) == MOST_VALUE


def test_a_field_of_brackets_ends_no_run():
    """The standard library's reader recurses once for each."""
    message = make_message(headers={"To": "(" * 1000, "Cc": "ada@example.org"})

    assert details_of(message, b"").recipients == ("ada@example.org",)


def test_no_subject_and_no_text_is_kept():
    message = make_message(subject="A secret subject", text="A secret text")

    assert "secret" not in details_of(message, b"").as_text()


def test_a_list_is_known_by_its_identifier():
    def of(value):
        return list_id_of(make_message(headers={"List-Id": value}))

    assert of("The Gardeners <Gardeners.example.org>") == "gardeners.example.org"
    assert of("gardeners.example.org") == "gardeners.example.org"
    assert of("") == ""
    assert len(of("x" * 1000)) == 255


def test_an_answer_is_of_the_thread_that_it_answers():
    first = make_message(headers={"Message-ID": "<1@example.org>"})
    second = make_message(
        headers={"Message-ID": "<2@example.org>", "In-Reply-To": "<1@example.org>"}
    )
    third = make_message(
        headers={
            "Message-ID": "<3@example.org>",
            "In-Reply-To": "<2@example.org>",
            "References": "<1@example.org> <2@example.org>",
        }
    )

    assert thread_of(first) == thread_of(second) == thread_of(third) != ""
    assert thread_of(make_message(headers={})) == ""


def test_opinions_are_read_as_they_were_written():
    opinions = (Opinion(2, 0.6, FACTS, "An order"), Opinion(None, 0.1, FACTS, "x"))

    assert considered_from_text(considered_as_text(opinions)) == opinions
    assert considered_from_text(considered_as_text(())) == ()
