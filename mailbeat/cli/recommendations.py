"""`mailbeat recommendations`: what is worth a rule."""

import json
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.accounts import find
from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from mailbeat.db.session import Sessions
    from mailbeat.labeling.worth_a_rule import Recommendation


@click.command()
@click.argument("ref", metavar="[ACCOUNT]", required=False)
@click.option(
    "--days", type=click.IntRange(1, 400), default=30, show_default=True, help="Back."
)
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@click.option("--dismiss", metavar="KEY", help="Do not show this one again.")
@pass_installation
def recommendations(
    installation: Installation,
    ref: str | None,
    *,
    days: int,
    as_json: bool,
    dismiss: str | None,
) -> None:
    """Show senders, domains and lists that are worth a rule, and why."""
    with installation.sessions() as sessions:
        if dismiss is not None:
            _dismiss(sessions, dismiss)
            return
        found = _found(sessions, ref, days)
    for one, category, account in found:
        if as_json:
            click.echo(json.dumps(_row(one, category, account)))
        else:
            click.echo(f"{one.reason(category)}")
            click.echo(f"  {one.field} {one.value} -> {category}, for {account}")
            click.echo(f"  not again: mailbeat recommendations --dismiss {one.key}")
    if not found and not as_json:
        click.echo(f"Nothing of the last {days} days is worth a rule.")


def _found(
    sessions: "Sessions", ref: str | None, days: int
) -> "list[tuple[Recommendation, str, str]]":
    from datetime import timedelta

    from mailbeat.db import recommendations as db
    from mailbeat.db.accounts import list_accounts
    from mailbeat.db.categories import category_names
    from mailbeat.db.clock import database_now

    with sessions() as session:
        account_id = find(session, ref).id if ref is not None else None
        since = database_now(session) - timedelta(days=days)
        found = db.recommendations(session, since=since, account_id=account_id)
        names = category_names(session)
        accounts = {one.id: one.email_address for one in list_accounts(session)}
    return [(one, names[one.category_id], accounts[one.account_id]) for one in found]


def _row(one: "Recommendation", category: str, account: str) -> dict[str, Any]:
    return {
        "key": one.key,
        "account": account,
        "field": one.field,
        "value": one.value,
        "category": category,
        "messages": one.messages,
        "of": one.of,
        "purity": one.purity,
        "corrected": one.corrected,
        "weak": one.weak,
        "reason": one.reason(category),
        "rule": {
            "name": one.name,
            "if": one.condition,
            "category": category,
            "account": account,
        },
    }


def _dismiss(sessions: "Sessions", key: str) -> None:
    from mailbeat.db import recommendations as db
    from mailbeat.db.audit import record
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    with transaction(sessions) as session:
        now = database_now(session)
        try:
            account_id = db.dismiss(session, key, now=now)
        except db.RecommendationNotFound as error:
            raise Failed(str(error)) from None
        target = f"account {account_id}"
        record(session, "cli", "recommendation.dismiss", target, key, now=now)
    click.echo("It is not shown again.")
