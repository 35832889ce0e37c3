"""Answers that no honest server gives: more than fits anywhere, or without an end."""

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.gmail.command import Command
    from tests.servers.gmail.talk import Talk

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Flood:
    """Say `start`, then `piece` again and again, then `end`, till the client goes.

    `{tag}` in `end` stands for the command's. `times` is how often; None is for ever.
    """

    start: bytes
    piece: bytes
    times: int | None = None
    end: bytes = b"\r\n{tag} OK done\r\n"

    def act(self, talk: "Talk", command: "Command") -> None:
        talk.say(self.start)
        said = 0
        while self.times is None or said < self.times:
            talk.say(self.piece)
            said += 1
        talk.say(self.end.replace(b"{tag}", command.tag))


@dataclass(frozen=True)
class Bomb:
    """Agree to compress; what is said next inflates to a gigabyte."""

    start: bytes = b"* 1 FETCH (UID 1 BODY[TEXT]<0> {1000000000}\r\n"
    megabytes: int = 1000

    def act(self, talk: "Talk", command: "Command") -> None:
        talk.say(command.tag + b" OK begin\r\n")
        talk.wire.compress()
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        start = packer.compress(self.start) + packer.flush(zlib.Z_FULL_FLUSH)
        # Behind a full flush nothing depends on what came before.
        block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
        talk.wire.send_raw(start + block * self.megabytes)
        talk.wire.drain()


@dataclass(frozen=True)
class NoDeflate:
    """Agree to compress, and then say what does not inflate."""

    data: bytes = b"\xff" * 1000

    def act(self, talk: "Talk", command: "Command") -> None:
        talk.say(command.tag + b" OK begin\r\n")
        talk.wire.send_raw(self.data)
        talk.wire.drain()
