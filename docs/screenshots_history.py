"""Weeks of history for a demo's database, so that every page has something to show.

What the demo labelled by itself is repeated over the days before, with corrections,
runs that failed, rules, categories of one's own, alerts and keys.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from mailbeat.db import audit
from mailbeat.db.categories import living_categories
from mailbeat.db.category_changes import NewCategory, add_category
from mailbeat.db.clock import database_now
from mailbeat.db.counting import count_everything
from mailbeat.db.models import (
    Account,
    Alert,
    APIKey,
    CategoryRow,
    Correction,
    Delivery,
    DigestSubscription,
    MessageRow,
    Run,
    RunPhase,
    StatisticsState,
    TaskRow,
)
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.condition_form import read_condition
from mailbeat.mail.errors import ErrorCode

DAYS = 40
RUNS_A_DAY = 24
SATURDAY = 5
# How much mail comes in each hour of a day, by the clock of Europe.
HOURS = (1, 1, 1, 1, 2, 4, 9, 16, 22, 20, 17, 15, 13, 15, 17, 16, 14, 11, 9, 8, 7, 5)
PHASES = ("connecting", "fetching", "processing", "categorizing", "labeling")
SHARES = (0.16, 0.22, 0.04, 0.33, 0.25)
SLOW_ACCOUNT, PAUSED_ACCOUNT = 4, 6
TROUBLES = {
    ErrorCode.SERVER_BUSY: "{host} was busy and closed the connection. It is tried "
    "again at the next run.",
    ErrorCode.THROTTLED: "{host} allows no more connections for now. It is tried again "
    "less often until it does.",
    ErrorCode.CONNECT_FAILED: "{host} did not answer within 30 s. Check that the "
    "server runs; it is tried again at the next run.",
    ErrorCode.DEADLINE: "The run took longer than 1800 s and was ended. What it did "
    "is kept; the next run goes on.",
}
RULES = (
    ("Bills of the landlord", {"domain": "hausverwaltung.example"}, "Finance"),
    ("The team's calendar", {"sender": "team@werkplaats.example"}, "Calendar"),
    ("Hiking list", {"list": "randonnee.listes.example.net"}, "Forums"),
    ("Parents' evening", {"subject": {"contains": "Elternabend"}}, "School"),
)


def tell_history(folder: Path) -> None:
    """Fill the database of the demo in this folder."""
    keys = (folder / "secret.keys").read_text().split()
    engine = create_engine(f"sqlite:///{folder}/mailbeat.db", secret_keys=keys)
    sessions = create_sessions(engine)
    dice = random.Random(7)  # noqa: S311 # no secret: the same history each time
    with transaction(sessions) as session:
        now = database_now(session)
        accounts = list(session.scalars(select(Account).order_by(Account.id)))
        _categories(session)
        for account in accounts:
            _spread(session, account, now, dice)
            _messages(session, account, now, dice)
            _runs(session, account, now, dice)
        _rules(session, now)
        _standing(accounts, now)
        _operation(session, accounts, now, dice)
        _others_tasks(session, now, dice)
        _access(session, now)
        session.execute(sa.update(StatisticsState).values(counted_at=None))
    for _ in count_everything(sessions):
        pass
    engine.dispose()


def _copy(row: MessageRow, **changes: Any) -> MessageRow:
    columns = inspect(type(row)).columns.keys()
    values = {name: getattr(row, name) for name in columns if name != "id"}
    return type(row)(**(values | changes))


def _moments(now: datetime, dice: random.Random) -> Iterator[datetime]:
    """When messages came: fewer on weekends and at night, a little more each week."""
    for days in range(DAYS, 0, -1):
        day = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
        weight = 5 if day.weekday() >= SATURDAY else 14
        for _ in range(
            round(weight * (1.3 - days / DAYS * 0.4) * dice.uniform(0.6, 1.4))
        ):
            hour = dice.choices(range(len(HOURS)), HOURS)[0]
            yield day.replace(hour=hour) + timedelta(seconds=dice.randrange(3600))


def _spread(
    session: Session, account: Account, now: datetime, dice: random.Random
) -> None:
    """What the first run found came on many days, and not all of it today."""
    first = (
        select(MessageRow)
        .where(MessageRow.account_id == account.id)
        .order_by(MessageRow.id)
        .limit(60)
    )
    for row in session.scalars(first):
        back = timedelta(days=dice.uniform(0.2, DAYS))
        row.received_at = now - back
        row.decided_at = row.applied_at = now - back + timedelta(seconds=90)


def _messages(
    session: Session, account: Account, now: datetime, dice: random.Random
) -> None:
    known = list(
        session.scalars(
            select(MessageRow)
            .where(MessageRow.account_id == account.id)
            .order_by(MessageRow.id)
            .limit(200)
        )
    )
    if not known:
        return
    categories = {one.id: one for one in living_categories(session)}
    for number, at in enumerate(_moments(now, dice)):
        one = dice.choice(known)
        decided = at + timedelta(seconds=dice.uniform(20, 280))
        row = _copy(
            one,
            uid=10_000_000 + number,
            key=f"{one.key[:40]}-{number}",
            thread="",
            received_at=at,
            decided_at=decided,
            applied_at=decided + timedelta(seconds=1) if one.label else None,
            run_id=str(uuid.UUID(int=dice.getrandbits(128))),
        )
        # The longer it learns, the surer it is, and the less there is to correct.
        age = (now - at).days / DAYS
        if (
            row.category_id is None
            and row.suggested_id
            and dice.random() > 0.4 + age / 2
        ):
            row.category_id, row.layer = row.suggested_id, "learned"
            row.label = categories[row.suggested_id].label
            row.confidence = round(dice.uniform(0.86, 0.97), 2)
            row.evidence = "Its words are those of such mail"
        session.add(row)
        if dice.random() < 0.015 + 0.05 * age:
            _correct(session, row, list(categories.values()), dice)


def _correct(
    session: Session,
    row: MessageRow,
    categories: Sequence[CategoryRow],
    dice: random.Random,
) -> None:
    to = dice.choice(categories)
    session.flush()
    at = row.decided_at + timedelta(minutes=dice.randrange(5, 600))
    session.add(
        Correction(
            account_id=row.account_id,
            message_id=row.id,
            from_category_id=row.category_id,
            to_category_id=to.id,
            old_label=row.label,
            new_label=to.label,
            former="{}",
            source="dashboard",
            actor="bootstrap",
            created_at=at,
            applied_at=at,
        )
    )
    row.category_id, row.label, row.layer = to.id, to.label, "you"
    row.confidence, row.corrected_at, row.evidence = 1.0, at, "You said so"


def _runs(
    session: Session, account: Account, now: datetime, dice: random.Random
) -> None:
    step = timedelta(days=1) / RUNS_A_DAY
    at = now - timedelta(days=DAYS) + step * dice.random()
    while at < now - timedelta(minutes=4):
        found = max(0, round(dice.gauss(3, 4)))
        seconds = 0.4 + found * dice.uniform(0.05, 0.2) + dice.expovariate(2)
        fails = dice.random() < (0.16 if account.id == SLOW_ACCOUNT else 0.008)
        found = 0 if fails else found
        _run(session, account, at, dice, seconds=seconds, found=found, fails=fails)
        at += step * dice.uniform(0.9, 1.1)


def _run(
    session: Session,
    account: Account,
    at: datetime,
    dice: random.Random,
    *,
    seconds: float,
    found: int,
    fails: bool,
) -> None:
    end = at + timedelta(seconds=seconds)
    code = dice.choice(list(TROUBLES)) if fails else None
    labeled = round(found * dice.uniform(0.6, 1))
    row = Run(
        email_address=account.email_address,
        start_time=at,
        end_time=end,
        state="error" if fails else "completed",
        outcome="failed" if fails else "succeeded",
        emails_found=found,
        emails_processed=found,
        emails_labeled=labeled,
        emails_skipped=found - labeled,
        error_code=code,
        error_message=TROUBLES[code].format(host=account.host) if code else None,
        created_at=at,
        run_id=str(uuid.UUID(int=dice.getrandbits(128))),
        account_id=account.id,
        worker="celery@mail-1",
        seq=7,
        updated_at=end,
        due_at=at - timedelta(seconds=dice.random()),
    )
    names = PHASES[:1] if fails else PHASES if found else PHASES[:2]
    parts = [share * dice.uniform(0.6, 1.5) for share in SHARES[: len(names)]]
    begun = at
    for name, part in zip(names, parts, strict=True):
        over = begun + (end - at) * part / sum(parts)
        row.phases.append(RunPhase(state=name, start_time=begun, end_time=over))
        begun = over
    session.add(row)


def _categories(session: Session) -> None:
    for name, definition, color in (
        ("Travel", "Tickets, bookings, changes of a journey", "cyan"),
        ("School", "What the children's school and its parents write", "orange"),
    ):
        add_category(
            session, NewCategory(name=name, definition=definition, color=color)
        )


def _rules(session: Session, now: datetime) -> None:
    ids = {one.name: one.id for one in living_categories(session)}
    for name, written, category in RULES:
        condition = read_condition(written)
        add_rule(session, NewRule(name, condition, ids[category]), now=now)


def _standing(accounts: list[Account], now: datetime) -> None:
    """One that a person paused, one whose server is often busy."""
    for account in accounts:
        if account.id == PAUSED_ACCOUNT:
            account.paused_at, account.pause_reason = now - timedelta(hours=3), "user"


def _operation(
    session: Session, accounts: list[Account], now: datetime, dice: random.Random
) -> None:
    """Alerts that are over, and what was sent about them."""
    for rule, hours, minutes, detail in (
        ("no_worker", 30, 4, "No worker has been heard of for 30 s."),
        ("feed_deaf", 97, 2, "127.0.0.1:6379 refuses connections."),
        ("account_failing", 170, 95, f"{accounts[3].email_address} failed 6 times."),
    ):
        begun = now - timedelta(hours=hours)
        over = begun + timedelta(minutes=minutes)
        session.add(
            Alert(
                rule=rule,
                subject="",
                detail=detail,
                opened_at=begun,
                resolved_at=over,
                last_notified_at=begun,
                end_notified_at=over,
            )
        )
    for state, title, ago, error in (
        ("sent", "An account needs you", 12, None),
        ("failed", "No worker runs", 1800, "The server answered 503 four times."),
    ):
        at = now - timedelta(minutes=ago)
        session.add(
            Delivery(
                message_id=str(uuid.UUID(int=dice.getrandbits(128))),
                kind="alert",
                channel="mail",
                shown="mail to ops@example.org",
                title=title,
                state=state,
                attempts=1 if error is None else 4,
                created_at=at,
                next_try_at=at,
                sent_at=at if error is None else None,
                error=error,
            )
        )


def _others_tasks(session: Session, now: datetime, dice: random.Random) -> None:
    """Tasks of another app."""
    for number in range(60):
        at = now - timedelta(minutes=3 * number + dice.random())
        fails, runtime = number % 9 == 4, dice.uniform(0.05, 9)
        session.add(
            TaskRow(
                task_id=str(uuid.UUID(int=dice.getrandbits(128))),
                name=dice.choice(("shop.invoices.render", "shop.mail.send_receipt")),
                state="failed" if fails else "succeeded",
                step=1,
                worker="celery@shop-2",
                arguments=f"({4000 + number},)",
                exception="TimeoutError" if fails else None,
                error="The printer did not answer within 5 s" if fails else None,
                retries=2 if fails else 0,
                received_at=at,
                heard_at=at + timedelta(seconds=runtime),
                started_at=at,
                ended_at=at + timedelta(seconds=runtime),
                runtime=runtime,
            )
        )


def _access(session: Session, now: datetime) -> None:
    """Keys, a subscription, and deeds of the last days."""
    for name, scope, days in (
        ("Grafana", "read", 90),
        ("Home Assistant", "control", 12),
        ("Laptop of Ada", "admin", 2),
    ):
        session.add(
            APIKey(
                key_id=name.lower().replace(" ", ""),
                secret_hash=bytes(32),
                name=name,
                scope=scope,
                created_at=now - timedelta(days=days),
                last_used_at=now - timedelta(minutes=days),
            )
        )
    session.add(
        DigestSubscription(
            address="ada@example.org",
            frequency="weekly",
            zone="Europe/Berlin",
            hour=7,
            created_at=now,
            created_by="bootstrap",
            next_at=now + timedelta(days=3),
            last_sent_at=now - timedelta(days=4),
        )
    )
    deeds = (
        ("bootstrap", "account.add", "account 2", ""),
        ("laptopofada", "rule.add", "rule 1", "Bills of the landlord"),
        ("bootstrap", "key.issue", "key homeassistant", "control"),
        ("homeassistant", "processing.pause", "everything", ""),
        ("homeassistant", "processing.resume", "everything", ""),
        ("bootstrap", "account.pause", "account 6", "user"),
    )
    for hours, (actor, action, target, detail) in enumerate(deeds):
        at = now - timedelta(hours=7 * (len(deeds) - hours))
        audit.record(session, actor, action, target, detail, now=at)
