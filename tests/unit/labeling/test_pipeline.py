"""The walk of new messages, on a mailbox and a ledger in memory."""

from datetime import timedelta

import pytest

from mailbeat.labeling.pipeline import Entry, label_new_messages
from mailbeat.labeling.progress import Progress, RunState
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import LabelRefused
from tests.factories import NOW, make_message
from tests.fakes import FakeCategorizer, FakeMailbox, MemoryLedger

LABELS = {1: "Personal", 2: "Receipts", 3: "Finance"}


def messages(count: int, start: int = 1, subject: str = "Receipts"):
    return [make_message(uid, subject=subject) for uid in range(start, start + count)]


def walk(mailbox, ledger, categorizer=None, labels=LABELS):
    return label_new_messages(
        mailbox,
        categorizer or FakeCategorizer(),
        ledger,
        since=NOW - timedelta(hours=2),
        labels=labels,
    )


def test_every_new_message_gets_its_label():
    mailbox = FakeMailbox(
        [make_message(1, subject="Personal"), make_message(2, subject="Receipts")]
    )

    last = list(walk(mailbox, MemoryLedger()))[-1]

    assert mailbox.labels == {1: {"Personal"}, 2: {"Receipts"}}
    assert last == Progress(RunState.LABELING, found=2, processed=2, labeled=2)


def test_states_come_in_order_and_processed_never_falls():
    mailbox = FakeMailbox(messages(20))

    steps = list(walk(mailbox, MemoryLedger()))

    assert [step.state for step in steps] == [
        RunState.FETCHING,
        RunState.PROCESSING,
        *[RunState.CATEGORIZING, RunState.LABELING],
        *[RunState.CATEGORIZING, RunState.LABELING, RunState.LABELING] * 3,
        RunState.LABELING,
    ]
    assert steps[0].found is None
    assert {step.found for step in steps[1:]} == {20}
    assert [step.processed for step in steps] == sorted(s.processed for s in steps)
    assert {5, 10, 15, 20} <= {step.processed for step in steps}


def test_an_empty_mailbox_ends_after_processing():
    steps = list(walk(FakeMailbox(), MemoryLedger()))

    assert [step.state for step in steps] == [RunState.FETCHING, RunState.PROCESSING]
    assert steps[-1].found == 0


def test_running_twice_labels_nothing_twice():
    mailbox, ledger = FakeMailbox(messages(12)), MemoryLedger()
    list(walk(mailbox, ledger))
    stores = len(mailbox.stores)

    again = list(walk(mailbox, ledger))

    assert again[-1].found == 0
    assert len(mailbox.stores) == stores


def test_a_message_older_than_since_is_left_alone_for_good():
    mailbox, ledger = FakeMailbox(messages(3)), MemoryLedger()
    later = NOW + timedelta(hours=3)

    for _ in range(2):
        list(
            label_new_messages(
                mailbox, FakeCategorizer(), ledger, since=later, labels=LABELS
            )
        )

    assert mailbox.stores == []
    assert ledger.watermark == 3


def test_an_outage_longer_than_the_look_back_skips_no_mail():
    """The first run finds nothing young enough; what comes later is new anyway."""
    mailbox, ledger = FakeMailbox(messages(1)), MemoryLedger()
    late = NOW + timedelta(hours=9)
    arguments = {"since": late, "labels": LABELS}
    list(label_new_messages(mailbox, FakeCategorizer(), ledger, **arguments))
    mailbox.deliver(*messages(1, start=2))

    list(label_new_messages(mailbox, FakeCategorizer(), ledger, **arguments))

    assert mailbox.labels == {1: set(), 2: {"Receipts"}}


@pytest.mark.parametrize("steps", range(1, 13))
def test_stopped_after_any_step_the_next_run_brings_it_to_the_same_end(steps):
    mailbox, ledger = FakeMailbox(messages(12)), MemoryLedger()
    categorizer = FakeCategorizer()
    stopped = walk(mailbox, ledger, categorizer)
    for _ in range(steps):
        next(stopped, None)
    stopped.close()

    list(walk(mailbox, ledger, categorizer))

    assert all(labels == {"Receipts"} for labels in mailbox.labels.values())
    assert set(ledger.states.values()) == {"applied"}
    assert ledger.watermark == 12


