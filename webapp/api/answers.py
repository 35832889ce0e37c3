"""What the API answers, as models: the source of the description in openapi.py.

The answers themselves are built by the `*_json` functions of schemas.py and by the live
board; the tests hold them against these models.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mailbeat.db.api_keys import Scope
from mailbeat.db.processes import ProcessState
from mailbeat.db.task_record import TaskState
from mailbeat.health import Condition
from mailbeat.labeling.progress import Outcome, RunState
from mailbeat.mail.errors import ErrorCode
from mailbeat.mail.mailbox import Security

TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"

Time = Annotated[str, Field(pattern=TIME, json_schema_extra={"format": "date-time"})]
Id = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
Cursor = Annotated[
    str | None,
    Field(description="Ask for the next page with it; null: this is the last one."),
]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class List(Answer):
    next_cursor: Cursor


class WholeList(Answer):
    """A list that is always sent whole."""

    next_cursor: None


# What goes wrong


class FieldProblem(Answer):
    """`field` is empty where the body as a whole is meant."""

    field: str
    message: str


class Problem(Answer):
    """What went wrong, as RFC 9457 has it; `code` is for programs."""

    type: Literal["about:blank"]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    code: str
    request_id: str | None
    errors: list[FieldProblem] = Field(
        default_factory=list,
        description="What is wrong with which field, or line of a file.",
    )


# Runs, and what runs now


class Phase(Answer):
    """From when to when a run was in a state."""

    state: RunState
    start_time: Time
    end_time: Time | None


class Run(Answer):
    """One pass over one account. `outcome` and `end_time` are null while it runs."""

    run_id: str
    account_id: Id | None = Field(description="Null: the account was removed.")
    email_address: str
    state: RunState
    outcome: Outcome | None
    start_time: Time
    end_time: Time | None
    duration_seconds: Seconds | None
    emails_found: Count
    emails_processed: Count
    emails_labeled: Count
    emails_skipped: Count
    emails_failed: Count
    error_code: ErrorCode | None
    error_message: str | None
    phases: list[Phase]


class Runs(List):
    items: list[Run]


class LastRuns(WholeList):
    items: list[Run]


class RunRef(Answer):
    """The run that was asked for, or is asked to stop."""

    run_id: str


class Paused(Answer):
    """Whether everything is paused."""

    paused: bool


class HowFar(Answer):
    current: Count
    total: Annotated[int, Field(ge=1)]


class AccountStatus(Answer):
    """What an account does at this moment."""

    account_id: Id
    email_address: str
    state: RunState
    current_step: str = Field(description="For people, e.g. `Labeling 7 of 20`.")
    progress: HowFar | None
    start_time: Time | None
    last_updated: Time
    error_message: str | None
    run_id: str | None
    error_code: ErrorCode | None
    eta_seconds: Annotated[int, Field(ge=1)] | None = Field(
        description="Null unless the pace is steady."
    )
    paused: bool
    setting_up: bool = Field(
        description="Its set-up is not finished; till then it is paused too."
    )
    next_run_at: Time | None


class WorkersOnline(Answer):
    online: Count | None = Field(description="Null: unknown, the feed is down.")


class CurrentStatus(Answer):
    """What runs and what ran: also the `snapshot` of `/ws/status`."""

    current_processing: AccountStatus | None = Field(
        description="Of the accounts that run, the one that changed last."
    )
    recent_runs: Annotated[list[Run], Field(max_length=5)]
    timestamp: Time
    accounts: list[AccountStatus]
    paused: bool
    workers: WorkersOnline
    feed_down_since: Time | None
    epoch: str
    seq: Count


# Accounts, categories, messages


class Account(Answer):
    """An account, without any secret."""

    account_id: Id
    email_address: str
    host: str
    port: Annotated[int, Field(ge=1, le=65_535)]
    security: Security
    username: str
    oauth_provider: str | None = Field(
        description="Where it signs in; null: with its password."
    )
    mailbox: str
    label_prefix: str
    moves_mail: bool = Field(
        description="Where a server keeps labels as folders only: whether labelled "
        "mail is moved there. Else it is copied."
    )
    learns_from_mailbox: bool = Field(
        description="Whether a label of ours that a person changes in the mailbox "
        "itself is a correction, seen in the next run. Not where labels are folders."
    )
    asks_llm: bool = Field(
        description="Whether the model of LLM_BASE_URL is asked about mail that is not "
        "clear."
    )
    interval_seconds: Annotated[int, Field(ge=1)] | None = Field(
        description="Null: BACKGROUND_SCAN_INTERVAL."
    )
    look_back_hours: Annotated[int, Field(ge=1)] | None = Field(
        description="How far its first run looks back. Null: BACKGROUND_PROCESS_HOURS."
    )
    created_at: Time
    next_run_at: Time | None
    paused: bool
    paused_at: Time | None
    pause_reason: str | None = Field(
        description="`user`, `set-up` while that is not finished, or an error code."
    )


class Accounts(List):
    items: list[Account]


class Verified(Answer):
    """Whether the mail server let us in, and if not, why."""

    ok: bool
    error_code: ErrorCode | None
    error_message: str | None


class Category(Answer):
    """What a message can be, and the label that it gets on the server."""

    category_id: Id
    slug: str = Field(description="Never changes.")
    name: str
    label: str
    definition: str
    color: str = Field(description="The name of a colour of the dashboard.")
    bar: Annotated[float, Field(ge=0, le=1)] = Field(
        description="Confidence below which a message is not labelled."
    )
    enabled: bool = Field(description="False: nothing new is decided for it.")
    deleted_at: Time | None = Field(description="Since when it is removed or merged.")
    merged_into_id: Id | None = Field(description="As which one it is read instead.")


class Categories(WholeList):
    items: list[Category]


Confidence = Annotated[float, Field(ge=0, le=1)]


class Suggestion(Answer):
    """What a message may be, where no layer was sure: confirm it, or choose another."""

    category_id: Id
    category: str
    confidence: Confidence


class PresetAdded(WholeList):
    """`items` were added."""

    items: list[Category]
    already_there: list[str]


class Proposal(Answer):
    name: str
    definition: str
    color: str


class Preset(Answer):
    """A set of categories that can be added at once."""

    preset: str
    title: str
    categories: list[Proposal]


class Presets(WholeList):
    items: list[Preset]


class Message(Answer):
    """What was decided about a message, and why."""

    message_id: Id
    account_id: Id
    run_id: str
    state: Literal["planned", "applied", "failed"]
    category_id: Id | None
    category: str | None = Field(description="The name of `category_id`.")
    label: str | None
    confidence: Confidence
    layer: str = Field(
        description="What decided: `rule`, `memory`, `facts`, `learned`, `llm`; "
        "`none`: nothing was sure; `you`: a person."
    )
    evidence: str
    suggestion: Suggestion | None
    sender: str
    sender_domain: str
    subject: str | None
    received_at: Time
    decided_at: Time
    applied_at: Time | None
    corrected_at: Time | None


class Messages(List):
    items: list[Message]


class Considered(Answer):
    """What else a layer took a message for."""

    category_id: Id | None
    category: str | None
    confidence: Confidence
    layer: str
    evidence: str


class Correction(Answer):
    """What a person changed."""

    correction_id: Id
    account_id: Id
    message_id: Id
    from_category_id: Id | None
    from_category: str | None
    to_category_id: Id | None
    to_category: str | None
    old_label: str | None
    new_label: str | None
    source: str = Field(description="`dashboard`, `api`, `mailbox` or `relabel`.")
    actor: str = Field(description="As in the audit log.")
    created_at: Time
    pending_since: Time | None = Field(
        description="Since when the label on the server waits; null: it does not."
    )
    applied_at: Time | None = Field(description="When the label followed.")
    undone_at: Time | None
    error: str | None = Field(description="Why the label did not follow.")


class ProposedRule(Answer):
    """What `POST /api/rules` takes."""

    name: str
    condition: dict[str, str]
    category_id: Id
    account_id: Id


class Recommendation(Answer):
    """A sender, domain or list that is worth a rule."""

    key: str = Field(description="By which it is dismissed.")
    account_id: Id
    field: Literal["sender", "domain", "list"]
    value: str
    category_id: Id
    category: str
    messages: Count = Field(description="Of the category.")
    of: Count = Field(description="Of any category, or none.")
    purity: Confidence = Field(description="The one by the other.")
    corrected: Count = Field(description="How often people said so.")
    weak: Count = Field(description="For how many nothing was sure.")
    reason: str
    rule: ProposedRule


class Recommendations(List):
    items: list[Recommendation]


class Corrections(List):
    items: list[Correction]


class WholeMessage(Message):
    """All that is known of a message; nothing of its text is kept."""

    mailbox: str
    list_id: str | None
    considered: list[Considered]
    label_state: Literal["none", "planned", "on", "waits", "refused"] = Field(
        description="How the label on the server is. `planned`: a run is about to put "
        "it on; `waits`: the next run follows a correction."
    )
    corrections: list[Correction] = Field(description="The newest first.")


class Corrected(WholeMessage):
    """The message as it is now. `label_waits` till the next run, a few seconds off."""

    correction_id: Id
    label_waits: bool


class CorrectedOfMany(Message):
    correction_id: Id
    label_waits: bool


class ManyCorrected(Answer):
    items: list[CorrectedOfMany] = Field(description="By rising id of the message.")
    missing: list[Id] = Field(description="Ids of which there is no message.")


# Statistics


class AccountTotals(Answer):
    """`failing`: an error in the last run, or waiting for a person."""

    total: Count
    running: Count
    paused: Count
    failing: Count


class MessageTotals(Answer):
    total: Count
    labeled: Count
    today: Count
    labeled_today: Count


class RunTotals(Answer):
    total: Count
    succeeded: Count
    failed: Count
    cancelled: Count
    interrupted: Count
    running: Count


class Totals(Answer):
    days: Count
    since: Time
    accounts: AccountTotals
    messages: MessageTotals
    runs: RunTotals


class CategoryCount(Answer):
    """`category_id` 0 stands for messages that no category was found for."""

    category_id: Count
    slug: str
    name: str
    color: str
    count: Count


class CategoryCounts(WholeList):
    items: list[CategoryCount]


class LastHour(Answer):
    """`minutes` are 60 numbers of labelled messages, the current minute last."""

    since: Time
    labeled: Count
    minutes: list[Count]
    categories: list[CategoryCount]


class RunCounts(Answer):
    ok: Count
    failed: Count


class TrendPoint(Answer):
    """One hour or day; `categories` maps slugs to numbers of messages."""

    start: Time
    messages: Count
    categories: dict[str, Count]
    runs: RunCounts


class Trend(WholeList):
    items: list[TrendPoint]
    step: Literal["hour", "day"]


class HourOfWeek(Answer):
    """What came in one hour of the week; `weekday` 1 is Monday."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    hour: Annotated[int, Field(ge=0, le=23)]
    messages: Count


