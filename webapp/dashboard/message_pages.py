"""`/messages` and `/messages/<id>`: what was decided, why, and what it really is."""

from datetime import timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session

from mailbeat.db.clock import database_now
from mailbeat.db.corrections import corrections_of
from mailbeat.db.messages import list_messages
from mailbeat.db.models import MessageRow
from mailbeat.db.paging import BadCursor
from mailbeat.db.runs import get_run
from mailbeat.db.status import account_without_secret, accounts_without_secrets
from mailbeat.labeling.memory import is_shared
from webapp.dashboard.blueprint import number_in, pages, paging, reading
from webapp.dashboard.verdicts import LAYERS, SOURCES, Verdicts
from webapp.language import N_, _

ROWS = 50  # of a list
ONE = "/messages/<int(max=2147483647):message_id>"
TIMES = (
    ("1h", N_("Last hour")),
    ("24h", N_("Last 24 hours")),
    ("7d", N_("Last 7 days")),
)
_LENGTHS = {"1h": 3600, "24h": 86_400, "7d": 604_800}  # seconds
STATES = (("unsure", N_("Not sure")), ("corrected", N_("Corrected")))
MOST_SENDER = 320  # characters


@pages.get("/messages")
def messages() -> str:
    asked = _asked()
    cursor = request.args.get("cursor")
    with reading() as session:
        verdicts = Verdicts(session)
        found, older = _found(session, asked, verdicts, cursor)
        told = verdicts.tell(found)
        accounts = accounts_without_secrets(session)
    return render_template(
        "messages.html",
        messages=told,
        accounts=accounts,
        categories=verdicts.categories,
        all_categories=verdicts.all_categories,
        layers=LAYERS,
        states=STATES,
        times=TIMES,
        filters=asked,
        filtered=any(value is not None for value in asked.values()),
        **paging("pages.messages", asked, cursor, older),
    )


def _asked() -> dict[str, Any]:
    """The filters of the address; what is none of ours asks for nothing."""
    asked = request.args.get
    sender = asked("sender", "").strip()[:MOST_SENDER]
    return {
        "account_id": number_in("account_id"),
        "category_id": number_in("category_id"),
        "layer": _one_of("layer", LAYERS),
        "state": _one_of("state", dict(STATES)),
        "time": _one_of("time", _LENGTHS),
        "sender": sender or None,
    }


def _one_of(name: str, known: Any) -> str | None:
    value = request.args.get(name)
    return value if value in known else None


def _found(
    session: Session, asked: dict[str, Any], verdicts: Verdicts, cursor: str | None
) -> tuple[list[MessageRow], str | None]:
    category_id, time = asked["category_id"], asked["time"]
    since = None
    if time is not None:
        since = database_now(session) - timedelta(seconds=_LENGTHS[time])
    try:
        return list_messages(
            session,
            limit=ROWS,
            cursor=cursor,
            since=since,
            account_id=asked["account_id"],
            layer=asked["layer"],
            sender=asked["sender"],
            read_as=None if category_id is None else verdicts.read_as(category_id),
            suggested=True if asked["state"] == "unsure" else None,
            corrected=True if asked["state"] == "corrected" else None,
        )
    except BadCursor as error:
        abort(400, str(error))


@pages.get(ONE)
def message(message_id: int) -> str:
    with reading() as session:
        row = session.get(MessageRow, message_id)
        if row is None:
            abort(
                404,
                _("There is no message like this. Decisions are forgotten in time."),
            )
        corrections = corrections_of(session, message_id)
        verdicts = Verdicts(session)
        account = account_without_secret(session, row.account_id)
        run = get_run(session, row.run_id)
    told = verdicts.told(row, corrections)
    return render_template(
        "message.html",
        one=told,
        account=account,
        run=run,
        considered=verdicts.opinions(row),
        categories=verdicts.categories,
        corrections=[
            {
                "it": each,
                "before": verdicts.category(each.from_category_id),
                "after": verdicts.category(each.to_category_id),
                "where": _(SOURCES.get(each.source, each.source)),
            }
            for each in corrections
        ],
        always=_always(row),
        back=url_for("pages.message", message_id=message_id),
    )


def _always(row: MessageRow) -> list[tuple[str, str, str]]:
    """What a rule may be made of: by what, in words, and its value."""
    found = [
        ("sender", _("from"), row.sender),
        ("domain", _("from anybody at"), row.sender_domain),
        ("list", _("of the list"), row.list_id),
    ]
    # Who writes from there has nothing in common.
    is_for_all = is_shared(row.sender_domain)
    return [one for one in found if one[2] and not (one[0] == "domain" and is_for_all)]
