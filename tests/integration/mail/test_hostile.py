"""Servers that mean harm, or are broken: little memory, an end in time, our errors."""

import time

import pytest

from mailbeat.mail.errors import ErrorCode, MailError, TemporaryMailError
from tests.factories import make_raw
from tests.security.canary import PASSWORDS, sings
from tests.servers.boxes import Box
from tests.servers.gmail import GmailServer
from tests.servers.gmail import faults as f
from tests.servers.gmail.hostile import MEGABYTE, Bomb, Flood, NoDeflate
from tests.servers.visit import visit

MAX_GROWN = 20 * MEGABYTE
MESSAGES = 250  # enough for the client to ask for compression
BUSY = ErrorCode.SERVER_BUSY
LATE = ErrorCode.DEADLINE
LOST = ErrorCode.CONNECT_FAILED

ROW = b"* 1 FETCH (UID 1 BODY[TEXT]<0> "
X = b"x" * MEGABYTE

FLOODS = {
    "a literal of 300 MB": (
        "UID FETCH",
        Flood(ROW + b"{300000000}\r\n", X, 300, b")\r\n{tag} OK done\r\n"),
    ),
    "a literal of 60 MB": (
        "UID FETCH",
        Flood(ROW + b"{60000000}\r\n", X, 60, b")\r\n{tag} OK done\r\n"),
    ),
    "many literals": ("UID FETCH", Flood(b"", ROW + b"{200000}\r\n" + X[:200_000])),
    "an endless row": ("UID FETCH", Flood(ROW + b"{1}\r\nx", b" X {1}\r\nx")),
    "a line without an end": ("UID FETCH", Flood(b"* OK ", X)),
    "a greeting without an end": ("GREETING", Flood(b"* OK ", X)),
    "a tagged line without an end": ("SELECT", Flood(b"A3 OK ", X)),
    "lines without an end": ("UID FETCH", Flood(b"", b"* OK still here\r\n" * 1000)),
    "flags without an end": ("UID STORE", Flood(b"* 1 FETCH (UID 1 FLAGS (", X)),
    "labels without an end": (
        "UID STORE",
        Flood(b"* 1 FETCH (UID 1 X-GM-LABELS (", b"label " * 100_000),
    ),
    "a search without an end": (
        "UID SEARCH",
        Flood(b"* SEARCH", b" 12345678" * 10_000),
    ),
    "searches without an end": ("UID SEARCH", Flood(b"", b"* SEARCH 1 2 3\r\n" * 1000)),
    "messages nobody asked for, without an end": (
        "UID FETCH",
        Flood(b"", b'* 9 FETCH (UID 99999 FLAGS () BODY[TEXT]<0> "x")\r\n' * 1000),
    ),
    "capabilities without an end": ("CAPABILITY", Flood(b"* CAPABILITY", b" X" * 9999)),
    "a code without an end": ("SELECT", Flood(b"* OK [UIDVALIDITY ", b"1" * 99999)),
    "a gigabyte in a compressed literal": ("COMPRESS", Bomb()),
    "a gigabyte in a compressed line": ("COMPRESS", Bomb(start=b"* OK ")),
    "what does not inflate": ("COMPRESS", NoDeflate()),
}


@pytest.fixture(scope="module")
def good():
    with GmailServer() as server:
        yield server


@pytest.mark.parametrize("name", FLOODS)
def test_too_much_ends_soon_and_costs_little_memory(good, name):
    start, fault = FLOODS[name]
    deadline = 3.0
    with GmailServer() as server:
        box = Box(server, password=PASSWORDS["other"])
        good.users[box.address] = server.users[box.address]
        box.deliver(*map(make_raw, range(MESSAGES)))
        server.rule(start, do=fault)

        seen = visit(server, good, box.address, deadline=deadline)

    assert seen.code in {BUSY, LATE, LOST}
    assert seen.seconds < deadline + 2
    assert seen.grown <= MAX_GROWN
    assert not sings(seen.said + seen.logged)


# Slow and silent

STEPS = ("GREETING", "CAPABILITY", "AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH")


@pytest.fixture
def box():
    with GmailServer() as server:
        one = Box(server, password=PASSWORDS["ascii"])
        one.deliver(*(make_raw(number, text=f"text {number}") for number in range(4)))
        yield one


