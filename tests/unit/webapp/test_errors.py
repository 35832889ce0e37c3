"""Errors say what happened in our own words, to programs and to people."""

import pytest
from sqlalchemy.exc import OperationalError

from mailbeat.db.types import SecretUnreadable
from webapp.errors import Problem
from webapp.security import HEADERS

SECRET = "hunter2 is the password"


@pytest.fixture
def failing(app):
    """Routes that fail in every way that there is."""
    failures = {
        "expected": Problem(409, "busy", "It is running.", retry_after=3),
        "unexpected": RuntimeError(SECRET),
        "database": OperationalError(SECRET, {}, Exception(SECRET)),
        "secret": SecretUnreadable("Its key is missing from MAILBEAT_SECRET_KEYS."),
    }

    def fail(how):
        raise failures[how]

    app.add_url_rule("/api/fail/<how>", "api_fail", fail)
    app.add_url_rule("/fail/<how>", "page_fail", fail)
    return app


@pytest.fixture
def client(failing, admin):
    return admin


def test_a_problem_has_the_fields_of_rfc_9457_and_a_code(client):
    response = client.get("/api/fail/expected")

    assert response.status_code == 409
    assert response.content_type == "application/problem+json"
    assert response.headers["Retry-After"] == "3"
    assert response.json == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "It is running.",
        "code": "busy",
        "request_id": response.headers["X-Request-Id"],
    }


@pytest.mark.parametrize("path", ["/api/fail/unexpected", "/fail/unexpected"])
def test_what_nobody_expected_is_not_told(client, path):
    response = client.get(path)

    assert response.status_code == 500
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    assert response.headers["X-Request-Id"] in response.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fail/unexpected", 500),
        ("GET", "/api/fail/unexpected", 500),
        ("GET", "/api/fail/database", 503),
        ("GET", "/nowhere", 404),
        ("GET", "/api/nowhere", 404),
        ("PUT", "/api/categories", 405),
        ("TRACE", "/", 405),
    ],
)
def test_every_failure_has_all_headers(client, method, path, status):
    response = client.open(path, method=method, base_url="https://localhost")

    assert response.status_code == status
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Strict-Transport-Security"]
    assert response.headers["X-Request-Id"]


def test_an_absent_database_is_a_matter_of_time(client):
    response = client.get("/api/fail/database")

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert SECRET not in response.text


def test_a_missing_key_of_ours_is_named(client):
    assert "MAILBEAT_SECRET_KEYS" in client.get("/api/fail/secret").json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/nowhere", "There is nothing at this address."),
        ("GET", "/api/nowhere", "There is nothing at this address."),
        ("PUT", "/api/categories", "takes no such request"),
        ("GET", "/api/accounts/7", "There is no account 7."),
    ],
)
def test_the_sentence_is_ours(client, method, path, said):
    assert said in client.open(path, method=method).text


def test_a_page_gets_a_page(client):
    response = client.get("/nowhere/at/all")

    assert response.status_code == 404
    assert response.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/", "/login", "/api/keys", "/healthz", "/nowhere"])
def test_a_host_that_is_none_is_the_client_s_fault(nobody, path):
    response = nobody.get(path, headers={"Host": "x" * 5000})

    assert response.status_code == 400
    assert response.headers["Content-Security-Policy"]


def test_a_wrong_method_names_the_right_ones(client):
    response = client.put("/api/categories")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.json["code"] == "method_not_allowed"


def test_what_was_sent_wrongly_is_named_and_not_repeated(client):
    sent = {"email_address": "ada@example.org", "password": f"{SECRET}\r\nA1 LOGOUT"}

    response = client.post("/api/accounts", json=sent)

    assert response.status_code == 422
    assert response.json["errors"] == [
        {
            "field": "password",
            "message": "Value error, must not contain control characters",
        }
    ]
    assert SECRET not in response.text


@pytest.mark.parametrize("body", ["{", "[1]", '"x"', "null", "", "[" * 10_000])
def test_a_body_that_is_no_object_is_refused(client, body):
    headers = {"Content-Type": "application/json"}

    response = client.post("/api/keys", data=body, headers=headers)

    assert response.status_code in {400, 422}
