"""Accounts that sign in by OAuth, and sign-ins on their way.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("oauth_provider", sa.String(16)))
    op.add_column("accounts", sa.Column("refresh_token", sa.Text()))
    op.add_column("accounts", sa.Column("access_token", sa.Text()))
    op.add_column("accounts", sa.Column("token_expires_at", sa.DateTime(timezone=True)))
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_pending_sign_ins_account_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pending_sign_ins"),
        sa.UniqueConstraint("state_hash", name="uq_pending_sign_ins_state_hash"),
    )


def downgrade() -> None:
    op.drop_table("pending_sign_ins")
    for name in ("token_expires_at", "access_token", "refresh_token", "oauth_provider"):
        op.drop_column("accounts", name)
