"""Layers, asked one after the other."""

from dataclasses import replace

from mailbeat.labeling.categorizer import FACTS, LEARNED, MEMORY, NONE, RULE, Opinion
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.example import example_of
from mailbeat.labeling.layers import (
    AT_ONCE,
    DOUBTFUL,
    LayeredCategorizer,
    build_categorizer,
)
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.tokens import tokens_of
from tests.factories import make_message

PERSONAL, RECEIPTS, PROMOTIONS = 1, 2, 8
FORGED = {"Authentication-Results": "mx.example.org; dmarc=fail"}


class Says:
    """A layer that always has the same opinions, and counts the questions."""

    def __init__(self, *opinions):
        self.opinions = opinions
        self.asked = 0

    def consider(self, readings):
        self.asked += len(readings)
        return [self.opinions for _ in readings]


def opinion(category_id, confidence, layer=FACTS):
    return Opinion(category_id, confidence, layer, f"because of {layer}")


def decide(*layers, categories=STARTING_CATEGORIES, **message):
    (decision,) = LayeredCategorizer(categories, layers).decide(
        [make_message(**message)]
    )
    return decision


def test_the_first_that_is_sure_decides():
    last = Says(opinion(PROMOTIONS, 0.9, LEARNED))

    decision = decide(
        Says(opinion(PERSONAL, 0.5, MEMORY)), Says(opinion(RECEIPTS, 0.8)), last
    )

    assert (decision.category_id, decision.confidence) == (RECEIPTS, 0.8)
    assert (decision.layer, decision.evidence) == (FACTS, "Because of facts")
    assert [one.category_id for one in decision.considered] == [PERSONAL]
    assert last.asked == 0


def test_below_the_bar_the_surest_is_a_suggestion():
    decision = decide(
        Says(opinion(RECEIPTS, 0.4)), Says(opinion(PROMOTIONS, 0.6, LEARNED))
    )

    assert (decision.category_id, decision.layer) == (None, NONE)
    assert decision.evidence == "Not sure: Promotions 0.60, Receipts 0.40"
    assert decision.suggestion == PROMOTIONS
    assert [one.layer for one in decision.considered] == [LEARNED, FACTS]


def test_a_guess_that_is_worth_nothing_is_not_told():
    some = decide(Says(opinion(RECEIPTS, 0.4), opinion(PROMOTIONS, 0.004)))
    none = decide(Says(opinion(RECEIPTS, 0.004)))

    assert some.evidence == "Not sure: Receipts 0.40"
    assert len(some.considered) == 1
    assert none.evidence == "Not sure: nothing in it tells what it is"


def test_each_category_has_its_own_bar():
    lower = [
        replace(one, bar=0.5) if one.id == RECEIPTS else one
        for one in STARTING_CATEGORIES
    ]

    decision = decide(Says(opinion(RECEIPTS, 0.5)), categories=lower)

    assert decision.category_id == RECEIPTS


def test_without_any_opinion_it_says_so():
    decision = decide(Says())

    assert decision.suggestion is None
    assert decision.evidence == "Not sure: nothing in it tells what it is"


def test_nobody_believes_a_forger_who_is_sure():
    decision = decide(
        Says(opinion(RECEIPTS, 0.95)),
        Says(opinion(PERSONAL, 0.95, LEARNED)),
        headers=FORGED,
    )

    assert decision.category_id is None
    assert decision.confidence <= DOUBTFUL
    assert decision.evidence.startswith("Looks like Receipts, but the sender's domain")


def test_a_forger_may_have_sent_an_offer():
    decision = decide(Says(opinion(PROMOTIONS, 0.9)), headers=FORGED)

    assert decision.category_id == PROMOTIONS


def test_the_users_rule_is_believed():
    decision = decide(Says(opinion(RECEIPTS, 1.0, RULE)), headers=FORGED)

    assert (decision.category_id, decision.layer) == (RECEIPTS, RULE)


def test_a_rule_may_say_that_there_is_no_category():
    last = Says(opinion(RECEIPTS, 0.9))

    decision = decide(Says(opinion(None, 1.0, RULE)), last)

    assert (decision.category_id, decision.layer) == (None, RULE)
    assert decision.suggestion is None
    assert last.asked == 0


