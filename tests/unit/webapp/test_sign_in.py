"""Signing in with a key or a link, and out again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailbeat.db import audit, sign_in
from mailbeat.db.clock import database_now
from mailbeat.db.models import AuditEntry, SignInSession
from mailbeat.db.session import transaction

from .conftest import JSON, KEY

STATUS = "/api/processing/current-status"


def enter(client, key=KEY, **options):
    return client.post(
        "/login", data={"key": key, **options.pop("form", {})}, **options
    )


@pytest.fixture
def link(sessions, now):
    def link(ttl=timedelta(minutes=5), purpose="sign_in"):
        with transaction(sessions) as session:
            token = sign_in.issue_ticket(
                session,
                purpose=purpose,
                key_id="bootstrap",
                scope="admin",
                now=now,
                ttl=ttl,
            )
        return f"/login?once={token}"

    return link


def test_a_key_signs_in_and_leads_to_where_one_wanted(nobody):
    response = enter(nobody, form={"next": "/runs?outcome=failed"})

    assert (response.status_code, response.location) == (303, "/runs?outcome=failed")
    assert nobody.get(STATUS).status_code == 200


def test_who_is_led_back_afterwards_is_told_so(nobody):
    there = nobody.get("/login?next=/runs").get_data(as_text=True)
    other = nobody.get("/login?next=//evil.example").get_data(as_text=True)

    assert "you are led back" in there
    assert 'name="next" value="/runs"' in there
    assert "you are led back" not in other
    assert "evil.example" not in other


def test_nobody_is_led_to_another_site(nobody):
    assert enter(nobody, form={"next": "//evil.example"}).location == "/"


def test_over_http_the_cookie_is_for_us_alone(nobody):
    cookie = enter(nobody).headers["Set-Cookie"]

    assert cookie.startswith("mailbeat=")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"):
        assert part in cookie
    assert "Domain" not in cookie


def test_over_https_the_cookie_is_bound_to_it_too(nobody):
    response = enter(nobody, base_url="https://localhost")

    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mailbeat=")
    assert "; Secure" in cookie


def test_signing_in_never_goes_on_with_a_session_that_was_there(nobody):
    enter(nobody)
    before = nobody.get_cookie("mailbeat").value
    enter(nobody)

    assert nobody.get_cookie("mailbeat").value != before


def test_the_token_of_a_session_is_not_in_the_database(nobody, sessions):
    enter(nobody)

    token = nobody.get_cookie("mailbeat").value
    with sessions() as session:
        assert token.encode() not in session.query(SignInSession).one().token_hash


def test_signing_out_ends_the_session_for_good(browser):
    token = browser.get_cookie("mailbeat").value

    response = browser.post("/logout")
    browser.set_cookie("mailbeat", token)

    assert response.status_code == 303
    assert "cookies" in response.headers["Clear-Site-Data"]
    assert browser.get(STATUS).status_code == 401


def test_another_page_cannot_sign_a_browser_out(browser):
    response = browser.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}]
)
def test_another_page_cannot_sign_a_browser_in(nobody, headers):
    assert enter(nobody, headers=headers).status_code == 403


@pytest.mark.parametrize("key", ["", "wrong", "mb_000000000000_" + "A" * 43, "ö" * 300])
def test_all_failures_look_alike(nobody, key):
    expected = enter(nobody, "nonsense")

    response = enter(nobody, key)

    assert response.status_code == expected.status_code == 401
    assert response.data == expected.data
    assert "Set-Cookie" not in response.headers


def test_five_failures_a_minute_are_enough(nobody):
    statuses = [enter(nobody, "wrong").status_code for _ in range(6)]
    refused = enter(nobody)

    assert statuses == [401] * 5 + [429]
    assert refused.status_code == 429  # the right key comes too late as well
    assert int(refused.headers["Retry-After"]) > 0


def test_two_web_processes_share_the_limit(make_app, redis_url):
    clients = [make_app(redis_url=redis_url).test_client() for _ in range(2)]

    statuses = [enter(clients[n % 2], f"wrong {n}").status_code for n in range(6)]

    assert statuses == [401] * 5 + [429]


def test_when_redis_dies_between_two_tries_the_limit_still_holds(
    make_app, redis_server
):
    client = make_app(redis_url=redis_server.url).test_client()

    before = [enter(client, "wrong").status_code for _ in range(3)]
    redis_server.kill()
    after = [enter(client, "wrong").status_code for _ in range(3)]

    assert before + after == [401] * 5 + [429]


def test_guessed_links_share_the_limit_and_a_good_one_still_opens(nobody, link):
    good = link()
    statuses = [nobody.get(f"/login?once=guess{n}").status_code for n in range(6)]

    assert statuses == [401] * 5 + [429]
    assert enter(nobody, "wrong").status_code == 429
    assert nobody.get(good).status_code == 200


def test_the_form_is_shown_also_to_who_has_no_tries_left(nobody):
    for _ in range(6):
        enter(nobody, "wrong")

    assert nobody.get("/login").status_code == 200


def test_signing_in_rightly_is_not_counted(app):
    statuses = [enter(app.test_client()).status_code for _ in range(8)]

    assert statuses == [303] * 8


def test_a_forged_address_does_not_dodge_the_limit(nobody):
    statuses = [
        enter(nobody, "wrong", headers={"X-Forwarded-For": f"1.1.1.{n}"}).status_code
        for n in range(6)
    ]

    assert statuses[-1] == 429


def test_behind_a_trusted_proxy_each_address_counts_for_itself(make_app):
    client = make_app(trusted_proxy_hops="1").test_client()

    statuses = [
        enter(
            client, "wrong", headers={"X-Forwarded-For": f"9.9.9.9, 1.1.1.{n}"}
        ).status_code
        for n in range(6)
    ]
    forged = [
        enter(
            client, "wrong", headers={"X-Forwarded-For": f"9.9.9.{n}, 2.2.2.2"}
        ).status_code
        for n in range(6)
    ]

    assert statuses == [401] * 6
    assert forged[-1] == 429


def test_a_link_signs_in_once(nobody, app, link):
    address = link()

    first = nobody.get(address)
    second = app.test_client().get(address)

    assert first.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/"' in first.text
    assert nobody.get(STATUS).status_code == 200
    assert second.status_code == 401
    assert "Set-Cookie" not in second.headers


def test_a_link_too_old_or_for_something_else_does_not(nobody, link):
    for address in (link(ttl=timedelta(0)), link(purpose="websocket")):
        assert nobody.get(address).status_code == 401


def test_asking_for_the_head_of_a_link_does_not_use_it_up(nobody, link):
    address = link()

    nobody.head(address)

    assert nobody.get(address).status_code == 200
    assert nobody.get(STATUS).status_code == 200


def test_who_is_signed_in_is_led_on(browser):
    assert browser.get("/login?next=/runs").location == "/runs"


def test_a_link_from_another_site_is_asked_for_again_by_our_own_page(nobody):
    # A cookie that is SameSite=Strict does not come with it, signed in or not.
    away = nobody.get("/login?next=/runs", headers={"Sec-Fetch-Site": "cross-site"})
    home = nobody.get("/login?next=/runs", headers={"Sec-Fetch-Site": "same-origin"})

    assert 'content="0;url=/login?next=/runs"' in away.text
    assert "http-equiv" not in home.text


def test_what_is_reflected_is_escaped(nobody):
    page = nobody.get('/login?next=/"><script>alert(1)</script>').text

    assert "<script>alert" not in page


def test_beginning_a_session_is_written_down(browser, sessions):
    with sessions() as session:
        entry = audit.newest_entries(session)[0]

    assert (entry.actor, entry.action) == ("bootstrap", "session.begin")
    assert isinstance(entry, AuditEntry)


def test_ended_sessions_are_forgotten_when_somebody_signs_in(browser, sessions, now):
    with transaction(sessions) as session:
        session.query(SignInSession).update({"expires_at": now - timedelta(days=1)})

    enter(browser)

    with sessions() as session:
        assert session.query(SignInSession).count() == 1


def test_json_is_no_form(nobody):
    response = nobody.post("/login", json={"key": KEY}, headers=JSON)

    assert response.status_code == 401


def test_a_session_goes_by_the_clock_of_the_database(make_app, ahead_url, ahead):
    browser = make_app(database_url=ahead_url).test_client()

    signed_in = enter(browser)

    assert signed_in.status_code == 303
    assert browser.get("/").status_code == 200
    with ahead() as session:
        now = database_now(session)
        times = [
            *session.scalars(select(SignInSession.created_at)),
            *session.scalars(select(AuditEntry.at)),
        ]
    assert len(times) == 2
    assert all(now - timedelta(minutes=5) < one <= now for one in times)
