"""`/alerts`: what is wrong and what to do, what was, and who was told."""

from datetime import timedelta

from flask import abort, g, render_template, request

from mailbeat.alerts.rules import RULES
from mailbeat.alerts.trial import NoWayOut, begin_test
from mailbeat.db import alerts as db
from mailbeat.db import outbox
from mailbeat.db.clock import database_now
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from webapp.auth import requires
from webapp.dashboard import alert_words
from webapp.dashboard.actions import Answer, back, note
from webapp.dashboard.blueprint import pages, paging, reading, refuse
from webapp.language import N_, _
from webapp.parts import parts
from webapp.sentences import said

ROWS = 25  # of the history
SHOWN = 10  # messages on their way
MOST_OPEN = 200  # shown at once
SPANS = (
    (60, N_("1 hour")),
    (4 * 60, N_("4 hours")),
    (24 * 60, N_("1 day")),
    (7 * 24 * 60, N_("1 week")),
)


@pages.get("/alerts")
def alerts() -> str:
    return alerts_page()


def alerts_page() -> str:
    cursor = request.args.get("cursor")
    with reading() as session:
        now = database_now(session)
        held = db.silences(session, now=now)
        found = db.open_alerts(session)
        try:
            over, older = db.list_alerts(
                session, limit=ROWS, cursor=cursor, state="resolved"
            )
        except BadCursor as error:
            abort(400, str(error))
        sent = outbox.newest_deliveries(session, limit=SHOWN)
    ranks = list(RULES)
    found = sorted(
        found, key=lambda one: ranks.index(one.rule) if one.rule in RULES else 99
    )
    return render_template(
        "alerts.html",
        found=found[:MOST_OPEN],
        more=len(found) - MOST_OPEN,
        over=over,
        held=held,
        silenced={one.id for one in found if db.is_silenced(one, held)},
        sent=sent,
        channels=[said(one.shown) for one in parts().watch.watching.channels],
        told=alert_words.told,
        is_told=db.is_told,
        delivered=alert_words.DELIVERED,
        titles={name: rule.one for name, rule in RULES.items()},
        said=said,
        spans=[(minutes, _(label)) for minutes, label in SPANS],
        **paging("pages.alerts", {}, cursor, older),
    )


@pages.post("/alerts/<int(max=2147483647):alert_id>/acknowledge")
@requires("control")
def alert_acknowledge(alert_id: int) -> Answer:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            one = db.acknowledge(session, alert_id, by=g.caller.key_id, now=now)
        except db.AlertNotFound as error:
            abort(404, str(error))
        except db.AlertIsOver:
            return back("pages.alerts", "alert-over")
        note(session, "alert.acknowledge", f"alert {alert_id}", one.rule)
    return back("pages.alerts", "alert-known")


@pages.post("/alerts/<int(max=2147483647):alert_id>/silence")
@requires("control")
def alert_silence(alert_id: int) -> Answer:
    """Silence one alert, or with `all` its whole rule."""
    typed = request.form.get("minutes", "")
    minutes = {str(minutes): minutes for minutes, _label in SPANS}.get(typed)
    if minutes is None:
        abort(400, _("There is no such span of time."))
    with transaction(parts().sessions) as session:
        try:
            one = db.known_alert(session, alert_id)
        except db.AlertNotFound as error:
            abort(404, str(error))
        now = database_now(session)
        subject = None if request.form.get("all") else one.subject
        until = now + timedelta(minutes=minutes)
        by = g.caller.key_id
        db.silence(session, one.rule, subject, until=until, by=by, now=now)
        detail = f"{subject or 'all'}, {minutes} min"
        note(session, "alert.silence", f"rule {one.rule}", detail)
    return back("pages.alerts", "alert-silenced")


@pages.post("/alerts/silences/<int(max=2147483647):silence_id>/end")
@requires("control")
def alert_silence_end(silence_id: int) -> Answer:
    with transaction(parts().sessions) as session:
        try:
            ended = db.end_silence(session, silence_id)
        except db.AlertNotFound as error:
            abort(404, str(error))
        detail = ended.subject or "all"
        note(session, "alert.end-silence", f"rule {ended.rule}", detail)
    return back("pages.alerts", "silence-ended")


@pages.post("/alerts/test")
@requires("control")
def alert_test() -> Answer:
    built = parts()
    try:
        with transaction(built.sessions) as session:
            now = database_now(session)
            _id, channels = begin_test(session, built.watch.watching, now=now)
            note(session, "alert.test", "all", ", ".join(channels))
    except NoWayOut as error:
        refuse(said(str(error)))
        return alerts_page(), 409
    return back("pages.alerts", "alert-test")
