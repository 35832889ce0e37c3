"""What is done in the mailbox for corrections, against one in memory."""

from dataclasses import dataclass, field

import pytest

from mailbeat.labeling.following import AT_ONCE, GONE, Change, follow_corrections
from mailbeat.mail.mailbox import Identity
from tests.factories import NOW, make_message
from tests.fakes import FakeMailbox


@dataclass
class Memory:
    """Corrections in memory that labels wait for."""

    waiting: list[Change]
    done: list[int] = field(default_factory=list)
    told: dict[int, tuple[str, bool]] = field(default_factory=dict)

    def take(self):
        taken, self.waiting = self.waiting, []
        return taken

    def followed(self, changes):
        self.done += [one.correction_id for one in changes]

    def refused(self, changes, error, *, has_label):
        self.told |= {one.correction_id: (error, has_label) for one in changes}


def change(uid, label, *remove, **more):
    identity = Identity(f"key-{uid}", NOW)
    return Change(uid, uid, label, frozenset(remove), identity, **more)


def mailbox_of(*labels, **options):
    """Messages with these labels, from UID 1 on."""
    mailbox = FakeMailbox([make_message(uid) for uid in range(1, 1 + len(labels))])
    for uid, label in enumerate(labels, 1):
        mailbox.labels[uid] = {label} - {None}
    return mailbox


def follow(mailbox, *changes):
    waiting = Memory([*changes])
    steps = list(follow_corrections(mailbox, waiting))
    return waiting, steps


def test_what_is_to_be_done_alike_is_done_at_once():
    mailbox = mailbox_of("A", "A", "B", None)

    waiting, steps = follow(
        mailbox,
        change(1, "C", "A"),
        change(2, "C", "A"),
        change(3, None, "B"),
        change(4, "C"),
    )

    assert [*mailbox.labels.values()] == [{"C"}, {"C"}, set(), {"C"}]
    assert mailbox.stores == [((1, 2), "C", "A"), ((3,), None, "B"), ((4,), "C", None)]
    assert (sorted(waiting.done), steps) == ([1, 2, 3, 4], [2, 1, 1])


def test_every_label_that_may_be_there_is_taken_off():
    mailbox = mailbox_of("A")
    mailbox.labels[1] = {"A", "B", "Own"}

    follow(mailbox, change(1, "C", "A", "B"))

    assert mailbox.labels[1] == {"C", "Own"}


def test_a_message_that_is_gone_is_told():
    mailbox = mailbox_of("A", "A")
    mailbox.remove(1)

    waiting, _ = follow(mailbox, change(1, "B", "A"), change(2, "B", "A"))

    assert (waiting.told, waiting.done) == ({1: (GONE, False)}, [2])


def test_a_label_that_is_refused_is_told_and_the_others_follow():
    mailbox = mailbox_of("A", "A")
    mailbox.refuses = {"B"}

    waiting, _ = follow(mailbox, change(1, "B", "A"), change(2, "C", "A"))

    assert waiting.told == {1: ("The fake does not keep B.", False)}
    assert [*mailbox.labels.values()] == [{"A"}, {"C"}]
    assert waiting.done == [2]


def test_an_old_label_that_stays_on_is_told():
    class Keeper(FakeMailbox):
        def relabel(self, uids, *, add, remove=None, known=None):
            super().relabel(uids, add=add)
            if remove:
                self.refuses = {None}
                super().relabel(uids, add=None)

    mailbox = Keeper([make_message(1)])
    mailbox.refuses = set()

    waiting, _ = follow(mailbox, change(1, "B", "A"))

    ((_, has_label),) = waiting.told.values()
    assert has_label
    assert mailbox.labels[1] == {"B"}


@pytest.fixture
def moving():
    """One whose first message is in the folder of A, and the second was removed."""
    mailbox = FakeMailbox([make_message(1), make_message(2)], moves=True)
    mailbox.relabel([1], add="A")
    mailbox.remove(2)
    return mailbox


def test_of_moved_messages_one_that_is_not_found_fails_alone(moving):
    waiting, _ = follow(moving, change(1, "B", "A"), change(2, "B", "A"))

    assert waiting.done == [1]
    assert waiting.told.keys() == {2}
    assert [one.key for one in moving.moved["B"]] == ["key-1"]


def test_a_moved_message_is_looked_for_wherever_it_may_be(moving):
    waiting, _ = follow(moving, change(1, "C", "0", "A", "B"))

    assert waiting.done == [1]
    assert [one.key for one in moving.moved["C"]] == ["key-1"]


def test_what_a_killed_run_may_have_moved_is_not_gone(moving):
    waiting, _ = follow(moving, change(1, "A", was_begun=True), change(2, "A"))

    assert waiting.done == [1]
    assert waiting.told.keys() == {2}


def test_it_may_be_stopped_between_two_steps():
    mailbox = mailbox_of(*[None] * (AT_ONCE + 1))
    waiting = Memory([change(uid, "A") for uid in mailbox.messages])

    steps = follow_corrections(mailbox, waiting)
    assert next(steps) == AT_ONCE
    steps.close()

    assert len(waiting.done) == AT_ONCE
    assert mailbox.labels[AT_ONCE + 1] == set()
