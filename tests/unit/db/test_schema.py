"""Schemas: the newest, that of a database, and the way up and down, on both."""

import pytest
from alembic import command

from mailbeat.db import schema
from mailbeat.db.session import create_engine


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return request.getfixturevalue("postgres_server").new_database()


@pytest.fixture
def engine(empty_url):
    engine = create_engine(empty_url)
    yield engine
    engine.dispose()


def test_an_empty_database_has_no_schema(engine):
    assert schema.revision_of(engine) is None
    assert not schema.is_current(engine)


def test_every_migration_goes_up_and_down_and_up_again(empty_url, engine):
    schema.migrate(empty_url)
    assert schema.is_current(engine)

    command.downgrade(schema._config(empty_url), "base")
    assert schema.revision_of(engine) is None

    schema.migrate(empty_url)
    assert schema.is_current(engine)


def test_the_models_are_what_the_migrations_make(empty_url):
    schema.migrate(empty_url)

    command.check(schema._config(empty_url))
