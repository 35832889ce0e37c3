"""A conversation with a server in which every failure becomes one of our errors."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from mailbeat.mail import refusal
from mailbeat.mail.deadline import Deadline, Stopped
from mailbeat.mail.errors import AuthFailed, MailError, ServerBusy
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.net import dial, unreachable
from mailbeat.mail.refusal import Step
from mailbeat.mail.wire import Wire

LOGOUT_SECONDS = 2.0

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

T = TypeVar("T")


class UnreadableAnswer(ServerBusy):
    """An answer that breaks the protocol, or is too large."""


class Session:
    """Connected, then signed in, then signed out.

    What the library raises is no error's cause and no error's context: it may hold a
    password (a non-ASCII one in imaplib's UnicodeEncodeError) or what a server echoed.

    Raises:
        MailError: from the constructor and every method but `close` and `sign_out`.
    """

    def __init__(self, login: Login, mailbox: str, deadline: Deadline) -> None:
        self.login = login
        self.mailbox = mailbox
        self.wire = Wire(dial(login, deadline), login, deadline)

    def sign_in(self) -> None:
        wire, login = self.wire, self.login
        self.ask(Step.GREETING, wire.greet)
        if login.security is Security.STARTTLS:
            if "STARTTLS" not in wire.capabilities:
                raise refusal.no_starttls(login.host, login.port)
            self.ask(Step.GREETING, wire.start_tls)
        if _CONTROL.search(login.username) or _CONTROL.search(login.password):
            raise refusal.refused(AuthFailed, host=login.host)
        self.ask(Step.SIGN_IN, lambda: wire.sign_in(login.username, login.password))
        self.ask(Step.READ, wire.learn_capabilities)
        if self.offers("ID"):  # Gmail asks for it
            self.ask(Step.READ, lambda: wire.xatom("ID", '("name" "Mailbeat")'))

    def offers(self, capability: str) -> bool:
        return capability in self.wire.capabilities

    def command(self, step: Step, *words: str) -> list[Any]:
        """Send `UID words...` and return what came back, which must be OK."""

        def send() -> list[Any]:
            kind, data = self.wire.uid(*words)
            if kind != "OK":
                raise self.wire.error("refused")
            return data

        return self.ask(step, send)

    def refresh(self) -> None:
        """Have the server tell what others changed (RFC 3501, 6.1.2).

        Before that it may speak of messages that are gone already.
        """

        def noop() -> None:
            kind, _ = self.wire.noop()
            if kind != "OK":
                raise self.wire.error("refused")

        self.ask(Step.READ, noop)

    def ask(self, step: Step, command: Callable[[], T]) -> T:
        """Do something on the wire; whatever a library raises becomes our error."""
        try:
            return command()
        except (MailError, Stopped):
            raise
        except Exception:  # noqa: BLE001 # what a server sends can make a library raise anything
            trouble = self._trouble(step)
        raise trouble

    def understand(self, reading: Callable[[], T]) -> T:
        """Read an answer that came whole.

        Raises:
            UnreadableAnswer: it cannot be read; the conversation can go on.
        """
        try:
            return reading()
        except Exception:  # noqa: BLE001 # as above
            trouble = self._unreadable()
        raise trouble

    def _trouble(self, step: Step) -> MailError:
        host = self.login.host
        if self.wire.refusal:
            kind, text = self.wire.refusal
            return refusal.explain(
                kind, text, step=step, host=host, mailbox=self.mailbox
            )
        self.close()  # the rest of the answer would be taken for the next one
        if not self.wire.is_lost:
            return self._unreadable()
        if step is Step.GREETING:
            return unreachable(self.login)
        return refusal.hung_up(host)

    def _unreadable(self) -> UnreadableAnswer:
        return UnreadableAnswer(
            f"{self.login.host} answered what Mailbeat cannot read. Check that it is "
            "an IMAP server; Mailbeat tries again at the next run."
        )

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self.wire.shutdown()
        self.wire.state = "LOGOUT"

    def sign_out(self) -> None:
        """Say goodbye, and wait no longer than `LOGOUT_SECONDS` for the answer."""
        if self.wire.state == "LOGOUT":
            return
        self.wire.deadline.restart(LOGOUT_SECONDS)
        with suppress(Exception):  # the work is done; a server may hang up as it likes
            self.wire.logout()
        self.close()
