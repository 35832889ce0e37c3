"""What can go wrong with a mail server, in the order one catches.

    MailError                     code, message (our own text), permanent
    +-- TemporaryMailError        tried again at the next slot
    |   +-- ConnectFailed         connect_failed: unknown, not dialled, refused, hung up
    |   +-- ServerBusy            server_busy: NO, BYE, UNAVAILABLE
    |   |   +-- SignInRefused     a NO to the password that does not say why
    |   +-- Throttled             throttled: OVERQUOTA, LIMIT, too many connections
    |   +-- DeadlineExceeded      deadline: the run's time is over
    +-- PermanentMailError        needs a person
        +-- AuthFailed            auth_failed: the password was refused
        +-- TLSFailed             tls_failed: certificate, name or protocol
        +-- MailboxMissing        mailbox_missing
        +-- LabelRefused          label_refused: the server does not keep our label
        +-- HostRefused           host_refused: no encryption to a public host

Only `AuthFailed` pauses an account; the rest is tried again, at a growing distance.
"""

from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """The closed list of `error_code` in JSON and SQL."""

    AUTH_FAILED = "auth_failed"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    SERVER_BUSY = "server_busy"
    THROTTLED = "throttled"
    MAILBOX_MISSING = "mailbox_missing"
    LABEL_REFUSED = "label_refused"
    HOST_REFUSED = "host_refused"
    DEADLINE = "deadline"
    INTERNAL = "internal"


class MailError(Exception):
    """`str(error)` is our own sentence: what happened, to what, what to do next."""

    code: ClassVar[ErrorCode]


class TemporaryMailError(MailError):
    pass


class ConnectFailed(TemporaryMailError):
    code = ErrorCode.CONNECT_FAILED


class ServerBusy(TemporaryMailError):
    code = ErrorCode.SERVER_BUSY


class SignInRefused(ServerBusy):
    """Perhaps the password is wrong; several in a row mean that it is."""


class Throttled(TemporaryMailError):
    code = ErrorCode.THROTTLED


class DeadlineExceeded(TemporaryMailError):
    code = ErrorCode.DEADLINE


class PermanentMailError(MailError):
    pass


class AuthFailed(PermanentMailError):
    code = ErrorCode.AUTH_FAILED


class TLSFailed(PermanentMailError):
    code = ErrorCode.TLS_FAILED


class MailboxMissing(PermanentMailError):
    code = ErrorCode.MAILBOX_MISSING


class LabelRefused(PermanentMailError):
    code = ErrorCode.LABEL_REFUSED


class HostRefused(PermanentMailError):
    code = ErrorCode.HOST_REFUSED
