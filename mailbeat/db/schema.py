"""Which schema a database has, and how it gets the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from mailbeat.db.counting import count_everything, counted_at
from mailbeat.db.session import Sessions, create_engine, create_sessions

# Never packaged (a folder `alembic` in site-packages would hide the library), so it is
# found beside the package, in the checkout.
ROOT = Path(__file__).parents[2]


def _config(url: str | None = None) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    return config


def newest_revision() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError(f"There are no migrations in {ROOT / 'alembic'}.")
    return head


def revision_of(engine: Engine) -> str | None:
    """The revision of a database; None when it has no schema of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    return revision_of(engine) == newest_revision()


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision; doing it twice is harmless.

    Days that were not counted yet, of a database from before there were any, are.
    """
    command.upgrade(_config(url), revision)
    engine = create_engine(url)
    try:
        sessions = create_sessions(engine)
        if is_current(engine) and not _is_counted(sessions):
            for _ in count_everything(sessions):
                pass
    finally:
        engine.dispose()


def _is_counted(sessions: Sessions) -> bool:
    with sessions() as session:
        return counted_at(session) is not None
