"""A real Chromium in front of a real gunicorn, Redis and Celery event stream.

Without a Chromium the tests that need it are skipped and say so.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    WebSocket,
    expect,
    sync_playwright,
)
from sqlalchemy import update

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.models import Account
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.mail.mailbox import Security
from tests.frames import check, is_question
from tests.servers.dashboard import Dashboard, Worker
from tests.servers.redis import RedisServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    # Nothing but this machine: a page that asks another host fails its test.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
# As long as a busy machine may need: what comes sooner is not waited for.
WITHIN = 20_000  # milliseconds
expect.set_options(timeout=WITHIN)
# Collects what the browser refused to do, and makes waiting times short and certain.
INIT = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
  Math.random = () => 0.05;
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Wire:
    """What went over the WebSockets of a browser, as text, in order."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.sent: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("websocket", self._watch_socket)

    def _watch_socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda text: self.received.append(str(text)))
        socket.on("framesent", lambda text: self.sent.append(str(text)))

    def check(self) -> None:
        """Hold every message, either way, against the schema."""
        for text in self.received:
            check(json.loads(text))
        assert [text for text in self.sent if not is_question(json.loads(text))] == []

    def types(self) -> set[str]:
        return {json.loads(text)["type"] for text in self.received}


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def context(chromium: Browser, wire: Wire) -> Iterator[BrowserContext]:
    """A browser of a new person, as wide as a small laptop's.

    At the end, all that its pages heard and said is held against the schema.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(WITHIN)
    context.add_init_script(INIT)
    context.on("page", wire.watch)
    yield context
    context.close()
    wire.check()


def settle(page: Page) -> None:
    """Return when what the page's script loads late has done its work.

    Its last is the button of the theme, where there is one.
    """
    expect(page.locator("#theme[hidden]")).to_have_count(0)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="module")
def web_app() -> dict[str, str]:
    """What gunicorn serves, and more of its environment."""
    return {"app": "webapp:create_app()"}


@pytest.fixture(scope="module")
def _dashboard(
    chromium: Browser,  # without it, nothing else is worth its start
    web_app: dict[str, str],
    sqlite_template: Path,
    secret_keys: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Dashboard]:
    directory = tmp_path_factory.mktemp("dashboard")
    database = directory / "mailbeat.db"
    database.write_bytes(sqlite_template.read_bytes())
    engine = create_engine(f"sqlite:///{database}", secret_keys=secret_keys)
    redis = RedisServer(directory)
    redis.start()
    dashboard = Dashboard(
        sessions=create_sessions(engine),
        redis_url=redis.url,
        DATABASE_URL=f"sqlite:///{database}",
        MAILBEAT_SECRET_KEYS=",".join(secret_keys),
        **web_app,
    )
    dashboard.start()
    yield dashboard
    dashboard.stop()
    redis.stop()
    engine.dispose()


@pytest.fixture
def dashboard(_dashboard: Dashboard) -> Dashboard:
    """The web with an empty database, running."""
    _dashboard.empty()
    return _dashboard


@pytest.fixture
def worker(dashboard: Dashboard) -> Iterator[Worker]:
    worker = Worker(dashboard)
    yield worker
    worker.close()


@pytest.fixture
def account(dashboard: Dashboard) -> Callable[..., int]:
    """Add an account that nothing schedules; its address may be anything."""

    def account(address: str = "ada@example.org", *, told: bool = True) -> int:
        now = datetime.now(UTC)
        with transaction(dashboard.sessions) as session:
            new = NewAccount(
                email_address=address,
                host="imap.example.org",
                port=993,
                security=Security.TLS,
                username="ada",
                password="a password",
            )
            added = add_account(session, new, now=now)
            session.execute(update(Account).values(next_run_at=now.replace(year=2099)))
        if told:
            dashboard.look()
        return added.id

    return account


@pytest.fixture
def sign_in(context: BrowserContext) -> Callable[[Dashboard], None]:
    def sign_in(dashboard: Dashboard) -> None:
        page = context.new_page()
        page.goto(f"{dashboard.url}/login")
        page.get_by_label("Your key").fill(dashboard.key)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{dashboard.url}/")
        page.close()

    return sign_in
