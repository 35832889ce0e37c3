"""What is forgotten after its time, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mailbeat.db import accounts, audit, runs, sign_in
from mailbeat.db.models import LLMAnswer, LLMDay, MessageRow, Run, RunPhase, TaskRow
from mailbeat.db.retention import Retention, forget_a_bite
from mailbeat.db.session import transaction
from mailbeat.db.tasks import write_tasks
from tests.unit.db.test_accounts import NOW, new_account
from tests.unit.db.test_runs import finish, start
from tests.unit.db.test_task_record import NOW as TASK_NOW
from tests.unit.db.test_task_record import record

KEEP = Retention(run_days=400, message_days=100, subject_days=30)


@pytest.fixture
def ada(any_sessions):
    with transaction(any_sessions) as session:
        return accounts.add_account(session, new_account(), now=NOW).id


def message(account_id, uid, *, days_ago):
    return MessageRow(
        account_id=account_id,
        mailbox="INBOX",
        uid_validity=1,
        uid=uid,
        key=str(uid),
        run_id="run",
        state="applied",
        confidence=1.0,
        layer="facts",
        evidence="",
        sender="",
        sender_domain="",
        subject="Hello",
        received_at=NOW,
        decided_at=NOW - timedelta(days=days_ago),
    )


def forget(sessions, **options):
    with transaction(sessions) as session:
        return forget_a_bite(session, KEEP, now=NOW, **options)


def test_old_decisions_go_and_older_subjects_before_them(any_sessions, ada):
    with transaction(any_sessions) as session:
        for uid, days_ago in enumerate((1, 31, 101), start=1):
            session.add(message(ada, uid, days_ago=days_ago))

    assert forget(any_sessions) == 2
    assert forget(any_sessions) == 0

    with any_sessions() as session:
        rows = session.execute(
            sa.select(MessageRow.uid, MessageRow.subject).order_by(MessageRow.uid)
        ).all()
    assert [tuple(row) for row in rows] == [(1, "Hello"), (2, None)]


def test_old_runs_go_with_their_phases(any_sessions, ada):
    start(any_sessions, ada, "old", NOW - timedelta(days=401))
    finish(any_sessions, "old")
    start(any_sessions, ada, "new", NOW)

    assert forget(any_sessions) == 1

    with any_sessions() as session:
        assert session.scalars(sa.select(Run.run_id)).all() == ["new"]
        assert session.scalar(sa.select(sa.func.count()).select_from(RunPhase)) == 1
        assert runs.get_run(session, "old") is None


def test_a_bite_is_small(any_sessions, ada):
    with transaction(any_sessions) as session:
        for uid in range(1, 8):
            session.add(message(ada, uid, days_ago=200))

    left = []
    while forget(any_sessions, bite=3):
        with any_sessions() as session:
            left.append(session.scalar(sa.select(sa.func.count(MessageRow.id))))

    assert left == [4, 1, 0]


def test_ended_sessions_and_tickets_go(any_sessions):
    long_ago = NOW - timedelta(days=30)
    with transaction(any_sessions) as session:
        sign_in.start_session(session, key_id="k", scope="read", now=long_ago)
        sign_in.start_session(session, key_id="k", scope="read", now=NOW)
        sign_in.issue_ticket(
            session,
            purpose="sign_in",
            key_id="k",
            scope="read",
            now=long_ago,
            ttl=timedelta(hours=1),
        )

    assert forget(any_sessions) == 2


def test_the_audit_log_is_kept_as_long_as_the_runs(any_sessions):
    with transaction(any_sessions) as session:
        for days_ago in (399, 401):
            moment = NOW - timedelta(days=days_ago)
            audit.record(session, "cli", "all.pause", "all", now=moment)

    assert forget(any_sessions) == 1
    with any_sessions() as session:
        (kept,) = audit.newest_entries(session)
    assert kept.at == NOW - timedelta(days=399)


def test_what_a_model_said_goes_after_a_month(any_sessions):
    with transaction(any_sessions) as session:
        for days_ago in (29, 31):
            at = NOW - timedelta(days=days_ago)
            session.add(LLMAnswer(key=str(days_ago), category_id=1, created_at=at))
        for days_ago in (1, 402):
            day = (NOW - timedelta(days=days_ago)).date().isoformat()
            session.add(LLMDay(day=day, messages=1))

    assert forget(any_sessions) == 2

    with any_sessions() as session:
        assert list(session.scalars(sa.select(LLMAnswer.key))) == ["29"]
        assert len(session.scalars(sa.select(LLMDay)).all()) == 1


def test_tasks_go_after_a_week_and_those_that_failed_after_a_month(any_sessions):
    ages = {"new": 6, "old": 8, "failed": 29, "failed-old": 31}
    with transaction(any_sessions) as session:
        write_tasks(
            session,
            [
                record(
                    "failed" if name.startswith("failed") else "started",
                    at=-age * 86_400,
                    task_id=name,
                )
                for name, age in ages.items()
            ],
        )

    with transaction(any_sessions) as session:
        assert forget_a_bite(session, KEEP, now=TASK_NOW) == 2
        assert set(session.scalars(sa.select(TaskRow.task_id))) == {"new", "failed"}
