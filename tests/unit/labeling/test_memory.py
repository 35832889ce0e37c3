"""What is remembered of senders, threads and lists."""

from dataclasses import replace

import pytest

from mailbeat.labeling.categorizer import MEMORY
from mailbeat.labeling.category import STARTING_CATEGORIES, Category
from mailbeat.labeling.example import example_of
from mailbeat.labeling.layers import LayeredCategorizer
from mailbeat.labeling.memory import MemoryLayer
from mailbeat.labeling.reading import Reading
from tests.factories import make_message

PERSONAL, RECEIPTS, NOTIFICATIONS, NEWSLETTERS, PROMOTIONS, FORUMS = 1, 2, 6, 7, 8, 10
OWN = Category(77, "own-77", "Work", "Work", "", "slate")
BULK = {"List-Unsubscribe": "<https://example.org/u>"}
LIST = {"List-Id": "<talk.example.org>", "List-Post": "<mailto:talk@example.org>"}
ORDER = {"subject": "Your order #48213", "text": "Total paid 12.00 EUR"}
OFFER = {"subject": "Sale: 20% off everything", "headers": BULK}


def filed(category_id, number=1, *, is_negative=False, **message):
    message = make_message(number, **message)
    headers = {**message.headers, "message-id": (message.message_id,)}
    if "references" in headers:
        del headers["message-id"]
    return example_of(
        replace(message, headers=headers), category_id, is_negative=is_negative
    )


def opinions(examples, categories=(*STARTING_CATEGORIES, OWN), **message):
    (found,) = MemoryLayer(categories, examples).consider(
        [Reading(make_message(99, **message))]
    )
    return found


def test_one_message_of_an_address_is_enough():
    (opinion,) = opinions(
        [filed(PROMOTIONS, sender="a@shop.example")], sender="a@shop.example"
    )

    assert (opinion.category_id, opinion.confidence) == (PROMOTIONS, 0.95)
    assert opinion.layer == MEMORY
    assert opinion.evidence == "you filed 1 of 1 mails from a@shop.example here"


def test_who_was_never_filed_is_not_remembered():
    assert opinions([filed(PROMOTIONS, sender="a@shop.example")]) == []
    assert opinions([], sender="a@shop.example") == []


def test_a_thread_is_remembered_whoever_writes():
    thread = {"References": "<start@example.org> <2@example.org>"}

    (opinion,) = opinions(
        [filed(OWN.id, sender="ada@a.example", headers=thread)],
        sender="bob@b.example",
        headers={"In-Reply-To": "<start@example.org>"},
    )

    assert (opinion.category_id, opinion.confidence) == (OWN.id, 0.95)
    assert opinion.evidence == "you filed 1 of 1 mails of this thread here"


def test_a_list_is_remembered():
    headers = {"List-Id": "Weekly <weekly.shop.example>"}

    (opinion,) = opinions(
        [filed(NEWSLETTERS, sender="bounce-1@shop.example", headers=headers)],
        sender="bounce-2@shop.example",
        headers=headers,
    )

    assert (opinion.category_id, opinion.confidence) == (NEWSLETTERS, 0.9)
    assert "of the list weekly.shop.example" in opinion.evidence


def test_a_domain_is_remembered_from_three_messages():
    told = [
        filed(RECEIPTS, number, sender=f"x{number}@shop.example")
        for number in range(1, 4)
    ]

    assert opinions(told[:2], sender="new@shop.example") == []
    (opinion,) = opinions(told, sender="new@shop.example")
    assert (opinion.category_id, opinion.confidence) == (RECEIPTS, 0.9)


def test_a_name_at_a_domain_is_remembered_whatever_its_address():
    told = [
        filed(PROMOTIONS, 1, sender="m1@acme.example", sender_name="Acme Shop"),
        filed(PROMOTIONS, 2, sender="m2@acme.example", sender_name="Acme Shop"),
        filed(NEWSLETTERS, 3, sender="m3@acme.example", sender_name="Acme News"),
    ]

    (opinion,) = opinions(told, sender="m4@acme.example", sender_name="ACME News")

    assert (opinion.category_id, opinion.confidence) == (NEWSLETTERS, 0.9)
    assert opinion.evidence == "you filed 1 of 1 mails from ACME News here"


def test_a_domain_outweighs_no_other_facts_of_a_new_name_there():
    told = [
        filed(PERSONAL, n, sender=f"m{n}@acme.example", sender_name=f"Ada {n}")
        for n in range(1, 6)
    ]
    new = {"sender": "shop@acme.example", "sender_name": "Acme Shop"}

    (opinion,) = opinions(told, **new, **ORDER)

    assert (opinion.category_id, opinion.confidence) == (PERSONAL, 0.63)


def test_a_domain_of_mixed_mail_is_not_remembered():
    told = [
        filed(category, number, sender=f"x{number}@shop.example")
        for number, category in enumerate([RECEIPTS, RECEIPTS, PROMOTIONS], 1)
    ]

    assert opinions(told, sender="new@shop.example") == []


