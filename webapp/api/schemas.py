"""The JSON of the API and of the pages: what goes out, and what may come in."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

from flask import request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
    model_validator,
)
from werkzeug.exceptions import BadRequest

from mailbeat.db.accounts import NewAccount
from mailbeat.db.api_keys import Scope
from mailbeat.db.busy_hours import zone_named
from mailbeat.db.corrections import AT_ONCE
from mailbeat.db.health import Kind
from mailbeat.db.labels_there import label_state
from mailbeat.db.models import (
    Account,
    APIKey,
    AuditEntry,
    CategoryRow,
    Correction,
    MessageRow,
    Run,
    TaskRow,
)
from mailbeat.db.processes import MAX_SIZE
from mailbeat.db.task_lists import CURSOR as TASK_CURSOR
from mailbeat.db.task_lists import Failure, TaskSort
from mailbeat.db.task_record import RUNNING, WAITING, TaskRecord, TaskState
from mailbeat.labeling.categorizer import NONE
from mailbeat.labeling.category import (
    BAR,
    COLORS,
    LOWEST_BAR,
    MAX_DEFINITION,
    MAX_NAME,
)
from mailbeat.labeling.details import considered_from_text
from mailbeat.labeling.progress import Outcome, RunState
from mailbeat.mail.address import MAX_ADDRESS, normal_address
from mailbeat.mail.errors import ErrorCode
from mailbeat.mail.labels import MAX_LABEL
from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import Server, chosen

MAX_ID = 2**31 - 1  # of a row
RUN_ID = r"^[0-9A-Za-z-]{1,36}$"
TASK_ID = r"^[0-9A-Za-z_][0-9A-Za-z_.:@=+,~|-]{0,99}$"


def iso(moment: datetime) -> str:
    """A time on the wire: UTC, milliseconds, `Z`."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def run_json(run: Run) -> dict[str, Any]:
    end = run.end_time
    seconds = None if end is None else (end - run.start_time).total_seconds()
    return {
        "run_id": run.run_id,
        "account_id": run.account_id,
        "email_address": run.email_address,
        "state": run.state,
        "outcome": run.outcome,
        "start_time": iso(run.start_time),
        "end_time": iso_or_none(end),
        "duration_seconds": None if seconds is None else round(seconds, 3),
        "emails_found": run.emails_found,
        "emails_processed": run.emails_processed,
        "emails_labeled": run.emails_labeled,
        "emails_skipped": run.emails_skipped,
        "emails_failed": run.emails_failed,
        "error_code": run.error_code,
        "error_message": run.error_message,
        "phases": [
            {
                "state": phase.state,
                "start_time": iso(phase.start_time),
                "end_time": iso_or_none(phase.end_time),
            }
            for phase in run.phases
        ],
    }


def audit_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": iso(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "detail": entry.detail,
    }


def task_json(task: TaskRow | TaskRecord) -> dict[str, Any]:
    """A task, from its row or from what was heard of it just now."""
    return {
        "task_id": task.task_id,
        "name": task.name,
        "state": str(task.state),
        "worker": task.worker,
        "arguments": task.arguments,
        "account_id": task.account_id,
        "retries": task.retries,
        "exception": task.exception,
        "error": task.error,
        "sent_at": iso_or_none(task.sent_at),
        "received_at": iso(task.received_at),
        "started_at": iso_or_none(task.started_at),
        "ended_at": iso_or_none(task.ended_at),
        "runtime_seconds": runtime_of(task),
        "eta": iso_or_none(task.eta),
        "expires": iso_or_none(task.expires),
        "root_id": task.root_id,
        "parent_id": task.parent_id,
        "heard_at": iso(task.heard_at),
    }


def runtime_of(task: TaskRow | TaskRecord) -> float | None:
    """Seconds that a task took: as its worker says, or from its start to its end."""
    seconds = task.runtime
    if seconds is None and task.started_at is not None and task.ended_at is not None:
        seconds = max((task.ended_at - task.started_at).total_seconds(), 0.0)
    return None if seconds is None else round(seconds, 3)


