"""What a header gives away."""

import pytest

from mailbeat.labeling.signs import read_signs
from tests.factories import make_message


def signs_of(sender="ada@example.org", **changes):
    return read_signs(make_message(sender=sender, **changes))


def test_a_plain_message_has_hardly_a_sign():
    signs = signs_of(sender="a1@example.org")

    assert [name for name in signs.__slots__ if getattr(signs, name)] == [
        "colleague",
        "few_recipients",
    ]


@pytest.mark.parametrize(
    ("sign", "headers"),
    [
        ("discussion_list", {"List-Id": "<x>", "List-Post": "<mailto:x@y>"}),
        ("discussion_list", {"X-BeenThere": "x@y"}),
        ("discussion_list", {"List-Id": "<x>", "Precedence": "list"}),
        ("bulk", {"List-Unsubscribe": "<https://x>"}),
        ("bulk", {"Precedence": "bulk"}),
        ("machine", {"Auto-Submitted": "auto-generated"}),
        ("report", {"Content-Type": "multipart/report; report-type=delivery-status"}),
        ("report", {"X-Failed-Recipients": "x@y"}),
        ("tracker", {"X-GitHub-Reason": "mention"}),
        ("social", {"X-Facebook-Notify": "x"}),
        ("calendar_part", {"Content-Type": "text/calendar; method=REQUEST"}),
        ("reply", {"In-Reply-To": "<1>"}),
        ("auto_reply", {"Auto-Submitted": "auto-replied (vacation)"}),
        ("mail_program", {"User-Agent": "Mozilla Thunderbird"}),
    ],
)
def test_a_header_is_a_sign(sign, headers):
    assert getattr(signs_of(headers=headers), sign)


@pytest.mark.parametrize("name", ["In-Reply-To", "References"])
def test_an_answer_says_so_twice(name):
    """Junk names a message that it answers, and forgets to say so in its subject."""
    assert signs_of(subject="AW: Tee", headers={name: "<1>"}).answered
    assert not signs_of(subject="Cheap pills", headers={name: "<1>"}).answered
    assert not signs_of(subject="Re: tea").answered


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("lkp@example.org", "kernel test robot"),
        ("gardeners-owner@lists.example", ""),
        ("mailman@lists.example", ""),
        ("svn@example.org", ""),
        ("ada@example.org", "Buildbot"),
    ],
)
def test_a_program_on_a_list_is_known_by_its_name(sender, name):
    assert signs_of(sender=sender, sender_name=name).robot


@pytest.mark.parametrize(
    ("sender", "name"), [("abbot@example.org", "Ann Abbot"), ("ada@example.org", "Ada")]
)
def test_a_person_on_a_list_is_no_program(sender, name):
    assert not signs_of(sender=sender, sender_name=name).robot


@pytest.mark.parametrize(
    ("sign", "headers"),
    [
        ("discussion_list", {"List-Id": "<newsletter.example>"}),
        ("discussion_list", {"List-Id": "<x>", "List-Post": "NO"}),
        ("machine", {"Auto-Submitted": "no"}),
    ],
)
def test_half_a_header_is_none(sign, headers):
    assert not getattr(signs_of(headers=headers), sign)


@pytest.mark.parametrize(
    "sender",
    [
        "no-reply@x.org",
        "noreply+1@x.org",
        "notifications@x.org",
        "bounces@x.org",
        "no-responder@x.org",
        "nao-responda@x.org",
        "ne-pas-repondre@x.org",
        "rssfeeds@x.org",
    ],
)
def test_some_senders_are_machines(sender):
    assert signs_of(sender).machine


@pytest.mark.parametrize("sender", ["norbert@x.org", "noreen.reply@x.org", "ada@x.org"])
def test_most_senders_are_not(sender):
    assert not signs_of(sender).machine


@pytest.mark.parametrize("subject", ["Re: x", "AW: x", "SV: x", "Fwd: x", "Re[2]: x"])
def test_an_answer_is_seen_in_the_subject(subject):
    assert signs_of(subject=subject).reply


@pytest.mark.parametrize("subject", ["Rechnung", "Regards: x", "", "Area: x"])
def test_other_subjects_are_no_answers(subject):
    assert not signs_of(subject=subject).reply


@pytest.mark.parametrize(
    ("sender", "social"),
    [
        ("x@facebookmail.com", True),
        ("x@mail.linkedin.com", True),
        ("x@notfacebookmail.com", False),
        ("x@linkedin.com.evil.example", False),
    ],
)
def test_a_domain_counts_with_all_below_it(sender, social):
    assert signs_of(sender).social is social


@pytest.mark.parametrize(
    ("sender", "colleague"),
    [
        ("ada@example.org", True),
        ("ada@other.example", False),
        ("no-reply@example.org", False),
        ("", False),
    ],
)
def test_sender_and_receiver_of_one_domain_are_colleagues(sender, colleague):
    assert signs_of(sender).colleague is colleague


def test_two_of_one_freemailer_are_none():
    assert not signs_of("ada@gmail.com", headers={"To": "me@gmail.com"}).colleague


def test_a_house_is_no_person():
    assert not signs_of("x@bancalago.example", sender_name="Banca Lago").named_sender
    assert signs_of("x@lago.example", sender_name="Anna Lago").named_sender


@pytest.mark.parametrize(
    "sender", ["info@x.org", "orders@x.org", "servizio.clienti@x.org"]
)
def test_a_role_is_no_person(sender):
    assert signs_of(sender).role
    assert not signs_of("ada@x.org").role


def test_a_forged_sender_is_distrusted_for_a_reason():
    signs = signs_of(sender_name="service@bank.example")

    assert signs.distrusted
    assert "bank.example" in signs.distrust
    assert not signs_of().distrusted
