"""Every Celery task that went by, and who listened to that.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from mailbeat.db.types import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _index(name: str, columns: list[str], condition: str | None = None) -> None:
    where = {}
    if condition is not None:
        text = sa.text(condition)
        where = {"postgresql_where": text, "sqlite_where": text}
    op.create_index(name, "tasks", columns, **where)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "tasks",
        sa.Column("id", number, nullable=False),
        sa.Column("task_id", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(200)),
        sa.Column("arguments", sa.String(200)),
        sa.Column("account_id", sa.Integer()),
        sa.Column("retries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("exception", sa.String(100)),
        sa.Column("error", sa.String(300)),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime()),
        sa.Column("started_at", UTCDateTime()),
        sa.Column("ended_at", UTCDateTime()),
        sa.Column("runtime", sa.Double()),
        sa.Column("eta", UTCDateTime()),
        sa.Column("expires", UTCDateTime()),
        sa.Column("root_id", sa.String(100)),
        sa.Column("parent_id", sa.String(100)),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("task_id", name="uq_tasks_task_id"),
    )
    _index("ix_tasks_received", ["received_at", "id"])
    _index("ix_tasks_runtime", ["runtime", "id"], "runtime IS NOT NULL")
    _index("ix_tasks_state", ["state", "received_at", "id"], "state <> 'succeeded'")
    run = "tasks.account.process_account"
    _index("ix_tasks_name", ["name", "received_at", "id"], f"name <> '{run}'")
    _index("ix_tasks_open", ["heard_at"], "ended_at IS NULL")
    op.create_table(
        "task_listeners",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task_listeners"),
    )


def downgrade() -> None:
    op.drop_table("task_listeners")
    op.drop_table("tasks")
