import json

import pytest
from structlog.testing import capture_logs

from mailbeat.db import audit
from webapp.dashboard import export_page


@pytest.fixture
def ask(browser):
    def ask(**form):
        with browser.post("/settings/export", data=form) as response:
            return response, response.get_data(as_text=True)

    return ask


def newest_deed(sessions):
    with sessions() as session:
        (deed,) = audit.newest_entries(session, limit=1)
        return deed.actor, deed.action, deed.target, deed.detail


def test_everything_is_a_file_and_the_deed_is_written_down(ask, sessions, add, decide):
    decide(add())

    response, text = ask()

    found = json.loads(text)
    assert response.mimetype == "application/json"
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="mailbeat-20'
    )
    assert response.headers["Cache-Control"] == "no-store"
    assert found["accounts"][0]["email_address"] == "ada@example.org"
    assert "subject" not in found["messages"][0]
    assert "never shown" not in text
    assert newest_deed(sessions) == (
        "bootstrap",
        "export",
        "everything",
        "without subjects",
    )


def test_subjects_come_by_choice(ask, sessions, add, decide):
    decide(add())

    _, text = ask(subjects="yes")

    assert json.loads(text)["messages"][0]["subject"].startswith("Order")
    assert newest_deed(sessions)[3] == "with subjects"


def test_who_is_no_admin_gets_nothing(reader, sessions):
    assert reader.post("/settings/export").status_code == 403
    assert "Download" not in reader.get("/settings").get_data(as_text=True)


def test_one_may_export_again_and_again(ask):
    for _ in range(export_page.AT_ONCE + 2):
        assert ask()[0].status_code == 200


def test_who_asks_while_others_are_served_is_told_to_wait(browser):
    waiting = [
        browser.post("/settings/export", buffered=False)
        for _ in range(export_page.AT_ONCE)
    ]

    refused = browser.post("/settings/export")
    for response in waiting:
        response.close()  # gone before it has read anything

    assert refused.status_code == 503
    assert "on their way already" in refused.get_data(as_text=True)
    with browser.post("/settings/export") as response:
        assert response.status_code == 200


def test_what_cuts_a_file_off_is_logged():
    def pieces():
        yield "{"
        raise RuntimeError

    told = export_page._told(pieces())
    with capture_logs() as lines, pytest.raises(RuntimeError):
        list(told)

    assert [one["event"] for one in lines] == ["export_cut_off"]
