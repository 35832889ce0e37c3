"""Two web processes on one database and one Redis, as behind a proxy."""

import subprocess
import sys

import pytest
from websockets.exceptions import InvalidStatus

from tests.servers.dashboard import ROOT
from tests.servers.redis import RedisServer

from .conftest import another_address, api, sockets, wait_for
from .test_feed import Browser

SEEN_WITHIN = 2.0  # seconds
PLACES = 50


@pytest.fixture(scope="module")
def _both(make_dashboard, tmp_path_factory):
    redis = RedisServer(tmp_path_factory.mktemp("two-redis"))
    redis.start()
    limits = {"WS_MAX_CLIENTS": str(PLACES), "WS_MAX_CLIENTS_PER_KEY": "49"}
    one = make_dashboard(redis.url, **limits)
    other = make_dashboard(redis.url, beside=one, **limits)
    for dashboard in (one, other):
        dashboard.start()
    yield one, other
    for dashboard in (one, other):
        dashboard.stop()
    redis.stop()


@pytest.fixture
def both(_both):
    _both[0].empty()
    for dashboard in _both:
        wait_for(lambda dashboard=dashboard: sockets(dashboard) == 0)
    return _both


def refusal(listen, *args, **options):
    with pytest.raises(InvalidStatus) as caught:
        listen(*args, **options)
    response = caught.value.response
    assert int(response.headers["Retry-After"]) > 0
    return response.status_code


def test_the_places_hold_for_both_together(both, listen, new_key):
    one, other = both
    key = {"X-API-Key": new_key(one)[1]}
    for number in range(PLACES - 1):
        listen(both[number % 2], address="127.0.0.2").welcome()
    assert refusal(listen, one) == refusal(listen, other) == 429

    last = listen(other, key)
    last.welcome()
    assert refusal(listen, one, key) == refusal(listen, other, key) == 503

    last.socket.close()
    wait_for(lambda: comes_in(listen, one, key), timeout=SEEN_WITHIN)


def comes_in(listen, *args):
    try:
        listen(*args)
    except InvalidStatus:
        return False
    return True


def test_a_ticket_that_one_sold_opens_the_other_once(both, listen):
    one, other = both
    _, bought = api(one, "/api/ws-ticket", {})
    path = f"/ws/status?ticket={bought['ticket']}"

    listen(other, {}, path).welcome()

    for dashboard in both:
        with pytest.raises(InvalidStatus) as caught:
            listen(dashboard, {}, path)
        assert caught.value.response.status_code == 401


def test_a_pause_at_one_is_shown_by_the_other(both, listen, add):
    one, other = both
    account_id = add(one)
    listener = listen(other)
    listener.welcome()

    def is_paused(message):
        accounts = (message["data"] or {}).get("accounts", [])
        return any(account["paused"] for account in accounts) or (
            message["type"] == "status_update" and (message["data"] or {}).get("paused")
        )

    assert api(one, f"/api/accounts/{account_id}/pause", {})[0] == 200
    listener.read_until(is_paused, timeout=SEEN_WITHIN)


def test_a_pause_of_everything_by_a_command_is_shown_by_both(both, listen, add):
    add(both[0])
    listeners = [listen(dashboard) for dashboard in both]
    for listener in listeners:
        listener.welcome()
    url = {"DATABASE_URL": f"sqlite:///{both[0].database}"}
    environment = both[0].environment | url | {"PYTHONPATH": str(ROOT)}

    subprocess.run(
        [sys.executable, "-m", "mailbeat.cli", "pause"],
        env=environment,
        cwd=ROOT,
        check=True,
        timeout=20,
        capture_output=True,
    )

    for listener in listeners:
        listener.read_until(
            lambda one: one["type"] == "snapshot" and one["data"]["paused"],
            timeout=SEEN_WITHIN,
        )


def test_a_revoked_key_is_put_out_of_both(both, listen, new_key):
    one, _ = both
    key_id, text = new_key(one)
    listeners = [listen(dashboard, {"X-API-Key": text}) for dashboard in both]
    for listener in listeners:
        listener.welcome()

    assert api(one, f"/api/keys/{key_id}", method="DELETE")[0] == 204

    for listener in listeners:
        assert listener.close_code(timeout=SEEN_WITHIN) == 4401


def test_who_signs_out_at_one_is_put_out_of_the_other(both, listen):
    one, other = both
    browser = Browser(one)
    ticket = browser.buy_ticket()
    listener = listen(other, {}, f"/ws/status?ticket={ticket}")
    listener.welcome()

    browser.post("/logout")

    assert listener.close_code(timeout=SEEN_WITHIN) == 4401


def test_an_address_spends_its_handshakes_at_both_together(both, listen):
    address = another_address()
    statuses = []
    for number in range(20):
        with pytest.raises(InvalidStatus) as caught:
            listen(both[number % 2], {}, address=address)
        statuses.append(caught.value.response.status_code)

    def is_told_to_wait(dashboard):
        try:
            listen(dashboard, address=address)
        except InvalidStatus as refused:
            return refused.response.status_code == 429
        return False

    assert statuses == [401] * 20
    for dashboard in both:
        wait_for(lambda one=dashboard: is_told_to_wait(one), timeout=SEEN_WITHIN)
    listen(both[0]).welcome()  # from another address


def test_when_one_ends_its_places_are_free(both, listen):
    one, other = both
    for _ in range(PLACES // 2):
        listen(one).welcome()

    one.stop()
    try:
        for _ in range(PLACES - 1):
            listen(other, address="127.0.0.3").welcome()
    finally:
        one.start()
