"""`/alerts`"""

import html

import pytest

from mailbeat.db import alerts, audit, outbox
from mailbeat.db.session import transaction
from tests.unit.webapp.dashboard.conftest import HOSTILE


class Way:
    key, shown = "way", "Mail to ops@example.org"


@pytest.fixture
def opened(sessions, now, add):
    """An open alert about an account, with hostile text."""
    account_id = add()
    found = alerts.Found(
        "needs_person", f"account {account_id}", f"Ada {HOSTILE}", account_id
    )
    with transaction(sessions) as session:
        alerts.write_down(session, [found], {}, now=now)
        return alerts.open_alerts(session)[0].id


def shown(client, **asked):
    page = client.get("/alerts", query_string=asked).get_data(as_text=True)
    return html.unescape(page)


def newest_deed(sessions):
    with sessions() as session:
        entry = audit.newest_entries(session)[0]
        return entry.action, entry.target


def test_without_an_alert_one_is_told_how_to_be_told(browser):
    page = shown(browser)

    assert "Nothing is wrong" in page
    assert "Set SMTP_URL and ALERT_TO" in page
    assert 'class="badge"' not in page


def test_what_is_open_says_what_to_do_and_is_counted_in_the_navigation(browser, opened):
    raw = browser.get("/alerts").get_data(as_text=True)

    assert "An account needs you" in raw
    assert "store a new password" in raw
    assert HOSTILE not in raw
    assert html.escape(HOSTILE) in raw
    assert 'class="badge"' in browser.get("/accounts").get_data(as_text=True)


def test_who_knows_of_it_is_shown_and_the_badge_goes(browser, opened, sessions):
    done = browser.post(f"/alerts/{opened}/acknowledge", follow_redirects=True)

    page = done.get_data(as_text=True)
    assert "Known to bootstrap" in page
    assert 'class="badge"' not in page
    assert newest_deed(sessions) == ("alert.acknowledge", f"alert {opened}")


@pytest.mark.parametrize(("every", "subject"), [("", "account 1"), ("1", None)])
def test_one_or_all_of_a_kind_are_silenced_and_told_again(  # noqa: PLR0917 # fixtures
    every, subject, browser, opened, sessions, now
):
    form = {"minutes": "240", "all": every}
    browser.post(f"/alerts/{opened}/silence", data=form)
    with sessions() as session:
        (held,) = alerts.silences(session, now=now)
    assert held.subject == subject
    assert "Tell again" in shown(browser)

    browser.post(f"/alerts/silences/{held.id}/end")

    assert "Tell again" not in shown(browser)
    assert newest_deed(sessions) == ("alert.end-silence", "rule needs_person")


def test_a_span_that_is_not_offered_is_refused(browser, opened):
    assert browser.post(f"/alerts/{opened}/silence").status_code == 400


def test_what_is_not_there_is_not_found(browser):
    for path in ("9/acknowledge", "9/silence", "silences/9/end"):
        answer = browser.post(f"/alerts/{path}", data={"minutes": "60"})
        assert answer.status_code == 404


def test_what_is_over_is_kept_below(browser, opened, sessions, now):
    with transaction(sessions) as session:
        alerts.write_down(session, [], {}, now=now)

    page = shown(browser)

    assert "Nothing is wrong" in page
    assert "Ada" in page
    done = browser.post(f"/alerts/{opened}/acknowledge", follow_redirects=True)
    assert "That is over already." in done.get_data(as_text=True)


def test_whether_a_message_arrived_is_shown(browser, sessions, now):
    with transaction(sessions) as session:
        outbox.put(
            session,
            [Way()],
            kind="alert",
            message_id="m",
            title=HOSTILE,
            payload="p",
            now=now,
        )
        (parcel,) = outbox.take_due(session, now=now, limit=1)
        outbox.note_failed(session, parcel.id, "mail.x.org answered 500.", now=now)

    page = browser.get("/alerts").get_data(as_text=True)

    assert "mail.x.org answered 500." in page
    assert "Mail to ops@example.org" in page
    assert HOSTILE not in page


def test_without_a_way_out_a_test_says_what_to_set(browser):
    answer = browser.post("/alerts/test")

    assert answer.status_code == 409
    assert "There is no way out for alerts yet." in answer.get_data(as_text=True)


def test_who_may_only_look_has_no_buttons_and_gets_nowhere(reader, opened):
    page = reader.get("/alerts").get_data(as_text=True)

    assert "An account needs you" in page
    assert "/acknowledge" not in page
    assert reader.post(f"/alerts/{opened}/acknowledge").status_code == 403
