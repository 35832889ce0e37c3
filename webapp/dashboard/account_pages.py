"""`/accounts` and `/accounts/<id>`: whose mail, how it is reached, how it goes."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from mailbeat.db.accounts import SETTING_UP
from mailbeat.db.models import Account
from mailbeat.db.run_history import list_runs
from mailbeat.db.runs import last_runs
from mailbeat.db.status import accounts_without_secrets
from mailbeat.labeling.llm.model import Model
from mailbeat.mail.oauth import PROVIDERS, Provider
from mailbeat.mail.providers import provider_of_host
from webapp.api.schemas import run_json
from webapp.dashboard import words
from webapp.dashboard.blueprint import (
    idle_status,
    known_account,
    pages,
    reading,
    status_of,
)
from webapp.dashboard.live_page import explain
from webapp.parts import parts

STRIP = 30  # runs

NO_ERRORS: Mapping[str, str] = {}


@pages.get("/accounts")
def accounts() -> str:
    return accounts_page()


def accounts_page() -> str:
    snapshot = parts().live.snapshot()
    with reading() as session:
        found = accounts_without_secrets(session)
        last = last_runs(session)
    rows = [
        (
            account,
            status_of(snapshot, account.id) or idle_status(account),
            run_json(last[account.id]) if account.id in last else None,
        )
        for account in found
    ]
    return render_template(
        "accounts.html",
        rows=rows,
        all_paused=bool(snapshot["paused"]),
        setting_up=SETTING_UP,
    )


@pages.get("/accounts/<int(max=2147483647):account_id>")
def account(account_id: int) -> str:
    with reading() as session:
        return account_page(session, account_id, NO_ERRORS)


def account_page(session: Session, account_id: int, errors: Mapping[str, str]) -> str:
    """One account, with what is wrong in the form that was sent."""
    found = known_account(session, account_id)
    rows, _ = list_runs(session, limit=STRIP, account_id=account_id)
    runs = [run_json(run) for run in rows if run.end_time is not None]
    snapshot = parts().live.snapshot()
    status = status_of(snapshot, account_id) or idle_status(found)
    need = words.need_of(status, runs[0] if runs else None)
    return render_template(
        "account.html",
        account=found,
        signs_in_with=_title(found),
        sign_in_with=sign_in_with(found),
        provider=provider_of_host(found.host),
        status=status,
        need=explain(need) if need else None,
        is_set_up=found.pause_reason != SETTING_UP,
        runs=runs,
        labeled=sum(run["emails_labeled"] for run in runs),
        good=sum(run["outcome"] == "succeeded" for run in runs),
        typical=_typical(runs),
        interval=_interval(found),
        all_paused=bool(snapshot["paused"]),
        errors=errors,
        model_told=_model_told(),
    )


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