class FarMailbox(FakeMailbox):
    """Does what it is told only when it is waited for, or not at all if it `loses` it.

    `talk` is what was said, in its order.
    """

    def __init__(self, messages, *, loses=False):
        super().__init__(messages)
        self.loses = loses
        self.talk = []

    def send_labels(self, wanted, again=()):
        uids = sorted(uid for some in wanted.values() for uid in some)
        self.talk.append(("sent", *uids))
        if not self.loses:
            self.put_labels(wanted, again)

        def wait():
            self.talk.append(("waited for", *uids))
            return self.put_labels(wanted, again)

        return wait


class TalkingCategorizer(FakeCategorizer):
    def __init__(self, talk):
        super().__init__()
        self.talk = talk

    def decide(self, messages):
        self.talk.append(("decided", *(message.uid for message in messages)))
        return super().decide(messages)


def test_a_batch_is_decided_about_while_the_labels_of_the_one_before_are_sent():
    mailbox = FarMailbox(messages(10))

    list(walk(mailbox, MemoryLedger(), TalkingCategorizer(mailbox.talk)))

    assert mailbox.talk == [
        ("decided", 1, 2, 3, 4, 5),
        ("sent", 1, 2, 3, 4, 5),
        ("decided", 6, 7, 8, 9, 10),
        ("sent", 6, 7, 8, 9, 10),
        ("waited for", 1, 2, 3, 4, 5),
        ("waited for", 6, 7, 8, 9, 10),
    ]


def test_nothing_is_applied_before_the_server_said_so():
    mailbox, ledger = FarMailbox(messages(20)), MemoryLedger()

    for _ in walk(mailbox, ledger):
        told = {uid for what, *uids in mailbox.talk for uid in uids if "wait" in what}
        applied = {uid for uid, state in ledger.states.items() if state == "applied"}
        assert applied <= told
        assert ledger.watermark <= max(told, default=0)


@pytest.mark.parametrize("loses", [True, False])
@pytest.mark.parametrize("steps", range(1, 14))
def test_killed_with_labels_on_their_way_the_next_run_puts_the_planned_ones(
    steps, loses
):
    mailbox, ledger = FarMailbox(messages(20), loses=loses), MemoryLedger()
    run = walk(mailbox, ledger)
    for _ in range(steps):
        next(run, None)
    run.close()
    changed = FakeCategorizer()
    changed.NAMES = {"Receipts": 3}
    planned = list(ledger.rows)

    list(walk(mailbox, ledger, changed))

    assert mailbox.labels == {
        uid: {"Receipts" if uid in planned else "Finance"} for uid in range(1, 21)
    }
    assert set(ledger.states.values()) == {"applied"}
    assert ledger.watermark == 20


def test_what_was_planned_is_labelled_as_planned_without_deciding_again():
    """Killed between plan and label: the decision stands, whatever one thinks today."""
    mailbox, ledger = FakeMailbox(messages(4)), MemoryLedger()
    first = walk(mailbox, ledger)
    while next(first).state is not RunState.LABELING:
        pass
    first.close()
    changed = FakeCategorizer()
    changed.NAMES = {"Receipts": 3}
    mailbox.fetched.clear()

    last = list(walk(mailbox, ledger, changed))[-1]

    assert changed.asked == []
    assert mailbox.fetched == []
    assert all(labels == {"Receipts"} for labels in mailbox.labels.values())
    assert (last.found, last.labeled) == (4, 4)


def test_a_message_that_the_server_renumbered_is_not_labelled_again():
    mailbox, ledger = FakeMailbox(messages(2)), MemoryLedger()
    ledger.older = {"key-1": Entry("Receipts", finished=True)}

    last = list(walk(mailbox, ledger))[-1]

    assert mailbox.labels == {1: set(), 2: {"Receipts"}}
    assert (last.labeled, last.skipped) == (1, 1)


def test_a_renumbered_message_that_was_only_planned_gets_its_planned_label():
    mailbox, ledger = FakeMailbox(messages(1)), MemoryLedger()
    ledger.older = {"key-1": Entry("Finance", finished=False)}

    list(walk(mailbox, ledger))

    assert mailbox.labels == {1: {"Finance"}}