def failure_json(failure: Failure) -> dict[str, Any]:
    return {
        "name": failure.name,
        "exception": failure.exception,
        "count": failure.count,
        "first_at": iso(failure.first_at),
        "last_at": iso(failure.last_at),
        "example_id": failure.example_id,
    }


def account_json(account: Account) -> dict[str, Any]:
    """An account, without any secret."""
    return {
        "account_id": account.id,
        "email_address": account.email_address,
        "host": account.host,
        "port": account.port,
        "security": account.security,
        "username": account.username,
        "oauth_provider": account.oauth_provider,
        "mailbox": account.mailbox,
        "label_prefix": account.label_prefix,
        "moves_mail": account.moves_mail,
        "learns_from_mailbox": account.learns_from_mailbox,
        "asks_llm": account.asks_llm,
        "interval_seconds": account.interval_seconds,
        "look_back_hours": account.look_back_hours,
        "created_at": iso(account.created_at),
        "next_run_at": iso_or_none(account.next_run_at),
        "paused": account.paused_at is not None,
        "paused_at": iso_or_none(account.paused_at),
        "pause_reason": account.pause_reason,
    }


def key_json(key: APIKey) -> dict[str, Any]:
    """A key, without its secret: that was shown once."""
    return {
        "key_id": key.key_id,
        "name": key.name,
        "scope": key.scope,
        "created_at": iso(key.created_at),
        "expires_at": iso_or_none(key.expires_at),
        "last_used_at": iso_or_none(key.last_used_at),
        "revoked_at": iso_or_none(key.revoked_at),
    }


def category_json(category: CategoryRow) -> dict[str, Any]:
    return {
        "category_id": category.id,
        "slug": category.slug,
        "name": category.name,
        "label": category.label,
        "definition": category.definition,
        "color": category.color,
        "bar": category.bar,
        "enabled": category.enabled,
        "deleted_at": iso_or_none(category.deleted_at),
        "merged_into_id": category.merged_into_id,
    }


def message_json(
    row: MessageRow, names: Mapping[int, str], read_as: Mapping[int, int | None]
) -> dict[str, Any]:
    """What was decided about a message, and why; `names` are of all categories.

    Its category is the one that it is counted for and found by: see
    `effective_categories`, which `read_as` is of.
    """
    category_id = read_as.get(row.category_id or 0)
    return {
        "message_id": row.id,
        "account_id": row.account_id,
        "run_id": row.run_id,
        "state": row.state,
        "category_id": category_id,
        "category": names.get(category_id or 0),
        "label": row.label,
        "confidence": row.confidence,
        "layer": row.layer,
        "evidence": row.evidence,
        "suggestion": _suggestion_json(row, names, read_as),
        "sender": row.sender,
        "sender_domain": row.sender_domain,
        "subject": row.subject,
        "received_at": iso(row.received_at),
        "decided_at": iso(row.decided_at),
        "applied_at": iso_or_none(row.applied_at),
        "corrected_at": iso_or_none(row.corrected_at),
    }


def _suggestion_json(
    row: MessageRow, names: Mapping[int, str], read_as: Mapping[int, int | None]
) -> dict[str, Any] | None:
    category_id = read_as.get(row.suggested_id or 0)
    if row.layer != NONE or category_id is None:
        return None
    return {
        "category_id": category_id,
        "category": names[category_id],
        "confidence": row.confidence,
    }


def whole_message_json(
    row: MessageRow,
    corrections: Sequence[Correction],
    names: Mapping[int, str],
    read_as: Mapping[int, int | None],
) -> dict[str, Any]:
    """All that is known of a message; `corrections` are its own, the newest first."""
    return {
        **message_json(row, names, read_as),
        "mailbox": row.mailbox,
        "list_id": row.list_id or None,
        "considered": [
            {
                "category_id": one.category_id,
                "category": names.get(one.category_id or 0),
                "confidence": one.confidence,
                "layer": one.layer,
                "evidence": one.evidence,
            }
            for one in considered_from_text(row.considered)
        ],
        "label_state": label_state(row, corrections),
        "corrections": [correction_json(one, names) for one in corrections],
    }


