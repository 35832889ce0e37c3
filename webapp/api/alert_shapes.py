"""The JSON of alerts: what comes in, what goes out, and how it is built."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic.functional_validators import AfterValidator

from mailbeat.alerts.rules import RULES
from mailbeat.alerts.words import rule_of
from mailbeat.db import alerts as db
from mailbeat.db.models import Alert, Delivery, Silence
from mailbeat.db.outbox import SENDING, WAITING
from webapp.api.answers import Answer, Count, Id, List, Time, WholeList
from webapp.api.schemas import Line, Paging, Strict, iso, iso_or_none, whole

LONGEST_SILENCE = 366 * 24 * 60  # minutes


def _known_rule(name: str) -> str:
    if name not in RULES:
        raise ValueError(f"is one of {', '.join(RULES)}")
    return name


RuleName = Annotated[
    str, AfterValidator(_known_rule), WithJsonSchema({"enum": list(RULES)})
]
State = Literal["open", "resolved"]


class AlertsQuery(Paging):
    state: State | None = None
    rule: RuleName | None = None


class SilenceNew(Strict):
    """`subject` is that of an alert; without one all of the rule is meant."""

    rule: RuleName
    subject: Annotated[Line, Field(max_length=100)] | None = None
    minutes: Annotated[int, Field(ge=1, le=LONGEST_SILENCE), BeforeValidator(whole)]


class AlertTold(Answer):
    """Something that is wrong, or was. `subject` is empty for the installation."""

    id: Id
    rule: str
    title: str
    subject: str
    account_id: Id | None
    state: State
    detail: str
    todo: str = Field(description="What a person does next.")
    count: Annotated[int, Field(ge=1, description="Times that it came back soon.")]
    opened_at: Time
    resolved_at: Time | None
    last_notified_at: Time | None = Field(description="Null: nobody was told yet.")
    acknowledged_at: Time | None
    acknowledged_by: str | None
    silenced: bool


class Alerts(List):
    items: list[AlertTold]


class SilenceTold(Answer):
    """Until when nobody is told of a rule, or of one subject of it."""

    id: Id
    rule: str
    subject: str | None
    until: Time
    created_at: Time
    created_by: str


class Silences(WholeList):
    items: list[SilenceTold]


class DeliveryTold(Answer):
    """One message on one way out, and whether it arrived."""

    id: Id
    message_id: str
    kind: Literal["alert", "test", "digest"]
    channel: str = Field(description="For people; without anything secret.")
    title: str
    state: Literal["waiting", "sending", "sent", "failed", "unclear"]
    attempts: Count
    created_at: Time
    next_try_at: Time | None
    sent_at: Time | None
    error: str | None


class Deliveries(WholeList):
    items: list[DeliveryTold]


class Tested(Answer):
    """A test is on its way; `GET /api/alerts/deliveries` tells whether it arrived."""

    message_id: str
    channels: list[str]


def alert_json(alert: Alert, held: Sequence[Silence]) -> dict[str, Any]:
    rule = rule_of(alert)
    return {
        "id": alert.id,
        "rule": alert.rule,
        "title": rule.one,
        "subject": alert.subject,
        "account_id": alert.account_id,
        "state": "open" if alert.resolved_at is None else "resolved",
        "detail": alert.detail,
        "todo": rule.todo,
        "count": alert.count,
        "opened_at": iso(alert.opened_at),
        "resolved_at": iso_or_none(alert.resolved_at),
        "last_notified_at": iso_or_none(alert.last_notified_at),
        "acknowledged_at": iso_or_none(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by,
        "silenced": db.is_silenced(alert, held),
    }


def silence_json(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "rule": silence.rule,
        "subject": silence.subject,
        "until": iso(silence.until),
        "created_at": iso(silence.created_at),
        "created_by": silence.created_by,
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    is_over = delivery.state not in {WAITING, SENDING}
    return {
        "id": delivery.id,
        "message_id": delivery.message_id,
        "kind": delivery.kind,
        "channel": delivery.shown,
        "title": delivery.title,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": iso(delivery.created_at),
        "next_try_at": None if is_over else iso(delivery.next_try_at),
        "sent_at": iso_or_none(delivery.sent_at),
        "error": delivery.error,
    }
