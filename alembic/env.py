"""Alembic's door: the database of DATABASE_URL, or the one that a caller hands over."""

from alembic import context

from mailbeat.db.models import Base
from mailbeat.db.session import create_engine
from mailbeat.settings import load_settings


def run() -> None:
    url = context.config.attributes.get("database_url") or load_settings().database_url
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,  # SQLite cannot ALTER much
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