def correction_json(one: Correction, names: Mapping[int, str]) -> dict[str, Any]:
    """What a person changed; `pending_since` while the label on the server waits."""
    return {
        "correction_id": one.id,
        "account_id": one.account_id,
        "message_id": one.message_id,
        "from_category_id": one.from_category_id,
        "from_category": names.get(one.from_category_id or 0),
        "to_category_id": one.to_category_id,
        "to_category": names.get(one.to_category_id or 0),
        "old_label": one.old_label,
        "new_label": one.new_label,
        "source": one.source,
        "actor": one.actor,
        "created_at": iso(one.created_at),
        "pending_since": iso_or_none(one.pending_since),
        "applied_at": iso_or_none(one.applied_at),
        "undone_at": iso_or_none(one.undone_at),
        "error": one.error,
    }


# What comes in


# The patterns tell programs what the functions below them check: a pattern of
# pydantic's own would answer a person with a regular expression.
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SPACE = r"\x20\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_IN_ADDRESS = rf"[^{_CONTROL}{_SPACE}\"\\]"
_IN_DOMAIN = rf"[^{_CONTROL}{_SPACE}\"\\@]"
MAX_DOMAIN = 250  # characters: `imap.` and it are a host's name
LINE = rf"^[^{_CONTROL}]*$"
ADDRESS = rf"^{_IN_ADDRESS}+@{_IN_DOMAIN}{{1,{MAX_DOMAIN}}}$"
HOST = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?$|^[0-9A-Fa-f:.]+$"
# RFC 3339. The years are those that stay in what a database holds in every zone.
MOMENT = (
    r"^(19[7-9][0-9]|[2-8][0-9]{3})-[0-9]{2}-[0-9]{2}"
    r"[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)


def _no_control(text: str) -> str:
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in text):
        raise ValueError("must not contain control characters")
    return text


def _no_control_secret(secret: SecretStr) -> SecretStr:
    _no_control(secret.get_secret_value())
    return secret


def _is_address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    spaces = any(letter.isspace() for letter in text)
    if not (local and at and domain) or spaces or '"' in text or "\\" in text:
        raise ValueError("is not an e-mail address")
    if len(domain) > MAX_DOMAIN:
        raise ValueError(f"has a domain of more than {MAX_DOMAIN} characters")
    if len(normal_address(text)) > MAX_ADDRESS:
        raise ValueError(f"has more than {MAX_ADDRESS} characters in small letters")
    return text


def _moment(sent: object) -> datetime:
    # Pydantic takes numbers, and days without a time, for moments too.
    if isinstance(sent, str) and re.fullmatch(MOMENT, sent):
        with suppress(ValueError):  # the 30th of February
            return datetime.fromisoformat(sent.upper())
    raise ValueError("must be a time as in RFC 3339, e.g. 2026-01-05T08:00:00Z")


def whole(sent: object) -> object:
    """7.0 is a whole number in JSON Schema, and JavaScript knows no other."""
    return int(sent) if isinstance(sent, float) and sent.is_integer() else sent


def _is_color(text: str) -> str:
    if text not in COLORS:
        raise ValueError(f"is one of {', '.join(COLORS)}")
    return text


def _fraction(sent: object) -> object:
    """1 is a number like 1.0 in JSON Schema."""
    return float(sent) if isinstance(sent, int) and not isinstance(sent, bool) else sent


def _told(pattern: str) -> Any:
    return Field(json_schema_extra={"pattern": pattern})


Id = Annotated[int, Field(ge=1, le=MAX_ID), BeforeValidator(whole)]
Line = Annotated[str, AfterValidator(_no_control), _told(LINE)]  # one line of text
Address = Annotated[
    str,
    AfterValidator(_no_control),
    AfterValidator(_is_address),
    Field(
        min_length=3,
        max_length=MAX_ADDRESS,
        json_schema_extra={"pattern": ADDRESS},
    ),
]
Host = Annotated[str, Field(min_length=1, max_length=255, pattern=HOST)]
Port = Annotated[int, Field(ge=1, le=65_535), BeforeValidator(whole)]
Username = Annotated[Line, Field(min_length=1, max_length=320)]
Password = Annotated[
    SecretStr,
    AfterValidator(_no_control_secret),
    Field(min_length=1, max_length=1024, json_schema_extra={"pattern": LINE}),
]
MailboxName = Annotated[Line, Field(min_length=1, max_length=255)]
Prefix = Annotated[Line, Field(max_length=64)]
Seconds = Annotated[int, Field(ge=2, le=86_400), BeforeValidator(whole)]
Hours = Annotated[int, Field(ge=1, le=8760), BeforeValidator(whole)]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT}),
]


