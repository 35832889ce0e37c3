"""Which message was being read when a worker died.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("suspect_uid", sa.BigInteger()))
    op.add_column(
        "mailboxes",
        sa.Column("suspect_runs", sa.Integer(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_column("mailboxes", "suspect_runs")
    op.drop_column("mailboxes", "suspect_uid")
