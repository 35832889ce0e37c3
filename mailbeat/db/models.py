"""The tables. Times are UTC, states are strings."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from mailbeat.db.types import EncryptedText, UTCDateTime
from mailbeat.labeling.category import BAR

MOST_WORKER = 255  # characters of a worker's name


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {datetime: UTCDateTime}  # noqa: RUF012 # SQLAlchemy reads it from the class


def _only(column: str) -> dict[str, Any]:
    """An index over the few rows in which a column has a value."""
    return _where(f"{column} IS NOT NULL")


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


RUN_TASK = "tasks.account.process_account"  # the name of the task that is a run
UNUSUAL_STATE = "state <> 'succeeded'"
FAILED_STATE = "state = 'failed'"
UNUSUAL_NAME = f"name <> '{RUN_TASK}'"


def table_of(model: type[Base]) -> Table:
    """The table itself, for statements that need no objects."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 # narrows SQLAlchemy's FromClause
    return table


class Account(Base):
    """Whose mail, how to log in, when it runs next, and who runs it now."""

    __tablename__ = "accounts"
    __table_args__ = (
        Index("ix_accounts_due", "paused_at", "next_run_at"),
        Index("ix_accounts_sent", "queued_until", **_only("wanted_run_id")),
        Index("ix_accounts_leased", "lease_until", **_only("lease_run_id")),
        UniqueConstraint("email_address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email_address: Mapped[str] = mapped_column(String(320))
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(String(16))  # mail.mailbox.Security
    username: Mapped[str] = mapped_column(String(320))
    password: Mapped[str | None] = mapped_column(EncryptedText)
    # Instead of a password: who gives tokens (a name of mail.oauth.PROVIDERS), the one
    # that lasts, and the one that opens the mailbox until `token_expires_at`.
    oauth_provider: Mapped[str | None] = mapped_column(String(16))
    refresh_token: Mapped[str | None] = mapped_column(EncryptedText)
    access_token: Mapped[str | None] = mapped_column(EncryptedText)
    token_expires_at: Mapped[datetime | None]
    mailbox: Mapped[str] = mapped_column(String(255), default="INBOX")
    label_prefix: Mapped[str] = mapped_column(String(64), default="Mailbeat")
    # Where labels are folders: whether mail is moved there, or copied.
    moves_mail: Mapped[bool] = mapped_column(default=False, server_default=false())
    interval_seconds: Mapped[int | None]  # None: BACKGROUND_SCAN_INTERVAL
    # How far the first run looks back; None: BACKGROUND_PROCESS_HOURS.
    look_back_hours: Mapped[int | None]
    # Whether a model may be asked about mail that is not clear, and whether a label
    # that a person changed in the mailbox is a correction.
    asks_llm: Mapped[bool] = mapped_column(default=False, server_default=false())
    learns_from_mailbox: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    created_at: Mapped[datetime]

    # The schedule. `wanted_run_id` is the run that comes next, sent by beat or wished
    # for by a person, until a worker takes it; at `queued_until` it is sent again. A
    # wish that was not sent yet has none.
    next_run_at: Mapped[datetime]
    queued_until: Mapped[datetime | None]
    wanted_run_id: Mapped[str | None] = mapped_column(String(36))
    due_at: Mapped[datetime | None]  # when that run should have begun
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(
        String(32)
    )  # user or an error_code

    # The lease: who may run this account. Free when `lease_run_id` is None or
    # `lease_until` has passed.
    lease_run_id: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None]
    cancel_run_id: Mapped[str | None] = mapped_column(String(36))  # a person's wish

    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    interruptions_in_a_row: Mapped[int] = mapped_column(default=0)


class MailboxState(Base):
    """How far one mailbox was read: every UID up to the watermark is finished."""

    __tablename__ = "mailboxes"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(String(255))
    uid_validity: Mapped[int] = mapped_column(BigInteger)  # up to 2**32 - 1
    watermark: Mapped[int] = mapped_column(BigInteger, default=0)
    last_good_run_at: Mapped[datetime | None]
    # Up to where changes of labels were looked at (RFC 7162); None: never.
    modseq: Mapped[int | None] = mapped_column(BigInteger)
    # Labels that were put on before have other names there: the prefix was changed.
    labels_since: Mapped[datetime | None]
    # The message that was read last by a run which went one by one, because the worker
    # of the run before had died; and by how many such runs in a row.
    suspect_uid: Mapped[int | None] = mapped_column(BigInteger)
    suspect_runs: Mapped[int] = mapped_column(default=0, server_default="0")


class Run(Base):
    """One pass over one account; up to `created_at`, the specification's columns."""

    __tablename__ = "processing_runs"
    __table_args__ = (
        Index("idx_processing_runs_email", "email_address"),
        Index("idx_processing_runs_start_time", "start_time"),
        Index("ix_processing_runs_account", "account_id", "start_time"),
        Index("ix_processing_runs_outcome", "outcome", "start_time"),
        Index("ix_processing_runs_both", "account_id", "outcome", "start_time"),
        Index(
            "ix_processing_runs_error",
            "error_code",
            "start_time",
            **_only("error_code"),
        ),
        Index(
            "ix_processing_runs_account_error",
            "account_id",
            "error_code",
            "start_time",
            **_only("error_code"),
        ),
        UniqueConstraint("run_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email_address: Mapped[str] = mapped_column(String(320))
    start_time: Mapped[datetime]
    end_time: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))  # labeling.progress.RunState
    emails_found: Mapped[int] = mapped_column(default=0, server_default="0")
    emails_processed: Mapped[int] = mapped_column(default=0, server_default="0")
    error_message: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(
        server_default=func.current_timestamp()
    )

    run_id: Mapped[str] = mapped_column(String(36))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )
    outcome: Mapped[str | None] = mapped_column(String(16))  # labeling.progress.Outcome
    emails_labeled: Mapped[int] = mapped_column(default=0, server_default="0")
    emails_skipped: Mapped[int] = mapped_column(default=0, server_default="0")
    emails_failed: Mapped[int] = mapped_column(default=0, server_default="0")
    error_code: Mapped[str | None] = mapped_column(String(32))
    attempt: Mapped[int] = mapped_column(default=1)
    worker: Mapped[str | None] = mapped_column(String(MOST_WORKER))  # who does it
    seq: Mapped[int] = mapped_column(default=0)  # of the last step that is in this row
    updated_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # when it should have begun

    phases: Mapped[list["RunPhase"]] = relationship(
        order_by="RunPhase.id", lazy="raise", passive_deletes=True
    )


