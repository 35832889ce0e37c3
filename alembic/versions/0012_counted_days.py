"""Days that are counted, so that a year is read at once.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from mailbeat.db.types import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_MESSAGES = ("daily_statistics", "received_days", "sender_weeks")


def upgrade() -> None:
    _make(
        "daily_statistics",
        sa.Column("kind", sa.String(8), nullable=False),
        _number("day"),
        sa.Column("name", sa.String(32), nullable=False),
        _number("account_id"),
        _number("messages"),
        _number("labeled"),
        _number("failed"),
        key=("kind", "day", "name", "account_id"),
        index=("account_id", "kind", "day"),
    )
    _make(
        "received_days",
        _number("day"),
        _number("account_id"),
        _number("received_day"),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        key=("day", "account_id", "received_day"),
        index=("account_id", "day"),
    )
    _make(
        "sender_weeks",
        sa.Column("sender_domain", sa.String(255), nullable=False),
        sa.Column("sender", sa.String(320), nullable=False),
        _number("week"),
        _number("account_id"),
        _number("messages"),
        key=("sender_domain", "sender", "week", "account_id"),
        index=("account_id", "week"),
    )
    _make_daily_runs()
    state = op.create_table(
        "statistics_state",
        _number("id"),
        sa.Column("counted_at", UTCDateTime()),
        _number("messages_from"),
        _number("runs_from"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_state")),
    )
    op.bulk_insert(state, [{"id": 1, "messages_from": 0, "runs_from": 0}])


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _make(
    table: str,
    *columns: sa.Column[object],
    key: tuple[str, ...],
    index: tuple[str, ...],
) -> None:
    op.create_table(
        table,
        *columns,
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f(f"fk_{table}_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{table}_account", table, index)


def _make_daily_runs() -> None:
    op.create_table(
        "daily_runs",
        _number("id"),
        sa.Column("account_id", sa.Integer()),
        _number("day"),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("error_code", sa.String(32), nullable=False),
        _number("runs"),
        _number("messages"),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("durations", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_daily_runs_account_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_runs")),
        sa.UniqueConstraint(
            "account_id",
            "day",
            "outcome",
            "error_code",
            name=op.f("uq_daily_runs_account_id_day_outcome_error_code"),
        ),
    )
    op.create_index("ix_daily_runs_day", "daily_runs", ["day"])


def downgrade() -> None:
    for table in ("statistics_state", "daily_runs", *reversed(OF_MESSAGES)):
        op.drop_table(table)