class Heatmap(WholeList):
    items: list[HourOfWeek]
    zone: str


class LayerCount(Answer):
    """`labeled`: of those, how many have their label on the server."""

    layer: str
    messages: Count
    labeled: Count


class LayerCounts(WholeList):
    items: list[LayerCount]


class ErrorCount(Answer):
    """`error_code` is null where a worker died and left none."""

    error_code: str | None
    runs: Count
    last_at: Time


class ErrorCounts(WholeList):
    items: list[ErrorCount]


class SenderCount(Answer):
    sender: str
    count: Count


class SenderCounts(WholeList):
    items: list[SenderCount]


class DomainCount(Answer):
    domain: str
    count: Count


class DomainCounts(WholeList):
    items: list[DomainCount]


class Performance(Answer):
    """Of the runs that succeeded; null where there was none."""

    days: Count
    runs: Count
    messages: Count
    median_seconds: Seconds | None
    p95_seconds: Seconds | None
    messages_per_second: Seconds | None


Cost = Annotated[
    float, Field(ge=0, description="By LLM_PRICE_IN and LLM_PRICE_OUT; 0 without.")
]


class LLMDay(Answer):
    day: str = Field(description="As 2026-01-31, in UTC.")
    questions: Count
    messages: Count = Field(description="That the questions were about.")
    failures: Count
    tokens: Count = Field(description="As the model counted them.")
    cost: Cost


