"""A real Chromium goes out to a provider on another site, and comes back.

Only a browser knows what it does with a SameSite=Strict cookie on the way back, and
whether the Content-Security-Policy lets it leave at all.
"""

import re
import threading
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from mailbeat.db.accounts import find_account, resume_account
from mailbeat.db.session import transaction
from mailbeat.settings import Settings
from tests.e2e.conftest import INIT
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET

KEY = "a key for the browser 0815"


@pytest.fixture
def origin(sqlite_url, secret_keys, google):
    """Where our pages are: another site than the provider's, which is 127.0.0.1."""
    from webapp import create_app
    from webapp.parts import parts_of

    values = {
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there
        "MAILBEAT_API_KEY": KEY,
        "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    app = create_app(Settings.model_validate(values))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    parts_of(app).engine.dispose()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    context.add_init_script(INIT)
    page = context.new_page()
    yield page
    context.close()


def test_a_browser_goes_out_to_the_provider_and_comes_back(
    origin, page, google, sessions
):
    google.signs_in = "ada@gmail.com"
    went = []
    page.on("request", lambda request: went.append(request.url))
    page.goto(f"{origin}/login")
    page.fill("input[name=key]", KEY)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{origin}/")
    page.get_by_role("link", name="Add an account").click()

    page.fill("input[name=email_address]", "ada@gmail.com")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign in with Google").click()

    page.wait_for_url(re.compile(r"/accounts/1/set-up$"))
    expect(page.get_by_role("heading", name="Trying ada@gmail.com")).to_be_visible()
    # There is no way to Google's mail server from here.
    expect(page.locator("body")).to_contain_text("imap.gmail.com was not reached")
    assert page.evaluate("window.violations") == []
    assert any(url.startswith(f"{google.url}/authorize?") for url in went)
    with sessions() as session:
        assert find_account(session, 1).refresh_token in google.refreshable

    with transaction(sessions) as session:
        resume_account(session, 1, now=datetime.now(UTC))
    page.goto(f"{origin}/accounts/1")
    page.get_by_role("button", name="Sign in with Google").click()

    page.wait_for_url(re.compile(r"/accounts/1\?done=signed-in$"))
    expect(page.locator("body")).to_contain_text("Signed in.")
