"""Indexes for accounts that were sent and not taken, and that lost their worker.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_accounts_sent", "queued_until", sa.text("wanted_run_id IS NOT NULL")),
    ("ix_accounts_leased", "lease_until", sa.text("lease_run_id IS NOT NULL")),
)


def upgrade() -> None:
    # A run that a person wished for is now due by `queued_until`.
    op.execute(
        "UPDATE accounts SET queued_until = next_run_at "
        "WHERE wanted_run_id IS NOT NULL AND queued_until IS NULL"
    )
    for name, column, condition in INDEXES:
        op.create_index(
            name,
            "accounts",
            [column],
            postgresql_where=condition,
            sqlite_where=condition,
        )


def downgrade() -> None:
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name="accounts")
