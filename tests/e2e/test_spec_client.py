"""The JavaScript client of the specification works unchanged against our server."""

import re

import pytest
from playwright.sync_api import expect

from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import ErrorCode
from tests.conftest import SHARED

SPECIFICATION = SHARED / "SPEC.md"
HEADING = "#### WebSocket Client (dashboard.html)"


@pytest.fixture(scope="module")
def client_script() -> str:
    """The block under its heading, to the letter."""
    if not SPECIFICATION.exists():
        pytest.skip(f"the specification is not at {SPECIFICATION}")
    text = SPECIFICATION.read_text(encoding="utf-8")
    found = re.search(
        re.escape(HEADING) + r"\n+```javascript\n(.*?)\n```", text, re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def web_app(client_script, tmp_path_factory):
    script = tmp_path_factory.mktemp("spec") / "spec-client.js"
    script.write_text(client_script, encoding="utf-8")
    return {"app": "tests.e2e.spec_page:create_app()", "SPEC_CLIENT": str(script)}


@pytest.fixture
def open_client(page, dashboard, sign_in):
    """Sign in and open its page."""

    def open_client():
        sign_in(dashboard)
        page.goto(f"{dashboard.url}/spec-client")
        return page

    return open_client


def test_it_shows_state_progress_and_error(account, page, open_client, wire, worker):
    account()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_client()
    status = page.locator("#processing-status")

    expect(page.locator("#connection-status")).to_have_text("WebSocket: Connected")
    expect(status).to_contain_text("System is idle")

    run = worker.begin(1)
    expect(status).to_contain_text("Processing: ada@example.org")
    expect(status.locator(".status-indicator.connecting")).to_have_count(1)
    run.step(RunState.LABELING, 7)
    expect(status.locator(".current-step")).to_have_text("Labeling 7 of 20")
    expect(status.locator(".progress-text")).to_have_text("7/20")
    run.fail(ErrorCode.CONNECT_FAILED, "imap.example.org did not answer.")
    expect(status.locator(".error-message")).to_have_text(
        "Error: imap.example.org did not answer."
    )
    expect(status).to_contain_text("System is idle")
    assert errors == []
    # Each was held against the schema, if the browser lets us see them.
    assert {"hello", "snapshot", "status_update", "run_finished"} <= wire.types()


def test_it_shows_what_runs_already_when_it_comes(account, open_client, worker):
    account()
    worker.begin(1).step(RunState.CATEGORIZING, 3)

    page = open_client()

    status = page.locator("#processing-status")
    expect(status.locator(".progress-text")).to_have_text("3/20")
    expect(status.locator(".current-step")).to_have_text("Categorizing 3 of 20")
