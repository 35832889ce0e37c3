"""An index for subjects that are to be forgotten.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CONDITION = sa.text("subject IS NOT NULL")


def upgrade() -> None:
    # Without it each bite of the hourly retention read all old messages again.
    op.create_index(
        "ix_messages_subject",
        "messages",
        ["decided_at"],
        postgresql_where=CONDITION,
        sqlite_where=CONDITION,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_subject", table_name="messages")
