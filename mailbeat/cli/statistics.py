"""`mailbeat statistics`: the numbers that are kept of each day."""

import click

from mailbeat.cli.installation import Installation, pass_installation


@click.group()
def statistics() -> None:
    """The numbers of each account and day, which charts of long spans read."""


@statistics.command()
@pass_installation
def rebuild(installation: Installation) -> None:
    """Count every day again, from the decisions and runs that are still kept.

    Nothing has to stop for it. Days whose decisions or runs were forgotten already
    stay as they are.
    """
    from mailbeat.cli.progress import show_count
    from mailbeat.db.counting import count_everything

    with installation.sessions(secrets=False) as sessions:
        total = show_count(count_everything(sessions), "Counting")
    accounts = "1 account" if total == 1 else f"{total} accounts"
    click.echo(f"Every day of {accounts} was counted.")
