"""Who decided, in numbers: how much each layer did, and how often people corrected."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from mailbeat.db import daily_messages
from mailbeat.db.cuts import Step, cut, moment, starts
from mailbeat.db.models import Correction, MessageRow


@dataclass(frozen=True, slots=True)
class LayerCount:
    """`layer` as in labeling/categorizer.py; `labeled`: the label is on the server."""

    layer: str
    messages: int
    labeled: int


def by_layer(
    session: Session, *, since: datetime, account_id: int | None = None
) -> list[LayerCount]:
    """How many messages each layer decided about, the busiest first."""
    if daily_messages.is_counted(session, since):
        return _by_layer_of_days(session, since, account_id)
    is_labeled = sa.and_(MessageRow.state == "applied", MessageRow.label.is_not(None))
    number = func.count().label("number")
    query = (
        select(MessageRow.layer, number, func.sum(case((is_labeled, 1), else_=0)))
        .where(MessageRow.decided_at >= since, MessageRow.state != "failed")
        .group_by(MessageRow.layer)
        .order_by(number.desc(), MessageRow.layer)
    )
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    return [LayerCount(*row) for row in session.execute(query)]


def _by_layer_of_days(
    session: Session, since: datetime, account_id: int | None
) -> list[LayerCount]:
    messages, labeled = Counter[str](), Counter[str]()
    found = daily_messages.sums(session, "layer", since=since, account_id=account_id)
    for one in found:
        messages[one.name] += one.messages
        labeled[one.name] += one.labeled
    layers = [
        LayerCount(layer, number, labeled[layer])
        for layer, number in messages.items()
        if number
    ]
    return sorted(layers, key=lambda one: (-one.messages, one.layer))


def corrections_over_time(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    step: Step,
    account_id: int | None = None,
) -> Sequence[int]:
    """How many corrections people made in each step, without those they took back.

    What `mailbeat relabel` changed is no correction of a person.
    """
    start = cut(session, Correction.created_at, step).label("start")
    query = (
        select(start, func.count())
        .where(
            Correction.created_at >= since,
            Correction.undone_at.is_(None),
            Correction.source != "relabel",
        )
        .group_by(sa.text("start"))
    )
    if account_id is not None:
        query = query.where(Correction.account_id == account_id)
    counts = dict.fromkeys(starts(since, until, step), 0)
    for text, number in session.execute(query):
        if (at := moment(text, step)) in counts:
            counts[at] += number
    return list(counts.values())
