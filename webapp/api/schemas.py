"""The JSON of the API and of the pages: what goes out, and what may come in."""

from datetime import UTC, datetime
from typing import Any

from mailbeat.db.models import Account, Run


def iso(moment: datetime) -> str:
    """A time on the wire: UTC, milliseconds, `Z`."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def run_json(run: Run) -> dict[str, Any]:
    end = run.end_time
    seconds = None if end is None else (end - run.start_time).total_seconds()
    return {
        "run_id": run.run_id,
        "account_id": run.account_id,
        "email_address": run.email_address,
        "state": run.state,
        "outcome": run.outcome,
        "start_time": iso(run.start_time),
        "end_time": iso_or_none(end),
        "duration_seconds": None if seconds is None else round(seconds, 3),
        "emails_found": run.emails_found,
        "emails_processed": run.emails_processed,
        "emails_labeled": run.emails_labeled,
        "emails_skipped": run.emails_skipped,
        "emails_failed": run.emails_failed,
        "error_code": run.error_code,
        "error_message": run.error_message,
        "phases": [
            {
                "state": phase.state,
                "start_time": iso(phase.start_time),
                "end_time": iso_or_none(phase.end_time),
            }
            for phase in run.phases
        ],
    }


def account_json(account: Account) -> dict[str, Any]:
    """An account, without any secret."""
    return {
        "account_id": account.id,
        "email_address": account.email_address,
        "host": account.host,
        "port": account.port,
        "security": account.security,
        "username": account.username,
        "mailbox": account.mailbox,
        "label_prefix": account.label_prefix,
        "interval_seconds": account.interval_seconds,
        "created_at": iso(account.created_at),
        "next_run_at": iso_or_none(account.next_run_at),
        "paused": account.paused_at is not None,
        "paused_at": iso_or_none(account.paused_at),
        "pause_reason": account.pause_reason,
    }