class RunPhase(Base):
    """From when to when a run was in a state."""

    __tablename__ = "run_phases"
    __table_args__ = (Index("ix_run_phases_run", "run_row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_row_id: Mapped[int] = mapped_column(
        ForeignKey("processing_runs.id", ondelete="CASCADE")
    )
    state: Mapped[str] = mapped_column(String(16))
    start_time: Mapped[datetime]
    end_time: Mapped[datetime | None]


class CategoryRow(Base):
    """A user's category; the ten of labeling/category.py at the start."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(64))
    definition: Mapped[str] = mapped_column(String(300), default="")
    color: Mapped[str] = mapped_column(String(16), default="slate")
    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    bar: Mapped[float] = mapped_column(default=BAR, server_default=str(BAR))
    # Nothing else changes when one is deleted or becomes part of another, so that it
    # can be undone: what refers to it is read as the other, or not at all.
    deleted_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None]


class RuleRow(Base):
    """A user's rule: which category a message gets that meets a condition."""

    __tablename__ = "rules"
    __table_args__ = (Index("ix_rules_account", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(100))
    account_id: Mapped[int | None] = mapped_column(  # None: for every account
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    condition: Mapped[str] = mapped_column(Text)  # JSON, see labeling/rules.py
    category_id: Mapped[int | None]  # None: no category, and no label
    is_catch_all: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Correction(Base):
    """A message that a person, or a newer rule, gave another category.

    As long as `pending_since` has a value, the label on the server does not follow yet.
    Of the corrections of one message at most one waits: it stands for those before.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        Index("ix_corrections_message", "message_id"),
        Index("ix_corrections_pending", "account_id", **_only("pending_since")),
        Index("ix_corrections_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE")
    )
    from_category_id: Mapped[int | None]
    to_category_id: Mapped[int | None]
    old_label: Mapped[str | None] = mapped_column(String(64))
    new_label: Mapped[str | None] = mapped_column(String(64))
    former: Mapped[str] = mapped_column(Text)  # JSON: what the decision was, for undo
    source: Mapped[str] = mapped_column(String(16))  # dashboard, api, mailbox, relabel
    actor: Mapped[str] = mapped_column(String(100))  # as in the audit log
    created_at: Mapped[datetime]
    pending_since: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class LearnedExample(Base):
    """One message whose category a person told. Rows are added and deleted only.

    The newest row of a message counts. `tokens` is what `labeling/tokens.py` made of
    its words: numbers, and no text.
    """

    __tablename__ = "learned_examples"
    __table_args__ = (Index("ix_learned_examples_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    correction_id: Mapped[int | None] = mapped_column(
        ForeignKey("corrections.id", ondelete="SET NULL")
    )
    category_id: Mapped[int]
    is_negative: Mapped[bool] = mapped_column(default=False)  # not of this category
    message_key: Mapped[str] = mapped_column(String(64))
    sender: Mapped[str] = mapped_column(String(320))
    sender_domain: Mapped[str] = mapped_column(String(255))
    list_id: Mapped[str] = mapped_column(String(255), default="")
    thread: Mapped[str] = mapped_column(String(64), default="")
    tokens: Mapped[str | None] = mapped_column(EncryptedText)  # base 85
    created_at: Mapped[datetime]


class DismissedRecommendation(Base):
    """A proposed rule that a person does not want to see again."""

    __tablename__ = "dismissed_recommendations"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    dismissed_at: Mapped[datetime]


class LLMAnswer(Base):
    """What a model answered before about mail like this, so that it is not asked."""

    __tablename__ = "llm_answers"
    __table_args__ = (Index("ix_llm_answers_created", "created_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    category_id: Mapped[int | None]  # None: it did not know
    created_at: Mapped[datetime]


class LLMDay(Base):
    """How much a model was asked on one day (UTC)."""

    __tablename__ = "llm_days"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # 2026-01-31
    calls: Mapped[int] = mapped_column(default=0)
    messages: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(default=0)
    # By the prices of that day; 0 where nobody said any.
    cost: Mapped[float] = mapped_column(default=0, server_default=text("0"))


class MessageRow(Base):
    """The ledger: one row for each message that was decided about.

    `state` is `planned` (decided, the label may not be on the server yet), `applied`
    (it is, or none was wanted) or `failed`: could not be read, or its label was refused
    and is tried again for some days (it has a label then).
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("account_id", "mailbox", "uid_validity", "uid"),
        Index("ix_messages_key", "account_id", "key"),
        Index("ix_messages_run", "run_id"),
        Index("ix_messages_decided", "decided_at"),
        Index("ix_messages_account_decided", "account_id", "decided_at"),
        Index("ix_messages_subject", "decided_at", **_only("subject")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    mailbox: Mapped[str] = mapped_column(String(255))
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(64))
    run_id: Mapped[str] = mapped_column(String(36))  # the run that decided
    state: Mapped[str] = mapped_column(String(16))
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("categories.id", ondelete="SET NULL")
    )
    label: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float]
    layer: Mapped[str] = mapped_column(String(32))
    evidence: Mapped[str] = mapped_column(String(300))
    sender: Mapped[str] = mapped_column(String(320))
    sender_domain: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str | None] = mapped_column(EncryptedText)
    received_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    # Our labels that the server may have on it (JSON), while those are perhaps others
    # than `label` alone: see db/corrections.py.
    labels_there: Mapped[str | None] = mapped_column(Text)
    # Where no layer was sure: the category to confirm.
    suggested_id: Mapped[int | None]
    considered: Mapped[str | None] = mapped_column(Text)  # JSON, see labeling/details
    list_id: Mapped[str] = mapped_column(String(255), default="", server_default="")
    thread: Mapped[str] = mapped_column(String(64), default="", server_default="")
    # What rules are tried on and what is learned from, forgotten with the subject.
    details: Mapped[str | None] = mapped_column(EncryptedText, deferred=True)


