"""Who gets a letter about what was done.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from mailbeat.db.types import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("frequency", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("last_sent_at", UTCDateTime()),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_digest_subscriptions_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_subscriptions")),
    )
    op.create_index("ix_digest_subscriptions_next", "digest_subscriptions", ["next_at"])


def downgrade() -> None:
    op.drop_table("digest_subscriptions")
