import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from mailbeat.db import accounts
from mailbeat.db.audit import newest_entries
from mailbeat.db.models import Run
from mailbeat.db.session import transaction
from webapp.dashboard import one_run_page

LEFT = {"state": "error", "outcome": "interrupted", "error_message": "It stopped."}


def page(client, run_id="run-1", query=""):
    return client.get(f"/runs/{run_id}{query}").get_data(as_text=True)


def test_its_phases_are_drawn_to_scale_and_its_messages_listed(browser, add, ran):
    ran(add())

    text = page(browser)

    lanes = re.findall(r'<li data-phase="(\w+)">', text)
    widths = re.findall(
        r'<rect x="[\d.]+%" width="([\d.]+)%" height="100%" rx="2">', text
    )
    assert lanes == ["connecting", "fetching", "labeling"]
    assert widths == ["25.0", "25.0", "50.0"]
    assert "The sender&#39;s domain sends receipts" in text
    assert "93&nbsp;%" in text


def test_a_failed_run_says_why_and_what_to_do(browser, add, ran):
    ran(
        add(),
        state="error",
        outcome="failed",
        error_code="connect_failed",
        error_message="imap.example.org did not answer. Check the host.",
        messages=0,
    )

    text = browser.get("/runs/run-1").get_data(as_text=True)

    assert "Server not reachable." in text
    assert "imap.example.org did not answer. Check the host." in text
    assert "No message in this run" in text


def test_what_is_over_asks_nobody_for_anything(browser, add, ran):
    account_id = add()
    ran(account_id, minutes=60, state="error", outcome="failed", messages=0,
        error_code="auth_failed", error_message="It refused the login.")  # fmt: skip
    assert "Enter a new password" in page(browser)

    ran(account_id, "good", minutes=5)
    text = page(browser)

    assert "That is over" in text
    assert "It refused the login." in text
    assert "Enter a new password" not in text


def test_its_phases_stand_in_a_table_with_how_fast_each_was(browser, add, ran):
    ran(add())

    text = page(browser)

    cells = r'<th scope="row">(.+?)</th>' + 4 * r"<td>(.*?)</td>"
    assert re.findall(cells, text) == [
        ("connecting", "0.0 s", "2.0 s", "25\xa0%", ""),
        ("fetching", "2.0 s", "2.0 s", "25\xa0%", ""),
        ("labeling", "4.0 s", "4.0 s", "50\xa0%", ""),
        ("All of connecting", "", "2.0 s", "25\xa0%", ""),
        ("All of fetching", "", "2.0 s", "25\xa0%", "6.0"),
        ("All of labeling", "", "4.0 s", "50\xa0%", "2.8"),
    ]


def test_a_password_that_was_refused_leads_to_where_a_new_one_is_entered(
    browser, add, ran
):
    account_id = add()
    ran(
        account_id,
        state="error",
        outcome="failed",
        error_code="auth_failed",
        error_message="The server refused the login.",
    )

    text = page(browser)

    assert f'href="/accounts/{account_id}#password"' in text
    assert "/again" not in text


def test_it_is_run_again_and_one_sees_that_run_wait(browser, add, ran, sessions):
    account_id = add()
    ran(account_id)
    assert 'action="/runs/run-1/again"' in page(browser)

    answer = browser.post("/runs/run-1/again")

    with sessions() as session:
        wanted = accounts.find_account(session, account_id).wanted_run_id
        entry = newest_entries(session)[0]
    assert (answer.status_code, answer.location) == (303, f"/runs/{wanted}")
    assert (entry.action, entry.detail) == ("run.want", wanted)
    assert "Waiting for a worker" in page(browser, wanted)


def test_who_may_only_look_runs_nothing_again(reader, add, ran, sessions):
    account_id = add()
    ran(account_id)

    assert "/again" not in page(reader)
    assert reader.post("/runs/run-1/again").status_code == 403
    with sessions() as session:
        assert accounts.find_account(session, account_id).wanted_run_id is None


