"""What servers say, and what we make of it."""

import pytest

from mailbeat.mail.errors import (
    AuthFailed,
    LabelRefused,
    MailboxMissing,
    ServerBusy,
    SignInRefused,
    Throttled,
)
from mailbeat.mail.refusal import Step, explain

CASES = [
    (Step.SIGN_IN, "NO", "[AUTHENTICATIONFAILED] Invalid credentials", AuthFailed),
    (Step.SIGN_IN, "NO", "[AUTHENTICATIONFAILED] Too many failures", AuthFailed),
    (Step.SIGN_IN, "NO", "[authorizationfailed] no", AuthFailed),
    (
        Step.SIGN_IN,
        "NO",
        "[ALERT] Application-specific password required: https://example.org/x",
        AuthFailed,
    ),
    (Step.SIGN_IN, "NO", "[WEBALERT https://example.org/s] Web login", AuthFailed),
    (Step.SIGN_IN, "NO", "LOGIN failed.", AuthFailed),
    (
        Step.SIGN_IN,
        "NO",
        "[ALERT] Please log in via your web browser: https://example.org/x (Failure)",
        AuthFailed,
    ),
    (Step.SIGN_IN, "NO", "Invalid credentials (Failure)", AuthFailed),
    (Step.SIGN_IN, "NO", "[UNAVAILABLE] Internal error", ServerBusy),
    (Step.SIGN_IN, "NO", "[UNAVAILABLE] Authentication failed", ServerBusy),
    (Step.SIGN_IN, "NO", "Temporary authentication failure", ServerBusy),
    (Step.SIGN_IN, "NO", "Too many invalid logins", Throttled),
    (Step.SIGN_IN, "NO", "[LIMIT] connections", Throttled),
    (Step.SIGN_IN, "NO", "no", SignInRefused),
    (Step.SIGN_IN, "BYE", "Too many simultaneous connections", Throttled),
    (Step.GREETING, "BYE", "[UNAVAILABLE] down", ServerBusy),
    (Step.GREETING, "BYE", "go away", ServerBusy),
    (Step.SELECT, "NO", "[NONEXISTENT] Unknown Mailbox", MailboxMissing),
    (Step.SELECT, "NO", "Mailbox doesn't exist: Foo", MailboxMissing),
    (Step.SELECT, "NO", "[NOPERM] no", MailboxMissing),
    (Step.SELECT, "NO", "[INUSE] Mailbox exists but is locked", Throttled),
    (Step.SELECT, "NO", "[SERVERBUG] no such luck", ServerBusy),
    (Step.SELECT, "NO", "hm", ServerBusy),
    (Step.READ, "NO", "[OVERQUOTA] Account exceeded bandwidth limits", Throttled),
    (Step.READ, "NO", "Some messages could not be fetched", ServerBusy),
    (Step.LABEL, "NO", "[CANNOT] keyword", LabelRefused),
    (Step.LABEL, "NO", "[LIMIT] too many keywords", LabelRefused),
    (Step.LABEL, "BAD", "invalid flag", LabelRefused),
    (Step.LABEL, "BAD", "[CANNOT] internal keyword", LabelRefused),
    (Step.LABEL, "BAD", "[UNAVAILABLE] not now", ServerBusy),
    (Step.LABEL, "BAD", "Internal server error", ServerBusy),
    (Step.LABEL, "BAD", "Mailbox is temporarily locked", ServerBusy),
    (Step.LABEL, "BAD", "Too many commands", Throttled),
    (Step.LABEL, "NO", "Operation timed out", ServerBusy),
    (Step.LABEL, "NO", "[OVERQUOTA] too much", Throttled),
    (Step.LABEL, "NO", "[UNAVAILABLE]", ServerBusy),
    (Step.LABEL, "BYE", "[CANNOT] shutting down", ServerBusy),
    (Step.CREATE, "NO", "hm", LabelRefused),
    (Step.CREATE, "BAD", "hm", LabelRefused),
    (Step.CREATE, "NO", "[UNAVAILABLE] hm", ServerBusy),
    (Step.CREATE, "NO", "Too many commands", Throttled),
    (Step.CREATE, "BYE", "hm", ServerBusy),
    (Step.COPY, "NO", "[OVERQUOTA] full", LabelRefused),
    (Step.COPY, "NO", "[TRYCREATE] no such folder", LabelRefused),
    (Step.COPY, "BAD", "invalid name", LabelRefused),
    (Step.COPY, "NO", "[EXPUNGEISSUED] gone", ServerBusy),
    (Step.COPY, "NO", "hm", ServerBusy),
]


@pytest.mark.parametrize(("step", "kind", "text", "expected"), CASES)
def test_a_refusal_means(step, kind, text, expected):
    error = explain(
        kind, text.encode(), step=step, host="imap.example.org", mailbox="X"
    )

    assert type(error) is expected


@pytest.mark.parametrize(("step", "kind", "text", "_expected"), CASES)
def test_nothing_of_the_servers_text_goes_on(step, kind, text, _expected):
    error = explain(
        kind,
        text.encode() + b" CANARY",
        step=step,
        host="imap.example.org",
        mailbox="X",
    )

    assert "CANARY" not in str(error)
    assert "https:" not in str(error)
    assert str(error).startswith("imap.example.org ")


def test_a_name_in_braces_stays_a_name():
    error = explain("NO", b"[NONEXISTENT]", step=Step.SELECT, host="{x}", mailbox="{y}")

    assert "{x}" in str(error)
    assert "{y}" in str(error)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("[AUTHENTICATIONFAILED] no", "Store a new one"),
        ("[ALERT] Application-specific password required", "an app password instead"),
        ("[ALERT] Your account is not enabled for IMAP use.", "has IMAP turned off"),
        ("IMAP access is disabled for your domain.", "has IMAP turned off"),
        ("[WEBALERT https://example.org/s] Web login required", "web browser"),
        ("LOGIN failed. BasicAuthBlocked", "takes no passwords any more"),
    ],
)
def test_a_refused_sign_in_says_what_helps(text, advice):
    error = explain("NO", text.encode(), step=Step.SIGN_IN, host="x", mailbox="")

    assert type(error) is AuthFailed
    assert advice in str(error)


def test_a_refused_token_asks_to_sign_in_again():
    error = explain(
        "NO",
        b"[AUTHENTICATIONFAILED] no",
        step=Step.SIGN_IN,
        host="x",
        mailbox="",
        by_token=True,
    )

    assert "Sign in to the provider again" in str(error)
