"""Keys, sessions, scopes and tries."""

import pytest
from structlog.testing import capture_logs

from tests.security.routes import routes
from tests.unit.webapp.conftest import JSON, KEY
from webapp.auth import is_own_path
from webapp.parts import parts_of

STATUS = "/api/processing/current-status"
ASKS = {"/api/rules/preview"}  # a question whose words need a body; nothing changes


def enter(client, key=KEY, **options):
    return client.post("/login", data={"key": key}, **options)


def test_asvs_14_2_1_no_key_is_in_an_address_a_page_or_the_log(app, nobody):
    with capture_logs() as lines:
        signed_in = enter(nobody)
        nobody.get(STATUS, headers={"X-API-Key": KEY + "?"})
        read = [nobody.get(path) for _, path in routes(app, changing=False)]
        by_address = app.test_client().get(f"{STATUS}?api_key={KEY}")

    told = [f"{one.headers} {one.get_data(as_text=True)}" for one in (signed_in, *read)]
    assert len(told) > 20
    assert [text for text in told if KEY in text] == []
    assert lines
    assert KEY not in str(lines)
    assert by_address.status_code == 401


def test_asvs_8_2_1_a_reader_changes_nothing_and_the_try_is_written_down(
    app, with_scope
):
    reader = with_scope("read")
    tried = [one for one in routes(app, changing=True) if one[1] not in ASKS]

    with capture_logs() as lines:
        statuses = {
            (method, path): reader.open(
                path, method=method, headers=JSON, data="{}"
            ).status_code
            for method, path in tried
        }

    assert len(tried) > 15
    assert {one: status for one, status in statuses.items() if status != 403} == {}
    refused = [one["path"] for one in lines if one["event"] == "scope_refused"]
    assert sorted(refused) == sorted(path for _, path in tried)


def test_asvs_7_2_4_a_session_is_new_at_sign_in_and_dead_after_sign_out(browser):
    first = browser.get_cookie("mailbeat").value
    enter(browser)
    second = browser.get_cookie("mailbeat").value
    browser.post("/logout")
    browser.set_cookie("mailbeat", second)

    assert first != second
    assert browser.get(STATUS).status_code == 401


def test_asvs_3_3_1_the_cookie_is_for_this_host_over_https_and_for_no_script(nobody):
    cookie = enter(nobody, base_url="https://localhost").headers["Set-Cookie"]

    parts = set(cookie.split("; ")[1:])
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    assert "Domain" not in cookie


def test_asvs_6_3_1_keys_cannot_be_tried_out(make_app):
    client = make_app(trusted_proxy_hops="1").test_client()

    def tried_from(address, key="wrong"):
        return enter(client, key, headers={"X-Forwarded-For": address})

    from_one = [tried_from("1.1.1.1", f"wrong{n}") for n in range(5)]
    sixth, right = tried_from("1.1.1.1"), tried_from("1.1.1.1", KEY)
    unknown = tried_from("1.1.1.2", "mb_000000000000_" + "A" * 43)
    for n in range(100):
        tried_from(f"2.2.2.{n}")
    in_an_attack = [tried_from("3.3.3.3").status_code for _ in range(2)]

    assert {one.status_code for one in from_one} == {401}
    assert {one.data for one in (*from_one, unknown)} == {from_one[0].data}
    assert sixth.status_code == right.status_code == 429
    assert int(sixth.headers["Retry-After"]) > 0
    assert in_an_attack == [401, 429]


def test_asvs_4_1_3_a_forged_address_does_not_dodge_the_limits(nobody):
    statuses = [
        enter(nobody, "wrong", headers={"X-Forwarded-For": f"1.1.1.{n}"}).status_code
        for n in range(6)
    ]

    assert statuses == [401] * 5 + [429]


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x()"],
)
def test_asvs_3_7_2_signing_in_leads_to_our_own_pages_only(nobody, target):
    response = nobody.post("/login", data={"key": KEY, "next": target})

    assert response.location == "/"
    assert not is_own_path(target)


def test_asvs_16_5_3_without_redis_no_limit_is_lifted(nobody, admin, app):
    """This app's Redis is where nobody listens."""
    health = admin.get("/api/health").json
    statuses = [enter(nobody, "wrong").status_code for _ in range(6)]
    parts_of(app).live.stop()

    assert statuses == [401] * 5 + [429]
    assert health["status"] == "degraded"
    assert health["feed"]["state"] == "down"
