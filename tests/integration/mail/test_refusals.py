"""Each class of error from a refusal of a server: the right code, and no secret.

The classes are those of mailbeat/mail/errors.py; what the product does with each is
told there.
"""

import json
import logging
import socket
import traceback
from contextlib import contextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from mailbeat.mail.errors import (
    ErrorCode,
    MailError,
    PermanentMailError,
    TemporaryMailError,
)
from mailbeat.mail.mailbox import Security
from mailbeat.mail.net import tls_context
from tests.factories import make_raw
from tests.security.canary import PASSWORDS, sings
from tests.servers.boxes import Box, all_uids
from tests.servers.gmail import Dialect, GmailServer
from tests.servers.gmail import faults as f
from tests.servers.process import free_port

URL = "https://accounts.example.org/signin/continue?secret=Kanarie7x"
TOKEN = "Kanarie7x-token"
APP_PASSWORD = "[ALERT] Application-specific password required (Failure)"
QUOTA = "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"


@pytest.fixture(params=PASSWORDS)
def box(request, authority):
    """With a password that sings: wherever it were, it would be found."""
    with GmailServer(certificate=authority.issue("localhost")) as server:
        one = Box(server, password=PASSWORDS[request.param])
        one.deliver(*map(make_raw, range(6)))
        yield one


def whole_run(box, **changes):
    deadline = changes.pop("deadline", 20)
    name = changes.pop("name", "INBOX")
    with box.open(name, deadline=deadline, **changes) as mailbox:
        uids = all_uids(mailbox)
        messages = list(mailbox.fetch(uids))
        mailbox.relabel(uids, add="Receipts")
    return messages


@contextmanager
def refused(code):
    """Expect an error of this code, from which no secret can be learnt."""
    with (
        capture_logs() as logs,
        heard_logging() as records,
        pytest.raises(MailError) as caught,
    ):
        yield
    error = caught.value
    assert error.code is code
    assert str(error).endswith(".")
    texts = [one for link in chain(error) for one in (str(link), repr(link.args))]
    texts += [*traceback.format_exception(error), str(vars(error))]
    texts += [json.dumps(logs, default=repr), *records]
    assert not [text for text in texts if sings(text)]
    assert "https://" not in str(error)


