"""Who lives, what is wrong, and who is told of it.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from mailbeat.db.types import EncryptedText, UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watchers",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("host", sa.String(100), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("deaf_since", UTCDateTime()),
        sa.Column("disk_free", sa.BigInteger()),
        sa.Column("disk_size", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchers")),
    )
    op.create_table(
        "leads",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(36)),
        sa.Column("until", UTCDateTime()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leads")),
    )
    leads = sa.table("leads", sa.column("name"))
    op.execute(leads.insert().values(name="alerts"))
    _make_alerts()
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(100)),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("shown", sa.String(400), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("payload", EncryptedText()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime()),
        sa.Column("error", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_next", "deliveries", ["state", "next_try_at"])
    op.create_index("ix_deliveries_created", "deliveries", ["created_at"])


def _make_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("detail", sa.String(1500), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("clear_since", UTCDateTime()),
        sa.Column("resolved_at", UTCDateTime()),
        sa.Column("last_notified_at", UTCDateTime()),
        sa.Column("end_notified_at", UTCDateTime()),
        sa.Column("acknowledged_at", UTCDateTime()),
        sa.Column("acknowledged_by", sa.String(100)),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_alerts_account_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    is_open = sa.text("resolved_at IS NULL")
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["rule", "subject"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_index("ix_alerts_resolved", "alerts", ["resolved_at"])


def downgrade() -> None:
    for table in ("deliveries", "silences", "alerts", "leads", "watchers"):
        op.drop_table(table)