def test_an_unreadable_message_is_counted_as_failed_and_skipped_for_good():
    broken = make_message(2, readable=False)
    mailbox, ledger = (
        FakeMailbox([*messages(1), broken, *messages(1, 3)]),
        MemoryLedger(),
    )

    last = list(walk(mailbox, ledger))[-1]

    assert (last.processed, last.labeled, last.failed) == (3, 2, 1)
    assert ledger.states[2] == "failed"
    assert list(walk(mailbox, ledger))[-1].found == 0


def test_a_message_without_a_category_is_skipped_and_recorded():
    mailbox, ledger = FakeMailbox(messages(1, subject="Nothing known")), MemoryLedger()

    last = list(walk(mailbox, ledger))[-1]

    assert (last.labeled, last.skipped) == (0, 1)
    assert ledger.states == {1: "applied"}
    assert ledger.rows[1].label is None


def test_a_message_that_vanished_is_passed():
    mailbox, ledger = FakeMailbox(messages(3)), MemoryLedger()
    run = walk(mailbox, ledger)
    while next(run).state is not RunState.PROCESSING:
        pass
    mailbox.remove(2)

    last = list(run)[-1]

    assert (last.processed, last.labeled, last.skipped) == (3, 2, 1)
    assert ledger.watermark == 3


def test_a_refused_label_fails_its_messages_and_no_others():
    mailbox = FakeMailbox([*messages(2), *messages(2, 3, "Personal")])
    mailbox.refuses = {"Receipts"}
    ledger = MemoryLedger()

    last = list(walk(mailbox, ledger))[-1]

    assert (last.labeled, last.failed) == (2, 2)
    assert ledger.states == {1: "failed", 2: "failed", 3: "applied", 4: "applied"}


def test_a_label_that_is_known_to_be_refused_is_not_tried_again_in_the_same_run():
    """One batch more is on its way before it is known."""
    mailbox = FakeMailbox(
        [
            make_message(n, subject="Receipts" if n % 2 else "Personal")
            for n in range(40)
        ]
    )
    mailbox.refuses = {"Receipts"}

    list(walk(mailbox, MemoryLedger()))

    tried = [store for store in mailbox.stores if store[1] == "Receipts"]
    assert len(tried) == 2


def test_when_every_label_is_refused_the_run_fails_and_the_plans_stay():
    mailbox, ledger = FakeMailbox(messages(3)), MemoryLedger()
    mailbox.refuses = {"Receipts"}

    with pytest.raises(LabelRefused):
        list(walk(mailbox, ledger))

    assert ledger.watermark == 0
    assert set(ledger.states.values()) == {"planned"}
    mailbox.refuses = set()
    assert list(walk(mailbox, ledger))[-1].labeled == 3


def test_one_refused_label_holds_up_no_other():
    """Else a whole batch of it stops the mailbox at the same place in every run."""
    mailbox = FakeMailbox([*messages(5), *messages(15, 6, "Personal")])
    mailbox.refuses = {"Receipts"}
    ledger = MemoryLedger()

    last = list(walk(mailbox, ledger))[-1]

    assert (last.processed, last.labeled, last.failed) == (20, 15, 5)
    assert ledger.watermark == 20
    assert ledger.states == dict.fromkeys(range(1, 6), "failed") | dict.fromkeys(
        range(6, 21), "applied"
    )


def test_until_a_label_is_kept_the_watermark_waits():
    """Stopped before one was, nothing is known to be refused for good."""
    mailbox, ledger = FakeMailbox(messages(20)), MemoryLedger()
    mailbox.refuses = {"Receipts"}
    run = walk(mailbox, ledger)
    for _ in range(6):
        next(run)
    run.close()

    assert ledger.watermark == 0
    assert "failed" not in ledger.states.values()


def test_a_message_whose_label_was_refused_gets_it_once_the_server_keeps_it():
    mailbox = FakeMailbox([*messages(2), *messages(2, 3, "Personal")])
    mailbox.refuses = {"Receipts"}
    ledger, categorizer = MemoryLedger(), FakeCategorizer()
    list(walk(mailbox, ledger, categorizer))
    mailbox.refuses = set()
    mailbox.fetched.clear()

    last = list(walk(mailbox, ledger, categorizer))[-1]

    assert mailbox.labels[1] == mailbox.labels[2] == {"Receipts"}
    assert (last.found, last.processed, last.labeled, last.failed) == (2, 2, 2, 0)
    assert set(ledger.states.values()) == {"applied"}
    assert mailbox.fetched == []
    assert len(categorizer.asked) == 4


