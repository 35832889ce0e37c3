"""A person's first quarter of an hour, in a real Chromium at a real mail server."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from mailbeat.db.accounts import find_account
from mailbeat.db.models import Account, SignInSession
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import ErrorCode
from tests.factories import make_raw
from tests.servers.dashboard import ToldRun

LONG = 20_000  # ms: a form is posted, a server is asked, and a page is loaded


@pytest.fixture(scope="module")
def web_app():
    return {"app": "webapp:create_app()", "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8"}


def begin_wanted(dashboard, worker, account_id=1):
    """Begin the run that a person asked for, as beat and a worker do."""
    run = ToldRun(worker, account_id)
    with dashboard.sessions() as session:
        run.run_id = find_account(session, account_id).wanted_run_id
    run.begin()
    return run


def test_who_sets_up_an_account_sees_its_first_run_without_a_click(
    dashboard, sign_in, page, worker, imap_server
):
    address = "first@example.org"
    imap_server.add_user(address)
    imap_server.append(address, make_raw())
    sign_in(dashboard)
    page.goto(f"{dashboard.url}/accounts/new")
    page.get_by_label("E-mail address").fill(address)
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill("a password")
    page.get_by_label("IMAP server").fill(imap_server.host)
    page.get_by_label("Port").fill(str(imap_server.port))
    page.get_by_label("Encryption").select_option("none")
    page.get_by_role("button", name="Try the connection").click()
    page.get_by_role("link", name="See what it would do").click()

    page.get_by_role("button", name="Start").dblclick()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible(timeout=LONG)
    run = begin_wanted(dashboard, worker)
    run.step(RunState.LABELING, 7)

    expect(page.locator("#step")).to_have_text("Labeling 7 of 20")
    expect(page.get_by_text("The account is set up.")).to_be_visible()
    run.end()
    expect(page.locator(".top")).to_contain_text("20 labelled", timeout=LONG)
    expect(page).not_to_have_url(re.compile("done="), timeout=LONG)
    page.reload()
    expect(page.locator(".notice")).to_have_count(0)


@pytest.fixture
def mine(account, dashboard, imap_server):
    """Two accounts, of which the second is at a real server."""
    imap_server.add_user("told@example.org")
    account("old@example.org", told=False)
    account("told@example.org")
    with transaction(dashboard.sessions) as session:
        mine = session.get(Account, 2)
        mine.host, mine.port, mine.security = imap_server.host, imap_server.port, "none"
        mine.username = "told@example.org"


@pytest.mark.usefixtures("mine")
def test_who_is_told_of_a_refused_password_mends_it_in_place_and_sees_it_run(
    dashboard, sign_in, page, worker
):
    worker.begin(1).fail(ErrorCode.AUTH_FAILED, "The login was refused. Change it.")
    sign_in(dashboard)
    page.goto(dashboard.url)
    listed = page.locator("#needs li")
    expect(listed).to_contain_text("old@example.org")
    expect(page.locator("#feed .say")).to_have_text("Live")

    worker.begin(2).fail(ErrorCode.AUTH_FAILED, "The login was refused. Change it.")

    expect(page).to_have_title(re.compile(r"^\(2!\)"))
    page.get_by_role("button", name="Show all 2").click()
    expect(listed.last).to_contain_text("told@example.org")
    expect(listed.last).to_be_in_viewport()
    page.reload()
    expect(listed.first).to_contain_text("told@example.org")
    listed.first.get_by_role("link").click()
    field = page.get_by_label("New password")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("refused the password").last).to_be_in_viewport(
        timeout=LONG
    )
    expect(field).to_be_focused()
    page.keyboard.type("a password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible(timeout=LONG)
    begin_wanted(dashboard, worker, 2).end()
    expect(page.locator(".top")).to_contain_text("20 labelled", timeout=LONG)
    page.goto(dashboard.url)
    expect(page.locator("#needs li")).to_have_count(1)


def test_what_was_typed_outlives_a_sign_out_but_is_for_the_same_key(
    dashboard, sign_in, page
):
    what = page.get_by_label("What belongs there")

    def type_and_be_signed_out():
        page.goto(f"{dashboard.url}/categories")
        page.get_by_label("Name", exact=True).fill("Garden")
        what.fill("Seeds and tools")
        with transaction(dashboard.sessions) as session:
            session.execute(delete(SignInSession))
        page.get_by_role("button", name="Add the category").click()
        expect(page.get_by_label("Your key")).to_be_visible()

    def sign_in_again():
        page.get_by_label("Your key").fill(dashboard.key)
        page.keyboard.press("Enter")

    sign_in(dashboard)
    type_and_be_signed_out()
    sign_in_again()
    expect(what).to_have_value("Seeds and tools", timeout=LONG)

    type_and_be_signed_out()
    page.evaluate(AS_OTHER)
    sign_in_again()
    page.wait_for_url("**/categories")
    page.wait_for_function("sessionStorage.typed === undefined")
    expect(what).to_have_value("")


AS_OTHER = """() => {
  const kept = JSON.parse(sessionStorage.typed);
  sessionStorage.typed = JSON.stringify({ ...kept, reader: "of another" });
}"""
