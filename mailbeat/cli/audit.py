"""`mailbeat audit`: who did what, and when."""

import json

import click

from mailbeat.cli.installation import Installation, pass_installation


@click.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One object for each entry.")
@pass_installation
def audit(installation: Installation, *, limit: int, as_json: bool) -> None:
    """Show who ran, cancelled, paused or changed what; the newest come first."""
    from mailbeat.db.audit import newest_entries

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        entries = newest_entries(session, limit=limit)
    for entry in entries:
        facts = {
            "at": entry.at.isoformat(timespec="milliseconds"),
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "detail": entry.detail,
        }
        click.echo(json.dumps(facts) if as_json else "  ".join(facts.values()).rstrip())
