"""`mailbeat rules ...`: the user's rules, to a file and back, and tried on mail."""

import json
from pathlib import Path

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation


@click.group()
def rules() -> None:
    """List, export, import and try out rules; docs/rules.md tells how to write them."""


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="One object for each rule.")
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show all rules in their order, and which are passed over."""
    from mailbeat.db.rules import list_rules
    from mailbeat.labeling.condition_form import write_condition
    from mailbeat.labeling.condition_words import in_words

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        found = list_rules(session)
    for one in found:
        words = "" if one.condition is None else in_words(one.condition)
        if as_json:
            row = {
                "rule_id": one.id,
                "position": one.position,
                "name": one.name,
                "if": one.condition and write_condition(one.condition),
                "category": one.category,
                "account": one.account,
                "catch_all": one.is_catch_all,
                "enabled": one.enabled,
                "problem": one.problem,
            }
            click.echo(json.dumps(row))
            continue
        notes = [
            f"only {one.account}" if one.account else "",
            "catch-all" if one.is_catch_all else "",
            "" if one.enabled else "off",
            one.problem or "",
        ]
        told = "; ".join(note for note in notes if note)
        category = one.category or "no category"
        line = f"{one.position:4}  {one.name}: if {words} -> {category}"
        click.echo(f"{line}  [{told}]" if told else line)


@rules.command("export")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@pass_installation
def export(installation: Installation, path: Path | None) -> None:
    """Write all rules as YAML, into a file or to the terminal."""
    from mailbeat.db.rule_file import export_rules

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        text = export_rules(session)
    if path is None:
        click.echo(text, nl=False)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}.") from None


@rules.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--replace", is_flag=True, help="In place of all that there are; else after them."
)
@pass_installation
def import_(installation: Installation, file: click.File, *, replace: bool) -> None:
    """Take the rules of a file, all of them or none; `-` is what is piped in."""
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.rule_file import Mode, import_rules
    from mailbeat.db.session import transaction
    from mailbeat.labeling.rule_file import MAX_FILE, FileRefused

    raw: bytes = file.read(MAX_FILE + 1)  # type: ignore[attr-defined] # it is open
    mode = Mode.REPLACE if replace else Mode.ADD
    with installation.sessions(secrets=False) as sessions:
        try:
            with transaction(sessions) as session:
                now = database_now(session)
                count = import_rules(session, raw, mode=mode, now=now)
                detail = f"{count} rules, {mode}"
                record(session, "cli", "rule.import", "rules", detail, now=now)
        except FileRefused as error:
            raise Failed(f"{error}\nNothing was imported.") from None
    click.echo(f"{count} rules were imported. They act in the next run.")


@rules.command("test")
@click.argument("path", metavar="FILE.eml", type=click.Path(path_type=Path))
@click.option("--account", "ref", help="As mail of this account: its id or address.")
@pass_installation
def test(installation: Installation, path: Path, ref: str | None) -> None:
    """Say which rules hold for a message in a file, and why; the first decides."""
    from mailbeat.cli.accounts import find
    from mailbeat.cli.categorize import MAX_FILE
    from mailbeat.db.rules import list_rules
    from mailbeat.labeling.conditions import compiled
    from mailbeat.labeling.rule_facts import RuleFacts
    from mailbeat.labeling.rules import evidence_of
    from mailbeat.mail.parse import message_from_bytes

    try:
        with path.open("rb") as file:
            message = message_from_bytes(file.read(MAX_FILE))
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}.") from None
    if not message.readable:
        raise Failed(f"Nothing can be made of the message in {path}.")
    with (
        # An account is read with its password, which has to be readable.
        installation.sessions(secrets=ref is not None) as sessions,
        sessions() as session,
    ):
        address, account_id = "", None
        if ref is not None:
            account = find(session, ref)
            address, account_id = account.email_address, account.id
        kept = [one for one in list_rules(session) if one.is_used]
    known = RuleFacts(message, address)
    # In the order in which they are asked: catch-all rules come last.
    holding = [
        one
        for one in sorted(kept, key=lambda one: one.is_catch_all)
        if one.account_id in {None, account_id}
        and compiled(one.as_rule().condition)(known)
    ]
    if not holding:
        click.echo("No rule holds for this message.")
    for one in holding:
        category = one.category or "no category"
        click.echo(f"{category}: {evidence_of(one.as_rule(), known)}")
