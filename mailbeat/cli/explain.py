"""`mailbeat explain`: what a message was taken for, by what, and what else fits."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbeat.cli.accounts import find
from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mailbeat.db.models import Account, Correction, MessageRow
    from mailbeat.db.session import Sessions
    from mailbeat.labeling.categorizer import Opinion

MAX_FILE = 25 * 1024 * 1024  # bytes of a file that are read at most
MAX_ID = 2**31 - 1  # of a row


@click.command()
@click.argument("what", metavar="MESSAGE|FILE.eml", nargs=-1, required=True)
@click.option("--account", "ref", help="Whose knowledge decides about a file.")
@click.option("--json", "as_json", is_flag=True)
@pass_installation
def explain(
    installation: Installation, what: tuple[str, ...], ref: str | None, *, as_json: bool
) -> None:
    """Say what a message was taken for, and why.

    MESSAGE is its id, as `GET /api/messages` and the pages have it; before it may stand
    the account. About a FILE.eml it is decided now, with all that the account was
    taught.
    """
    if len(what) > 2 or (len(what) == 2 and ref is not None):  # noqa: PLR2004 # account, message
        raise click.UsageError("Name one message or file, and at most one account.")
    *before, target = what
    ref = before[0] if before else ref
    with installation.sessions() as sessions:
        if target.isascii() and target.isdigit():
            found = _of_message(sessions, target, ref)
        else:
            found = _of_file(sessions, Path(target), ref)
    if as_json:
        click.echo(json.dumps(found))
        return
    for line in _lines(found):
        click.echo(line)


# What was decided


def _of_message(sessions: "Sessions", target: str, ref: str | None) -> dict[str, Any]:
    from mailbeat.db.categories import category_names
    from mailbeat.db.corrections import corrections_of
    from mailbeat.db.labels_there import label_state
    from mailbeat.db.models import Account
    from mailbeat.labeling.details import considered_from_text

    with sessions() as session:
        row = _row(session, target, ref)
        names = category_names(session)
        corrections = corrections_of(session, row.id)
        return {
            "message_id": row.id,
            "account": session.get_one(Account, row.account_id).email_address,
            "sender": row.sender,
            "subject": row.subject,
            "decided_at": row.decided_at.isoformat(),
            "category": names.get(row.category_id or 0),
            "confidence": row.confidence,
            "layer": row.layer,
            "reason": row.evidence,
            "considered": _considered(considered_from_text(row.considered), names),
            "label": row.label,
            "label_state": label_state(row, corrections),
            "corrections": [_correction(one, names) for one in corrections],
        }


def _row(session: "Session", target: str, ref: str | None) -> "MessageRow":
    from mailbeat.db.models import MessageRow

    account = find(session, ref) if ref is not None else None
    is_id = len(target) <= len(str(MAX_ID)) and int(target) <= MAX_ID
    row = session.get(MessageRow, int(target)) if is_id else None
    if row is None or (account is not None and row.account_id != account.id):
        whose = f" of {account.email_address}" if account is not None else ""
        raise Failed(
            f"There is no message {target[:20]}{whose}. The pages and `GET "
            "/api/messages` show their numbers; decisions are forgotten in time."
        )
    return row


def _correction(one: "Correction", names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "correction_id": one.id,
        "created_at": one.created_at.isoformat(),
        "from": names.get(one.from_category_id or 0),
        "to": names.get(one.to_category_id or 0),
        "source": one.source,
        "actor": one.actor,
        "waits": one.pending_since is not None,
        "undone": one.undone_at is not None,
        "error": one.error,
    }


def _considered(
    opinions: "Sequence[Opinion]", names: Mapping[int, str]
) -> list[dict[str, Any]]:
    return [
        {
            "category": names.get(one.category_id or 0),
            "confidence": one.confidence,
            "layer": one.layer,
            "reason": one.evidence,
        }
        for one in opinions
    ]


# What is decided now


def _of_file(sessions: "Sessions", path: Path, ref: str | None) -> dict[str, Any]:
    from mailbeat.db.categories import category_names, enabled_categories
    from mailbeat.db.knowledge import AccountCategorizer
    from mailbeat.mail.parse import message_from_bytes

    message = message_from_bytes(_read(path))
    with sessions() as session:
        account = _account(session, ref)
        names, categories = category_names(session), enabled_categories(session)
    if not message.readable:
        raise Failed(f"Nothing could be made of {path}. It should hold one message.")
    categorizer = AccountCategorizer(sessions, account.id, categories)
    (decision,) = categorizer.decide([message])
    return {
        "path": str(path).encode(errors="replace").decode(),
        "account": account.email_address,
        "sender": message.sender,
        "subject": message.subject,
        "category": names.get(decision.category_id or 0),
        "confidence": round(decision.confidence, 3),
        "layer": decision.layer,
        "reason": decision.evidence,
        "considered": _considered(decision.considered, names),
    }


def _account(session: "Session", ref: str | None) -> "Account":
    from mailbeat.db.accounts import list_accounts

    if ref is not None:
        return find(session, ref)
    known = list_accounts(session)
    if len(known) != 1:
        raise Failed(
            f"There are {len(known)} accounts; say with --account whose knowledge is "
            "to decide."
        )
    return known[0]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is none"
        raise Failed(
            f"{str(path)[:200]!r} could not be read ({reason}). Name a message by its "
            "number, or a file."
        ) from None


# For people


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    title = found.get("path") or f"Message {found['message_id']}"
    yield f"{title}, {found['account']}"
    yield f"  From {found['sender'] or 'nobody'}: {found['subject'] or '(no subject)'}"
    yield f"{_opinion(found)}"
    if found["considered"]:
        yield "Also considered:"
        yield from (f"  {_opinion(one)}" for one in found["considered"])
    if "label_state" in found:
        yield f"Label on the server: {found['label'] or '-'} ({found['label_state']})"
    if found.get("corrections"):
        yield "Corrections, the newest first:"
        yield from (f"  {_change(one)}" for one in found["corrections"])


def _opinion(one: Mapping[str, Any]) -> str:
    name = one["category"] or "No category"
    return f"{name} {one['confidence']:.2f}, by {one['layer']}: {one['reason']}"


def _change(one: Mapping[str, Any]) -> str:
    line = (
        f"{one['created_at'][:16].replace('T', ' ')} {one['from'] or '-'} -> "
        f"{one['to'] or '-'}, {one['source']} ({one['actor']})"
    )
    marks = [name for name in ("waits", "undone") if one[name]]
    return "; ".join([line, *marks, *filter(None, [one["error"]])])
