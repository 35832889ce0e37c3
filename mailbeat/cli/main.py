"""The commands by name, and what happens when one of them fails."""

import sys
from pathlib import Path

import click

from mailbeat import __version__
from mailbeat.cli.accounts import account
from mailbeat.cli.alerts import alert
from mailbeat.cli.audit import audit
from mailbeat.cli.categories import category
from mailbeat.cli.categorize import categorize
from mailbeat.cli.control import cancel, pause, resume
from mailbeat.cli.digests import digest
from mailbeat.cli.doctor import doctor
from mailbeat.cli.explain import explain
from mailbeat.cli.export import export
from mailbeat.cli.installation import Failed, Installation
from mailbeat.cli.keys import key, secrets
from mailbeat.cli.llm import llm
from mailbeat.cli.recommendations import recommendations
from mailbeat.cli.relabel import relabel
from mailbeat.cli.rules import rules
from mailbeat.cli.run import run
from mailbeat.cli.start import demo, migrate, up
from mailbeat.cli.statistics import statistics


class _Group(click.Group):
    """A group whose expected failures are one sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Failed as error:
            click.echo(str(error), err=True)
            sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailbeat")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Where data and keys are kept when no variable says otherwise.",
)
@click.pass_context
def main(ctx: click.Context, directory: Path) -> None:
    """Keep many mailboxes labelled, and show live what is done."""
    from mailbeat.logs import log_to_a_person

    log_to_a_person()
    ctx.obj = Installation(directory)


for command in (
    migrate,
    account,
    run,
    cancel,
    pause,
    resume,
    category,
    categorize,
    rules,
    llm,
    explain,
    relabel,
    recommendations,
    statistics,
    alert,
    digest,
    audit,
    export,
    key,
    secrets,
    doctor,
    demo,
    up,
):
    main.add_command(command)
