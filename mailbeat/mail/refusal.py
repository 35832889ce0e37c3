"""What a server's NO, BAD or BYE means, as one of our errors with our own sentence.

The response code decides first (RFC 5530, RFC 3501), the text second, and what is not
known is temporary. Nothing of the server's text goes on from here: it may repeat what
we sent, or carry an address for one person's eyes (WEBALERT).
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import TypeVar

from mailbeat.mail.errors import (
    AuthFailed,
    ConnectFailed,
    LabelRefused,
    MailboxMissing,
    MailError,
    ServerBusy,
    SignInRefused,
    Throttled,
    TLSFailed,
)

T = TypeVar("T")


class Step(Enum):
    """What we were doing when the server refused."""

    GREETING = auto()
    SIGN_IN = auto()
    SELECT = auto()
    READ = auto()
    LABEL = auto()
    CREATE = auto()  # a label's folder
    COPY = auto()  # into it


_SENTENCES: dict[type[MailError], str] = {
    AuthFailed: (
        "{host} refused the password. Store a new one on the account's page, or with "
        "`mailbeat account set-password`. Many providers want an app password here."
    ),
    LabelRefused: (
        "{host} does not keep labels in this mailbox. Check that the account may "
        "change it, and that the server keeps keywords."
    ),
    MailboxMissing: (
        "{host} has no mailbox named {mailbox!r}, or does not let this account open "
        "it. Make it there and resume the account, or choose another one with "
        "`mailbeat account change --mailbox`."
    ),
    ServerBusy: (
        "{host} could not serve us just now. Mailbeat tries again at the next run."
    ),
    SignInRefused: (
        "{host} did not let Mailbeat sign in, and did not say why. Mailbeat tries "
        "again; if it goes on, the account is paused: check its user name and password."
    ),
    Throttled: (
        "{host} wants fewer connections or less traffic from this account. Mailbeat "
        "tries again later; other programs on the same account may have to pause."
    ),
}

# What else a refused sign-in can say, and what helps then.
_IMAP_OFF_WORDS = (
    rb"not enabled for imap|imap[^.]{0,40} (is )?(disabled|not enabled|turned off)"
)
_IMAP_IS_OFF = re.compile(_IMAP_OFF_WORDS, re.IGNORECASE)
_IMAP_OFF_SENTENCE = (
    "{host} has IMAP turned off for this account. Turn it on in your provider's "
    "settings, or have its administrator do so, and resume the account."
)
_GRANT_REFUSED = (
    "{host} refused the sign-in that was granted earlier. Sign in to the provider "
    "again on the account's page, or with `mailbeat account sign-in`."
)
_SIGN_IN_HINTS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"app(lication)?[- ](specific )?password", re.IGNORECASE),
        (
            "{host} wants an app password instead of the usual one. Make one in your "
            "provider's security settings, and store it on the account's page or with "
            "`mailbeat account set-password`."
        ),
    ),
    (
        re.compile(rb"\[WEBALERT|web (login|browser)", re.IGNORECASE),
        (
            "{host} wants you to sign in once with a web browser before it lets "
            "Mailbeat in. Do so on your provider's page, and resume the account."
        ),
    ),
    (
        re.compile(rb"basic ?auth|LOGINDISABLED|PRIVACYREQUIRED", re.IGNORECASE),
        (
            "{host} takes no passwords any more, or not over this connection. Sign in "
            "to the provider on the account's page, or check the kind of encryption."
        ),
    ),
)
_FOLDER_SENTENCE = (
    "{host} did not let Mailbeat put mail into the folder of a label. Check that the "
    "account may make folders and write into them, and that there is room."
)
_FOLDER_CODES = frozenset(
    {"CANNOT", "NOPERM", "LIMIT", "OVERQUOTA", "READ-ONLY", "CLIENTBUG"}
    | {"NONEXISTENT", "TRYCREATE"}
)

_CODE = re.compile(rb"\[([A-Z0-9.-]{1,40})[ \]]", re.IGNORECASE)

# What a code means at one step, before what it means at any.
_CODES_AT: dict[Step, tuple[type[MailError], frozenset[str]]] = {
    Step.SIGN_IN: (
        AuthFailed,
        frozenset(
            {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"}
            | {"PRIVACYREQUIRED", "WEBALERT"}
        ),
    ),
    Step.SELECT: (
        MailboxMissing,
        frozenset({"NONEXISTENT", "NOPERM", "CANNOT", "TRYCREATE"}),
    ),
    Step.LABEL: (
        LabelRefused,
        frozenset({"CANNOT", "NOPERM", "LIMIT", "READ-ONLY", "CLIENTBUG"}),
    ),
    Step.CREATE: (LabelRefused, _FOLDER_CODES),
    Step.COPY: (LabelRefused, _FOLDER_CODES),
}
_CODES: tuple[tuple[type[MailError], frozenset[str]], ...] = (
    (Throttled, frozenset({"OVERQUOTA", "LIMIT", "INUSE", "THROTTLED"})),
    (ServerBusy, frozenset({"UNAVAILABLE", "SERVERBUG", "CORRUPTION", "CONTACTADMIN"})),
)

# What words mean at any step, before what they mean at one: "too many failed logins"
# is not a wrong password.
_WORDS: tuple[tuple[type[MailError], re.Pattern[bytes]], ...] = (
    (
        Throttled,
        re.compile(rb"too many|simultaneous|rate limit|bandwidth|exceeded|throttl"),
    ),
    (
        ServerBusy,
        re.compile(
            rb"temporar|try again|unavailable|internal|timeout|timed out|busy|\blocked"
        ),
    ),
)
_WORDS_AT: dict[Step, tuple[type[MailError], re.Pattern[bytes]]] = {
    Step.SIGN_IN: (
        AuthFailed,
        re.compile(
            rb"app(lication-specific)? password|authenticat\w* ?failed|login failed"
            rb"|credentials|invalid (login|user|password)|incorrect|wrong password"
            rb"|username (or|and) password|basic ?auth|web browser|" + _IMAP_OFF_WORDS
        ),
    ),
    Step.SELECT: (
        MailboxMissing,
        re.compile(
            rb"exist|not found|no such|(unknown|invalid) (mailbox|folder)"
            rb"|could not open"
        ),
    ),
}


def explain(
    kind: str,
    text: bytes,
    *,
    step: Step,
    host: str,
    mailbox: str,
    by_token: bool = False,
) -> MailError:
    """Return the error for an answer of the given kind (NO, BAD or BYE).

    `by_token` is whether a token was shown instead of a password.
    """
    text = text[:1000].lstrip()
    meaning = _meaning(kind, text, step)
    if meaning is AuthFailed:
        hints = [hint for sign, hint in _SIGN_IN_HINTS if sign.search(text)]
        sentence = _GRANT_REFUSED if by_token else (*hints, _SENTENCES[AuthFailed])[0]
        if _IMAP_IS_OFF.search(text):
            sentence = _IMAP_OFF_SENTENCE
        return AuthFailed(sentence.format(host=host))
    if meaning is LabelRefused and step in {Step.CREATE, Step.COPY}:
        return LabelRefused(_FOLDER_SENTENCE.format(host=host))
    return refused(meaning, host=host, mailbox=mailbox)


def refused(meaning: type[MailError], *, host: str, mailbox: str = "") -> MailError:
    """Return one of the errors that a server's refusal can mean, with its sentence."""
    return meaning(_SENTENCES[meaning].format(host=host, mailbox=mailbox[:100]))


