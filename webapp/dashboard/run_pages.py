"""`/runs` and `/runs/failures`: what was done, found by what is asked."""

from datetime import datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailbeat.db.clock import database_now
from mailbeat.db.models import Account
from mailbeat.db.paging import BadCursor
from mailbeat.db.run_history import MOST_GROUPS, Failures, failures, page_of
from mailbeat.db.status import accounts_by_address, some_accounts_without_secrets
from mailbeat.labeling.progress import Outcome
from webapp.api.schemas import iso, run_json
from webapp.dashboard.blueprint import number_in, pages, reading
from webapp.dashboard.next_steps import can_run, step_for
from webapp.dashboard.reader import reader_zone
from webapp.dashboard.run_filters import (
    ANY,
    CODES,
    DAY,
    OUTCOMES,
    TIMES,
    Accounts,
    Asked,
    address_of,
)
from webapp.parts import parts

ROWS = 50  # of a list
PROPOSED = 50  # addresses, while typing
FEW_DAYS = "7d"  # that failures are gathered of, unless others are asked for


@pages.get("/runs")
def runs() -> str | Response:
    asked = Asked.of(request.args)
    with reading() as session:
        if (by_id := _by_address(session, asked)) is not None:
            return by_id
        now = database_now(session)
        accounts = Accounts.of(session, asked.account)
        try:
            page = page_of(
                session,
                asked.wanted(accounts, now, reader_zone()),
                limit=ROWS,
                before=request.args.get("cursor"),
                after=request.args.get("newer"),
            )
        except BadCursor as error:
            abort(400, str(error))
        choices = _choices(session, asked, accounts, now)
    query: dict[str, Any] = asked.query()
    is_first = page.newer is None and "cursor" not in request.args
    return render_template(
        "runs.html",
        **choices,
        view="runs",
        runs=[run_json(run) for run in page.runs],
        older=page.older and url_for("pages.runs", **query, cursor=page.older),
        newer=page.newer and url_for("pages.runs", **query, newer=page.newer),
        newest=None if is_first else url_for("pages.runs", **query),
        follow=_follow(asked, accounts, iso(now)),
    )


@pages.get("/runs/failures")
def runs_failures() -> str | Response:
    asked = Asked.of(request.args, time=FEW_DAYS)
    with reading() as session:
        if (by_id := _by_address(session, asked)) is not None:
            return by_id
        now = database_now(session)
        accounts = Accounts.of(session, asked.account)
        found = failures(session, asked.wanted(accounts, now, reader_zone()))
        told = _all_told(session, found)
        choices = _choices(session, asked, accounts, now)
    return render_template(
        "runs.html",
        **choices,
        view="runs_failures",
        groups=told,
        is_cut=len(told) == MOST_GROUPS,
    )


def _by_address(session: Session, asked: Asked) -> Response | None:
    """Where an account is asked for by its id: its address instead, for the form."""
    account_id = number_in("account_id")
    if account_id is None or asked.account:
        return None
    address = address_of(session, account_id)
    kept: dict[str, Any] = asked.query(account=address)
    return redirect(url_for(request.endpoint or "pages.runs", **kept), 302)


def _choices(
    session: Session, asked: Asked, accounts: Accounts, now: datetime
) -> dict[str, Any]:
    proposed = accounts_by_address(session, limit=PROPOSED + 1)
    return {
        "asked": asked,
        "accounts": accounts,
        "proposed": [one[1] for one in proposed] if len(proposed) <= PROPOSED else [],
        "outcomes": OUTCOMES,
        "codes": CODES,
        "times": [(name, label) for name, label, _ in TIMES],
        "any_time": ANY,
        "yesterday": (now.astimezone(reader_zone()).date() - DAY).isoformat(),
        "zone": str(reader_zone()),
    }


def _follow(asked: Asked, accounts: Accounts, now: str) -> dict[str, Any] | None:
    """What the script needs to know which newer runs belong here; None: none can."""
    if asked.until or asked.state:
        return None
    return {
        "since": now,
        "accounts": accounts.ids,
        "part": accounts.part,
        "outcome": asked.outcome,
        "error_code": asked.error_code,
    }


def _all_told(session: Session, found: list[Failures]) -> list[dict[str, Any]]:
    ids = {one.last.account_id for one in found if one.last.account_id is not None}
    accounts = some_accounts_without_secrets(session, ids)
    is_paused = bool(parts().live.snapshot()["paused"])
    return [
        _told(one, accounts.get(one.last.account_id or 0), all_paused=is_paused)
        for one in found
    ]


def _told(
    one: Failures, account: Account | None, *, all_paused: bool
) -> dict[str, Any]:
    run = one.last
    outcome = run.outcome or str(Outcome.FAILED)
    return {
        "run": {
            "run_id": run.run_id,
            "email_address": run.email_address,
            "state": run.state,
            "outcome": outcome,
            "error_code": run.error_code,
            "error_message": run.error_message,
        },
        "number": one.number,
        "first_at": one.first_at,
        "last_at": one.last_at,
        "is_over": one.is_over,
        "step": None if one.is_over else step_for(run.error_code, account),
        "can_run": not one.is_over and can_run(account, all_paused=all_paused),
        "query": {
            "account": run.email_address,
            "outcome": outcome,
            **({"error_code": run.error_code} if run.error_code else {}),
        },
    }