class DailyStatistic(Base):
    """How many messages of one account were decided about on one day of UTC.

    The key has the order in which sums by day and name are added up without sorting.

    `kind` is `category` (`name` is then its id, or empty) or `layer`. `messages` are
    those that did not fail; `labeled`: the label is on the server. Written at a run's
    end and by corrections: see db/daily_messages.py.
    """

    __tablename__ = "daily_statistics"
    __table_args__ = (
        Index("ix_daily_statistics_account", "account_id", "kind", "day"),
        {"sqlite_with_rowid": False},
    )

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # ordinal
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    messages: Mapped[int]
    labeled: Mapped[int]
    failed: Mapped[int]


class ReceivedDay(Base):
    """In which hours the messages came that were decided about on one day of UTC."""

    __tablename__ = "received_days"
    __table_args__ = (
        Index("ix_received_days_account", "account_id", "day"),
        {"sqlite_with_rowid": False},
    )

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    received_day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hours: Mapped[bytes] = mapped_column(LargeBinary)  # 24 lanes, see db/lanes.py


class SenderWeek(Base):
    """How many messages of one sender were decided about in a week from Monday on.

    The key has the order in which sums by sender and by domain need no sorting.
    """

    __tablename__ = "sender_weeks"
    __table_args__ = (
        Index("ix_sender_weeks_account", "account_id", "week"),
        {"sqlite_with_rowid": False},
    )

    sender_domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    sender: Mapped[str] = mapped_column(String(320), primary_key=True)
    week: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    messages: Mapped[int]