def _meaning(kind: str, text: bytes, step: Step) -> type[MailError]:
    # A BYE is about the connection, not about what we just did.
    here = None if kind == "BYE" else step
    found = _CODE.match(text)
    code = found[1].decode("ascii").upper() if found else ""
    for meaning, codes in (*_at(_CODES_AT, here), *_CODES):
        if code in codes:
            return meaning
    lowered = text.lower()
    for meaning, words in (*_WORDS, *_at(_WORDS_AT, here)):
        if words.search(lowered):
            return meaning
    if kind == "BAD" and step in {Step.LABEL, Step.COPY}:  # a name not to its taste
        return LabelRefused
    if here is Step.CREATE:
        return LabelRefused
    if kind == "NO" and step is Step.SIGN_IN:
        return SignInRefused
    return ServerBusy


def _at(table: Mapping[Step, T], step: Step | None) -> list[T]:
    return [table[step]] if step and step in table else []


def hung_up(host: str) -> ConnectFailed:
    return ConnectFailed(
        f"{host} closed the connection or stopped answering. Mailbeat tries again at "
        "the next run and goes on where it stopped."
    )


def no_starttls(host: str, port: int) -> TLSFailed:
    return TLSFailed(
        f"{host} does not offer STARTTLS on port {port}, so no password was sent. "
        "Check the port and the kind of encryption (TLS is usually 993, STARTTLS 143)."
    )


def cannot_move(host: str) -> LabelRefused:
    return LabelRefused(
        f"{host} can neither move mail nor remove single messages. Have labelled mail "
        "copied instead of moved, on the account's page or with `mailbeat account "
        "change --no-move`."
    )


def not_found(host: str) -> LabelRefused:
    return LabelRefused(
        f"{host} has a message no longer in the folder of its label. Somebody moved or "
        "removed it; what is to be done with it has to be done by hand."
    )


def no_way_back(host: str) -> LabelRefused:
    return LabelRefused(
        f"{host} has a message in the folder of its label only, because this account "
        "has its mail moved. Give it another label, or move it by hand."
    )


def numbered_anew(host: str) -> ServerBusy:
    return ServerBusy(
        f"{host} numbered the mailbox anew in the middle of a run. Mailbeat tries "
        "again at the next run and goes on where it stopped."
    )
