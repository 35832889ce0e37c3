"""Tasks that failed: found by name, and grouped without their rows.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _index(name: str, columns: list[str]) -> None:
    failed = sa.text("state = 'failed'")
    op.create_index(
        name, "tasks", columns, postgresql_where=failed, sqlite_where=failed
    )


# PostgreSQL looks through new rows when they are a fifth of the table, which of ten
# million is once in a day or two. Until then an index alone does not tell whether a row
# is there.
_OFTEN = {
    "autovacuum_vacuum_insert_scale_factor": "0.01",
    "autovacuum_vacuum_scale_factor": "0.02",
}


def upgrade() -> None:
    # All that failures are grouped by; SQLite wants the condition's column too.
    _index("ix_tasks_failed", ["received_at", "id", "name", "exception", "state"])
    _index("ix_tasks_failed_name", ["name", "received_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        options = ", ".join(f"{name} = {value}" for name, value in _OFTEN.items())
        op.execute(f"ALTER TABLE tasks SET ({options})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE tasks RESET ({', '.join(_OFTEN)})")
    op.drop_index("ix_tasks_failed_name", "tasks")
    op.drop_index("ix_tasks_failed", "tasks")
