"""What goes wrong, and when: `server.rule("UID STORE", after=3, do=No("[CANNOT] x"))`.

A rule looks at the beginning of a command as it came (`UID FETCH`, `SELECT "INBOX"`,
`AUTHENTICATE PLAIN`; `GREETING` is the moment before any). It lets `after` of those
that fit pass, then acts `times` times (always, if that is None).
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tests.servers.gmail.talk import Command, Talk


class Fault(Protocol):
    def act(self, talk: "Talk", command: "Command") -> None:
        """Answer the command in place of the server."""
        ...


@dataclass
class Rule:
    start: str
    do: Fault
    after: int = 0
    times: int | None = None
    acted: int = 0

    def fits(self, text: str) -> bool:
        """Say whether to act on this command, which counts it."""
        if not text.upper().startswith(self.start.upper()):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.acted >= self.times:
            return False
        self.acted += 1
        return True


@dataclass(frozen=True)
class Answer:
    """Do nothing, and say this; `{tag}` stands for the command's."""

    data: bytes

    def act(self, talk: "Talk", command: "Command") -> None:
        talk.say(self.data.replace(b"{tag}", command.tag))


class No(Answer):
    def __init__(self, text: str) -> None:
        super().__init__(b"{tag} NO " + text.encode() + b"\r\n")


class Bad(Answer):
    def __init__(self, text: str) -> None:
        super().__init__(b"{tag} BAD " + text.encode() + b"\r\n")


@dataclass(frozen=True)
class Ok:
    """Do it, and end with this text: `[THROTTLED] ...`."""

    text: str

    def act(self, talk: "Talk", command: "Command") -> None:
        *told, _ = talk.execute(command)
        talk.say(b"".join(told) + b"%b OK %b\r\n" % (command.tag, self.text.encode()))


@dataclass(frozen=True)
class Bye:
    """Say goodbye and hang up, with the command not done."""

    text: str = "System Error"

    def act(self, talk: "Talk", command: "Command") -> None:
        talk.say(b"* BYE " + self.text.encode() + b"\r\n")
        talk.hang_up()


@dataclass(frozen=True)
class Cut:
    """Hang up after so many bytes of the answer; `executed` says if it was done."""

    after: int = 0
    executed: bool = True

    def act(self, talk: "Talk", command: "Command") -> None:
        if self.executed:
            talk.say(b"".join(talk.execute(command))[: self.after])
        talk.hang_up()


@dataclass(frozen=True)
class Drop:
    """Never answer."""

    executed: bool = False

    def act(self, talk: "Talk", command: "Command") -> None:
        if self.executed:
            talk.execute(command)


@dataclass(frozen=True)
class Delay:
    seconds: float

    def act(self, talk: "Talk", command: "Command") -> None:
        time.sleep(self.seconds)
        talk.say(b"".join(talk.execute(command)))


@dataclass(frozen=True)
class Unsolicited:
    """Say something first that nobody asked for."""

    data: bytes

    def act(self, talk: "Talk", command: "Command") -> None:
        talk.say(self.data + b"".join(talk.execute(command)))


@dataclass(frozen=True)
class WrongTag:
    tag: bytes = b"ZZZ9"

    def act(self, talk: "Talk", command: "Command") -> None:
        *told, end = talk.execute(command)
        talk.say(b"".join(told) + self.tag + end[len(command.tag) :])


@dataclass(frozen=True)
class Call:
    """Something happens just before: another program, the user."""

    happening: Callable[[], object]

    def act(self, talk: "Talk", command: "Command") -> None:
        self.happening()
        talk.say(b"".join(talk.execute(command)))


@dataclass(frozen=True)
class SetUidValidity:
    """The mailbox is numbered anew, as by a restore; who has it open sees no change."""

    value: int

    def act(self, talk: "Talk", command: "Command") -> None:
        with talk.server.lock:
            for folder in talk.user.folders.values():
                folder.renumber(self.value)
        talk.say(b"".join(talk.execute(command)))


@dataclass(frozen=True)
class Expunge:
    """Somebody takes this message out of the selected mailbox, just before."""

    uid: int

    def act(self, talk: "Talk", command: "Command") -> None:
        with talk.server.lock:
            mail = talk.folder.mails.get(self.uid)
            if mail is not None:
                talk.user.take_out(talk.folder, mail)
        talk.say(b"".join(talk.execute(command)))


@dataclass(frozen=True)
class Trickle:
    """Answer at so many bytes a second."""

    bytes_per_second: float

    def act(self, talk: "Talk", command: "Command") -> None:
        for byte in b"".join(talk.execute(command)):
            talk.say(bytes([byte]))
            time.sleep(1 / self.bytes_per_second)


def interleaved(answers: list[list[bytes]], chance: random.Random) -> list[bytes]:
    """Mix the answers of commands; each keeps its own order, so its end comes last."""
    waiting = [list(answer) for answer in answers if answer]
    mixed = []
    while waiting:
        answer = chance.choice(waiting)
        mixed.append(answer.pop(0))
        if not answer:
            waiting.remove(answer)
    return mixed
