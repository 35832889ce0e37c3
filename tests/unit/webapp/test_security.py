"""Headers on every answer, and whose requests may change something."""

import pytest

from .conftest import JSON, KEY

PAUSE = "/api/processing/pause"


@pytest.fixture
def pause(browser):
    """Press pause as a page that the browser describes by these headers."""

    def pause(headers=JSON, **environ):
        browser.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
        return browser.post(PAUSE, data="{}", headers=headers, environ_base=environ)

    return pause


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/login", 200),
        ("GET", "/healthz", 200),
        ("GET", "/", 303),
        ("GET", "/api/nowhere", 401),
        ("POST", "/login", 401),
        ("PUT", "/login", 405),
        ("TRACE", "/login", 405),
    ],
)
def test_every_answer_has_the_headers(nobody, method, path, status):
    response = nobody.open(path, method=method)

    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Request-Id"]


def test_static_files_may_be_kept(nobody):
    response = nobody.get("/static/nothing/here.js")

    assert "Cache-Control" not in response.headers


def test_https_is_made_to_stay(nobody):
    over_http = nobody.get("/healthz")
    over_https = nobody.get("/healthz", base_url="https://localhost")

    assert "Strict-Transport-Security" not in over_http.headers
    assert "max-age=" in over_https.headers["Strict-Transport-Security"]


def test_https_is_made_to_stay_wherever_the_cookie_is_bound_to_it(make_app):
    client = make_app(public_url="https://mail.example.org").test_client()

    ours = client.post(
        "/login", data={"key": KEY}, headers={"Host": "mail.example.org"}
    )
    other = client.get("/healthz", headers={"Host": "192.168.1.9"})

    assert ours.headers["Set-Cookie"].startswith("__Host-")
    assert ours.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in other.headers


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("http://192.168.1.9:8000", True),
        ("http://mail.example.org", True),
        ("http://localhost.example.org", True),
        ("http://localhost:8000", False),
        ("http://mail.localhost", False),
        ("http://127.0.0.2:8000", False),
        ("http://[::1]:8000", False),
        ("https://mail.example.org", False),
    ],
)
def test_who_can_be_overheard_is_warned_on_every_page(admin, address, warned):
    for path in ("/login", "/", "/nowhere"):
        page = admin.get(path, base_url=address, follow_redirects=False)

        assert ("not encrypted" in page.text) == (warned and page.status_code != 303), (
            path
        )


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("http://mail.example.org", False),  # Chromium ignores it there, and complains
        ("http://localhost:8000", True),
        ("https://mail.example.org", True),
    ],
)
def test_pages_are_kept_apart_from_others_where_browsers_can(nobody, address, sent):
    headers = nobody.get("/login", base_url=address).headers

    assert ("Cross-Origin-Opener-Policy" in headers) == sent


def test_our_own_page_may_use_the_session(pause):
    assert pause(JSON | {"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_an_old_browser_is_known_by_the_origin(pause):
    assert pause(JSON | {"Origin": "http://localhost"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another port, or a sibling host
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": "null"},
        {},
    ],
)
def test_another_page_cannot_use_the_session(pause, headers):
    assert pause(JSON | headers).status_code == 403


def test_a_form_cannot_reach_the_api(browser):
    response = browser.post(PAUSE, data={"a": "b"})

    assert response.status_code == 415


def test_a_program_with_a_key_needs_no_origin(nobody):
    response = nobody.post(PAUSE, headers={"X-API-Key": KEY})

    assert response.status_code == 200


def test_the_public_address_is_our_own_origin(make_app):
    browser = make_app(public_url="https://mail.example.org/").test_client()
    browser.post("/login", data={"key": KEY})

    headers = JSON | {"Origin": "https://mail.example.org"}
    response = browser.post(PAUSE, data="{}", headers=headers)

    assert response.status_code == 200


def test_a_body_has_a_limit(admin):
    response = admin.post("/api/keys", data=b"x" * 65_537, headers=JSON)

    assert response.status_code == 413
