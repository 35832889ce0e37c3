"""Who gets in, and with which key, session or ticket."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hmac import compare_digest

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from mailbeat.db import api_keys, sign_in
from mailbeat.db.api_keys import Scope
from mailbeat.db.models import APIKey, SignInSession
from mailbeat.db.session import transaction
from webapp import auth
from webapp.parts import parts_of

from .conftest import JSON, KEY

STATUS = "/api/processing/current-status"


@pytest.fixture
def key(sessions, now):
    with transaction(sessions) as session:
        return api_keys.issue_key(session, name="CI", scope=Scope.READ, now=now)


def test_nothing_of_the_api_is_answered_to_nobody(nobody):
    response = nobody.get(STATUS)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].lower().startswith("bearer")
    assert response.content_type == "application/problem+json"


def test_nothing_is_open_but_the_paths_that_are_listed(app, nobody):
    for rule in app.url_map.iter_rules():
        if rule.rule in auth.OPEN or rule.rule.startswith("/static/"):
            continue
        if rule.rule == f"{auth.UNSUBSCRIBE}<token>":
            continue  # it has a token of its own: see test_digest_pages.py
        path = rule.rule.replace("<int:account_id>", "1")
        path = path.replace("<int(max=2147483647):account_id>", "1")
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            response = nobody.open(
                path.replace("<", "").replace(">", ""), method=method
            )

            assert response.status_code in {303, 401}, (method, rule.rule)


def test_a_page_leads_to_sign_in_and_back(nobody):
    response = nobody.get("/runs?outcome=failed")

    assert response.status_code == 303
    assert response.location == "/login?next=/runs?outcome%3Dfailed"


HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": HTML, "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"},
        {"Accept": HTML},  # over plain http nothing more is told
    ],
)
def test_a_person_who_opens_an_address_of_the_api_is_led_to_sign_in(nobody, headers):
    response = nobody.get("/api/docs?a=b", headers=headers)
    signed_in = nobody.post(
        response.location, data={"key": KEY}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert response.status_code == 303
    assert response.location == "/login?next=/api/docs?a%3Db"
    assert signed_in.location == "/api/docs?a=b"
    assert nobody.get(signed_in.location).status_code == 200


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"Accept": "*/*"}),
        ("GET", {"Accept": "application/json"}),
        ("GET", {"Accept": HTML, "Sec-Fetch-Dest": "empty"}),
        ("GET", {"Accept": HTML, "Sec-Fetch-Dest": "image"}),
        ("GET", {"Accept": HTML, "X-API-Key": "wrong"}),
        ("POST", {"Accept": HTML, "Sec-Fetch-Dest": "document"}),
    ],
)
def test_a_program_without_a_key_is_told_so(nobody, method, headers):
    response = nobody.open("/api/accounts", method=method, headers=headers)

    assert response.status_code == 401
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}]
)
def test_the_bootstrap_key_opens_everything(nobody, headers):
    assert nobody.get("/api/keys", headers=headers).status_code == 200


def test_an_issued_key_opens_what_its_scope_says(nobody, key):
    headers = {"Authorization": f"Bearer {key[1]}"}

    assert nobody.get(STATUS, headers=headers).status_code == 200
    assert nobody.get("/api/keys", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "mb_000000000000_" + "A" * 43},
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"X-API-Key": "x" * 100_000},
        {"X-API-Key": "mötley crüe öäüß"},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Authorization": "nonsense"},
        {"Authorization": "Bearer"},
    ],
)
def test_a_wrong_key_is_refused_even_beside_a_session(browser, headers):
    assert browser.get(STATUS, headers=headers).status_code == 401


UNKNOWN = "mb_000000000000_" + "A" * 43


def test_wrong_keys_in_headers_and_in_the_form_share_one_limit(nobody):
    headers = [{"X-API-Key": "wrong"}, {"Authorization": f"Bearer {UNKNOWN}"}]
    seen = [nobody.get(STATUS, headers=headers[n % 2]).status_code for n in range(3)]
    seen += [nobody.post("/login", data={"key": f"x{n}"}).status_code for n in range(2)]

    header = nobody.get(STATUS, headers=headers[0])
    form = nobody.post("/login", data={"key": "wrong"})

    assert seen == [401] * 5
    assert header.status_code == form.status_code == 429
    assert header.headers["Retry-After"] == form.headers["Retry-After"] == "60"
    assert header.json["code"] == "too_many_attempts"


def test_a_right_key_is_let_in_however_many_wrong_ones_came_before(nobody, key):
    before = nobody.get(STATUS, headers={"X-API-Key": KEY})
    for _ in range(10):
        nobody.get(STATUS, headers={"X-API-Key": "wrong"})

    issued = nobody.get(STATUS, headers={"X-API-Key": key[1]})
    in_use = nobody.get(STATUS, headers={"X-API-Key": KEY})

    assert [one.status_code for one in (before, issued, in_use)] == [200] * 3


def test_who_guesses_the_first_key_does_not_learn_it_at_the_sixth_try(nobody):
    for n in range(5):
        nobody.get(STATUS, headers={"X-API-Key": f"wrong {n}"})

    assert nobody.get(STATUS, headers={"X-API-Key": KEY}).status_code == 429


def test_many_wrong_keys_at_once_are_not_more_than_the_limit(app):
    start = threading.Barrier(12)

    def guess(n):
        client = app.test_client()
        start.wait(10)
        return client.get(STATUS, headers={"X-API-Key": f"wrong {n}"}).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(guess, range(12)))

    assert statuses == [401] * 5 + [429] * 7


def test_a_program_may_begin_with_many_requests_at_once(app):
    start = threading.Barrier(12)

    def ask(_):
        client = app.test_client()
        start.wait(10)
        return client.get(STATUS, headers={"X-API-Key": KEY}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(ask, range(12))) == {200}


def test_a_refused_key_is_logged_without_the_key(nobody):
    with capture_logs() as lines:
        nobody.get(STATUS, headers={"X-API-Key": "canary-canary"})

    refused = [line for line in lines if line["event"] == "key_refused"]
    assert [line["address"] for line in refused] == ["127.0.0.1"]
    assert "canary" not in str(lines)


@pytest.mark.parametrize("refused", ["revoked", "expired"])
def test_every_refused_key_costs_the_same(app, sessions, key, now, refused):
    with transaction(sessions) as session:
        changed = {f"{refused}_at" if refused == "revoked" else "expires_at": now}
        session.query(APIKey).update(changed)
    wrong_secret = key[1][:-4] + "AAAA"

    costs = {
        one: _cost(app, one)
        for one in ("", "wrong", "x" * 5000, "ö", UNKNOWN, wrong_secret, key[1])
    }

    assert len(set(costs.values())) == 1, costs
    looks, comparisons = costs[UNKNOWN]
    assert looks
    assert comparisons == 2


def _cost(app, key):
    """Statements and comparisons that a refused key takes."""
    statements, comparisons = [], []

    def count(_conn, _cursor, statement, *_):
        statements.append(statement)

    def compare(one, other):
        comparisons.append(one)
        return compare_digest(one, other)

    engine = parts_of(app).engine
    event.listen(engine, "before_cursor_execute", count)
    with pytest.MonkeyPatch.context() as patch, app.test_request_context():
        patch.setattr("hmac.compare_digest", compare)
        assert auth._look_up(key) is None
    event.remove(engine, "before_cursor_execute", count)
    return tuple(statements), len(comparisons)


def test_no_key_is_taken_from_the_address(nobody):
    assert nobody.get(f"{STATUS}?api_key={KEY}").status_code == 401


def test_the_use_of_a_key_is_written_down_once_a_minute(nobody, sessions, key, now):
    headers = {"X-API-Key": key[1]}

    nobody.get(STATUS, headers=headers)
    with sessions() as session:
        first = session.query(APIKey).one().last_used_at
    nobody.get(STATUS, headers=headers)

    with sessions() as session:
        assert first is not None
        assert session.query(APIKey).one().last_used_at == first


def test_a_session_ends_with_its_key(app, sessions, key, now):
    browser = app.test_client()
    browser.post("/login", data={"key": key[1]})
    assert browser.get(STATUS).status_code == 200

    with transaction(sessions) as session:
        session.query(APIKey).update({"expires_at": now - timedelta(seconds=1)})

    assert browser.get(STATUS).status_code == 401


def test_a_session_of_the_bootstrap_key_ends_when_that_is_changed(browser, make_app):
    cookie = browser.get_cookie("mailbeat")
    after = make_app(mailbeat_api_key="another-key-9876543210").test_client()
    after.set_cookie("mailbeat", cookie.value)

    assert browser.get(STATUS).status_code == 200
    assert after.get(STATUS).status_code == 401


def test_a_session_idle_for_long_has_ended(browser, sessions, now):
    with transaction(sessions) as session:
        idle = now - sign_in.IDLE - timedelta(seconds=1)
        session.query(SignInSession).update({"last_seen_at": idle})

    assert browser.get(STATUS).status_code == 401


def test_a_session_in_use_is_kept_awake(browser, sessions, now):
    earlier = now - timedelta(hours=7)
    with transaction(sessions) as session:
        session.query(SignInSession).update({"last_seen_at": earlier})

    browser.get(STATUS)

    with sessions() as session:
        assert session.query(SignInSession).one().last_seen_at > earlier


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("read", "POST", "/api/processing/runs"),
        ("read", "POST", "/api/processing/runs/x/cancel"),
        ("read", "POST", "/api/processing/pause"),
        ("read", "POST", "/api/processing/resume"),
        ("read", "POST", "/api/accounts/1/pause"),
        ("read", "POST", "/api/accounts/1/resume"),
        ("read", "POST", "/api/accounts/1/verify"),
        ("control", "POST", "/api/accounts"),
        ("control", "PATCH", "/api/accounts/1"),
        ("control", "DELETE", "/api/accounts/1"),
        ("control", "GET", "/api/keys"),
        ("control", "POST", "/api/keys"),
        ("control", "DELETE", "/api/keys/x"),
    ],
)
def test_a_lesser_scope_is_refused(with_scope, scope, method, path):
    response = with_scope(scope).open(path, method=method, headers=JSON, data="{}")

    assert response.status_code == 403


def test_the_stored_id_of_the_bootstrap_key_tells_two_of_them_apart(app, make_app):
    other = make_app(mailbeat_api_key="another-key-9876543210")

    ids = {
        auth.stored_key_id(auth.BOOTSTRAP, parts_of(one).settings)
        for one in (app, other)
    }

    assert len(ids) == 2
    assert all(len(one) <= 32 for one in ids)


@pytest.mark.parametrize("target", ["/", "/runs?outcome=failed", "/runs/a-b#phases"])
def test_our_own_paths_may_come_next(target):
    assert auth.is_own_path(target)


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "runs",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/ /evil.example",
        "/\r\nLocation: //evil.example",
        "/\x7f/evil.example",
        "/\u202e/moc.live",
        "/\u00a0/evil.example",
        "///evil.example",
        " //evil.example",
        "/" + "a" * 2000,
    ],
)
def test_no_other_page_may_come_next(target):
    assert not auth.is_own_path(target)


@pytest.mark.parametrize(
    ("referrer", "location"),
    [
        ("http://localhost/messages?layer=rule", "/login?next=/messages?layer%3Drule"),
        ("http://localhost/", "/login"),
        ("http://evil.example/messages", "/login"),
        ("http://localhost@evil.example/messages", "/login"),
        ("http://localhost//evil.example", "/login"),
        ("http://[", "/login"),
        ("javascript:alert(1)", "/login"),
        (None, "/login"),
    ],
)
def test_a_form_of_who_was_signed_out_leads_back_to_its_page(
    nobody, referrer, location
):
    headers = {"Referer": referrer} if referrer else {}

    response = nobody.post("/accounts/1/pause", headers=headers)

    assert (response.status_code, response.location) == (303, location)


@pytest.mark.parametrize("path", ["/api/processing/runs/%00", "/runs/a%00b", "/?x=%00"])
def test_a_nul_in_an_address_is_refused(admin, path):
    assert admin.get(path).status_code == 400