Name = Annotated[Line, Field(min_length=1, max_length=MAX_NAME)]  # of a category
Definition = Annotated[Line, Field(max_length=MAX_DEFINITION)]
Label = Annotated[Line, Field(min_length=1, max_length=MAX_LABEL)]
Color = Annotated[str, AfterValidator(_is_color), WithJsonSchema({"enum": [*COLORS]})]
Bar = Annotated[float, Field(ge=LOWEST_BAR, le=1), BeforeValidator(_fraction)]


class Strict(BaseModel):
    """Nothing that we do not know is passed over in silence."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Paging(Strict):
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(
        None, pattern=r"^[0-9]{1,18}$", description="The `next_cursor` of a page."
    )


class AccountsQuery(Paging):
    q: Annotated[Line, Field(max_length=320)] = Field(
        "", description="Looked for in addresses and in names of servers."
    )
    state: Kind | None = Field(
        None, description="How it goes; every account is in one of these states."
    )


class RunsQuery(Paging):
    account_id: Id | None = None
    state: RunState | None = None
    outcome: Outcome | None = None
    error_code: ErrorCode | None = Field(None, description="What it failed of.")
    since: Moment | None = Field(None, description="Began then or later.")
    until: Moment | None = Field(None, description="Began before then.")


class TaskFilter(StrEnum):
    """A state of a task, or several together: those that wait, those that run."""

    WAITING = "waiting"
    RUNNING = "running"
    SENT = TaskState.SENT
    RECEIVED = TaskState.RECEIVED
    STARTED = TaskState.STARTED
    CONNECTING = TaskState.CONNECTING
    FETCHING = TaskState.FETCHING
    PROCESSING = TaskState.PROCESSING
    CATEGORIZING = TaskState.CATEGORIZING
    LABELING = TaskState.LABELING
    RETRYING = TaskState.RETRYING
    UNKNOWN = TaskState.UNKNOWN
    SUCCEEDED = TaskState.SUCCEEDED
    FAILED = TaskState.FAILED
    REVOKED = TaskState.REVOKED
    REJECTED = TaskState.REJECTED

    @property
    def states(self) -> tuple[TaskState, ...]:
        if self is TaskFilter.WAITING:
            return WAITING
        return RUNNING if self is TaskFilter.RUNNING else (TaskState(self.value),)


TaskText = Annotated[Line, Field(min_length=1, max_length=200)]


class TasksQuery(Paging):
    cursor: str | None = Field(
        None, pattern=TASK_CURSOR, description="The `next_cursor` of a page."
    )
    state: TaskFilter | None = None
    name: TaskText | None = None
    worker: TaskText | None = None
    q: TaskText | None = Field(
        None,
        description="Part of a name, of arguments, an exception or an id. It is "
        "looked for among 10,000 tasks for each page, so a page may be empty though "
        "`next_cursor` is not null.",
    )
    since: Moment | None = Field(None, description="By the time of receipt.")
    until: Moment | None = None
    sort: TaskSort = Field(
        TaskSort.RECEIVED,
        description="`received`: the newest first; `runtime`: the slowest first. A "
        "`cursor` goes on in its own order.",
    )


class TaskFailuresQuery(Strict):
    since: Moment | None = Field(None, description="By the time of receipt.")


class MessagesQuery(Paging):
    account_id: Id | None = None
    category_id: int | None = Field(
        None, ge=0, le=MAX_ID, description="0: messages without a category."
    )
    run_id: str | None = Field(None, pattern=RUN_ID)
    layer: str | None = Field(
        None, pattern="^[a-z]{1,32}$", description="What decided, e.g. `facts`."
    )
    suggested: bool | None = Field(
        None, description="Whether no layer was sure, and one is to be confirmed."
    )
    corrected: bool | None = Field(None, description="Whether a person chose.")
    sender: Annotated[Line, Field(min_length=1, max_length=320)] | None = Field(
        None, description="An address; or a domain, which holds no `@`."
    )
    since: Moment | None = Field(None, description="By the time of the decision.")
    until: Moment | None = None


class CorrectionsQuery(Paging):
    account_id: Id | None = None
    message_id: Id | None = None
    pending: bool | None = Field(
        None, description="Whether the label on the server waits for the next run."
    )


class StatisticsQuery(Strict):
    days: int = Field(30, ge=1, le=400)
    account_id: Id | None = None


def _known_zone(name: str) -> str:
    zone_named(name)
    return name


Zone = Annotated[
    str,
    AfterValidator(_known_zone),
    WithJsonSchema({"type": "string", "enum": sorted(available_timezones())}),
]


class HeatmapQuery(StatisticsQuery):
    zone: Zone = Field(
        "UTC", description="Whose clock tells the hours, e.g. `Europe/Berlin`."
    )


class DaysQuery(Strict):
    days: int = Field(30, ge=1, le=400)


class TopQuery(StatisticsQuery):
    limit: int = Field(20, ge=1, le=100)


class RunNow(Strict):
    account_id: Id


class Threads(Strict):
    """How many a worker is to have."""

    threads: Annotated[int, Field(ge=1, le=MAX_SIZE), BeforeValidator(whole)]


class AccountNew(Strict):
    """What is left out follows from the address: see mail/autoconfig.py."""

    email_address: Address
    password: Password
    host: Host | None = None
    port: Port | None = None
    security: Security | None = None
    username: Username | None = None
    mailbox: MailboxName = "INBOX"
    label_prefix: Prefix = "Mailbeat"
    moves_mail: bool = False
    interval_seconds: Seconds | None = None
    look_back_hours: Hours | None = None

    def as_new_account(self, found: Server | None = None) -> NewAccount:
        """Return the account; `found` is its server, where no host was sent."""
        server = chosen(found, host=self.host, port=self.port, security=self.security)
        return NewAccount(
            email_address=self.email_address,
            host=server.host,
            port=server.port,
            security=server.security,
            username=self.username or self.email_address,
            password=self.password.get_secret_value(),
            mailbox=self.mailbox,
            label_prefix=self.label_prefix,
            moves_mail=self.moves_mail,
            interval_seconds=self.interval_seconds,
            look_back_hours=self.look_back_hours,
        )


def _one_of_two(schema: dict[str, Any]) -> None:
    """Say that a category is named or numbered, and not both."""
    schema["oneOf"] = [{"required": [name]} for name in ("category", "category_id")]


class Chosen(Strict):
    """A category by its name or slug, or by its id; null: no category."""

    model_config = ConfigDict(json_schema_extra=_one_of_two)

    category: Annotated[Line, Field(min_length=1, max_length=64)] | None = None
    category_id: Id | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Chosen":
        if len(self.model_fields_set & {"category", "category_id"}) != 1:
            raise ValueError("must hold either `category` or `category_id`")
        return self


class ManyChosen(Chosen):
    """The same for several messages."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=AT_ONCE)]


