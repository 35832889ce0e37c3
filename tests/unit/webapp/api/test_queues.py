"""What waits, over HTTP; the figures themselves are in unit/db."""

from mailbeat.db import accounts
from mailbeat.db.queues import record_samples
from mailbeat.db.session import transaction


def test_without_beat_there_is_nothing_to_tell(admin):
    found = admin.get("/api/queues").json

    assert found["items"] == []
    assert found["schedule"]["state"] == "silent"


def test_a_queue_and_the_schedule(admin, add, sessions, now):
    add()
    with transaction(sessions) as session:
        record_samples(session, {"celery": 3}, {"celery": 1}, now=now)
        accounts.tick(session, now=now)

    found = admin.get("/api/queues").json

    (queue,) = found["items"]
    assert (queue["name"], queue["depth"], queue["stale"]) == ("celery", 3, False)
    assert queue["history"][-1] == 3
    assert found["schedule"]["state"] == "up"
    assert found["schedule"]["next_due_at"] is not None
