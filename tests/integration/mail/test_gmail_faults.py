"""Faults by rule at the Gmail-dialect server: each does what its name says."""

import re
import time

import pytest

from tests.factories import make_raw
from tests.servers.gmail import Dialect, GmailServer
from tests.servers.gmail import faults as f
from tests.servers.speaker import Speaker

ADA = "ada@example.org"
STORE = "UID STORE 1:3 +X-GM-LABELS.SILENT (Box)"


@pytest.fixture(autouse=True)
def selected(server, speaker):
    server.append(ADA, *map(make_raw, (1, 2, 3)))
    speaker.ask("SELECT INBOX")


def labelled(server):
    return sum("Box" in labels for labels in server.labels(ADA).values())


@pytest.mark.parametrize("fault", [f.No("[CANNOT] x"), f.Bad("x")])
def test_a_refused_command_is_not_done(server, speaker, fault):
    server.rule("UID STORE", do=fault, after=1, times=1)

    kinds = [speaker.ask(STORE)[-1][:2] for _ in range(1)]
    server.correct(ADA, "<1@example.org>", remove=["Box"])
    kinds += [speaker.ask(STORE)[-1][:2]]
    before = labelled(server)
    kinds += [speaker.ask(STORE)[-1][:2]]

    assert kinds == [b"OK", fault.data.split()[1][:2], b"OK"]
    assert (before, labelled(server)) == (2, 3)


def test_an_ok_may_say_that_it_is_throttled(server, speaker):
    server.rule("UID STORE", do=f.Ok("[THROTTLED] slow down"))

    assert speaker.ask(STORE) == [b"OK [THROTTLED] slow down"]
    assert labelled(server) == 3


def test_a_bye_ends_the_connection(server, speaker):
    server.rule("UID STORE", do=f.Bye())
    speaker.send(b"x " + STORE.encode() + b"\r\n")

    assert speaker.rest() == b"* BYE System Error\r\n"
    assert labelled(server) == 0


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("after", [0, 5])
def test_a_cut_comes_in_the_middle_of_an_answer(server, speaker, executed, after):
    server.rule("UID STORE", do=f.Cut(after, executed=executed))
    speaker.send(b"x " + STORE.encode() + b"\r\n")

    assert speaker.rest() == (b"x OK Success"[:after] if executed else b"")
    assert labelled(server) == (3 if executed else 0)


@pytest.mark.parametrize("executed", [True, False])
def test_a_dropped_command_is_never_answered(server, speaker, executed):
    server.rule("UID STORE", do=f.Drop(executed=executed), times=1)
    speaker.send(b"x " + STORE.encode() + b"\r\n")

    assert speaker.ask("NOOP") == [b"OK Success"]
    assert labelled(server) == (3 if executed else 0)


def test_answers_come_late_or_byte_by_byte(server, speaker):
    server.rule("NOOP", do=f.Delay(0.2), times=1)
    server.rule("NOOP", do=f.Trickle(100), times=1)

    for seconds in (0.2, len("OK Success") / 100):
        start = time.monotonic()
        assert speaker.ask("NOOP") == [b"OK Success"]
        assert time.monotonic() - start >= seconds


def test_things_are_said_that_nobody_asked_for(server, speaker):
    server.rule("NOOP", do=f.Unsolicited(b"* 3 FETCH (FLAGS (x))\r\n"))
    server.rule("CHECK", do=f.WrongTag())

    assert speaker.ask("NOOP") == [b"* 3 FETCH (FLAGS (x))", b"OK Success"]
    speaker.send(b"x CHECK\r\n")
    assert speaker.line() == b"ZZZ9 OK Success"


def test_a_mailbox_is_numbered_anew(server, speaker):
    server.correct(ADA, "<1@example.org>", remove=["\\Inbox"])
    server.rule("SELECT", do=f.SetUidValidity(7), times=1)

    lines = speaker.ask("SELECT INBOX")
    uids, _ = speaker.ask("UID SEARCH ALL")

    assert any(line.startswith(b"* OK [UIDVALIDITY 7]") for line in lines)
    assert uids == b"* SEARCH 1 2"


def test_who_has_it_open_while_it_is_numbered_anew_is_hung_up(server, speaker):
    server.rule("UID STORE", do=f.SetUidValidity(7))
    speaker.send(b"x " + STORE.encode() + b"\r\n")

    assert speaker.rest().startswith(b"* BYE")
    assert labelled(server) == 0


def test_a_message_goes_just_before_it_is_labelled(server, speaker):
    server.rule("UID STORE", do=f.Expunge(2), times=1)

    assert speaker.ask(STORE) == [b"* 2 EXPUNGE", b"OK Success"]
    assert labelled(server) == 2


def test_the_user_does_something_in_between(server, speaker):
    correct = f.Call(lambda: server.correct(ADA, "<2@example.org>", add=["Mine"]))
    server.rule("UID STORE", do=correct)

    speaker.ask(STORE)

    assert server.labels(ADA)["<2@example.org>"] == {"\\Inbox", "Box", "Mine"}


def test_the_greeting_can_be_a_fault():
    with GmailServer() as server:
        server.rule("GREETING", do=f.Answer(b"* BYE Too busy\r\n"))
        with Speaker(server.port) as speaker:
            assert speaker.greeting == b"* BYE Too busy"


def test_who_is_over_quota_can_do_nothing(server, speaker):
    server.users[ADA].over_quota = True

    assert speaker.ask("NOOP")[-1].startswith(b"NO [OVERQUOTA]")


def test_all_connections_are_cut(server, speaker):
    assert server.cut() >= 1
    assert speaker.rest() == b""


def test_the_answers_of_pipelined_commands_are_mixed():
    """Each keeps its order; the next command's data may come before an earlier OK."""
    with GmailServer(dialect=Dialect(interleaves=True)) as server:
        server.add_user(ADA)
        server.append(ADA, *map(make_raw, range(40)))
        with Speaker(server.port) as speaker:
            speaker.ask(f'LOGIN {ADA} "a password"')
            speaker.ask("SELECT INBOX")
            tags = (b"f0", b"f1", b"f2", b"f3")
            firsts = range(1, 40, 10)
            words = [(tag, one, one + 9) for tag, one in zip(tags, firsts, strict=True)]
            speaker.send(b"".join(b"%b UID FETCH %d:%d UID\r\n" % row for row in words))
            lines = [speaker.line() for _ in range(44)]

    ends = [line.split()[0] for line in lines if not line.startswith(b"*")]
    uids = [int(re.search(rb"UID (\d+)", line)[1]) for line in lines if b"UID" in line]
    first_end = lines.index(b"%b OK Success" % ends[0])
    assert sorted(ends) == list(tags)
    assert sorted(uids) == list(range(1, 41))
    assert uids != sorted(uids)
    other = {(uid - 1) // 10 for uid in uids[:first_end]}
    assert len(other) > 1, "an answer came before the end of an earlier one"