def test_every_message_gets_its_own_answer_in_its_place():
    class BySubject:
        def consider(self, readings):
            return [
                [opinion(int(one.message.subject), 0.9)]
                if one.message.subject != "-"
                else []
                for one in readings
            ]

    messages = [make_message(subject=one) for one in ("2", "-", "1")]
    second = Says(opinion(PROMOTIONS, 0.9, LEARNED))

    decisions = LayeredCategorizer(STARTING_CATEGORIES, [BySubject(), second]).decide(
        messages
    )

    assert [one.category_id for one in decisions] == [RECEIPTS, PROMOTIONS, PERSONAL]
    assert second.asked == 1


class Counts(Says):
    """Notes how many it was asked about at once."""

    def __init__(self, *opinions):
        super().__init__(*opinions)
        self.parts = []

    def consider(self, readings):
        self.parts.append(len(readings))
        return super().consider(readings)


def test_many_are_decided_about_in_parts_and_each_gets_its_own_answer():
    layer = Counts(opinion(2, 0.9))
    messages = [make_message(uid, text=f"word{uid}") for uid in range(AT_ONCE * 2 + 1)]
    categorizer = LayeredCategorizer(STARTING_CATEGORIES, [layer])

    decisions = categorizer.decide(messages)

    assert layer.parts == [AT_ONCE, AT_ONCE, 1]
    assert [one.tokens for one in decisions] == [
        tokens_of(Reading(message)) for message in messages
    ]


def test_what_is_refused_is_a_rules_alone_to_give():
    says = Says(opinion(RECEIPTS, 0.9), opinion(PROMOTIONS, 0.8))
    rule = Says(opinion(RECEIPTS, 1.0, RULE))
    message = make_message()

    def by(*layers):
        return LayeredCategorizer(
            STARTING_CATEGORIES, layers, refused=lambda _: {RECEIPTS}
        ).decide([message])[0]

    assert by(says).category_id == PROMOTIONS
    assert by(rule, says).category_id == RECEIPTS


def test_each_message_that_can_be_read_has_tokens_to_learn_from():
    message = make_message(subject="Your order")

    decided, unreadable = LayeredCategorizer(STARTING_CATEGORIES, [Says()]).decide(
        [message, make_message(2, readable=False)]
    )

    assert decided.tokens == tokens_of(Reading(message))
    assert unreadable.tokens == b""


def test_what_is_built_remembers_and_learns():
    example = example_of(make_message(sender="x@shop.example"), PROMOTIONS)
    categorizer = build_categorizer(STARTING_CATEGORIES, examples=[example])

    (decision,) = categorizer.decide([make_message(2, sender="x@shop.example")])

    assert (decision.category_id, decision.layer) == (PROMOTIONS, MEMORY)


def test_a_later_layer_hears_what_was_said_before_as_far_as_it_is_believed():
    class Listens:
        def consider(self, readings):
            self.heard = [list(reading.heard) for reading in readings]
            return [[] for _ in readings]

    listener = Listens()

    decide(Says(opinion(RECEIPTS, 0.4)), listener)

    assert listener.heard == [[opinion(RECEIPTS, 0.4)]]


def test_words_of_a_stranger_are_not_enough_to_be_personal():
    said = Says(opinion(PERSONAL, 0.9, LEARNED))
    by_hand = Says(opinion(PERSONAL, 0.9, MEMORY))
    stranger = {"sender": "max@firm.example", "text": "Engineers from Monday?"}

    doubted = decide(said, **stranger)

    assert doubted.category_id is None
    assert doubted.evidence == "Looks like Personal, but its sender is a stranger"
    assert decide(by_hand, **stranger).category_id == PERSONAL
    assert decide(
        said, **stranger, headers={"User-Agent": "Mozilla Thunderbird"}
    ).category_id == (PERSONAL)


def test_who_sells_from_a_freemailer_is_no_friend_by_learned_words():
    said = Says(opinion(PERSONAL, 0.9, LEARNED))
    seller = {"sender": "max@gmail.com", "text": "Cheap watches, guaranteed winner"}

    assert decide(said, **seller).evidence == (
        "Looks like Personal, but it wants to sell something"
    )
    assert decide(said, **seller | {"text": "Tea?"}).category_id == PERSONAL


def test_learned_words_alone_make_no_receipt_of_a_strangers_mail():
    said = Says(opinion(RECEIPTS, 0.9, LEARNED))
    stranger = {"sender": "office@power.example", "subject": "Planned cut"}

    assert decide(said, **stranger).category_id is None
    assert decide(said, **stranger, text="Your order").category_id == RECEIPTS
    assert decide(said, **stranger, headers={"Feedback-ID": "1:2:3"}).category_id == (
        RECEIPTS
    )