@pytest.mark.parametrize(
    "domain", ["gmail.com", "em123.sendgrid.net", "lists.example.org", "substack.com"]
)
def test_what_many_senders_share_is_no_domain_to_remember(domain):
    told = [
        filed(PERSONAL, number, sender=f"x{number}@{domain}") for number in range(1, 6)
    ]

    assert opinions(told, sender=f"new@{domain}") == []


def test_the_newest_word_on_a_message_counts():
    told = [
        filed(RECEIPTS, sender="a@shop.example"),
        filed(PROMOTIONS, sender="a@shop.example"),
    ]

    (opinion,) = opinions(told, sender="a@shop.example")

    assert opinion.evidence == "you filed 1 of 1 mails from a@shop.example here"
    assert opinion.category_id == PROMOTIONS


def test_a_new_kind_of_mail_from_a_known_sender_is_not_forced():
    told = [filed(RECEIPTS, sender="hello@shop.example", **ORDER)]

    (opinion,) = opinions(told, sender="hello@shop.example", **OFFER)

    assert opinion.category_id == RECEIPTS
    assert opinion.confidence < 0.75


def test_who_files_all_kinds_of_a_sender_in_one_place_goes_by_the_sender():
    told = [
        filed(OWN.id, 1, sender="hello@shop.example", subject="Hello"),
        filed(OWN.id, 2, sender="hello@shop.example", **OFFER),
    ]

    (opinion,) = opinions(told, sender="hello@shop.example", **ORDER)

    assert (opinion.category_id, opinion.confidence) == (OWN.id, 0.95)


def test_of_a_sender_of_several_kinds_the_same_kind_counts():
    told = [
        filed(RECEIPTS, 1, sender="hello@acme.example", **ORDER),
        filed(PROMOTIONS, 2, sender="hello@acme.example", **OFFER),
        filed(PROMOTIONS, 3, sender="hello@acme.example", **OFFER),
        filed(RECEIPTS, 4, sender="hello@acme.example", **ORDER),
    ]

    (offer,) = opinions(told, sender="hello@acme.example", **OFFER)
    (order,) = opinions(told, sender="hello@acme.example", **ORDER)
    neither = opinions(told, sender="hello@acme.example", subject="Hm", text="Hm")

    assert (offer.category_id, order.category_id) == (PROMOTIONS, RECEIPTS)
    assert "2 of 2 such mails" in offer.evidence
    assert neither == []


def test_one_message_does_not_speak_for_a_discussion_list():
    """A build's report on a list was filed; the people on it are no builds."""
    told = [filed(NOTIFICATIONS, sender="robot@ci.example", headers=LIST)]

    (opinion,) = opinions(told, sender="ada@example.com", headers=LIST)

    assert opinion.confidence < 0.75


def test_two_writers_speak_for_a_discussion_list():
    told = [
        filed(OWN.id, 1, sender="ada@a.example", headers=LIST),
        filed(OWN.id, 2, sender="bob@b.example", headers=LIST),
    ]

    (opinion,) = opinions(told, sender="eve@c.example", headers=LIST)

    assert (opinion.category_id, opinion.confidence) == (OWN.id, 0.9)


def test_a_category_that_is_gone_is_not_remembered():
    told = [filed(OWN.id, sender="a@shop.example")]

    assert opinions(told, STARTING_CATEGORIES, sender="a@shop.example") == []


class Says:
    def __init__(self, opinion):
        self.opinion = opinion

    def consider(self, readings):
        return [[self.opinion] for _ in readings]


@pytest.mark.parametrize(
    "message",
    [
        {"sender": "hello@shop.example"},
        {"sender": "x@y.example", "headers": LIST},
        {"sender": "x@y.example", "headers": {"References": "<1@example.org>"}},
    ],
)
def test_what_a_person_said_it_is_not_is_never_proposed_again(message):
    told = filed(
        RECEIPTS,
        sender="hello@shop.example",
        headers=LIST | {"References": "<1@example.org>"},
        is_negative=True,
    )
    memory = MemoryLayer(STARTING_CATEGORIES, [told])
    (before,) = opinions([filed(RECEIPTS, sender="a@b.example")], sender="a@b.example")
    categorizer = LayeredCategorizer(
        STARTING_CATEGORIES, [memory, Says(before)], refused=memory.refused
    )

    decision, other = categorizer.decide(
        [make_message(2, **message), make_message(3, sender="z@shop.example")]
    )

    assert (decision.category_id, decision.considered) == (None, ())
    assert other.category_id == RECEIPTS


def test_who_files_it_there_after_all_takes_that_back():
    told = [
        filed(RECEIPTS, 1, sender="hello@shop.example", is_negative=True),
        filed(RECEIPTS, 2, sender="hello@shop.example"),
    ]

    memory = MemoryLayer(STARTING_CATEGORIES, told)

    assert not memory.refused(Reading(make_message(3, sender="hello@shop.example")))