@pytest.mark.parametrize("step", [*STEPS, "UID STORE"])
@pytest.mark.parametrize("fault", [f.Trickle(1), f.Drop()])
def test_who_is_slow_is_not_waited_for_beyond_the_deadline(box, step, fault):
    box.server.rule(step, do=fault)
    start = time.monotonic()

    with pytest.raises(MailError) as caught:
        box.run(deadline=1.0)

    assert caught.value.code is LATE
    assert time.monotonic() - start < 4


@pytest.mark.parametrize("fault", [f.Trickle(1), f.Drop(), f.No("never"), f.Cut()])
def test_a_goodbye_that_does_not_come_is_no_error(box, fault):
    box.server.rule("LOGOUT", do=fault)
    start = time.monotonic()

    assert len(box.run()) == 4
    assert time.monotonic() - start < 5
    assert [look.labels for look in after(box)] == [{"Receipts"}] * 4


# Cut anywhere


def test_a_conversation_that_is_cut_at_any_byte_is_temporary_and_can_go_on():
    """Every byte that the server says in a good run is once the last one."""
    with GmailServer() as server:
        box = Box(server, password=PASSWORDS["ascii"])
        box.deliver(make_raw(1), make_raw(2))
        box.run()
        length = server.bytes_out
        wrong = []

        for cut_after in range(length):
            for message_id in server.labels(box.address):
                server.correct(box.address, message_id, remove=["Mailbeat/Receipts"])
            server.cut_after = cut_after
            wrong += [(cut_after, what) for what in faults_of_a_cut_run(box)]
        server.cut_after = None
        box.run()

        assert length > 1000
        assert wrong == []
        assert box.labels() == [{"Receipts"}] * 2


def faults_of_a_cut_run(box):
    start = time.monotonic()
    messages, error = outcome(box)
    labelled = ["Mailbeat/Receipts" in one for one in in_memory(box)]
    if isinstance(error, TemporaryMailError):
        if error.code not in {LOST, BUSY} or sings(f"{error} {error!r}"):
            yield error
    elif error is not None:
        yield error
    elif labelled != [True, True] or len(messages) != 2:
        yield "not all labelled, and no error"
    if time.monotonic() - start > 3:
        yield "slow"


def in_memory(box):
    return box.server.labels(box.address).values()


def outcome(box, *, deadline=10):
    """What a run gave: messages, or an error of ours."""
    try:
        return box.run(deadline=deadline), None
    except MailError as error:
        return None, error


# Odd answers

NUMBER = b"9" * 10_000
DEEP = b"(" * 20_000 + b")" * 20_000
ODD = {
    "a number of 10,000 digits as a UID": b"* 1 FETCH (UID %b FLAGS ())\r\n" % NUMBER,
    "such a number as a size": b"* 1 FETCH (UID 1 RFC822.SIZE %b)\r\n" % NUMBER,
    "such a number before FETCH": b"* %b FETCH (UID 1 FLAGS ())\r\n" % NUMBER,
    "such a number of messages": b"* %b EXISTS\r\n" % NUMBER,
    "such a number found": b"* SEARCH %b\r\n" % NUMBER,
    "such a validity": b"* OK [UIDVALIDITY %b] x\r\n" % NUMBER,
    "such a next UID": b"* OK [UIDNEXT %b] x\r\n" % NUMBER,
    "such a thread": b"* 1 FETCH (UID 1 X-GM-MSGID %b)\r\n" % NUMBER,
    "a literal of such a size": b"* 1 FETCH (UID 1 BODY[TEXT]<0> {%b}\r\n" % NUMBER,
    "a literal that overflows": b"* 1 FETCH (UID 1 BODY[TEXT]<0> {99999999999999}\r\n",
    "a negative literal": b"* 1 FETCH (UID 1 BODY[TEXT]<0> {-1}\r\n",
    "deep parentheses": b"* 1 FETCH (UID 1 BODYSTRUCTURE %b)\r\n" % DEEP,
    "open parentheses": b"* 1 FETCH (UID 1 BODYSTRUCTURE %b\r\n" % (b"(" * 20_000),
    "closing parentheses": b"* 1 FETCH %b\r\n" % (b")" * 20_000),
    "NUL in a line": b"* OK \0\0\0\r\n* 1 FETCH (UID 1 FLAGS (\0))\r\n",
    "NUL in a literal": b"* 1 FETCH (UID 1 BODY[TEXT]<0> {3}\r\n\0\0\0)\r\n",
    "a message never asked for": b'* 9 FETCH (UID 99 BODY[TEXT]<0> "x")\r\n',
    "a negative UID": b'* 1 FETCH (UID -1 BODY[TEXT]<0> "x")\r\n',
    "UID zero": b'* 1 FETCH (UID 0 BODY[TEXT]<0> "x")\r\n',
    "a message without a UID": b'* 1 FETCH (BODY[TEXT]<0> "x")\r\n',
    "two UIDs in a row": b'* 1 FETCH (UID 1 UID 2 BODY[TEXT]<0> "x")\r\n',
    "a string without an end": b'* 1 FETCH (UID 1 BODY[TEXT]<0> "x\r\n',
    "an empty row": b"* 1 FETCH ()\r\n* 1 FETCH\r\n* FETCH\r\n*\r\n* \r\n\r\n",
    "a date of no calendar": b'* 1 FETCH (UID 1 INTERNALDATE "99-Foo-0000 x")\r\n',
    "news": (
        b"* 1 EXISTS\r\n* 3 EXPUNGE\r\n* 7 RECENT\r\n* VANISHED 1:4\r\n"
        b'* FLAGS (x)\r\n* LIST () "/" x\r\n* STATUS x (MESSAGES 1)\r\n* X y\r\n'
    ),
    "an alert": b"* OK [ALERT] Kanarie7x\r\n* NO [ALERT] x\r\n* BAD x\r\n",
    "another's flags": b"* 2 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS (x))\r\n",
    "8 bits": b"* \xff\xfe FETCH (UID \xff)\r\n* OK \xff\xff\r\n",
}
LAST_STEPS = ("SELECT", "UID SEARCH", "UID FETCH", "UID STORE")


