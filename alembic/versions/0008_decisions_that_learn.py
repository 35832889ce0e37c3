"""Rules, corrections, examples to learn from, and what a model was asked.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from mailbeat.db.types import EncryptedText, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BAR = "0.75"


def upgrade() -> None:
    _add_columns()
    _make_tables()
    _index_the_audit_log()
    messages = sa.table("messages", sa.column("layer"))
    op.execute(
        messages.update().where(messages.c.layer == "rules").values(layer="facts")
    )


def _add_columns() -> None:
    op.add_column(
        "categories",
        sa.Column("bar", sa.Double(), nullable=False, server_default=BAR),
    )
    op.add_column("categories", sa.Column("deleted_at", UTCDateTime()))
    op.add_column("categories", sa.Column("merged_into_id", sa.Integer()))
    for name in ("asks_llm", "learns_from_mailbox"):
        op.add_column(
            "accounts",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    op.add_column("accounts", sa.Column("look_back_hours", sa.Integer()))
    op.add_column("mailboxes", sa.Column("modseq", sa.BigInteger()))
    op.add_column("mailboxes", sa.Column("labels_since", UTCDateTime()))
    op.add_column("messages", sa.Column("corrected_at", UTCDateTime()))
    op.add_column("messages", sa.Column("labels_there", sa.Text()))
    op.add_column("messages", sa.Column("suggested_id", sa.Integer()))
    op.add_column("messages", sa.Column("considered", sa.Text()))
    op.add_column("messages", sa.Column("details", EncryptedText()))
    for name, length in (("list_id", 255), ("thread", 64)):
        op.add_column(
            "messages",
            sa.Column(name, sa.String(length), nullable=False, server_default=""),
        )


def _account_id(*, nullable: bool = False) -> sa.Column[int]:
    return sa.Column("account_id", sa.Integer(), nullable=nullable)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["accounts.id"],
        name=op.f(f"fk_{table}_account_id"),
        ondelete="CASCADE",
    )


def _make_tables() -> None:
    op.create_table(
        "rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        _account_id(nullable=True),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Integer()),
        sa.Column("is_catch_all", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        _of_account("rules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_index("ix_rules_account", "rules", ["account_id"])
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        _account_id(),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("from_category_id", sa.Integer()),
        sa.Column("to_category_id", sa.Integer()),
        sa.Column("old_label", sa.String(64)),
        sa.Column("new_label", sa.String(64)),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("pending_since", UTCDateTime()),
        sa.Column("applied_at", UTCDateTime()),
        sa.Column("undone_at", UTCDateTime()),
        sa.Column("error", sa.String(300)),
        _of_account("corrections"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_corrections_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_message", "corrections", ["message_id"])
    op.create_index("ix_corrections_account", "corrections", ["account_id", "id"])
    is_pending = sa.text("pending_since IS NOT NULL")
    op.create_index(
        "ix_corrections_pending",
        "corrections",
        ["account_id"],
        postgresql_where=is_pending,
        sqlite_where=is_pending,
    )
    op.create_table(
        "learned_examples",
        sa.Column("id", sa.Integer(), nullable=False),
        _account_id(),
        sa.Column("correction_id", sa.Integer()),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("is_negative", sa.Boolean(), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(320), nullable=False),
        sa.Column("sender_domain", sa.String(255), nullable=False),
        sa.Column("list_id", sa.String(255), nullable=False),
        sa.Column("thread", sa.String(64), nullable=False),
        sa.Column("tokens", EncryptedText()),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        _of_account("learned_examples"),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.id"],
            name=op.f("fk_learned_examples_correction_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_examples")),
    )
    op.create_index(
        "ix_learned_examples_account", "learned_examples", ["account_id", "id"]
    )
    op.create_table(
        "dismissed_recommendations",
        sa.Column("key", sa.String(80), nullable=False),
        _account_id(),
        sa.Column("dismissed_at", UTCDateTime(), nullable=False),
        _of_account("dismissed_recommendations"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dismissed_recommendations")),
    )
    op.create_table(
        "llm_answers",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("category_id", sa.Integer()),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_llm_answers")),
    )
    op.create_index("ix_llm_answers_created", "llm_answers", ["created_at"])
    op.create_table(
        "llm_days",
        sa.Column("day", sa.String(10), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("calls", "messages", "failures", "tokens")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_llm_days")),
    )


AUDIT_FILTERS = ("actor", "action", "target")


def _index_the_audit_log() -> None:
    for name in AUDIT_FILTERS:
        op.create_index(f"ix_audit_log_{name}", "audit_log", [name, "id"])


def downgrade() -> None:
    for name in AUDIT_FILTERS:
        op.drop_index(f"ix_audit_log_{name}", "audit_log")
    messages = sa.table("messages", sa.column("layer"))
    op.execute(
        messages.update().where(messages.c.layer == "facts").values(layer="rules")
    )
    for table in (
        "llm_days",
        "llm_answers",
        "dismissed_recommendations",
        "learned_examples",
        "corrections",
        "rules",
    ):
        op.drop_table(table)
    for name in (
        *("corrected_at", "labels_there", "suggested_id", "considered", "details"),
        *("list_id", "thread"),
    ):
        op.drop_column("messages", name)
    op.drop_column("mailboxes", "modseq")
    op.drop_column("mailboxes", "labels_since")
    for name in ("asks_llm", "learns_from_mailbox", "look_back_hours"):
        op.drop_column("accounts", name)
    for name in ("bar", "deleted_at", "merged_into_id"):
        op.drop_column("categories", name)
