"""What each process says of itself, how full the queue was, and when a run was due.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("instance", sa.String(36), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("beat_at", TIME, nullable=False),
        sa.Column("stopping_at", TIME),
        sa.Column("stopped_at", TIME),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("wanted_size", sa.Integer()),
        sa.Column("stop_wanted_at", TIME),
        sa.UniqueConstraint("instance", name="uq_processes_instance"),
    )
    op.create_index("ix_processes_kind", "processes", ["kind", "beat_at"])
    op.create_table(
        "queue_samples",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
    )
    op.create_index("ix_queue_samples_at", "queue_samples", ["at"])
    op.add_column("accounts", sa.Column("due_at", TIME))
    op.add_column("processing_runs", sa.Column("due_at", TIME))


def downgrade() -> None:
    op.drop_column("processing_runs", "due_at")
    op.drop_column("accounts", "due_at")
    op.drop_table("queue_samples")
    op.drop_table("processes")
