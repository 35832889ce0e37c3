"""`mailbeat migrate`, `up` and `demo`."""

import sys

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation


@click.command()
@pass_installation
def migrate(installation: Installation) -> None:
    """Bring the database to the newest schema."""
    from sqlalchemy.exc import SQLAlchemyError

    from mailbeat.db import schema

    try:
        schema.migrate(installation.settings.database_url)
    except SQLAlchemyError as error:
        raise Failed(
            f"The database could not be migrated ({type(error).__name__}). Check that "
            "it runs, and DATABASE_URL."
        ) from None
    click.echo(f"The database has schema {schema.newest_revision()}.")


_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False),
    help="Where everything is kept.  [default: var]",
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="[default: PORT or 8000]")
@click.option("--host", help="[default: HOST or 127.0.0.1]")
@click.option("--interval", type=click.IntRange(2, 86_400), default=15)
@click.option("--accounts", type=click.IntRange(2, 500), default=5)
@_directory
@pass_installation
def demo(
    installation: Installation,
    *,
    port: int | None,
    host: str | None,
    interval: int,
    accounts: int,
    directory: str | None,
) -> None:
    """Show everything on sample mailboxes, on this machine alone."""
    from pathlib import Path

    from mailbeat.demo.installation import run_demo

    sys.exit(
        run_demo(
            Path(directory) if directory else installation.directory,
            port=port,
            host=host,
            interval=interval,
            accounts=accounts,
        )
    )


@click.command()
@_directory
@pass_installation
def up(installation: Installation, directory: str | None) -> None:
    """Start web, worker and beat on your own accounts and settings."""
    from pathlib import Path

    from mailbeat.demo.installation import run_up

    if directory:
        installation.directory = Path(directory)
    settings = installation.settings
    sys.exit(run_up(installation.directory, settings, installation.environment()))
