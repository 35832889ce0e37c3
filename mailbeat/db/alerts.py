"""Alerts: what is open, what was, and what nobody wants to hear of for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from mailbeat.db.models import Alert, Silence
from mailbeat.db.paging import newest_page

MAX_DETAIL = 1500  # characters
# What comes back within this time after it was over is the same alert once more.
SAME_WITHIN = timedelta(minutes=30)
FAR = timedelta(days=3650)


class AlertNotFound(Exception):
    pass


class AlertIsOver(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong at this moment."""

    rule: str
    subject: str
    detail: str
    account_id: int | None = None


def open_alerts(session: Session) -> Sequence[Alert]:
    """What is open, the oldest first."""
    query = select(Alert).where(Alert.resolved_at.is_(None))
    return session.scalars(query.order_by(Alert.opened_at, Alert.id)).all()


def count_open(session: Session) -> int:
    """How many are open that nobody has acknowledged, and that are not silenced."""
    query = select(func.count()).select_from(Alert).where(Alert.resolved_at.is_(None))
    return session.scalar(query.where(Alert.acknowledged_at.is_(None))) or 0


def write_down(
    session: Session,
    found: Sequence[Found],
    calms: Mapping[str, timedelta],
    *,
    now: datetime,
) -> None:
    """Open what is new, and end what has been over for as long as its rule wants.

    To be called by one process at a time: see watchers.take_lead.
    """
    known = {(one.rule, one.subject): one for one in open_alerts(session)}
    for trouble in found:
        alert = known.pop((trouble.rule, trouble.subject), None)
        if alert is None:
            _open(session, trouble, now)
        else:
            alert.detail = trouble.detail[:MAX_DETAIL]
            alert.clear_since = None
    for alert in known.values():
        alert.clear_since = alert.clear_since or now
        if now - alert.clear_since >= calms.get(alert.rule, timedelta()):
            alert.resolved_at = now
    session.flush()


def _open(session: Session, trouble: Found, now: datetime) -> Alert:
    before = session.scalar(
        select(Alert)
        .where(
            Alert.rule == trouble.rule,
            Alert.subject == trouble.subject,
            Alert.resolved_at >= now - SAME_WITHIN,
        )
        .order_by(Alert.resolved_at.desc())
        .limit(1)
    )
    if before is None:
        before = Alert(
            rule=trouble.rule,
            subject=trouble.subject,
            account_id=trouble.account_id,
            count=0,
        )
        session.add(before)
    before.detail = trouble.detail[:MAX_DETAIL]
    before.count += 1
    before.opened_at = now
    before.clear_since = before.resolved_at = before.acknowledged_at = None
    before.acknowledged_by = None
    return before


def open_told(
    session: Session, found: Found, *, since: datetime, told_at: datetime
) -> None:
    """Write down what could not be written while it was: it was told at `told_at`."""
    key = (Alert.rule == found.rule, Alert.subject == found.subject)
    if session.scalar(select(exists().where(*key, Alert.resolved_at.is_(None)))):
        return
    alert = _open(session, found, told_at)
    alert.opened_at = since
    alert.last_notified_at = told_at
    session.flush()


