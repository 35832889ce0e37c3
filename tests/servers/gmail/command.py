"""A command as it was read, and what comes of it."""

from dataclasses import dataclass, field

from tests.servers.gmail.words import Token


@dataclass
class Command:
    tag: bytes
    name: str  # UID FETCH
    arguments: list[Token]
    text: str  # as it came, with literals in quotes; no secret is in it

    @property
    def is_uid(self) -> bool:
        return self.name.startswith("UID ")


@dataclass
class Reply:
    """The untagged lines, each with its end, and what the tagged OK says."""

    lines: list[bytes] = field(default_factory=list)
    text: bytes = b"Success"
