"""Everything that is known, as one JSON document, a bite at a time.

What opens something is never in it: no password, no token, no key, no session. Neither
is what was made of a mail's words to learn from it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mailbeat.db.models import (
    Account,
    AuditEntry,
    Base,
    CategoryRow,
    Correction,
    MessageRow,
    RuleRow,
    Run,
    RunPhase,
    table_of,
)
from mailbeat.db.session import Sessions, reading

FORMAT = 1  # rises when a reader of the document has to change
BITE = 500  # rows in memory at once


@dataclass(frozen=True, slots=True)
class Part:
    """A list of the document. Each column is named: one that is new waits for it."""

    name: str
    model: type[Base]
    columns: tuple[str, ...]
    json_columns: frozenset[str] = frozenset()  # text that is JSON itself


SUBJECT = "subject"
PARTS = (
    Part(
        "accounts",
        Account,
        (
            *("id", "email_address", "host", "port", "security", "username"),
            *("oauth_provider", "mailbox", "label_prefix", "moves_mail"),
            *("interval_seconds", "look_back_hours", "asks_llm", "learns_from_mailbox"),
            "created_at",
            *("next_run_at", "paused_at", "pause_reason"),
        ),
    ),
    Part(
        "categories",
        CategoryRow,
        (
            *("id", "slug", "name", "label", "definition", "color", "position"),
            *("enabled", "bar", "deleted_at", "merged_into_id"),
        ),
    ),
    Part(
        "rules",
        RuleRow,
        (
            *("id", "position", "name", "account_id", "condition", "category_id"),
            *("is_catch_all", "enabled", "created_at", "updated_at"),
        ),
        frozenset({"condition"}),
    ),
    Part(
        "runs",
        Run,
        (
            *("id", "run_id", "account_id", "email_address", "start_time", "end_time"),
            *("state", "outcome", "emails_found", "emails_processed", "emails_labeled"),
            *("emails_skipped", "emails_failed", "error_code", "error_message"),
            *("attempt", "worker", "due_at", "created_at", "updated_at"),
        ),
    ),
    Part(
        "messages",
        MessageRow,
        (
            *("id", "account_id", "mailbox", "uid_validity", "uid", "key", "run_id"),
            *("state", "category_id", "label", "confidence", "layer", "evidence"),
            *("sender", "sender_domain", SUBJECT, "list_id", "thread", "suggested_id"),
            *("considered", "labels_there", "received_at", "decided_at"),
            *("applied_at", "corrected_at"),
        ),
        frozenset({"considered", "labels_there"}),
    ),
    Part(
        "corrections",
        Correction,
        (
            *("id", "account_id", "message_id", "from_category_id", "to_category_id"),
            *("old_label", "new_label", "former", "source", "actor", "created_at"),
            *("pending_since", "applied_at", "undone_at", "error"),
        ),
        frozenset({"former"}),
    ),
    Part("audit_log", AuditEntry, ("id", "at", "actor", "action", "target", "detail")),
)
_PHASES = table_of(RunPhase)


def export(
    sessions: Sessions,
    *,
    subjects: bool,
    version: str,
    now: datetime,
    bite: int = BITE,
) -> Iterator[str]:
    """The text of the document, in pieces of a few hundred kilobytes.

    Each piece is read in a transaction of its own, so that a slow reader holds none
    open: what changes meanwhile may be in it or not. The last key is `complete`; where
    it is missing, the document was cut off.

    Raises:
        SecretUnreadable: a subject cannot be decrypted.
    """
    head = {
        "mailbeat_export": FORMAT,
        "version": version,
        "made_at": _plain(now),
        "subjects": subjects,
    }
    yield "{" + ",\n".join(f"{_text(name)}: {_text(head[name])}" for name in head)
    for part in PARTS:
        yield f',\n"{part.name}": ['
        yield from _rows(sessions, part, subjects=subjects, bite=bite)
        yield "\n]"
    yield ',\n"complete": true}\n'


def _rows(
    sessions: Sessions, part: Part, *, subjects: bool, bite: int
) -> Iterator[str]:
    table = table_of(part.model)
    names = [name for name in part.columns if subjects or name != SUBJECT]
    query = select(*(table.c[name] for name in names)).order_by(table.c.id).limit(bite)
    last, between = 0, "\n"
    while True:
        with reading(sessions) as session:
            rows = session.execute(query.where(table.c.id > last)).mappings().all()
            phases = _phases(session, rows) if part.model is Run else {}
        if not rows:
            return
        last = rows[-1]["id"]
        yield between + ",\n".join(
            _text(_as_json(row, part.json_columns) | phases.get(row["id"], {}))
            for row in rows
        )
        between = ",\n"


def _phases(session: Any, runs: Any) -> dict[int, dict[str, Any]]:
    """For each of these runs what is added to it: its phases in order."""
    found: dict[int, dict[str, Any]] = {run["id"]: {"phases": []} for run in runs}
    its = _PHASES.c.run_row_id
    for phase in session.execute(
        select(_PHASES).where(its.in_(list(found))).order_by(_PHASES.c.id)
    ).mappings():
        found[phase["run_row_id"]]["phases"].append(
            {name: _plain(phase[name]) for name in ("state", "start_time", "end_time")}
        )
    return found


def _as_json(row: Mapping[Any, Any], json_columns: frozenset[str]) -> dict[str, Any]:
    return {
        name: _parsed(value) if name in json_columns else _plain(value)
        for name, value in row.items()
    }


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _text(value: Any) -> str:
    # ASCII: whatever a mail's sender wrote, every reader can decode it.
    return json.dumps(value, separators=(",", ":"))