def left_out() -> Any:
    """What stands for a field that was not sent, and must not be null when it is."""
    return None


class AccountChange(Strict):
    """What is left out stays.

    `interval_seconds` and `look_back_hours` null go back to the defaults.
    """

    password: Password = Field(default_factory=left_out)
    host: Host = Field(default_factory=left_out)
    port: Port = Field(default_factory=left_out)
    security: Security = Field(default_factory=left_out)
    username: Username = Field(default_factory=left_out)
    mailbox: MailboxName = Field(default_factory=left_out)
    label_prefix: Prefix = Field(default_factory=left_out)
    moves_mail: bool = Field(default_factory=left_out)
    learns_from_mailbox: bool = Field(default_factory=left_out)
    asks_llm: bool = Field(default_factory=left_out)
    interval_seconds: Seconds | None = Field(default_factory=left_out)
    look_back_hours: Hours | None = Field(default_factory=left_out)


class CategoriesQuery(Strict):
    deleted: bool = Field(
        default=False, description="Those that were removed or merged, instead."
    )


class CategoryNew(Strict):
    """Without a label it is the name; without a colour, one that is seldom used."""

    name: Name
    definition: Definition = ""
    label: Label | None = None
    color: Color | None = None
    bar: Bar = BAR
    enabled: bool = True


