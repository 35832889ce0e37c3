"""Whether an account's labelled mail is moved, where labels are folders.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column(
        "moves_mail", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("accounts", column)


def downgrade() -> None:
    op.drop_column("accounts", "moves_mail")
