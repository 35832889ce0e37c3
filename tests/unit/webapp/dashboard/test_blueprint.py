import pytest

from mailbeat.db.accounts import find_account
from webapp.dashboard import blueprint
from webapp.dashboard.blueprint import DONE, idle_status, number_in


@pytest.mark.parametrize(
    ("query", "number"),
    [("7", 7), ("0", 0), ("", None), ("-1", None), ("\u0663", None), ("1" * 10, None)],
)
def test_a_number_of_the_address_is_a_number_or_nothing(app, query, number):
    with app.test_request_context(query_string={"n": query}):
        assert number_in("n") == number


def test_only_our_own_words_are_said_after_a_form(browser):
    known = browser.get("/runs?done=paused-all").get_data(as_text=True)
    unknown = browser.get("/runs?done=You+were+hacked").get_data(as_text=True)

    assert DONE["paused-all"] in known
    assert "hacked" not in unknown


def test_what_was_done_can_be_undone_where_it_is_said(browser, reader):
    path = "/categories?done=category-removed&undo=7"
    form = 'action="/categories/7/restore"'

    assert form in browser.get(path).get_data(as_text=True)
    assert form not in reader.get(path).get_data(as_text=True)
    for other in ("done=category-removed", "done=paused-all&undo=7", "done=x&undo=7"):
        assert "/restore" not in browser.get(f"/runs?{other}").get_data(as_text=True)


def test_an_account_the_board_has_not_heard_of_waits(sessions, add):
    account_id = add()
    with sessions() as session:
        status = idle_status(find_account(session, account_id))

    assert status["state"] == "idle"


def test_every_entry_of_the_navigation_is_a_page(app, browser):
    with app.test_request_context():
        from flask import url_for

        paths = [url_for(f"pages.{name}") for name, _, _ in blueprint.NAVIGATION]

    assert [browser.get(path).status_code for path in paths] == [200] * len(paths)