@pytest.mark.parametrize("step", LAST_STEPS)
@pytest.mark.parametrize("name", ODD)
def test_odd_data_beside_an_answer_is_survived(box, name, step):
    """Either it is an error of ours, or the run is as if nothing had been said."""
    box.server.rule(step, do=f.Unsolicited(ODD[name]))
    start = time.monotonic()

    messages, error = outcome(box, deadline=2)

    assert time.monotonic() - start < 5
    if error is None:
        assert sorted(message.uid for message in messages) == [1, 2, 3, 4]
        assert [look.labels for look in after(box)] == [{"Receipts"}] * 4
    else:
        assert error.code in {BUSY, LATE, LOST}
        assert not sings(f"{error} {error!r}")


def after(box):
    box.server.forget_rules()
    return box.look()


@pytest.mark.parametrize(
    "name", ["news", "an alert", "another's flags", "a message never asked for"]
)
def test_what_an_honest_server_may_say_at_any_time_changes_nothing(box, name):
    for step in LAST_STEPS:
        box.server.rule(step, do=f.Unsolicited(ODD[name]))

    messages = box.run()

    assert {one.uid: one.text for one in messages} == {
        number + 1: f"text {number}" for number in range(4)
    }
    assert [look.labels for look in after(box)] == [{"Receipts"}] * 4


def test_a_message_that_is_told_twice_is_given_once(box):
    class Twice(f.Answer):
        def act(self, talk, command):
            *told, end = talk.execute(command)
            talk.say(b"".join([*told, *told, end]))

    box.server.rule("UID FETCH", do=Twice(b""))

    assert sorted(message.uid for message in box.run()) == [1, 2, 3, 4]


@pytest.mark.parametrize("step", [*STEPS[1:], "UID STORE"])
def test_an_end_of_a_command_that_was_never_sent_is_temporary(box, step):
    box.server.rule(step, do=f.WrongTag())

    with pytest.raises(TemporaryMailError) as caught:
        box.run(deadline=2)

    assert caught.value.code in {BUSY, LATE}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("data", [b"\0" * 100, b"\xff" * 100, b"+ \r\n" * 50, b"{5}"])
def test_garbage_is_temporary(box, step, data):
    box.server.rule(step, do=f.Answer(data + b"\r\n{tag} OK\r\n"))

    messages, error = outcome(box, deadline=2)

    if error is None:
        assert [one.uid for one in messages] in ([], [1, 2, 3, 4])
    else:
        assert isinstance(error, TemporaryMailError)
        assert not sings(f"{error} {error!r}")
