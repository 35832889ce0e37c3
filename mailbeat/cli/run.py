"""`mailbeat run`: one account, now, in the foreground."""

import json
import time
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.accounts import find
from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from mailbeat.labeling.progress import RunStep


LOOK_SECONDS = 0.5  # between two looks at a run that may have been killed


@click.command()
@click.argument("ref", metavar="ACCOUNT")
@click.option("--dry-run", is_flag=True, help="Decide, label nothing, ask no model.")
@click.option("--json", "as_json", is_flag=True, help="One object for each step.")
@pass_installation
def run(installation: Installation, ref: str, *, dry_run: bool, as_json: bool) -> None:
    """Run one account now, in the foreground."""
    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        if dry_run:
            _preview(installation, sessions, one, as_json=as_json)
        else:
            _run(installation, sessions, one, as_json=as_json)


def _run(installation: Installation, sessions: Any, one: Any, *, as_json: bool) -> None:
    from mailbeat.cli.progress import show_bar, show_json
    from mailbeat.lease import LeaseKeeper
    from mailbeat.run import run_account

    run_id = _want_run_after_killed(sessions, one)
    leases = LeaseKeeper(sessions)
    steps = run_account(
        sessions, one.id, run_id, options=run_options(installation), leases=leases
    )
    last = (show_json if as_json else show_bar)(steps, one.email_address)
    leases.close()
    _require_success(last, one)


def _want_run_after_killed(sessions: Any, one: Any) -> str:
    """Ask for a run; one that was killed is waited for, as it has the account still.

    One that lives says so every few seconds: that is not waited for.
    """
    from mailbeat.db.accounts import AccountBusy, leased_until
    from mailbeat.lease import TTL

    until = None
    while True:
        try:
            return _want_run(sessions, one.id)
        except AccountBusy as error:
            with sessions() as session:
                now_until = leased_until(session, one.id)
            if until is None:
                until = now_until
                click.echo(
                    f"{one.email_address} is running, or its last run was killed. "
                    f"Waiting up to {TTL.seconds} s to see which.",
                    err=True,
                )
            if now_until not in (until, None):
                raise Failed(str(error)) from None
            time.sleep(LOOK_SECONDS)


def _want_run(sessions: Any, account_id: int) -> str:
    from mailbeat.db import accounts
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    with transaction(sessions) as session:
        now = database_now(session)
        try:
            run_id = accounts.want_run(session, account_id, now=now, in_hand=True)
        except accounts.AccountPaused as error:
            raise Failed(str(error)) from None
        record(session, "cli", "run.want", f"account {account_id}", run_id, now=now)
    return run_id


def _require_success(last: "RunStep | None", one: Any) -> None:
    from mailbeat.labeling.progress import Outcome

    if last is None:
        raise Failed(
            f"{one.email_address} was not run here: a worker was faster, or it has to "
            f"wait. `mailbeat account show {one.id}` tells which."
        )
    if last.outcome is not Outcome.SUCCEEDED:
        raise Failed(last.error_message or f"The run was {last.outcome}.")


def _preview(
    installation: Installation, sessions: Any, one: Any, *, as_json: bool
) -> None:
    from mailbeat.db.categories import category_names
    from mailbeat.mail.errors import MailError
    from mailbeat.run import preview_account

    with sessions() as session:
        names = category_names(session)
    try:
        decided = list(
            preview_account(sessions, one.id, options=run_options(installation))
        )
    except MailError as error:
        raise Failed(str(error)) from None
    for message, decision in decided:
        name = names.get(decision.category_id) if decision.category_id else None
        if as_json:
            row = {
                "uid": message.uid,
                "sender": message.sender,
                "category": name,
                "confidence": round(decision.confidence, 3),
                "layer": decision.layer,
                "reason": decision.evidence,
            }
            click.echo(json.dumps(row))
        else:
            click.echo(f"{name or '-':14} {message.sender:40} {decision.evidence}")
    click.echo(f"{len(decided)} messages looked at; nothing was changed.", err=True)


def run_options(installation: Installation) -> Any:
    from mailbeat.run import RunOptions

    settings = installation.settings
    return RunOptions(
        scan_interval=settings.background_scan_interval,
        process_hours=settings.background_process_hours,
        deadline=settings.run_deadline,
        allowed_networks=settings.imap_allowed_networks,
        subject_days=settings.subject_days,
        oauth_clients=installation.oauth_clients,
        llm=installation.llm,
    )
