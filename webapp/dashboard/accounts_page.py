"""`/accounts`: whose mail, and how each goes; found among thousands."""

from flask import abort, render_template, request

from mailbeat.db import health
from mailbeat.db.account_list import Asked, list_page, matches
from mailbeat.db.accounts import everything_paused_since
from mailbeat.db.clock import database_now
from mailbeat.db.health import Kind
from mailbeat.db.paging import BadCursor
from webapp.api.schemas import run_json
from webapp.dashboard import words
from webapp.dashboard.blueprint import pages, paging, reading
from webapp.language import N_
from webapp.parts import parts

ROWS = 50
LONGEST = 320  # characters of a search: as long as an address
SORTS = (
    ("address", N_("Address")),
    ("next", N_("Next run")),
    ("last", N_("Last run, newest first")),
    ("quiet", N_("Last run, oldest first")),
    ("added", N_("Newest account")),
)
# Offered only while there are some: they pass by themselves.
PASSING = frozenset({Kind.NEW, Kind.SETTING_UP})
ORDER = (
    Kind.WORKING,
    Kind.NEEDS_YOU,
    Kind.FAILING,
    Kind.LATE,
    Kind.PAUSED,
    Kind.NEW,
    Kind.SETTING_UP,
)


@pages.get("/accounts")
def accounts() -> str:
    return accounts_page()


def accounts_page() -> str:
    asked, cursor = _asked(), request.args.get("cursor")
    interval = parts().settings.background_scan_interval
    with reading() as session:
        now = database_now(session)
        try:
            found, more = list_page(
                session,
                asked,
                now=now,
                default_interval=interval,
                limit=ROWS,
                cursor=cursor,
            )
        except BadCursor as error:
            abort(400, str(error))
        numbers = health.counts(
            session, now=now, default_interval=interval, where=matches(asked.text)
        )
        all_paused = everything_paused_since(session) is not None
    shown = {
        "q": asked.text or None,
        "state": str(asked.kind) if asked.kind else None,
        "sort": asked.sort if asked.sort != "address" else None,
    }
    rows = [
        (one.account, one.kind, run_json(one.last) if one.last else None)
        for one in found
    ]
    return render_template(
        "accounts.html",
        rows=rows,
        now=now,
        all_paused=all_paused,
        kinds=[
            (kind, words.KINDS[kind], numbers[kind])
            for kind in ORDER
            if numbers[kind] or kind not in PASSING or kind is asked.kind
        ],
        total=sum(numbers.values()),
        asked=asked,
        filters=shown,
        sorts=SORTS,
        filtered=bool(asked.text or asked.kind),
        **paging("pages.accounts", shown, cursor, more),
    )


def _asked() -> Asked:
    """The filters of the address; what is none of ours asks for nothing."""
    state = request.args.get("state", "")
    sort = request.args.get("sort", "")
    return Asked(
        text=request.args.get("q", "").replace("\0", "").strip()[:LONGEST],
        kind=Kind(state) if state in set(Kind) else None,
        sort=sort if sort in dict(SORTS) else "address",
    )