def test_a_label_that_is_refused_again_ends_no_run():
    mailbox = FakeMailbox([*messages(2), *messages(2, 3, "Personal")])
    mailbox.refuses = {"Receipts"}
    ledger = MemoryLedger()
    list(walk(mailbox, ledger))

    last = list(walk(mailbox, ledger))[-1]

    assert (last.found, last.labeled, last.failed) == (0, 0, 0)
    assert ledger.watermark == 4
    assert ledger.states[1] == "failed"


def test_a_message_that_could_not_be_read_is_not_tried_again():
    mailbox, ledger = FakeMailbox([make_message(1, readable=False)]), MemoryLedger()
    list(walk(mailbox, ledger))

    list(walk(mailbox, ledger))

    assert mailbox.fetched == [1]
    assert mailbox.stores == []


def test_a_category_without_a_label_is_not_labelled():
    mailbox = FakeMailbox(messages(1))

    last = list(walk(mailbox, MemoryLedger(), labels={}))[-1]

    assert (last.labeled, last.skipped) == (0, 1)


@pytest.mark.parametrize(
    ("count", "batch"), [(3, 3), (20, 5), (200, 20), (10_000, 250)]
)
def test_a_batch_is_about_a_tenth_of_the_run(count, batch):
    mailbox = FakeMailbox(messages(count))
    run = walk(mailbox, MemoryLedger())

    first = next(step for step in run if step.state is RunState.CATEGORIZING)

    assert first.processed == batch


def test_after_a_run_that_died_messages_are_read_one_by_one():
    mailbox, ledger = FakeMailbox(messages(12)), MemoryLedger()
    ledger.is_careful = True

    steps = list(walk(mailbox, ledger))

    assert ledger.read == list(range(1, 13))
    processed = [one.processed for one in steps if one.state is RunState.CATEGORIZING]
    assert processed == list(range(1, 13))


class Noting(FakeCategorizer):
    """Says how many messages it was asked about, and what was suspected then."""

    def __init__(self, ledger):
        super().__init__()
        self.ledger = ledger
        self.questions = []

    def decide(self, messages):
        self.questions.append((len(messages), [*self.ledger.read]))
        return super().decide(messages)


def test_what_a_categorizer_learned_is_read_before_a_message_is_suspected():
    mailbox, ledger = FakeMailbox(messages(1)), MemoryLedger()
    ledger.is_careful = True
    categorizer = Noting(ledger)

    list(walk(mailbox, ledger, categorizer))

    assert categorizer.questions == [(0, []), (1, [1])]


def test_one_by_one_the_next_is_not_looked_into_before_its_turn():
    """Else it would kill in the name of the one before."""
    mailbox, ledger = FakeMailbox(messages(4)), MemoryLedger()
    ledger.is_careful = True

    for step in walk(mailbox, ledger):
        if step.state is RunState.CATEGORIZING:
            assert mailbox.fetched == list(range(1, step.processed + 1))


def test_a_message_that_killed_several_runs_is_not_read_any_more():
    mailbox, ledger = FakeMailbox(messages(3)), MemoryLedger()
    ledger.is_careful, ledger.killer = True, 2

    last = list(walk(mailbox, ledger))[-1]

    assert mailbox.fetched == [1, 3]
    assert (last.labeled, last.failed) == (2, 1)
    assert ledger.states[2] == "failed"


def test_what_stands_beside_a_message_that_kills_is_read_and_labelled():
    mailbox, ledger = FakeMailbox(messages(12)), MemoryLedger()
    ledger.killer = 12

    last = list(walk(mailbox, ledger))[-1]

    assert (last.processed, last.labeled, last.failed) == (12, 11, 1)
    assert mailbox.fetched == list(range(1, 12))
    assert ledger.watermark == 12


