"""`/accounts/<id>`: how an account goes, and what can be changed about it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from mailbeat.db import stats
from mailbeat.db.accounts import SETTING_UP
from mailbeat.db.clock import database_now
from mailbeat.db.health import Kind, kind_of, read_facts
from mailbeat.db.models import Account
from mailbeat.db.removal import removal_of, removed_with_it
from mailbeat.db.run_history import list_runs
from mailbeat.health_sentence import sentence_of
from mailbeat.labeling.llm.model import Model
from mailbeat.mail.oauth import PROVIDERS, Provider
from mailbeat.mail.providers import provider_of_host
from webapp.api.schemas import run_json
from webapp.dashboard import words
from webapp.dashboard.blueprint import (
    idle_status,
    known_account,
    may,
    pages,
    reading,
)
from webapp.dashboard.live_page import explain
from webapp.language import tongue
from webapp.parts import parts

STRIP = 30  # runs
DAYS = 30  # of what was labelled
INTERVALS = (60, 300, 900, 1800, 3600, 21_600, 86_400)  # seconds
HOURS = (2, 24, 72, 168, 720, 2160)  # to look back

SERVER = ("host", "port", "security", "username", "mailbox")

NOTHING: Mapping[str, str] = {}


@pages.get("/accounts/<int(max=2147483647):account_id>")
def account(account_id: int) -> str:
    with reading() as session:
        return account_page(session, account_id)


def account_page(
    session: Session,
    account_id: int,
    errors: Mapping[str, str] = NOTHING,
    form: Mapping[str, str] = NOTHING,
) -> str:
    """One account, with what was typed into a form and what is wrong with it."""
    found = known_account(session, account_id)
    settings = parts().settings
    now = database_now(session)
    facts = read_facts(
        session, found, now=now, default_interval=settings.background_scan_interval
    )
    rows, _ = list_runs(session, limit=STRIP, account_id=account_id)
    runs = [run_json(run) for run in rows if run.end_time is not None]
    status, all_paused = parts().live.status(account_id)
    status = status or idle_status(found)
    need = words.need_of(status, runs[0] if runs else None)
    kind = kind_of(facts)
    return render_template(
        "account.html",
        account=found,
        health=sentence_of(facts),
        facts=facts,
        is_late=kind is Kind.LATE,
        signs_in_with=_title(found),
        sign_in_with=sign_in_with(found),
        provider=provider_of_host(found.host),
        status=status,
        need=explain(need) if need and kind is Kind.NEEDS_YOU else None,
        last_error=runs[0] if runs and kind is Kind.FAILING else None,
        is_set_up=found.pause_reason != SETTING_UP,
        runs=runs,
        tally=_tally(runs),
        typical=_typical(runs),
        interval=_interval(found),
        labeled=_labeled(session, account_id, now),
        days=DAYS,
        all_paused=all_paused,
        form=form,
        login={name: form.get(name, getattr(found, name)) for name in SERVER},
        errors=errors,
        intervals=_with(INTERVALS, found.interval_seconds),
        hours=_with(HOURS, found.look_back_hours),
        settings=settings,
        goes=_goes(session, account_id) if may("admin") else [],
        model_told=_model_told(),
    )


def _goes(session: Session, account_id: int) -> list[str]:
    return removed_with_it(removal_of(session, account_id), tongue())


def _labeled(
    session: Session, account_id: int, now: datetime
) -> list[stats.CategoryCount]:
    """How many messages of each category there were, without those of none."""
    since = now - timedelta(days=DAYS)
    counted = stats.by_category(session, since=since, account_id=account_id)
    return [one for one in counted if one.count]


def _tally(runs: list[dict[str, Any]]) -> list[tuple[words.Mark, int]]:
    """How many of the runs ended in which way."""
    ended = [words.outcome_of(run) for run in runs]
    marks = (mark for mark in words.OUTCOMES.values() if mark in ended)
    return [(mark, ended.count(mark)) for mark in marks]


def _with(known: tuple[int, ...], now: int | None) -> list[int]:
    """What is offered, and what is stored if that is something else."""
    return sorted({*known} if now is None else {*known, now})


def _model_told() -> str | None:
    """What a model gets to see, and where it is."""
    told = parts().settings.llm
    return Model(*told[:2]).told if told else None


def sign_in_with(account: Account) -> list[Provider]:
    """Where the account can sign in by OAuth, as far as we are registered there."""
    known = provider_of_host(account.host)
    names = {account.oauth_provider, known.oauth if known else None}
    clients = parts().access.clients
    return [one.provider for name, one in clients.items() if name in names]


def _title(account: Account) -> str | None:
    """Where the account signs in instead of with a password."""
    name = account.oauth_provider or ""
    return PROVIDERS[name].title if name in PROVIDERS else account.oauth_provider


def _typical(runs: list[dict[str, Any]]) -> float | None:
    took = [run["duration_seconds"] for run in runs if run["outcome"] == "succeeded"]
    return median(took) if took else None


def _interval(account: Account) -> int:
    return account.interval_seconds or parts().settings.background_scan_interval
