"""A connection that is tried: each line, and what to do about the last one."""

from threading import Event

import pytest

from mailbeat.db.models import Account
from mailbeat.mail.errors import AuthFailed, DeadlineExceeded, ErrorCode, SignInRefused
from mailbeat.mail.stage import Keeps
from tests.servers.rude_imap import rude_imap
from webapp.dashboard import trial as trials
from webapp.dashboard.trial import BROKEN, TOO_LONG, Trial, advice_on
from webapp.parts import parts_of

LOOPBACK = "127.0.0.0/8"


@pytest.fixture
def built(make_app):
    return parts_of(make_app(imap_allowed_networks=LOOPBACK))


def account_at(login, **changes):
    values = {
        "host": login.host,
        "port": login.port,
        "security": str(login.security),
        "username": "ada",
        "password": "a password",
        "mailbox": "INBOX",
    }
    return Account(**(values | changes))


def tried(account, built):
    trial = Trial(account, built)
    return trial, [step for step in trial.steps() if step]


def test_each_step_is_told_when_it_begins_and_when_it_is_done(built):
    with rude_imap() as server:
        trial, steps = tried(account_at(server.login()), built)

    assert [(step.state, step.title) for step in steps] == [
        ("now", "Calling 127.0.0.1"),
        ("done", "127.0.0.1 answers"),
        ("now", "Signing in as ada"),
        ("done", "Signed in as ada"),
        ("now", "Opening the mailbox INBOX"),
        ("done", "The mailbox INBOX is there"),
        ("done", "Labels are kept as keywords, on the mail itself"),
    ]
    assert trial.is_good
    assert trial.keeps is Keeps.KEYWORDS


@pytest.mark.parametrize(
    ("answers", "title", "advice"),
    [
        (
            {"AUTHENTICATE": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"},
            "Not signed in",
            "127.0.0.1 refused the password. Check the user name, and enter",
        ),
        (
            {"AUTHENTICATE": b"{tag} NO no\r\n"},
            "Not signed in",
            "Check the user name, and enter the password again",
        ),
        (
            {"SELECT": b"{tag} NO [NONEXISTENT] no\r\n"},
            "The mailbox INBOX was not opened",
            "Make it there, or name another one below.",
        ),
        (
            {"SELECT": b"* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-ONLY] done\r\n"},
            "This mailbox may only be read",
            "no label would stay",
        ),
    ],
)
def test_what_fails_is_told_with_what_to_do(built, answers, title, advice):
    with rude_imap(answers) as server:
        trial, steps = tried(account_at(server.login()), built)

    assert (steps[-1].state, steps[-1].title) == ("bad", title)
    assert advice in steps[-1].advice
    assert not trial.is_good


def test_a_private_network_is_told_as_one_that_is_not_there(app):
    with rude_imap() as server:
        private = account_at(server.login(), host="127.0.0.1")
        absent = account_at(server.login(), host="127.0.0.1", port=1)
        told = [tried(one, parts_of(app))[1][-1] for one in (private, absent)]

    assert {step.title for step in told} == {"127.0.0.1 was not reached"}
    assert len({step.advice.replace(str(private.port), "1") for step in told}) == 1
    assert "IMAP_ALLOWED_NETWORKS" in told[0].advice


def test_a_server_that_says_nothing_is_given_up(built, monkeypatch):
    monkeypatch.setattr(trials, "WITHIN", 0.3)
    with rude_imap({"SELECT": b""}) as server:
        trial, steps = tried(account_at(server.login()), built)

    assert steps[-1].advice == TOO_LONG
    assert trial.code is ErrorCode.DEADLINE


def test_time_ends_what_the_deadline_does_not(built, monkeypatch):
    monkeypatch.setattr("webapp.errand.LONGEST", 0.1)
    with rude_imap({"SELECT": b""}) as server:
        trial, steps = tried(account_at(server.login()), built)

    assert (steps[-1].state, steps[-1].advice) == ("bad", TOO_LONG)
    assert not trial.is_good


def test_a_fault_of_ours_says_so(built, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("hunter2")

    monkeypatch.setattr(trials, "opened", broken)
    with rude_imap() as server:
        trial, steps = tried(account_at(server.login()), built)

    assert steps[-1].advice == BROKEN
    assert "hunter2" not in str(steps)
    assert trial.code is ErrorCode.INTERNAL


def test_who_leaves_ends_it(built, monkeypatch):
    monkeypatch.setattr("webapp.errand.BEAT", 0.01)
    ended = Event()
    work = Trial._work

    def watched(self, tell, is_stopped):
        work(self, tell, is_stopped)
        ended.set()

    monkeypatch.setattr(Trial, "_work", watched)
    with rude_imap({"SELECT": b""}) as server:
        steps = Trial(account_at(server.login()), built).steps()
        while next(steps):
            pass
        steps.close()

        assert ended.wait(5)


@pytest.mark.parametrize(
    ("error", "changes", "advice"),
    [
        (AuthFailed("x refused. y"), {"host": "imap.gmail.com"}, "app password"),
        (SignInRefused("x. y"), {}, "enter the password again"),
        (AuthFailed("x"), {"oauth_provider": "google"}, "Sign in again"),
        (DeadlineExceeded("The next run goes on."), {}, TOO_LONG),
    ],
)
def test_advice_speaks_of_no_next_run(error, changes, advice):
    account = Account(**({"host": "imap.example.org", "mailbox": "INBOX"} | changes))

    said = advice_on(error, account)

    assert advice in said
    assert "next run" not in said
