"""`mailbeat export`: everything that is known, as one JSON document."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from mailbeat import __version__
from mailbeat.cli.installation import Failed, Installation, pass_installation


@click.command()
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it, for you alone to read; printed otherwise.",
)
@click.option("--subjects", is_flag=True, help="With the subjects that are kept.")
@pass_installation
def export(installation: Installation, *, path: Path | None, subjects: bool) -> None:
    """Write accounts, categories, rules, runs, messages, corrections and the audit log.

    No password, token or key is in it, and no text of a mail.
    """
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.export import export as pieces_of
    from mailbeat.db.session import transaction
    from mailbeat.db.types import SecretUnreadable

    with installation.sessions(secrets=subjects) as sessions:
        with transaction(sessions) as session:
            now = database_now(session)
            detail = "with subjects" if subjects else "without subjects"
            record(session, "cli", "export", "everything", detail, now=now)
        try:
            with _file(path) as out:
                for piece in pieces_of(
                    sessions, subjects=subjects, version=__version__, now=now
                ):
                    out.write(piece)
        except SecretUnreadable as error:
            raise Failed(str(error)) from None
        except OSError as error:
            raise Failed(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def _file(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file of mode 600 that takes its name when it is whole."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
