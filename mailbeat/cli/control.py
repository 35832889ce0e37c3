"""What a person may want at once: run, cancel, pause and resume.

Each wish is a row in the database, with its entry in the audit log; whoever works on
it finds it there, so none of them needs Redis or a worker to be up.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.accounts import account, find
from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mailbeat.db.models import Account

Target = tuple["Session", datetime]


@contextmanager
def _transaction(installation: Installation) -> Iterator[Target]:
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    with installation.sessions() as sessions, transaction(sessions) as session:
        yield session, database_now(session)


def _audit(target: Target, action: str, what: str, detail: str = "") -> None:
    from mailbeat.db.audit import record

    session, now = target
    record(session, "cli", action, what, detail, now=now)


@account.command("run")
@click.argument("ref", metavar="ACCOUNT")
@click.option("--json", "as_json", is_flag=True)
@pass_installation
def run_account(installation: Installation, ref: str, *, as_json: bool) -> None:
    """Have a worker run an account now; `mailbeat run` does it here instead."""
    from mailbeat.db import accounts

    with _transaction(installation) as (session, now):
        one = find(session, ref)
        try:
            run_id = accounts.want_run(session, one.id, now=now)
        except (accounts.AccountBusy, accounts.AccountPaused) as error:
            raise Failed(str(error)) from None
        _audit((session, now), "run.want", f"account {one.id}", run_id)
    if as_json:
        click.echo(json.dumps({"account_id": one.id, "run_id": run_id}))
    else:
        click.echo(f"{one.email_address} runs next, as run {run_id}.")


@account.command("pause")
@click.argument("ref", metavar="ACCOUNT")
@pass_installation
def pause_account(installation: Installation, ref: str) -> None:
    """Stop running an account; a run in hand stops at its next message."""
    from mailbeat.db import accounts

    one = _change_account(installation, ref, "account.pause", accounts.pause_account)
    click.echo(
        f"{one.email_address} is paused. `mailbeat account resume {one.id}` undoes it."
    )


@account.command("resume")
@click.argument("ref", metavar="ACCOUNT")
@pass_installation
def resume_account(installation: Installation, ref: str) -> None:
    """Run an account again, at once."""
    from mailbeat.db import accounts

    one = _change_account(installation, ref, "account.resume", accounts.resume_account)
    click.echo(f"{one.email_address} runs again.")


@click.command()
@click.argument("ref", metavar="RUN|ACCOUNT")
@pass_installation
def cancel(installation: Installation, ref: str) -> None:
    """Stop a run at its next message, by its id or its account.

    What it labelled stays labelled; the account's next run goes on from there. A run
    that waits for a worker does not begin.
    """
    from mailbeat.db import accounts, runs

    with _transaction(installation) as (session, now):
        run_id = ref
        if not accounts.cancel_run(session, run_id, now=now):
            if runs.is_known(session, run_id):
                raise Failed(f"Run {run_id} is not running any more.")
            run_id = _run_of(find(session, ref), now)
            if not accounts.cancel_run(session, run_id, now=now):
                raise Failed(f"Run {run_id} is not running any more.")
        _audit((session, now), "run.cancel", f"run {run_id}")
    click.echo(f"Run {run_id} is cancelled; it stops at its next message.")


def _run_of(one: "Account", now: datetime) -> str:
    """The run that an account has in hand, or the one it waits for."""
    from mailbeat.db.accounts import is_leased

    running = one.lease_run_id if is_leased(one, now) else None
    run_id = running or one.wanted_run_id
    if run_id is None:
        raise Failed(f"{one.email_address} is not running.")
    return run_id


@click.command()
@pass_installation
def pause(installation: Installation) -> None:
    """Stop running every account; runs in hand stop at their next message."""
    from mailbeat.db import accounts

    with _transaction(installation) as (session, now):
        accounts.pause_everything(session, now=now)
        _audit((session, now), "all.pause", "all")
    click.echo("Everything is paused. `mailbeat resume` undoes it.")


@click.command()
@pass_installation
def resume(installation: Installation) -> None:
    """Run all accounts again, but for those that are paused on their own."""
    from mailbeat.db import accounts

    with _transaction(installation) as (session, now):
        accounts.resume_everything(session, now=now)
        _audit((session, now), "all.resume", "all")
    click.echo("Everything runs again.")


def _change_account(
    installation: Installation, ref: str, action: str, change: Any
) -> Any:
    with _transaction(installation) as (session, now):
        one = find(session, ref)
        change(session, one.id, now=now)
        _audit((session, now), action, f"account {one.id}")
        return one