class BrokenBy(FakeCategorizer):
    """Raises when it sees one of these."""

    def __init__(self, *uids):
        super().__init__()
        self.uids = set(uids)

    def decide(self, messages):
        if self.uids & {message.uid for message in messages}:
            raise RuntimeError
        return super().decide(messages)


def test_a_message_that_breaks_the_categorizer_fails_alone():
    mailbox, ledger = FakeMailbox(messages(12)), MemoryLedger()

    last = list(walk(mailbox, ledger, BrokenBy(3)))[-1]

    assert (last.labeled, last.failed) == (11, 1)
    assert ledger.states[3] == "failed"


def test_a_categorizer_that_is_broken_fails_the_run_and_no_message():
    mailbox, ledger = FakeMailbox(messages(4)), MemoryLedger()

    with pytest.raises(RuntimeError):
        list(walk(mailbox, ledger, BrokenBy(1, 2, 3, 4)))

    assert ledger.states == {}


def test_what_an_earlier_run_planned_is_put_on_again_as_such():
    """Where a label is a copy in a folder, it is looked for first."""
    mailbox, ledger = FakeMailbox(messages(4)), MemoryLedger()
    first = walk(mailbox, ledger)
    while next(first).state is not RunState.LABELING:
        pass
    first.close()
    mailbox.deliver(*messages(1, start=5))

    list(walk(mailbox, ledger))

    assert mailbox.again == [1, 2, 3, 4]


def test_a_refused_label_is_tried_again_as_such():
    mailbox = FakeMailbox([*messages(2), *messages(2, 3, "Personal")])
    mailbox.refuses = {"Receipts"}
    ledger = MemoryLedger()
    list(walk(mailbox, ledger))

    list(walk(mailbox, ledger))

    assert mailbox.again == [1, 2]


class Killed(Exception):
    pass


def killed_after_moving(mailbox, ledger):
    """A run that moves messages and cannot record it."""

    def killed(*_args, **_options):
        raise Killed

    applied, ledger.applied = ledger.applied, killed
    with pytest.raises(Killed):
        list(walk(mailbox, ledger))
    ledger.applied = applied


def test_what_was_moved_by_a_run_that_was_killed_counts_as_labelled():
    """It is not in the mailbox any more, and is found in the ledger only."""
    mailbox, ledger = FakeMailbox(messages(3), moves=True), MemoryLedger()
    killed_after_moving(mailbox, ledger)
    mailbox.deliver(*messages(1, start=4))

    last = list(walk(mailbox, ledger))[-1]

    assert len(mailbox.moved["Receipts"]) == 4
    assert set(ledger.states.values()) == {"applied"}
    assert (last.found, last.processed, last.labeled) == (4, 4, 4)
    assert ledger.watermark == 4
    assert list(walk(mailbox, ledger))[-1].found == 0


def test_of_what_was_planned_without_a_label_nothing_counts_as_labelled():
    mailbox = FakeMailbox(messages(2, subject="Nothing known"), moves=True)
    ledger = MemoryLedger()
    killed_after_moving(mailbox, ledger)
    mailbox.remove(1)

    last = list(walk(mailbox, ledger))[-1]

    assert (last.processed, last.labeled, last.skipped) == (2, 0, 2)
    assert set(ledger.states.values()) == {"applied"}


def test_where_labels_move_nothing_what_is_gone_is_not_finished():
    """It may come back with a new number, and then gets its label."""
    mailbox, ledger = FakeMailbox(messages(2)), MemoryLedger()
    killed_after_moving(mailbox, ledger)
    mailbox.remove(1)

    list(walk(mailbox, ledger))

    assert ledger.states == {1: "planned", 2: "applied"}


def test_who_is_stopped_while_deciding_leaves_the_rest_undone():
    """It is no message's fault, so none of them fails."""

    class Stopping(FakeCategorizer):
        def decide(self, messages):
            if messages[0].uid > 5:
                raise Stopped
            return super().decide(messages)

    mailbox, ledger = FakeMailbox(messages(20)), MemoryLedger()

    with pytest.raises(Stopped):
        list(walk(mailbox, ledger, Stopping()))

    assert set(ledger.states) == {1, 2, 3, 4, 5}
    assert "failed" not in ledger.states.values()
    assert list(walk(mailbox, ledger))[-1].processed == 20
    assert set(ledger.states.values()) == {"applied"}
