"""Each class of error from a refusal of a server: the right code, and no secret.

The classes are those of mailbeat/mail/errors.py; what the product does with each is
told there.
"""

import socket
from dataclasses import replace

import pytest

from mailbeat.mail.errors import ErrorCode, PermanentMailError, TemporaryMailError
from tests.refused import heard_logging, refused
from tests.security.canary import PASSWORDS, sings
from tests.servers.boxes import all_uids
from tests.servers.gmail import Dialect
from tests.servers.gmail import faults as f
from tests.servers.process import free_port

URL = "https://accounts.example.org/signin/continue?secret=Kanarie7x"
TOKEN = "Kanarie7x-token"
APP_PASSWORD = "[ALERT] Application-specific password required (Failure)"
QUOTA = "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"


# Signing in is refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "auth_failed"),
        ("[AUTHORIZATIONFAILED] Not this mailbox", "auth_failed"),
        (APP_PASSWORD, "auth_failed"),
        ("[ALERT] Invalid credentials (Failure)", "auth_failed"),
        (f"[WEBALERT {URL}] Web login required.", "auth_failed"),
        ("[LIMIT] Too many logins", "throttled"),
        ("[INUSE] Mailbox is locked", "throttled"),
        ("[ALERT] Too many simultaneous connections. (Failure)", "throttled"),
        (QUOTA, "throttled"),
        ("[UNAVAILABLE] Temporary authentication failure", "server_busy"),
        ("[SERVERBUG] Internal error", "server_busy"),
        ("[ALERT] Kanarie7x", "server_busy"),  # unknown is temporary
    ],
)
def test_a_refused_sign_in_has_its_code(box, text, code):
    box.server.users[box.address].refusal = text

    with refused(ErrorCode(code)):
        box.run()

    assert box.server.refused == 1, "it was tried once"


def test_a_wrong_password_is_an_error_of_signing_in(box):
    wrong = f"wrong {PASSWORDS['ascii']}"

    with refused(ErrorCode.AUTH_FAILED):
        box.run(password=wrong)


def test_a_login_in_the_browser_needs_a_person_and_its_address_is_not_told(box):
    box.server.users[box.address].web_login_url = URL

    with refused(ErrorCode.AUTH_FAILED):
        box.run()


def test_the_sixteenth_connection_is_throttled(box):
    box.server.dialect = replace(box.server.dialect, connections=0)

    with refused(ErrorCode.THROTTLED):
        box.run()


@pytest.mark.parametrize("offers", ["SASL-IR", "no SASL-IR"])
def test_a_bad_token_is_an_error_of_signing_in(box, offers):
    """Its challenge is answered with an empty line, or the server would complain."""
    if offers != "SASL-IR":
        box.server.dialect = box.server.dialect.without("SASL-IR")

    with refused(ErrorCode.AUTH_FAILED):
        box.run(access_token=TOKEN)

    assert box.server.complaints == []
    assert box.server.refused == 1


@pytest.mark.parametrize("offers", ["SASL-IR", "no SASL-IR"])
def test_a_good_token_signs_in(box, offers):
    box.server.users[box.address].tokens.add(TOKEN)
    if offers != "SASL-IR":
        box.server.dialect = box.server.dialect.without("SASL-IR")

    messages = box.run(access_token=TOKEN, password="")

    assert len(messages) == 6
    assert "AUTHENTICATE XOAUTH2 ***" in box.server.commands
    assert box.server.complaints == []


# The mailbox and the labels


@pytest.mark.parametrize("text", ["[NONEXISTENT] Unknown Mailbox", "[NOPERM] No"])
def test_a_mailbox_that_may_not_be_opened_is_missing(box, text):
    box.server.rule("SELECT", do=f.No(text))
    box.server.rule("EXAMINE", do=f.No(text))

    with refused(ErrorCode.MAILBOX_MISSING):
        box.run()


def test_a_mailbox_that_is_not_there_is_missing(box):
    with refused(ErrorCode.MAILBOX_MISSING):
        box.run(name="Nowhere")


@pytest.mark.parametrize(
    "fault", [f.No("[CANNOT] Label is not allowed"), f.Bad("Could not parse command")]
)
def test_a_label_that_the_server_will_not_have_is_refused(box, fault):
    box.server.rule("UID STORE", do=fault)

    with refused(ErrorCode.LABEL_REFUSED):
        box.run()


def test_after_a_refused_label_the_connection_goes_on(box):
    box.server.rule("UID STORE", do=f.No("[CANNOT] x"), times=1)

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        with refused(ErrorCode.LABEL_REFUSED):
            mailbox.relabel(uids, add="Receipts")
        mailbox.relabel(uids, add="Finance")

    assert box.labels() == [{"Finance"}] * 6
    assert box.server.logins == 2, "one of ours, one that looks"