def list_alerts(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    state: str | None = None,
    rule: str | None = None,
) -> tuple[list[Alert], str | None]:
    """One page, newest first, and the cursor of the next; `state`: open or resolved.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = select(Alert)
    if state is not None:
        is_open = Alert.resolved_at.is_(None)
        query = query.where(is_open if state == "open" else ~is_open)
    if rule is not None:
        query = query.where(Alert.rule == rule)
    return newest_page(session, query, Alert, limit=limit, cursor=cursor)


def known_alert(session: Session, alert_id: int) -> Alert:
    """Return an alert.

    Raises:
        AlertNotFound: there is none.
    """
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise AlertNotFound(f"There is no alert {alert_id}.")
    return alert


def acknowledge(session: Session, alert_id: int, *, by: str, now: datetime) -> Alert:
    """Note that a person knows; it is not told again, but for its end.

    Raises:
        AlertNotFound: there is none.
        AlertIsOver: it is resolved.
    """
    alert = known_alert(session, alert_id)
    if alert.resolved_at is not None:
        raise AlertIsOver(f"Alert {alert_id} is over already.")
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now, by[:100]
        session.flush()
    return alert


def silence(
    session: Session,
    rule: str,
    subject: str | None,
    *,
    until: datetime,
    by: str,
    now: datetime,
) -> Silence:
    """Tell nobody of a rule, or of one subject of it, until a time.

    It stands in place of an earlier one of the same.
    """
    same = Silence.subject.is_(None) if subject is None else Silence.subject == subject
    session.execute(delete(Silence).where(Silence.rule == rule, same))
    made = Silence(
        rule=rule, subject=subject, until=until, created_at=now, created_by=by[:100]
    )
    session.add(made)
    session.flush()
    return made


def end_silence(session: Session, silence_id: int) -> Silence:
    """Tell of it again.

    Raises:
        AlertNotFound: there is no such silence.
    """
    known = session.get(Silence, silence_id)
    if known is None:
        raise AlertNotFound(f"There is no silence {silence_id}.")
    session.delete(known)
    session.flush()
    return known


def silences(session: Session, *, now: datetime) -> Sequence[Silence]:
    """Those that hold, the one that ends first first."""
    query = select(Silence).where(Silence.until > now)
    return session.scalars(query.order_by(Silence.until, Silence.id)).all()


def is_silenced(alert: Alert, held: Sequence[Silence]) -> bool:
    return any(
        one.rule == alert.rule and one.subject in {None, alert.subject} for one in held
    )


# What is told


@dataclass(frozen=True, slots=True)
class Telling:
    """What one message tells: what is new, what still is, what is over."""

    opened: Sequence[Alert] = ()
    reminded: Sequence[Alert] = ()
    ended: Sequence[Alert] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.opened or self.reminded or self.ended)


def is_told(alert: Alert) -> bool:
    return alert.last_notified_at is not None and (
        alert.last_notified_at >= alert.opened_at
    )


def take_untold(
    session: Session,
    *,
    now: datetime,
    at_most_every: timedelta,
    remind_every: timedelta,
) -> Telling:
    """What is to be told now; it counts as told from then on.

    A rule is told once in `at_most_every`, and so is its end, but that all of it is
    over is told at once. What is silenced waits; what somebody acknowledged is told
    again only when it is over.
    """
    held = silences(session, now=now)
    candidates = _open_or_just_over(session, now)
    opened: list[Alert] = []
    reminded: list[Alert] = []
    ended: list[Alert] = []
    for rule in dict.fromkeys(one.rule for one in candidates):
        of_rule = [one for one in candidates if one.rule == rule]
        told, end_told = _last_told(session, rule)
        may_tell = told is None or now - told >= at_most_every
        still = [one for one in of_rule if one.resolved_at is None]
        heard = [one for one in still if not is_silenced(one, held)]
        if may_tell:
            opened += [
                one for one in heard if not is_told(one) and not one.acknowledged_at
            ]
        reminded += [
            one
            for one in heard
            if is_told(one)
            and one.acknowledged_at is None
            and one.last_notified_at is not None
            and now - one.last_notified_at >= remind_every
        ]
        over = [one for one in of_rule if one.resolved_at is not None]
        is_all = not any(map(is_told, still))
        if is_all or end_told is None or now - end_told >= at_most_every:
            ended += [one for one in over if not is_silenced(one, held)]
        for one in over:
            if is_silenced(one, held):
                one.end_notified_at = now
    for one in (*opened, *reminded):
        one.last_notified_at = now
    for one in ended:
        one.end_notified_at = now
    session.flush()
    return Telling(opened, reminded, ended)


def _open_or_just_over(session: Session, now: datetime) -> Sequence[Alert]:
    """The oldest first; of those that are over, what was told and its end was not."""
    is_end_untold = or_(
        Alert.end_notified_at.is_(None), Alert.end_notified_at < Alert.opened_at
    )
    is_just_over = and_(
        Alert.last_notified_at >= Alert.opened_at,
        is_end_untold,
        Alert.resolved_at >= now - timedelta(days=2),
    )
    return session.scalars(
        select(Alert)
        .where(or_(Alert.resolved_at.is_(None), is_just_over))
        .order_by(Alert.opened_at, Alert.id)
    ).all()


def _last_told(session: Session, rule: str) -> tuple[datetime | None, datetime | None]:
    row = session.execute(
        select(
            func.max(Alert.last_notified_at, type_=Alert.opened_at.type),
            func.max(Alert.end_notified_at, type_=Alert.opened_at.type),
        ).where(Alert.rule == rule)
    ).one()
    return row[0], row[1]