def test_a_paused_account_is_not_run_again_but_resumed(
    browser, add, ran, sessions, now
):
    account_id = add()
    ran(account_id, **LEFT)
    with transaction(sessions) as session:
        accounts.pause_account(session, account_id, now=now)

    text = page(browser)
    refused = browser.post("/runs/run-1/again")

    assert f'action="/accounts/{account_id}/resume"' in text
    assert refused.status_code == 409
    assert "is paused. Resume it first" in refused.get_data(as_text=True)


def test_a_run_of_an_account_that_was_removed_is_only_told_of(browser, ran):
    ran(None, messages=0)

    assert "/again" not in page(browser)
    assert browser.post("/runs/run-1/again").status_code == 404


def test_runs_beside_it_and_those_that_took_over_are_a_link_away(browser, add, ran):
    account_id = add()
    ran(account_id, "first", minutes=9)
    ran(account_id, "left", minutes=6, **LEFT)
    ran(account_id, "heir", minutes=3)

    text = page(browser, "left")

    assert re.search(r'rel="prev" href="/runs/first"', text)
    assert re.search(r'rel="next" href="/runs/heir"', text)
    chain = text[text.index("chain-title") : text.index("phases-title")]
    assert re.findall(r'href="/runs/(\w+)"', chain) == ["left", "heir"]
    assert "Taken over" in page(browser, "heir")
    assert "Taken over" not in page(browser, "first")


def test_it_names_its_worker_as_plain_text(browser, add, ran):
    ran(add(), worker="celery@<b>host</b>", attempt=2)

    text = page(browser)

    assert "celery@&lt;b&gt;host&lt;/b&gt;" in text
    assert "attempt 2" in text


def test_a_run_that_began_late_says_how_late(browser, add, ran, now):
    account_id = add()
    ran(account_id, "late", due_at=now - timedelta(minutes=5))
    ran(account_id, "in-time", due_at=now - timedelta(minutes=3, seconds=4))

    assert "2 min 0 s late" in page(browser, "late")
    assert " late" not in page(browser, "in-time")


def test_messages_come_in_pages(browser, add, ran, monkeypatch):
    monkeypatch.setattr(one_run_page, "ROWS", 2)
    ran(add(), messages=3)

    first = page(browser)
    older = re.search(r'rel="next" href="(/runs/run-1[?][^"]+)"', first)[1]
    second = browser.get(older).get_data(as_text=True)

    assert [one.count('<li id="m') for one in (first, second)] == [2, 1]
    assert browser.get("/runs/run-1?cursor=x").status_code == 400


def test_while_it_goes_on_it_can_be_cancelled_and_says_how_far_it_is(
    browser, reader, add, ran
):
    ran(
        add(),
        state="labeling",
        outcome=None,
        end_time=None,
        emails_found=20,
        emails_processed=7,
    )

    text = page(browser)

    assert "Labeling 7 of 20" in text
    assert 'max="20" value="7"' in text
    assert 'action="/runs/run-1/cancel"' in text
    assert "/again" not in text
    assert 'data-act="cancel"' not in page(reader)


@pytest.mark.parametrize(
    "run_id", ["nothing", "x" * 5000, "%F0%9F%92%A9", "a b", "'%20OR%201"]
)
def test_an_id_that_there_is_not_is_answered_by_a_page_that_leads_on(browser, run_id):
    answer = browser.get(f"/runs/{run_id}")

    assert answer.status_code == 404
    assert "There is no run with this id." in answer.get_data(as_text=True)
    assert 'href="/runs?outcome=failed"' in answer.get_data(as_text=True)
    assert browser.post(f"/runs/{run_id}/again").status_code == 404


def test_a_run_without_phases_or_length_has_a_page(browser, add, ran, sessions):
    ran(add())
    with transaction(sessions) as session:
        session.execute(update(Run).values(end_time=Run.start_time))

    assert browser.get("/runs/run-1").status_code == 200