class LLMUse(WholeList):
    """How much the model was asked, the newest day first."""

    model: str | None = Field(description="Null: none is asked.")
    daily_messages: Count = Field(description="That it may be asked about on one day.")
    currency: str | None = Field(description="Null: LLM_PRICE_IN and _OUT are not set.")
    cost_today: Cost
    cost_this_month: Cost
    items: list[LLMDay]


# The installation


class TaskInHand(Answer):
    task_id: str
    task: str
    account_id: Id | None = Field(description="Null: it is about no account.")
    email_address: str | None
    since: Time
    age_seconds: Seconds


class Heartbeat(Answer):
    """`at` is its last sign of life in the database, `heard` on the event stream."""

    at: Time | None
    age_seconds: Seconds | None
    late_seconds: Seconds | None = Field(
        description="How long after its time that sign of life was written."
    )
    heard_seconds_ago: Seconds | None = Field(
        description="Null: not heard for 10 s, or the feed is down."
    )


class Worker(Answer):
    """A worker; null is what it does not tell.

    `gone` fell silent, `stopped` said goodbye. `id` is null for one whose heartbeats
    are heard and that has no row: it is not of this installation.
    """

    id: Id | None
    name: str
    state: ProcessState
    since: Time | None
    started_at: Time | None
    host: str | None
    pid: Count | None
    version: str | None
    celery_version: str | None
    pool: str | None
    threads: Count | None
    wanted_threads: Count | None = Field(description="What somebody asked for.")
    can_resize: bool
    active: Count | None
    processed: Count | None = Field(description="Tasks, since it was started.")
    failed: Count | None = Field(description="Of them, and runs that failed.")
    load: list[float] = Field(description="Of its host, over 1, 5 and 15 min.")
    memory_bytes: Count | None
    heartbeat: Heartbeat
    running: list[TaskInHand]


