"""What is remembered of a language model: its answers, and how much it was asked.

Of mail there is nothing in it: an answer is found by a keyed hash.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailbeat.db.clock import database_now
from mailbeat.db.models import LLMAnswer, LLMDay, table_of
from mailbeat.db.retention import ANSWER_DAYS
from mailbeat.db.session import Sessions, transaction
from mailbeat.db.totals import (
    LLM_CALLS,
    LLM_COST,
    LLM_FAILURES,
    LLM_MESSAGES,
    LLM_TOKENS,
    Key,
    add_totals,
)
from mailbeat.labeling.category import Category
from mailbeat.labeling.llm.endpoint import Endpoint
from mailbeat.labeling.llm.layer import RUN_SECONDS, SHARE, Asked, LLMLayer, Notes
from mailbeat.labeling.llm.likeness import Likeness
from mailbeat.labeling.llm.model import Model, Network
from mailbeat.labeling.llm.prices import Prices
from mailbeat.mail.deadline import never

UNKNOWN_PRICES = Prices()


@dataclass(frozen=True, slots=True)
class Asking:
    """How this process asks a model. There is one in a process."""

    endpoint: Endpoint
    daily_messages: int
    salt: bytes = field(repr=False)  # of the keys of answers
    prices: Prices = field(default_factory=Prices)

    def layer(
        self,
        sessions: Sessions,
        account_id: int,
        categories: Sequence[Category],
        *,
        deadline: float,
        is_stopped: Callable[[], bool] = never,
        asked: Asked | None = None,
        notes: Notes | None = None,
    ) -> LLMLayer:
        """Make the layer of one run, which may take `deadline` seconds in all."""
        return LLMLayer(
            categories,
            asked or self.endpoint,
            notes or LLMNotes(sessions, self.daily_messages, self.prices),
            likeness=Likeness(self.salt, self.endpoint.model, account_id, categories),
            seconds=min(RUN_SECONDS, SHARE * deadline),
            is_stopped=is_stopped,
        )


def asking_of(
    told: tuple[str, str, str] | None,
    *,
    networks: Sequence[Network],
    daily_messages: int,
    secret_keys: Sequence[str],
    prices: Prices = UNKNOWN_PRICES,
) -> Asking | None:
    """Make what asks of an address, a model's name and a key; of nothing, nothing."""
    if told is None:
        return None
    base_url, name, api_key = told
    secret = secret_keys[0] if secret_keys else ""
    return Asking(
        Endpoint(Model(base_url, name, api_key, networks)),
        daily_messages,
        salt=hashlib.sha256(f"answers of a model {secret}".encode()).digest(),
        prices=prices,
    )


class LLMNotes:
    """The notes of all processes; each method is a transaction of its own."""

    def __init__(
        self,
        sessions: Sessions,
        daily_messages: int,
        prices: Prices = UNKNOWN_PRICES,
    ) -> None:
        self._sessions = sessions
        self._daily_messages = daily_messages
        self._prices = prices

    def known(self, keys: Iterable[str]) -> Mapping[str, int | None]:
        keys = list(keys)
        if not keys:
            return {}
        with self._sessions() as session:
            since = database_now(session) - timedelta(days=ANSWER_DAYS)
            rows = session.execute(
                select(LLMAnswer.key, LLMAnswer.category_id).where(
                    LLMAnswer.key.in_(keys), LLMAnswer.created_at >= since
                )
            )
            return {row.key: row.category_id for row in rows}

    def remember(self, answers: Mapping[str, int | None]) -> None:
        with transaction(self._sessions) as session:
            now = database_now(session)
            # In the order of the keys: two runs that remember the same wait, and do not
            # lock each other.
            for key in sorted(answers):
                told = {"category_id": answers[key], "created_at": now}
                session.execute(
                    _insert(session, LLMAnswer)
                    .values(key=key, **told)
                    .on_conflict_do_update(index_elements=["key"], set_=told)
                )

    def take(self, wanted: int) -> int:
        with transaction(self._sessions) as session:
            day = _day_to_write(session)
            used = session.scalar(
                select(LLMDay.messages).where(LLMDay.day == day).with_for_update()
            )
            taken = max(0, min(wanted, self._daily_messages - (used or 0)))
            _count(session, day, messages=taken)
            add_totals(session, {(LLM_MESSAGES, ()): taken})
        return taken

    def note(self, *, tokens: int = 0, written: int = 0, failures: int = 0) -> None:
        cost = self._prices.cost(tokens, written=written)
        counted = {"calls": 1, "tokens": tokens, "failures": int(failures)}
        more: dict[Key, float] = {
            (LLM_CALLS, ()): 1,
            (LLM_TOKENS, ()): tokens,
            (LLM_FAILURES, ()): int(failures),
        }
        if cost:
            more[LLM_COST, (self._prices.currency,)] = cost
        with transaction(self._sessions) as session:
            day = _day_to_write(session)
            _count(session, day, **counted, cost=cost)
            add_totals(session, more)


def llm_days(session: Session, *, since: datetime) -> list[LLMDay]:
    """Return how much the model was asked on each day, the newest first."""
    first = since.date().isoformat()
    found = session.scalars(
        select(LLMDay).where(LLMDay.day >= first).order_by(LLMDay.day.desc())
    )
    return list(found)


@dataclass(frozen=True, slots=True)
class Use:
    """How much a model was asked about, and what that cost, since some day began."""

    messages: int
    tokens: int
    cost: float


def read_use(session: Session, *, now: datetime) -> tuple[Use, Use]:
    """The use of today and of this month, by the clock of UTC."""
    days = llm_days(session, since=now.replace(day=1))
    today = now.date().isoformat()
    return _sum(one for one in days if one.day == today), _sum(days)


def _sum(days: Iterable[LLMDay]) -> Use:
    found = list(days)
    return Use(
        sum(one.messages for one in found),
        sum(one.tokens for one in found),
        sum(one.cost for one in found),
    )


def _day_to_write(session: Session) -> str:
    """Have a row for today, and return its day."""
    day = database_now(session).date().isoformat()
    zeros = dict.fromkeys(("calls", "messages", "failures", "tokens"), 0)
    session.execute(
        _insert(session, LLMDay).values(day=day, **zeros).on_conflict_do_nothing()
    )
    return day


def _count(session: Session, day: str, **more: float) -> None:
    table = table_of(LLMDay)
    session.execute(
        update(table)
        .where(table.c.day == day)
        .values(
            {table.c[name]: table.c[name] + number for name, number in more.items()}
        )
    )


def _insert(session: Session, model: Any) -> Any:
    """Return an INSERT that knows ON CONFLICT, which each dialect has for itself."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(model)
