"""The stages of opening a mailbox, told one after the other as each begins."""

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """What is being done; an error that follows is about it.

    Finding a host and reaching it are one stage: apart they would tell which names
    there are in the operator's network (docs/decisions/0013-one-sentence-for-hosts.md).
    """

    REACH = "reach"
    ENCRYPT = "encrypt"
    SIGN_IN = "sign_in"
    OPEN = "open"


class Keeps(StrEnum):
    """As what a server keeps our labels."""

    LABELS = "labels"  # Gmail's
    KEYWORDS = "keywords"
    FOLDERS = "folders"
    NOTHING = "nothing"  # the mailbox may only be read


Begins = Callable[[Stage], None]


def untold(_stage: Stage) -> None:
    """Tell nobody."""