class CategoryChange(Strict):
    """What is left out stays."""

    name: Name = Field(default_factory=left_out)
    definition: Definition = Field(default_factory=left_out)
    label: Label = Field(default_factory=left_out)
    color: Color = Field(default_factory=left_out)
    bar: Bar = Field(default_factory=left_out)
    enabled: bool = Field(default_factory=left_out)


class CategoryMerge(Strict):
    into: Id


class CategoryOrder(Strict):
    """These come first, in this order; others follow as they were."""

    category_ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]


KeyName = Annotated[Line, Field(min_length=1, max_length=100)]


class KeyNew(Strict):
    name: KeyName
    scope: Scope = Scope.READ
    expires_at: Moment | None = None


M = TypeVar("M", bound=BaseModel)


def body(model: type[M]) -> M:
    """Read the JSON body of the request; "7" is no number there.

    Raises:
        BadRequest: it is no JSON.
        ValidationError: it is not as `model` says; webapp/errors.py answers 422.
    """
    try:
        request.get_json()
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except BadRequest:  # which says neither where it broke nor what is expected
        raise BadRequest(_broken(request.get_data(), model)) from None
    return model.model_validate_json(request.get_data(), strict=True)


def _broken(data: bytes, model: type[BaseModel]) -> str:
    fields = ", ".join(f"`{name}`" for name in model.model_fields)
    wanted = f"a JSON object with {fields}" if fields else "a JSON object, `{}`"
    if not data.strip():
        return f"The body is empty. Send {wanted}."
    try:
        json.loads(data)
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} is not UTF-8"
    except json.JSONDecodeError as error:
        where = f"it breaks at line {error.lineno}, column {error.colno}"
        where = f"{where} ({error.msg[:1].lower()}{error.msg[1:]})"
    else:
        where = "it cannot be read"
    return f"The body is no JSON: {where}. Send {wanted}."


def query(model: type[M]) -> M:
    """Read the query string, as `body`."""
    return model.model_validate(request.args.to_dict())


T = TypeVar("T")


def page_by_id(
    found: Sequence[T],
    asked: Paging,
    show: Callable[[T], Any],
    id_of: Callable[[T], int],
) -> dict[str, Any]:
    """One page of a list that is short enough to be read whole, by rising id."""
    after = int(asked.cursor or 0)
    rest = [one for one in found if id_of(one) > after]
    page = rest[: asked.limit]
    more = len(rest) > asked.limit
    return {
        "items": [show(one) for one in page],
        "next_cursor": str(id_of(page[-1])) if more else None,
    }