def test_one_refused_label_leaves_the_others(box):
    """A rule sees a command as it came: only that label is refused."""

    class NoFinance(f.Answer):
        def act(self, talk, command):
            if "Finance" in command.text:
                super().act(talk, command)
            else:
                talk.say(b"".join(talk.execute(command)))

    box.server.rule("UID STORE", do=NoFinance(b"{tag} NO [CANNOT] x\r\n"))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        wanted = {"Receipts": uids[:2], "Finance": uids[2:4], "Social": uids[4:]}
        with heard_logging() as heard:
            refused = mailbox.put_labels(wanted)

    assert {label: error.code for label, error in refused.items()} == {
        "Finance": ErrorCode.LABEL_REFUSED
    }
    assert not sings(str(refused) + str(heard))
    box.server.forget_rules()
    assert box.labels() == [{"Receipts"}] * 2 + [set()] * 2 + [{"Social"}] * 2


# Trouble on the way

STEPS = ("SELECT", "UID SEARCH", "UID FETCH", "UID STORE")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (QUOTA, "throttled"),
        ("[UNAVAILABLE] Try later", "server_busy"),
        ("[SERVERBUG] x", "server_busy"),
        ("Lost the thread of Kanarie7x", "server_busy"),
    ],
)
def test_a_refusal_in_the_middle_is_temporary(box, step, text, code):
    box.server.rule(step, do=f.No(text))

    with refused(ErrorCode(code)) as _:
        box.run()


@pytest.mark.parametrize("step", STEPS)
def test_a_goodbye_in_the_middle_is_temporary(box, step):
    box.server.rule(step, do=f.Bye("[UNAVAILABLE] Going down, Kanarie7x"))

    with refused(ErrorCode.SERVER_BUSY):
        box.run()


@pytest.mark.parametrize("step", ["GREETING", "AUTHENTICATE", *STEPS])
@pytest.mark.parametrize("after", [0, 9])
def test_a_cut_is_temporary(box, step, after):
    box.server.rule(step, do=f.Cut(after, executed=step != "GREETING"))

    with refused(ErrorCode.CONNECT_FAILED):
        box.run()


def test_a_server_that_wants_nobody_is_busy_or_throttled(box):
    box.server.rule("GREETING", do=f.Answer(b"* BYE Too many connections\r\n"))

    with refused(ErrorCode.THROTTLED):
        box.run()


@pytest.mark.parametrize("step", ["AUTHENTICATE", *STEPS])
def test_silence_ends_with_the_deadline(box, step):
    box.server.rule(step, do=f.Drop())

    with refused(ErrorCode.DEADLINE):
        box.run(deadline=1)


def test_nobody_there_is_temporary(box):
    with refused(ErrorCode.CONNECT_FAILED):
        box.run(port=free_port())


def test_throttled_in_an_ok_lets_the_run_finish(box):
    for step in STEPS:
        box.server.rule(step, do=f.Ok("[THROTTLED] (Success)"))
    box.server.forget_rules()
    box.server.rule("UID", do=f.Ok("[THROTTLED] Slow down (Success)"))

    assert len(box.run()) == 6
    box.server.forget_rules()
    assert box.labels() == [{"Receipts"}] * 6


@pytest.mark.parametrize(
    "answer",
    [
        b"\x16\x03\x01 no IMAP at all\r\n",
        b"{tag} WHAT\r\n",
    ],
)
@pytest.mark.parametrize("step", ["UID SEARCH", "UID FETCH"])
def test_nonsense_is_temporary(box, answer, step):
    box.server.rule(step, do=f.Answer(answer + b"* BYE\r\n"))

    with pytest.raises(TemporaryMailError) as caught:
        box.run(deadline=2)

    assert not sings(str(caught.value) + repr(caught.value))


def test_permanent_and_temporary_are_told_apart():
    permanent = {one.code for one in PermanentMailError.__subclasses__()}

    assert {ErrorCode.AUTH_FAILED, ErrorCode.TLS_FAILED} <= permanent
    assert ErrorCode.THROTTLED not in permanent


def test_a_listener_that_never_greets_ends_with_the_deadline(box):
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        refused(ErrorCode.DEADLINE),
    ):
        box.run(port=listener.getsockname()[1], deadline=1)


def test_a_server_without_any_way_to_sign_in_but_login_is_used(box):
    box.server.dialect = Dialect(before=("IMAP4rev1",), after=("IMAP4rev1",))

    with box.open() as mailbox:
        assert len(all_uids(mailbox)) == 6