class DailyRuns(Base):
    """How many runs that began on one day of UTC ended in one way, and how fast.

    Those of an account that was removed stay, as its runs do. `error_code` is empty
    where there is none.
    """

    __tablename__ = "daily_runs"
    __table_args__ = (
        UniqueConstraint("account_id", "day", "outcome", "error_code"),
        Index("ix_daily_runs_day", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )
    day: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    error_code: Mapped[str] = mapped_column(String(32))
    runs: Mapped[int]
    messages: Mapped[int]
    seconds: Mapped[float]
    durations: Mapped[bytes] = mapped_column(LargeBinary)  # see db/lanes.py
    last_at: Mapped[datetime]  # when the last of them began


class StatisticsState(Base):
    """Whether everything was counted once, and what is counted for good.

    Of the days before `messages_from` messages are forgotten, and of those before
    `runs_from` runs: nothing of them can be counted again. The one row has id 1.
    """

    __tablename__ = "statistics_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime | None]
    messages_from: Mapped[int] = mapped_column(default=0)
    runs_from: Mapped[int] = mapped_column(default=0)


class Installation(Base):
    """What holds for everything at once; the one row has id 1."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    beat_ticked_at: Mapped[datetime | None]


class Process(Base):
    """What one process of the installation says of itself, and what people want of it.

    `name` of a worker is Celery's, and may come again; `instance` is one life of it.
    """

    __tablename__ = "processes"
    __table_args__ = (
        Index("ix_processes_kind", "kind", "beat_at"),
        UniqueConstraint("instance"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # worker, beat or web
    name: Mapped[str] = mapped_column(String(255))
    instance: Mapped[str] = mapped_column(String(36))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    stopping_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    facts: Mapped[str] = mapped_column(Text)  # JSON, see db/processes.py
    wanted_size: Mapped[int | None]  # threads of a worker; None: as it was started
    stop_wanted_at: Mapped[datetime | None]


class QueueSample(Base):
    """How many messages waited in a queue, as beat saw it.

    `sent` is how many beat had put into it since the sample before.
    """

    __tablename__ = "queue_samples"
    __table_args__ = (Index("ix_queue_samples_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(255))
    depth: Mapped[int]
    sent: Mapped[int]


class Total(Base):
    """How much of something there was since the beginning, in all processes.

    `labels` are the values that tell it from others of its name, as a JSON list.
    """

    __tablename__ = "totals"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    labels: Mapped[str] = mapped_column(String(300), primary_key=True)
    value: Mapped[float]


class APIKey(Base):
    """`mb_<key_id>_<secret>`; only the SHA-256 of the secret is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("key_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    name: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(16))  # read, control or admin
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInSession(Base):
    """A signed-in browser; the cookie's token is kept as its SHA-256 only."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    key_id: Mapped[str] = mapped_column(String(32))  # `bootstrap` for MAILBEAT_API_KEY
    scope: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Ticket(Base):
    """Good for one use: a sign-in link, or a WebSocket of another origin."""

    __tablename__ = "tickets"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    purpose: Mapped[str] = mapped_column(String(16))  # sign_in or websocket
    key_id: Mapped[str] = mapped_column(String(32))
    scope: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime]
    # The session that bought it, and that ends what it opened.
    session_id: Mapped[int | None]


class PendingSignIn(Base):
    """A browser that was sent to an OAuth provider; its answer is good for one use."""

    __tablename__ = "pending_sign_ins"
    __table_args__ = (UniqueConstraint("state_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    owner: Mapped[str] = mapped_column(String(64))  # who began it, and may end it
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    provider: Mapped[str] = mapped_column(String(16))
    details: Mapped[str] = mapped_column(EncryptedText)  # JSON, see db/pending.py
    expires_at: Mapped[datetime]


class AuditEntry(Base):
    """Who did what, when: every control and every change of an account or key."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_actor", "actor", "id"),
        Index("ix_audit_log_action", "action", "id"),
        Index("ix_audit_log_target", "target", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))  # a key's id, `cli`, `worker`
    action: Mapped[str] = mapped_column(String(64))  # e.g. account.pause
    target: Mapped[str] = mapped_column(String(100))  # e.g. account 7
    detail: Mapped[str] = mapped_column(String(300), default="")