class Workers(WholeList):
    items: list[Worker]
    online: Count | None = Field(description="Null: unknown, the feed is down.")


class WorkerRef(Answer):
    """The worker that was asked; it does so within seconds."""

    name: str


class Queue(Answer):
    """As beat saw it at `seen_at`. Rates are over the last minute."""

    name: str
    depth: Count
    seen_at: Time
    stale: bool = Field(description="Beat has not looked for 30 s.")
    oldest_at: Time | None = Field(
        description="Since when the account waits that waits longest."
    )
    oldest_seconds: Seconds | None
    in_per_second: Seconds | None
    out_per_second: Seconds | None
    history: list[Count | None] = Field(
        description="The depth of each minute of the last hour, oldest first."
    )


class Lag(Answer):
    """Seconds between when runs of the last hour were due and when they began."""

    p50: Seconds | None
    p95: Seconds | None
    runs: Count


class Schedule(Answer):
    state: Literal["up", "silent"]
    ticked_at: Time | None
    paused_since: Time | None
    next_due_at: Time | None
    overdue: Count
    oldest_due_at: Time | None
    oldest_due_seconds: Seconds | None
    lag_seconds: Lag


class Queues(WholeList):
    items: list[Queue]
    schedule: Schedule


class Key(Answer):
    """A key, without its secret: that was shown once."""

    key_id: str
    name: str
    scope: Scope
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None
    revoked_at: Time | None


class Keys(List):
    items: list[Key]


class IssuedKey(Key):
    """A new key; `key` is its text, in this answer and nowhere else, ever."""

    key: str


class Task(Answer):
    """A Celery task, of whatever app on the broker, as its events told it."""

    task_id: str
    name: str | None = Field(description="Null: only later events were heard.")
    state: TaskState = Field(
        description="`unknown`: nothing was heard when something should have been; "
        "`heard_at` says since when."
    )
    worker: str | None
    arguments: str | None = Field(
        description="In short, without addresses and secrets."
    )
    account_id: Id | None = Field(description="Of a task that is a run.")
    retries: Count
    exception: str | None = Field(description="The type of the exception.")
    error: str | None = Field(description="Its text, without addresses and secrets.")
    sent_at: Time | None
    received_at: Time = Field(description="Or the first time that is known of it.")
    started_at: Time | None
    ended_at: Time | None
    runtime_seconds: Seconds | None
    eta: Time | None
    expires: Time | None
    root_id: str | None
    parent_id: str | None
    heard_at: Time


class TaskHistory(Answer):
    """How well this web process keeps the history."""

    waiting: Count = Field(description="Tasks that are not written yet.")
    dropped: Count = Field(
        description="Tasks that were not written, in any web process of the last "
        "week, as more waited than there is place for."
    )
    refused: Count = Field(description="Events that named no task.")
    behind_since: Time | None = Field(
        description="Since when the database takes nothing."
    )


class Tasks(List):
    items: list[Task]
    history: TaskHistory


class TaskFailure(Answer):
    name: str | None
    exception: str | None
    count: Annotated[int, Field(ge=1)]
    first_at: Time
    last_at: Time
    example_id: str


class TaskFailures(WholeList):
    items: list[TaskFailure]


class AuditEntry(Answer):
    at: Time
    actor: str = Field(description="A key's id, `cli` or `worker`.")
    action: str
    target: str
    detail: str


class AuditLog(List):
    items: list[AuditEntry]


class Ticket(Answer):
    """Good for one `/ws/status?ticket=`."""

    ticket: str
    expires_in_seconds: Count


class Alive(Answer):
    status: Literal["ok", "broken"]


class Ready(Answer):
    status: Literal["ok", "unavailable"]


class DatabaseHealth(Answer):
    state: Literal["up", "down"]
    since: Time | None


class FeedHealth(Answer):
    state: Literal["up", "down", "dead"]
    since: Time | None
    refused: Count = Field(
        description="Events that were none of ours, since this process began."
    )


class SocketsOpen(Answer):
    open: Count


class BeatHealth(Answer):
    """`unknown`, without a time, while the database is away."""

    state: Literal["up", "silent", "unknown"]
    ticked_at: Time | None = None


class Part(Answer):
    """`advice` says what to do; null: nothing."""

    name: str
    state: Condition
    since: Time | None
    text: str
    advice: str | None


class Health(Answer):
    """Every part with its state, and since when.

    `degraded` when one of `parts` is down or should be looked at.
    """

    status: Literal["ok", "degraded"]
    version: str
    database: DatabaseHealth
    feed: FeedHealth
    sockets: SocketsOpen
    beat: BeatHealth
    parts: list[Part]
