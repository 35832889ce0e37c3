"""The task that forgets what is older than its time. Beat sends it once an hour."""

import structlog

from mailbeat.db.clock import database_now
from mailbeat.db.retention import forget_a_bite
from mailbeat.db.session import transaction
from tasks.celery import app
from tasks.wiring import parts

NAME = "tasks.retention.forget_old"
BITES = 1000  # at most in one hour: half a million rows of each kind

log = structlog.get_logger(__name__)


@app.task(name=NAME)
def forget_old() -> None:
    """Take bites until nothing is old; each is a transaction of its own."""
    built = parts()
    forgotten = 0
    for _ in range(BITES):
        with transaction(built.sessions) as session:
            now = database_now(session)
            bite = forget_a_bite(session, built.retention, now=now)
        forgotten += bite
        if not bite:
            break
    if forgotten:
        log.info("old rows forgotten", rows=forgotten)
