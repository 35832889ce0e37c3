"""Which session bought a ticket.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A socket that it opens ends with the session.
    op.add_column("tickets", sa.Column("session_id", sa.Integer()))


def downgrade() -> None:
    op.drop_column("tickets", "session_id")
