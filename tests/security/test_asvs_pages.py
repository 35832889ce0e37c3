"""What every answer has, and what no request can do."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from mailbeat.settings import SettingsError
from tests.security.routes import routes
from tests.unit.webapp.conftest import JSON
from tests.unit.webapp.dashboard.conftest import HOSTILE, ran  # noqa: F401 # a fixture
from webapp.start import StartRefused

STATIC = Path(__file__).parents[2] / "webapp/static"
SECRET = "hunter2 is in the exception"


@pytest.fixture
def failing(app, admin):
    def fail():
        raise RuntimeError(SECRET)

    app.add_url_rule("/api/fail", "api_fail", fail)
    app.add_url_rule("/fail", "page_fail", fail)
    return admin


ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/api/accounts", 200),
    ("POST", "/api/accounts", 422),
    ("GET", "/nowhere", 404),
    ("GET", "/api/nowhere", 404),
    ("DELETE", "/accounts", 405),
    ("GET", "/fail", 500),
    ("GET", "/api/fail", 500),
]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8001"},
        {},
    ],
)
def test_asvs_3_5_1_no_other_page_changes_anything(app, browser, headers):
    browser.environ_base.pop("HTTP_SEC_FETCH_SITE")

    for method, path in routes(app, changing=True):
        response = browser.open(path, method=method, headers=JSON | headers, data="{}")
        assert response.status_code == 403, (method, path)


def rows(url):
    """Every row but those in which the web says, every few seconds, that it lives."""
    own = {"processes", "queue_samples", "watchers", "leads", "task_listeners"}
    with closing(sqlite3.connect(make_url(url).database)) as connection:
        return [
            line
            for line in connection.iterdump()
            if not line.startswith(tuple(f'INSERT INTO "{table}"' for table in own))
        ]


def test_asvs_3_5_3_reading_changes_nothing(app, admin, add, sqlite_url):
    add()
    before = rows(sqlite_url)

    statuses = {admin.get(path).status_code for _, path in routes(app, changing=False)}

    assert 200 in statuses
    assert rows(sqlite_url) == before


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_asvs_3_4_1_every_answer_has_the_headers(failing, method, path, status):
    response = failing.open(
        path, method=method, headers=JSON, data="{}", base_url="https://localhost"
    )

    policy = response.headers["Content-Security-Policy"]
    assert response.status_code == status
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "max-age=" in response.headers["Strict-Transport-Security"]


def test_asvs_1_2_1_text_of_others_is_text_on_every_page(app, admin, add, ran):  # noqa: F811 # the fixture
    """tests/e2e/test_browser.py looks at the same in Chromium."""
    account_id = add(f"{HOSTILE}@example.org", mailbox=HOSTILE, username=HOSTILE)
    ran(
        account_id,
        "a-run",
        state="error",
        outcome="failed",
        error_code="internal",
        error_message=HOSTILE,
        email_address=f"{HOSTILE}@example.org",
    )

    pages = {
        path: admin.get(path).get_data(as_text=True)
        for _, path in routes(app, changing=False)
        if not path.startswith("/api/")
    }

    shown = [path for path, text in pages.items() if "&lt;img src=x onerror" in text]
    assert {"/", "/accounts", "/accounts/1", "/runs", "/runs/a-run"} <= set(shown)
    assert [path for path, text in pages.items() if "<img src=x" in text] == []
    scripts = "".join(path.read_text() for path in STATIC.rglob("*.js"))
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"):
        assert way not in scripts


@pytest.mark.parametrize("path", ["/fail", "/api/fail"])
def test_asvs_16_5_1_what_breaks_is_told_in_fixed_words(failing, path):
    response = failing.get(path)

    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in response.text
    for word in (SECRET, "RuntimeError", "Traceback", "line "):
        assert word not in response.text


def test_asvs_13_4_2_debugging_is_off_and_cannot_be_turned_on(
    app, make_app, monkeypatch
):
    monkeypatch.setenv("FLASK_DEBUG", "1")

    assert not app.debug
    with pytest.raises((SettingsError, StartRefused), match="FLASK_DEBUG"):
        make_app()


def test_asvs_14_3_2_no_page_and_no_answer_is_kept_by_caches(app, failing):
    paths = [path for _, path in routes(app, changing=False)]

    kept = [
        path
        for path in (*paths, "/nowhere", "/api/nowhere")
        if failing.get(path).headers["Cache-Control"] != "no-store"
    ]

    assert len(paths) > 20
    assert kept == []


@pytest.mark.parametrize(
    "path", ["/api/docs", "/api/openapi.json", "/api/health", "/metrics"]
)
def test_asvs_13_4_5_documents_and_measures_need_a_key(nobody, path):
    opened = nobody.get(path, headers={"Sec-Fetch-Dest": "document"})

    assert nobody.get(path).status_code == 401
    assert opened.location == f"/login?next={path}"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "FOO", "PROPFIND"])  # and 13.4.4
@pytest.mark.parametrize("path", ["/", "/login", "/api/accounts", "/healthz"])
def test_asvs_4_1_4_unknown_methods_are_refused(admin, method, path):
    response = admin.open(path, method=method)

    assert response.status_code == 405
    assert method not in response.text
