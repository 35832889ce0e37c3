"""One Mailbeat per directory."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DirectoryBusy(Exception):
    pass


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold `directory` for this process; the kernel lets go when it ends.

    Raises:
        DirectoryBusy: another process holds it.
    """
    with (directory / "lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DirectoryBusy(
                f"Mailbeat runs in {directory} already. Stop it there, or choose "
                "another directory, e.g. --dir var2 --port 8123."
            ) from None
        yield
