"""Tries the ways out: a message that says it is a test."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailbeat.alerts.watch import Watching
from mailbeat.alerts.words import test_note
from mailbeat.db import outbox
from mailbeat.language import tongue_of

NO_WAY_OUT = (
    "There is no way out for alerts yet. Set SMTP_URL and ALERT_TO, "
    "ALERT_WEBHOOK_URL, or NOTIFY_URLS, and start Mailbeat again."
)


class NoWayOut(Exception):
    pass


def begin_test(
    session: Session, watching: Watching, *, now: datetime
) -> tuple[str, list[str]]:
    """Put a test on every way out; return its id and what those are called.

    Raises:
        NoWayOut: nothing is configured.
    """
    if not watching.channels:
        raise NoWayOut(NO_WAY_OUT)
    rulings = watching.rulings
    tongue = tongue_of(rulings.language)
    note = test_note(now=now, public_url=rulings.public_url, tongue=tongue)
    outbox.put(
        session,
        watching.channels,
        kind="test",
        message_id=note.id,
        title=note.title,
        payload=note.as_text(),
        now=now,
    )
    return note.id, [one.shown for one in watching.channels]
