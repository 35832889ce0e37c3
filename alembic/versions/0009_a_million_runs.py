"""Indexes for a history of a million runs, and which worker did a run.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "processing_runs"
ACCOUNT, OUTCOME = "ix_processing_runs_account", "ix_processing_runs_outcome"
BOTH = "ix_processing_runs_both"
ERROR, ACCOUNT_ERROR = "ix_processing_runs_error", "ix_processing_runs_account_error"
HAS_ERROR = sa.text("error_code IS NOT NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # An index over many millions takes longer than a statement may otherwise.
        op.execute("SET LOCAL statement_timeout = 0")
    op.add_column(TABLE, sa.Column("worker", sa.String(255)))
    # Pages of the history go by the start, within a span of time, and so do these.
    for name in (ACCOUNT, OUTCOME):
        op.drop_index(name, table_name=TABLE)
    op.create_index(ACCOUNT, TABLE, ["account_id", "start_time"])
    op.create_index(OUTCOME, TABLE, ["outcome", "start_time"])
    op.create_index(BOTH, TABLE, ["account_id", "outcome", "start_time"])
    _index_errors(ERROR, ["error_code", "start_time"])
    _index_errors(ACCOUNT_ERROR, ["account_id", "error_code", "start_time"])


def _index_errors(name: str, columns: list[str]) -> None:
    op.create_index(
        name, TABLE, columns, postgresql_where=HAS_ERROR, sqlite_where=HAS_ERROR
    )


def downgrade() -> None:
    for name in (ACCOUNT_ERROR, ERROR, BOTH, OUTCOME, ACCOUNT):
        op.drop_index(name, table_name=TABLE)
    op.create_index(ACCOUNT, TABLE, ["account_id", "id"])
    op.create_index(OUTCOME, TABLE, ["outcome", "id"])
    op.drop_column(TABLE, "worker")