class TaskRow(Base):
    """A Celery task, of whatever app, as `task_record.py` knows it."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("task_id"),
        Index("ix_tasks_received", "received_at", "id"),
        Index("ix_tasks_runtime", "runtime", "id", **_only("runtime")),
        # Nearly all tasks succeeded, and nearly all are runs: an index over those
        # would be large, and the one above finds them as quickly.
        Index("ix_tasks_state", "state", "received_at", "id", **_where(UNUSUAL_STATE)),
        Index("ix_tasks_name", "name", "received_at", "id", **_where(UNUSUAL_NAME)),
        Index("ix_tasks_open", "heard_at", **_where("ended_at IS NULL")),
        # They cost only tasks that fail. The first has all that failures are grouped
        # by, so that no row is read for it; SQLite wants the condition's column too.
        Index(
            "ix_tasks_failed",
            *("received_at", "id", "name", "exception", "state"),
            **_where(FAILED_STATE),
        ),
        Index(
            "ix_tasks_failed_name", "name", "received_at", "id", **_where(FAILED_STATE)
        ),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True
    )
    task_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))  # task_record.TaskState
    step: Mapped[int] = mapped_column(BigInteger)
    worker: Mapped[str | None] = mapped_column(String(200))
    arguments: Mapped[str | None] = mapped_column(String(200))
    account_id: Mapped[int | None]  # as the event told it
    retries: Mapped[int] = mapped_column(default=0, server_default="0")
    exception: Mapped[str | None] = mapped_column(String(100))  # its type
    error: Mapped[str | None] = mapped_column(String(300))  # its text, scrubbed
    received_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    runtime: Mapped[float | None] = mapped_column(Double)  # seconds
    eta: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    root_id: Mapped[str | None] = mapped_column(String(100))
    parent_id: Mapped[str | None] = mapped_column(String(100))


class TaskListener(Base):
    """A web process that hears the event stream, and since when without a gap."""

    __tablename__ = "task_listeners"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    dropped: Mapped[int] = mapped_column(BigInteger, default=0)  # tasks, since it began


class Watcher(Base):
    """A process of ours that lives: it writes its row anew every few seconds."""

    __tablename__ = "watchers"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # web, worker or beat
    host: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    deaf_since: Mapped[datetime | None]  # of a web: since when it hears no events
    disk_free: Mapped[int | None] = mapped_column(BigInteger)  # bytes
    disk_size: Mapped[int | None] = mapped_column(BigInteger)


class Lead(Base):
    """Which of several processes does something that one is to do."""

    __tablename__ = "leads"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(36))
    until: Mapped[datetime | None]


class Alert(Base):
    """Something is wrong, or was. Of one rule and subject at most one row is open.

    One that comes back soon after it was over is the same row, counted once more;
    `opened_at` is when it began the last time.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "ix_alerts_open",
            "rule",
            "subject",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
            sqlite_where=text("resolved_at IS NULL"),
        ),
        Index("ix_alerts_resolved", "resolved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(32))  # a name of alerts.rules.RULES
    subject: Mapped[str] = mapped_column(String(100))  # e.g. account 7; or nothing
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )
    detail: Mapped[str] = mapped_column(String(1500))
    count: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    clear_since: Mapped[datetime | None]  # it looks as if it were over
    resolved_at: Mapped[datetime | None]
    last_notified_at: Mapped[datetime | None]
    end_notified_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(100))


class Silence(Base):
    """Until when nobody is told of a rule, or of one subject of it."""

    __tablename__ = "silences"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(100))  # None: all of the rule
    until: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(100))


class Delivery(Base):
    """One message on one way out. `state`: waiting, sending, sent, failed, unclear."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_next", "state", "next_try_at"),
        Index("ix_deliveries_created", "created_at"),
        Index("ix_deliveries_channel", "channel", "tried_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(36))  # of all its ways one
    kind: Mapped[str] = mapped_column(String(16))  # alert, test or digest
    channel: Mapped[str] = mapped_column(String(64))
    shown: Mapped[str] = mapped_column(String(400))  # the channel, without secrets
    title: Mapped[str] = mapped_column(String(300))
    payload: Mapped[str | None] = mapped_column(EncryptedText, deferred=True)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]  # when what came of the last try was known
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class DigestSubscription(Base):
    """Who gets a letter about what was done, how often, and when the next is due."""

    __tablename__ = "digest_subscriptions"
    __table_args__ = (Index("ix_digest_subscriptions_next", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    frequency: Mapped[str] = mapped_column(String(16))  # daily or weekly
    account_id: Mapped[int | None] = mapped_column(  # None: all accounts
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    zone: Mapped[str] = mapped_column(String(64))
    hour: Mapped[int]
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(100))
    next_at: Mapped[datetime]
    last_sent_at: Mapped[datetime | None]
