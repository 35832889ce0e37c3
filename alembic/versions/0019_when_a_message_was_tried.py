"""When a message was last tried on its way out.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from mailbeat.db.types import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("tried_at", UTCDateTime()))
    op.execute(
        "UPDATE deliveries SET tried_at = coalesce(sent_at, created_at) "
        "WHERE sent_at IS NOT NULL OR error IS NOT NULL"
    )
    op.create_index("ix_deliveries_channel", "deliveries", ["channel", "tried_at"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_channel", "deliveries")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("tried_at")
