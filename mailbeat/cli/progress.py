"""How a run in the foreground is shown: a bar for people, JSON lines for programs."""

import json
from collections.abc import Iterable

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mailbeat.labeling.progress import RunStep


def show_bar(steps: Iterable[RunStep], title: str) -> RunStep | None:
    """Draw the steps as a bar on stderr; return the last."""
    last = None
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, markup=False, highlight=False)
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title[:32], total=None)
        for last in steps:
            progress = last.progress
            bar.update(
                task,
                description=progress.step,
                completed=progress.processed,
                total=progress.found,
            )
    if last is not None:
        progress = last.progress
        click.echo(
            f"{title}: {progress.found or 0} new, {progress.labeled} labelled, "
            f"{progress.skipped} left alone, {progress.failed} failed."
        )
    return last


def show_json(steps: Iterable[RunStep], title: str) -> RunStep | None:
    """Print one object for each step on stdout; return the last."""
    last = None
    for last in steps:
        progress = last.progress
        row = {
            "email_address": title,
            "run_id": last.run_id,
            "seq": last.seq,
            "state": str(progress.state),
            "current": progress.processed,
            "total": progress.found,
            "labeled": progress.labeled,
            "skipped": progress.skipped,
            "failed": progress.failed,
            "outcome": last.outcome and str(last.outcome),
            "error_code": last.error_code and str(last.error_code),
            "error_message": last.error_message,
        }
        click.echo(json.dumps(row))
    return last


def show_count(done: Iterable[tuple[int, int]], title: str) -> int:
    """Draw how many are done of how many as a bar on stderr; return the last."""
    number = 0
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, markup=False, highlight=False)
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title[:32], total=None)
        for number, total in done:
            bar.update(task, completed=number, total=total)
    return number