def chain(error):
    """The error, and whatever it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@contextmanager
def heard_logging():
    records = []

    class Ear(logging.Handler):
        def emit(self, record):
            records.append(self.format(record))

    ear = Ear()
    root = logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    yield records
    root.removeHandler(ear)
    root.setLevel(level)


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
        whole_run(box)

    assert not any(box.labels() if not text else [])
    assert box.server.refused == 1, "it was tried once"


def test_a_wrong_password_is_an_error_of_signing_in(box):
    wrong = f"wrong {PASSWORDS['ascii']}"

    with refused(ErrorCode.AUTH_FAILED):
        whole_run(box, password=wrong)


@pytest.mark.xfail(
    reason="an untagged WEBALERT, and `log in via your web browser`, say nothing yet",
    strict=True,
)
def test_a_login_in_the_browser_needs_a_person_and_its_address_is_not_told(box):
    box.server.users[box.address].web_login_url = URL

    with refused(ErrorCode.AUTH_FAILED):
        whole_run(box)


def test_the_sixteenth_connection_is_throttled(box):
    box.server.dialect = replace(box.server.dialect, connections=0)

    with refused(ErrorCode.THROTTLED):
        whole_run(box)


@pytest.mark.parametrize("offers", ["SASL-IR", "no SASL-IR"])
def test_a_bad_token_is_an_error_of_signing_in(box, offers):
    """Its challenge is answered with an empty line, or the server would complain."""
    if offers != "SASL-IR":
        box.server.dialect = box.server.dialect.without("SASL-IR")

    with refused(ErrorCode.AUTH_FAILED):
        whole_run(box, access_token=TOKEN)

    assert box.server.complaints == []
    assert box.server.refused == 1


@pytest.mark.parametrize("offers", ["SASL-IR", "no SASL-IR"])
def test_a_good_token_signs_in(box, offers):
    box.server.users[box.address].tokens.add(TOKEN)
    if offers != "SASL-IR":
        box.server.dialect = box.server.dialect.without("SASL-IR")

    messages = whole_run(box, access_token=TOKEN, password="")

    assert len(messages) == 6
    assert "AUTHENTICATE XOAUTH2 ***" in box.server.commands
    assert box.server.complaints == []


# The mailbox and the labels


@pytest.mark.parametrize("text", ["[NONEXISTENT] Unknown Mailbox", "[NOPERM] No"])
def test_a_mailbox_that_may_not_be_opened_is_missing(box, text):
    box.server.rule("SELECT", do=f.No(text))
    box.server.rule("EXAMINE", do=f.No(text))

    with refused(ErrorCode.MAILBOX_MISSING):
        whole_run(box)


def test_a_mailbox_that_is_not_there_is_missing(box):
    with refused(ErrorCode.MAILBOX_MISSING):
        whole_run(box, name="Nowhere")


@pytest.mark.parametrize(
    "fault", [f.No("[CANNOT] Label is not allowed"), f.Bad("Could not parse command")]
)
def test_a_label_that_the_server_will_not_have_is_refused(box, fault):
    box.server.rule("UID STORE", do=fault)

    with refused(ErrorCode.LABEL_REFUSED):
        whole_run(box)


def test_after_a_refused_label_the_connection_goes_on(box):
    box.server.rule("UID STORE", do=f.No("[CANNOT] x"), times=1)

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        with refused(ErrorCode.LABEL_REFUSED):
            mailbox.relabel(uids, add="Receipts")
        mailbox.relabel(uids, add="Finance")

    assert box.labels() == [{"Finance"}] * 6
    assert box.server.logins == 2, "one of ours, one that looks"


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
        whole_run(box)


@pytest.mark.parametrize("step", STEPS)
def test_a_goodbye_in_the_middle_is_temporary(box, step):
    box.server.rule(step, do=f.Bye("[UNAVAILABLE] Going down, Kanarie7x"))

    with refused(ErrorCode.SERVER_BUSY):
        whole_run(box)


@pytest.mark.parametrize("step", ["GREETING", "AUTHENTICATE", *STEPS])
@pytest.mark.parametrize("after", [0, 9])
def test_a_cut_is_temporary(box, step, after):
    box.server.rule(step, do=f.Cut(after, executed=step != "GREETING"))

    with refused(ErrorCode.CONNECT_FAILED):
        whole_run(box)


def test_a_server_that_wants_nobody_is_busy_or_throttled(box):
    box.server.rule("GREETING", do=f.Answer(b"* BYE Too many connections\r\n"))

    with refused(ErrorCode.THROTTLED):
        whole_run(box)


@pytest.mark.parametrize("step", ["AUTHENTICATE", *STEPS])
def test_silence_ends_with_the_deadline(box, step):
    box.server.rule(step, do=f.Drop())

    with refused(ErrorCode.DEADLINE):
        whole_run(box, deadline=1)


def test_nobody_there_is_temporary(box):
    with refused(ErrorCode.CONNECT_FAILED):
        whole_run(box, port=free_port())


def test_throttled_in_an_ok_lets_the_run_finish(box):
    for step in STEPS:
        box.server.rule(step, do=f.Ok("[THROTTLED] (Success)"))
    box.server.forget_rules()
    box.server.rule("UID", do=f.Ok("[THROTTLED] Slow down (Success)"))

    assert len(whole_run(box)) == 6
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
        whole_run(box, deadline=2)

    assert not sings(str(caught.value) + repr(caught.value))


# Encryption


@pytest.fixture
def trusted(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


SECURITIES = pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])


@SECURITIES
def test_an_unknown_authority_is_an_error_of_tls_and_gets_no_password(box, security):
    tls_context.cache_clear()
    box.security = security

    with refused(ErrorCode.TLS_FAILED):
        whole_run(box)

    assert not [line for line in box.server.commands if line != "STARTTLS"][1:]


@SECURITIES
@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_an_error_of_tls(box, security):
    box.security = security

    with refused(ErrorCode.TLS_FAILED):
        whole_run(box, host="127.0.0.1")

    assert box.server.logins == 0


@pytest.mark.usefixtures("trusted")
def test_no_tls_where_it_is_expected_is_an_error_of_tls(box):
    box.security = Security.TLS

    with refused(ErrorCode.TLS_FAILED):
        whole_run(box, port=box.server.port)


def test_no_starttls_where_it_is_wanted_is_an_error_of_tls(box):
    with GmailServer() as server:
        bare = Box(server, password=PASSWORDS["ascii"])
        bare.security = Security.STARTTLS

        with refused(ErrorCode.TLS_FAILED):
            whole_run(bare)

        assert not [line for line in server.commands if "LOGIN" in line]


@pytest.mark.usefixtures("trusted")
def test_what_was_said_before_starttls_is_forgotten(box):
    """Else who is in the middle could say what the server can do (RFC 3501, 6.2.1)."""
    box.security = Security.STARTTLS
    forged = b"{tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN FORGED\r\n"

    class Inject(f.Answer):
        def act(self, talk, command):
            talk.execute(command)
            super().act(talk, command)

    box.server.rule("STARTTLS", do=Inject(forged))

    error = None
    try:
        whole_run(box)
    except MailError as caught:
        error = caught

    if error is None:
        at = box.server.commands.index("STARTTLS")
        assert box.server.commands[at + 1] == "CAPABILITY"
    else:
        assert error.code in {ErrorCode.TLS_FAILED, ErrorCode.CONNECT_FAILED}
        assert box.server.logins == 0


def test_permanent_and_temporary_are_told_apart():
    permanent = {one.code for one in PermanentMailError.__subclasses__()}

    assert {ErrorCode.AUTH_FAILED, ErrorCode.TLS_FAILED} <= permanent
    assert ErrorCode.THROTTLED not in permanent


def test_a_listener_that_never_greets_ends_with_the_deadline(box):
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        refused(ErrorCode.DEADLINE),
    ):
        whole_run(box, port=listener.getsockname()[1], deadline=1)


def test_a_server_without_any_way_to_sign_in_but_login_is_used(box):
    box.server.dialect = Dialect(before=("IMAP4rev1",), after=("IMAP4rev1",))

    with box.open() as mailbox:
        assert len(all_uids(mailbox)) == 6
