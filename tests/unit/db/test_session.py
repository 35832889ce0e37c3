"""Transactions: what is written together stays together, and writers wait."""

from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from mailbeat.db.models import Account, Installation
from mailbeat.db.session import (
    POSTGRES_LIMITS,
    create_engine,
    create_sessions,
    reading,
    transaction,
)
from tests.servers.postgres import round_trips
from tests.unit.db.test_accounts import NOW


def test_an_exception_rolls_everything_back(any_sessions):
    def pause_and_fail():
        with transaction(any_sessions) as session:
            session.execute(sa.update(Installation).values(paused_at=NOW))
            raise KeyError

    with pytest.raises(KeyError):
        pause_and_fail()

    with any_sessions() as session:
        assert session.scalar(sa.select(Installation.paused_at)) is None


def test_writers_that_first_read_wait_for_each_other(sessions):
    """Without BEGIN IMMEDIATE the second one fails: database is locked."""
    together = Barrier(4)
    failures = []

    def read_then_write():
        together.wait()
        try:
            for _ in range(20):
                with transaction(sessions) as session:
                    session.scalar(sa.select(Installation.paused_at))
                    session.execute(sa.update(Installation).values(paused_at=NOW))
        except sa.exc.OperationalError as error:
            failures.append(error)

    writers = [Thread(target=read_then_write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []


def test_a_reader_does_not_wait_for_a_writer(sessions):
    with transaction(sessions) as writer:
        writer.execute(sa.update(Installation).values(paused_at=NOW))

        with sessions() as reader:
            seen = reader.scalar(sa.select(Installation.paused_at))

    assert seen is None


def test_on_postgresql_reading_is_one_round_trip(postgres_url, tmp_path):
    engine = create_engine(postgres_url)
    sessions = create_sessions(engine)

    def read():
        with reading(sessions) as session:
            session.scalar(sa.select(Installation.paused_at))

    for _ in range(6):
        read()  # psycopg prepares a statement after 5 times
    with round_trips(engine, tmp_path / "messages") as asked:
        read()
        with transaction(sessions) as session:
            session.execute(sa.update(Installation).values(paused_at=NOW))

    assert [one.partition("\t")[0] for one in asked()] == [
        "Sync",
        "Query",  # BEGIN
        "Sync",
        "Query",  # COMMIT
    ]
    engine.dispose()


def test_reading_sees_what_was_committed_meanwhile(any_sessions):
    paused = sa.select(Installation.paused_at)

    with reading(any_sessions) as session:
        before = session.scalar(paused)
    with transaction(any_sessions) as session:
        session.execute(sa.update(Installation).values(paused_at=NOW))
    with reading(any_sessions) as session:
        after = session.scalar(paused)

    assert (before, after) == (None, NOW)


def test_on_postgresql_every_wait_has_an_end(postgres_url):
    engine = create_engine(postgres_url)

    with engine.connect() as connection:
        limits = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in POSTGRES_LIMITS
        }

    engine.dispose()
    assert limits == POSTGRES_LIMITS


def test_the_folder_of_a_new_database_is_made(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/a/b/new.db")
    with engine.connect():
        pass
    engine.dispose()

    assert (tmp_path / "a/b/new.db").exists()


def test_what_could_not_be_stored_is_not_repeated(any_database_url):
    """Without a cipher a password is still plain when the statement fails."""
    engine = create_engine(any_database_url)
    given = {"password": "canary-password"}

    with pytest.raises(sa.exc.StatementError) as failed, engine.begin() as connection:
        connection.execute(sa.update(Account), given)

    engine.dispose()
    assert "MAILBEAT_SECRET_KEYS" in str(failed.value)
    assert "canary" not in str(failed.value)
    assert "canary" not in repr(failed.value)
