"""`mailbeat llm`: what a model would get to see."""

import json
from typing import TYPE_CHECKING

import click

from mailbeat.cli.accounts import find
from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from mailbeat.model_preview import ModelPreview

MOST = 200  # messages


@click.group()
def llm() -> None:
    """The optional model that is asked about mail which is not clear."""


@llm.command("preview")
@click.argument("ref", metavar="ACCOUNT")
@click.option(
    "--limit",
    type=click.IntRange(1, MOST),
    default=5,
    show_default=True,
    help="Newest messages looked at.",
)
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@pass_installation
def preview(installation: Installation, ref: str, *, limit: int, as_json: bool) -> None:
    """Show what would be sent of the newest messages, to the byte; send nothing."""
    from mailbeat.cli.run import run_options
    from mailbeat.mail.errors import MailError
    from mailbeat.model_preview import preview_model

    asking = installation.llm
    if asking is None:
        raise Failed("No model is configured. Set LLM_BASE_URL and LLM_MODEL first.")
    model = asking.endpoint.model
    with installation.sessions() as sessions:
        with sessions() as session:
            one = find(session, ref)
        try:
            shown = preview_model(
                sessions, one.id, asking, options=run_options(installation), limit=limit
            )
        except MailError as error:
            raise Failed(str(error)) from None
    (_print_json if as_json else _print)(shown, model.url)
    state = "asks" if one.asks_llm else "does not ask"
    click.echo(
        f"Nothing was sent. {one.email_address} {state} the model: "
        f"`mailbeat account change {one.id} --ask-model` or `--no-ask-model`.",
        err=True,
    )


def _print(shown: "ModelPreview", url: str) -> None:
    for body in shown.bodies:
        click.echo(f"POST {url}\n{body.decode()}\n")
    for message, reason in shown.kept:
        click.echo(f"not sent  UID {message.uid}, {_line(message.sender)}: {reason}")


def _print_json(shown: "ModelPreview", url: str) -> None:
    for body in shown.bodies:
        click.echo(json.dumps({"url": url, "body": body.decode()}))
    for message, reason in shown.kept:
        row = {"uid": message.uid, "sender": message.sender, "not_sent": reason}
        click.echo(json.dumps(row))


def _line(text: str) -> str:
    """What a sender chose, harmless on a terminal."""
    return "".join(one if one.isprintable() else "?" for one in text)
