"""`mailbeat alert`: try the ways out, and see what is wrong."""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from mailbeat.notify.channel import Channel, Note


@click.group()
def alert() -> None:
    """What is wrong, and who is told."""


@alert.command("test")
@pass_installation
def test_alerts(installation: Installation) -> None:
    """Send a test on every way out, and say what came of it.

    It needs neither a worker nor a database; exit code 1 when one did not take it.
    """
    from datetime import UTC, datetime

    from mailbeat.alerts.trial import NO_WAY_OUT
    from mailbeat.alerts.watch import watching_of
    from mailbeat.alerts.words import test_note
    from mailbeat.language import tongue_of
    from mailbeat.notify.channel import Undelivered

    watching = watching_of(installation.settings)
    if not watching.channels:
        raise Failed(NO_WAY_OUT)
    rulings = watching.rulings
    tongue = tongue_of(rulings.language)
    now = datetime.now(UTC)
    note = test_note(now=now, public_url=rulings.public_url, tongue=tongue)
    results: list[tuple[Channel, str | None]] = []
    for channel in watching.channels:
        try:
            channel.send(note)
        except Undelivered as error:
            results.append((channel, str(error)))
            click.echo(f"FAIL  {channel.shown}: {error}")
        else:
            results.append((channel, None))
            click.echo(f"ok    {channel.shown}: sent")
    _write_down(installation, note, results)
    if any(error for _, error in results):
        sys.exit(1)


def _write_down(
    installation: Installation,
    note: "Note",
    results: Sequence[tuple["Channel", str | None]],
) -> None:
    """Let `/alerts` and `/api/health` know, where there is a database that answers."""
    from sqlalchemy.exc import SQLAlchemyError

    from mailbeat.db import outbox
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    try:
        with (
            installation.sessions(secrets=False) as sessions,
            transaction(sessions) as session,
        ):
            now = database_now(session)
            for channel, error in results:
                outbox.note_told(
                    session,
                    channel,
                    message_id=note.id,
                    title=note.title,
                    error=error,
                    kind="test",
                    now=now,
                )
    except (Failed, SQLAlchemyError) as error:
        reason = type(error).__name__
        click.echo(f"That is written down nowhere ({reason}): no database.", err=True)


@alert.command("list")
@click.option("--all", "also_over", is_flag=True, help="Those that are over, too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One object for each alert.")
@pass_installation
def list_alerts(
    installation: Installation, *, also_over: bool, limit: int, as_json: bool
) -> None:
    """Show what is wrong at this moment; the newest come first."""
    from mailbeat.alerts.words import alert_data, rule_of
    from mailbeat.db import alerts

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        state = None if also_over else "open"
        found, _ = alerts.list_alerts(session, limit=limit, state=state)
    if as_json:
        for one in found:
            click.echo(json.dumps(alert_data(one)))
        return
    for one in found:
        over = "" if one.resolved_at is None else f", over at {_clock(one.resolved_at)}"
        known = f", known to {one.acknowledged_by}" if one.acknowledged_by else ""
        rule = rule_of(one)
        click.echo(f"{one.id}  {rule.one} since {_clock(one.opened_at)}{over}{known}")
        click.echo(f"   {one.detail}")
        if one.resolved_at is None:
            click.echo(f"   What to do: {rule.todo}")
    if not found:
        click.echo("Nothing is wrong." if not also_over else "Nothing was wrong yet.")


@alert.command()
@click.argument("alert_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@pass_installation
def acknowledge(installation: Installation, alert_id: int) -> None:
    """Say that you know of an alert: only its end is told then."""
    from mailbeat.db import alerts, audit
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    with (
        installation.sessions(secrets=False) as sessions,
        transaction(sessions) as session,
    ):
        now = database_now(session)
        try:
            one = alerts.acknowledge(session, alert_id, by="cli", now=now)
        except (alerts.AlertNotFound, alerts.AlertIsOver) as error:
            raise Failed(str(error)) from None
        target = f"alert {alert_id}"
        audit.record(session, "cli", "alert.acknowledge", target, one.rule, now=now)
    click.echo(f"Alert {alert_id} is not told again before it is over.")


@alert.command()
@click.argument("rule")
@click.argument("subject", required=False)
@click.option("--hours", type=click.FloatRange(0.1, 8784), default=4, show_default=True)
@pass_installation
def silence(
    installation: Installation, rule: str, subject: str | None, hours: float
) -> None:
    """Tell nobody of a RULE, or of one SUBJECT of it ("account 7"), for a while."""
    from mailbeat.alerts.rules import RULES
    from mailbeat.db import alerts, audit
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    if rule not in RULES:
        raise Failed(f"There is no rule {rule}. There are: {', '.join(RULES)}.")
    with (
        installation.sessions(secrets=False) as sessions,
        transaction(sessions) as session,
    ):
        now = database_now(session)
        until = now + timedelta(hours=hours)
        alerts.silence(session, rule, subject, until=until, by="cli", now=now)
        detail = f"{subject or 'all'}, {hours:g} h"
        audit.record(session, "cli", "alert.silence", f"rule {rule}", detail, now=now)
    click.echo(f"Nobody is told of {subject or rule} until {_clock(until)}.")


def _clock(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
