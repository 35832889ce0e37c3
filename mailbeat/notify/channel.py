"""What is sent, and what a way out must be able to do.

Undelivered       message (our own text), permanent
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

SEND_SECONDS = 30.0  # that one note may take on its way, whatever the other side does
MAX_TITLE = 200  # characters


class Undelivered(Exception):
    """A note did not go out; the text says why. `permanent`: it never will."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Note:
    """`id` is the same each time that a note is sent, so that a second one can be told.

    `data` is for programs. `to` and `headers` are for mail: to whom it goes instead of
    ALERT_TO, and what else its head says.
    """

    id: str
    title: str
    text: str
    html: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def note_from_text(text: str) -> Note:
    stored = json.loads(text)
    return Note(**{**stored, "to": tuple(stored["to"])})


def one_line(text: str, limit: int = MAX_TITLE) -> str:
    """A text that fits into a header: one line, no control characters, not long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    joined = " ".join(plain.split())
    return joined if len(joined) <= limit else f"{joined[: limit - 1]}…"


class Channel(Protocol):
    """`key` names it in the database; `shown` is for people. Neither holds a secret."""

    @property
    def key(self) -> str: ...

    @property
    def shown(self) -> str: ...

    def send(self, note: Note) -> None:
        """Send a note within SEND_SECONDS.

        Raises:
            Undelivered: it did not go out.
        """
