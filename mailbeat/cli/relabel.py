"""`mailbeat relabel`: decide again, after rules or categories changed."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.accounts import find
from mailbeat.cli.installation import (
    Failed,
    Installation,
    ask,
    pass_installation,
)
from mailbeat.cli.run import run_options
from mailbeat.cli.since import Since, moment

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mailbeat.db.relabelling import Change
    from mailbeat.db.session import Sessions

LISTED = 200  # changes; all of them are in the JSON
NO_LABEL = "-"


@click.command()
@click.argument("ref", metavar="ACCOUNT")
@click.option("--since", type=Since(), required=True, help="30d, 12h or 2026-01-31.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and no more.")
@click.option("--json", "as_json", is_flag=True, help="One object for each change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_installation
def relabel(
    installation: Installation,
    ref: str,
    *,
    since: "timedelta | datetime",
    dry_run: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Decide again about messages, by today's rules, and move their labels.

    What you corrected yourself stays, and so does what you took a label from.
    """
    if as_json and not (dry_run or yes):
        raise click.UsageError("With --json say --dry-run, or --yes.")
    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        changes, names = _look(installation, sessions, one, since)
        show = _show_json if as_json else _show
        show(changes, names)
        if dry_run or not changes:
            if not as_json:
                click.echo("Nothing was changed.")
            return
        if not yes:
            ask(f"Change {len(changes)} messages of {one.email_address}?")
        _carry_out(installation, sessions, one, changes)


def _look(
    installation: Installation,
    sessions: "Sessions",
    one: Any,
    since: "timedelta | datetime",
) -> "tuple[list[Change], dict[int, str]]":
    from mailbeat.db.categories import category_names
    from mailbeat.db.clock import database_now
    from mailbeat.mail.errors import MailError
    from mailbeat.relabel import look

    with sessions() as session:
        start = moment(since, database_now(session))
        names = category_names(session)
    steps = look(sessions, one.id, since=start, options=run_options(installation))
    changes: list[Change] = []
    try:
        with _bar("Deciding again") as update:
            for step in steps:
                changes += step.changes
                update(step.done, step.total)
    except MailError as error:
        raise Failed(str(error)) from None
    return changes, names


def _carry_out(
    installation: Installation,
    sessions: "Sessions",
    one: Any,
    changes: "Sequence[Change]",
) -> None:
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction
    from mailbeat.lease import LeaseKeeper
    from mailbeat.relabel import RelabelStopped, carry_out

    with transaction(sessions) as session:
        target, detail = f"account {one.id}", f"{len(changes)} messages"
        now = database_now(session)
        record(session, "cli", "account.relabel", target, detail, now=now)
    leases = LeaseKeeper(sessions)
    done = 0
    steps = carry_out(
        sessions,
        one,
        changes,
        actor="cli",
        options=run_options(installation),
        leases=leases,
        waiting=lambda: click.echo("Waiting for another run to end.", err=True),
    )
    try:
        with _bar("Labeling") as update:
            update(0, len(changes))
            for done in steps:
                update(done, len(changes))
    except RelabelStopped as error:
        raise Failed(f"{done} messages were changed. {error}") from None
    except KeyboardInterrupt:
        raise Failed(
            f"Stopped: {done} messages were changed. What was begun, the account's "
            "next run brings to its end; the rest is as it was."
        ) from None
    finally:
        leases.close()
    left = len(changes) - done
    more = (
        f" {left} are as they were: they were corrected meanwhile, or the server "
        "refused their label."
    )
    click.echo(f"{done} messages were changed.{more if left else ''}", err=True)


def _name(category_id: int | None, names: dict[int, str]) -> str:
    return names.get(category_id or 0, NO_LABEL)


def _to(one: "Change") -> str:
    return one.category.name if one.category else NO_LABEL


def _show(changes: "Sequence[Change]", names: dict[int, str]) -> None:
    counts = Counter((_name(c.known.category_id, names), _to(c)) for c in changes)
    rows = [(str(n), old, new) for (old, new), n in counts.most_common()]
    _table(("messages", "from", "to"), rows)
    click.echo()
    listed = changes[:LISTED]
    _table(
        ("from", "to", "sender", "why"),
        [
            (
                _name(one.known.category_id, names),
                _to(one),
                one.sender,
                one.decision.evidence,
            )
            for one in listed
        ],
    )
    if len(changes) > LISTED:
        click.echo(f"... and {len(changes) - LISTED} more; --json has them all.")


def _show_json(changes: "Sequence[Change]", names: dict[int, str]) -> None:
    for one in changes:
        row = {
            "message_id": one.known.message_id,
            "uid": one.known.uid,
            "sender": one.sender,
            "from": names.get(one.known.category_id or 0),
            "to": one.category.name if one.category else None,
            "from_label": one.known.label,
            "to_label": one.new_label,
            "confidence": round(one.decision.confidence, 3),
            "layer": one.decision.layer,
            "reason": one.decision.evidence,
        }
        click.echo(json.dumps(row))


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        Console(markup=False, highlight=False).print(table)


def _bar(title: str) -> Any:
    """A bar on stderr; what is yielded moves it."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    @contextmanager
    def shown() -> Any:
        columns = (TextColumn("{task.description:16}"), BarColumn())
        console = Console(stderr=True, markup=False, highlight=False)
        with Progress(*columns, MofNCompleteColumn(), console=console) as bar:
            task = bar.add_task(title, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    return shown()
