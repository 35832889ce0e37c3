"""The live feed on gunicorn: from Celery's event stream to a program's socket."""

import http.cookiejar
import json
import socket
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from mailbeat.db.accounts import find_account
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Progress, RunState
from mailbeat.mail.errors import ErrorCode
from webapp.live.handshakes import PER_MINUTE

from .conftest import SLOTS, SLOTS_PER_KEY, another_address, api, sockets, wait_for

REVOKED_WITHIN = 2.0  # seconds


def updates(messages):
    return [one["data"] for one in messages if one["type"] == "status_update"]


def is_null(message):
    return message["type"] == "status_update" and message["data"] is None


def test_a_run_is_followed_from_its_first_state_to_its_end(
    dashboard, worker, listen, add
):
    account_id = add(dashboard)
    listener = listen(dashboard)
    hello, idle, snapshot = listener.welcome()
    assert hello["type"] == "hello"
    assert idle["data"] is None
    assert snapshot["data"]["accounts"][0]["state"] == "idle"

    run = worker.begin(account_id)
    run.step(RunState.FETCHING, found=None)
    run.step(RunState.PROCESSING)
    run.step(RunState.CATEGORIZING, 10)
    run.step(RunState.LABELING, 10)
    run.end()
    seen = listener.read_until(is_null)

    assert [one["state"] for one in updates(seen)[:-1]] == [
        "connecting",
        "fetching",
        "processing",
        "categorizing",
        "labeling",
        "completed",
    ]
    assert all({"type", "data", "timestamp"} <= set(one) for one in seen)
    numbers = [one["seq"] for one in seen]
    assert numbers == sorted(numbers)
    (finished,) = [one["data"] for one in seen if one["type"] == "run_finished"]
    assert (finished["run_id"], finished["outcome"]) == (run.run_id, "succeeded")
    assert finished["emails_labeled"] == 20


def test_an_error_is_told_with_what_to_do(dashboard, worker, listen, add):
    account_id = add(dashboard)
    listener = listen(dashboard)
    listener.welcome()

    worker.begin(account_id).fail(ErrorCode.AUTH_FAILED, "Store a new password.")
    seen = listener.read_until(lambda message: message["type"] == "run_finished")

    status = updates(seen)[-1]
    assert (status["state"], status["error_code"]) == ("error", "auth_failed")
    assert status["error_message"] == "Store a new password."


def test_who_comes_in_the_middle_sees_where_it_stands(dashboard, worker, listen, add):
    account_id = add(dashboard)
    early = listen(dashboard)
    early.welcome()
    run = worker.begin(account_id)
    run.step(RunState.LABELING, 7)
    early.read_until(lambda one: updates([one]) and one["data"]["progress"])

    _, status, snapshot = listen(dashboard).welcome()

    assert status["data"]["current_step"] == "Labeling 7 of 20"
    assert snapshot["data"]["current_processing"] == status["data"]
    assert (
        api(dashboard, "/api/processing/current-status")[1]["epoch"]
        == (snapshot["data"]["epoch"])
    )


def test_recent_runs_are_told_when_asked_for(dashboard, worker, listen, add):
    account_id = add(dashboard)
    listener = listen(dashboard)
    for _ in range(3):
        worker.begin(account_id).end()
        listener.read_until(lambda message: message["type"] == "run_finished")

    listener.say(type="get_recent_runs", limit=2, request_id="mine")
    found = listener.read_until(lambda message: message["type"] == "recent_runs")[-1]

    assert len(found["data"]) == 2
    assert found["request_id"] == "mine"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"X-API-Key": "KEY", "Origin": "http://evil.example"}, 403),
        ({"X-API-Key": "KEY", "Origin": "null"}, 403),
    ],
)
def test_who_may_not_come_in_gets_plain_http(dashboard, listen, headers, status):
    headers = {name: dashboard.key if v == "KEY" else v for name, v in headers.items()}

    with pytest.raises(InvalidStatus) as caught:
        listen(dashboard, headers)

    response = caught.value.response
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_the_places_of_a_key_and_of_all_are_limited(dashboard, listen, new_key):
    for _ in range(SLOTS_PER_KEY):
        listen(dashboard).welcome()
    with pytest.raises(InvalidStatus) as of_the_key:
        listen(dashboard)
    for _ in range(SLOTS - SLOTS_PER_KEY):
        listen(dashboard, {"X-API-Key": new_key(dashboard)[1]}).welcome()
    with pytest.raises(InvalidStatus) as of_all:
        listen(dashboard, {"X-API-Key": new_key(dashboard)[1]})

    for caught, status in ((of_the_key, 429), (of_all, 503)):
        assert caught.value.response.status_code == status
        assert int(caught.value.response.headers["Retry-After"]) > 0


def test_a_place_is_free_again_when_somebody_leaves(dashboard, listen):
    for _ in range(2 * SLOTS):
        listener = listen(dashboard)
        listener.welcome()
        listener.socket.close()
        wait_for(lambda: sockets(dashboard) == 0)


@pytest.fixture
def without_redis(make_dashboard):
    """A web of usual size, whose Redis is away."""
    dashboard = make_dashboard(
        "redis://127.0.0.1:1/0", WS_MAX_CLIENTS="50", WS_MAX_CLIENTS_PER_KEY="50"
    )
    dashboard.start()
    yield dashboard
    dashboard.stop()


@pytest.fixture(params=["dashboard", "without_redis"])
def any_dashboard(request):
    return request.getfixturevalue(request.param)


def test_an_address_may_not_come_and_go_all_the_time(any_dashboard, listen):
    address = another_address()
    for _ in range(PER_MINUTE):
        listener = listen(any_dashboard, address=address)
        listener.socket.close()
        wait_for(lambda: sockets(any_dashboard) == 0)

    with pytest.raises(InvalidStatus) as caught:
        listen(any_dashboard, address=address)

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "60"
    listen(any_dashboard).welcome()  # somebody else


def test_behind_one_address_may_be_as_many_browsers_as_there_are_places(
    without_redis, listen
):
    address = another_address()
    for _ in range(50):
        listen(without_redis, address=address).welcome()

    with pytest.raises(InvalidStatus) as caught:
        listen(without_redis, address=address)

    assert caught.value.response.status_code == 503


def test_rude_clients_are_put_out_and_harm_nobody(dashboard, worker, listen, add):
    account_id = add(dashboard)
    good = listen(dashboard)
    good.welcome()

    big = listen(dashboard)
    big.socket.send("x" * 4097)
    assert big.close_code() == 1009
    chatty = listen(dashboard)
    for _ in range(21):
        chatty.say(type="ping")
    assert chatty.close_code() == 1008
    broken = listen(dashboard)
    broken.welcome()
    frame = Frame(Opcode.TEXT, b"not masked").serialize(mask=False)
    broken.socket.socket.sendall(frame)
    assert broken.close_code() == 1002

    wait_for(lambda: sockets(dashboard) == 1)
    worker.begin(account_id)
    assert updates([good.read()])[0]["state"] == "connecting"


def is_error(frame):
    return frame["type"] == "error"


def test_nonsense_is_answered_and_closes_nothing(dashboard, listen):
    listener = listen(dashboard)
    listener.welcome()

    for text in ("nonsense", "[]", '{"type": "launch"}', "[" * 4000):
        listener.socket.send(text)
        listener.read_until(is_error)
    listener.socket.send(b"\x00\xff")
    listener.read_until(is_error)
    listener.say(type="get_current_status")

    assert listener.read()["type"] == "snapshot"


def test_a_dead_worker_is_seen_soon_after_its_lease(dashboard, worker, listen, add):
    account_id = add(dashboard)
    listener = listen(dashboard)
    listener.welcome()
    worker.begin(account_id).step(RunState.LABELING, 7)
    with transaction(dashboard.sessions) as session:  # nobody renews it
        find_account(session, account_id).lease_until = datetime.now(UTC)

    seen = listener.read_until(
        lambda one: (
            one["type"] == "status_update"
            and one["data"]
            and one["data"]["state"] == "error"
        )
    )

    assert "worker stopped" in updates(seen)[-1]["current_step"]


def test_nobody_may_say_that_it_came_over_https(dashboard):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"}
    request = urllib.request.Request(f"{dashboard.url}/healthz", headers=headers)

    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Strict-Transport-Security"] is None


def test_the_offer_to_compress_is_not_taken(dashboard, listen):
    listener = listen(dashboard, compression="deflate")

    assert listener.socket.protocol.extensions == []


def test_a_client_that_never_reads_is_put_out_and_harms_nobody(
    dashboard, worker, listen, add
):
    account_id = add(dashboard)
    good = listen(dashboard)
    good.welcome()
    stalled = socket.create_connection(("127.0.0.1", dashboard.port))
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stalled.sendall(
        b"GET /ws/status HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"X-API-Key: " + dashboard.key.encode() + b"\r\n\r\n"
    )
    wait_for(lambda: sockets(dashboard) == 2)

    run = worker.begin(account_id)
    steps = 1500  # about 700 KB: more than the kernel keeps for it
    for processed in range(1, steps):
        run.seq += 1
        run._tell(Progress(RunState.LABELING, steps, processed))
    good.read_until(
        lambda one: (
            updates([one])
            and (one["data"]["progress"] or {}).get("current") == steps - 1
        )
    )

    wait_for(lambda: sockets(dashboard) == 1, timeout=20)
    stalled.close()
    good.say(type="ping")
    good.read_until(lambda one: one["type"] == "heartbeat")


def test_a_revoked_key_is_put_out_within_two_seconds(dashboard, listen, new_key):
    key_id, text = new_key(dashboard)
    listener = listen(dashboard, {"X-API-Key": text})
    listener.welcome()

    assert api(dashboard, f"/api/keys/{key_id}", method="DELETE")[0] == 204

    assert listener.close_code(timeout=REVOKED_WITHIN) == 4401


class Browser:
    """Signs in with the form, and keeps the cookie."""

    def __init__(self, dashboard):
        self.dashboard = dashboard
        jar = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(jar)
        self.opener = urllib.request.build_opener(cookies)
        self.post("/login", key=dashboard.key)
        (self.cookie,) = jar

    def post(self, path, **form):
        request = urllib.request.Request(
            self.dashboard.url + path,
            data=urllib.parse.urlencode(form).encode(),
            headers={"Origin": self.dashboard.url},
        )
        self.opener.open(request, timeout=10).close()

    def buy_ticket(self):
        request = urllib.request.Request(
            f"{self.dashboard.url}/api/ws-ticket",
            data=b"{}",
            headers={
                "Origin": self.dashboard.url,
                "Content-Type": "application/json",
            },
        )
        with self.opener.open(request, timeout=10) as response:
            return json.loads(response.read())["ticket"]

    @property
    def headers(self):
        cookie = f"{self.cookie.name}={self.cookie.value}"
        return {"Cookie": cookie, "Origin": self.dashboard.url}


def test_who_signs_out_is_put_out_within_two_seconds(dashboard, listen):
    browser = Browser(dashboard)
    listener = listen(dashboard, browser.headers)
    listener.welcome()

    browser.post("/logout")

    assert listener.close_code(timeout=REVOKED_WITHIN) == 4401


def test_a_browser_that_another_signs_out_is_put_out(dashboard, listen):
    here, there = Browser(dashboard), Browser(dashboard)
    stays, goes = listen(dashboard, here.headers), listen(dashboard, there.headers)
    stays.welcome()
    goes.welcome()

    here.post("/settings/sessions/end-others")

    assert goes.close_code(timeout=REVOKED_WITHIN) == 4401
    stays.say(type="ping", request_id="still here")
    stays.read_until(lambda one: one.get("request_id") == "still here")


def test_who_signs_out_ends_what_their_ticket_opened(dashboard, listen):
    browser = Browser(dashboard)
    listener = listen(dashboard, {}, f"/ws/status?ticket={browser.buy_ticket()}")
    listener.welcome()

    browser.post("/logout")

    assert listener.close_code(timeout=REVOKED_WITHIN) == 4401


def test_a_session_opens_the_feed_for_our_own_pages_only(dashboard, listen):
    browser = Browser(dashboard)
    other_port = f"http://127.0.0.1:{dashboard.port + 1}"

    with pytest.raises(InvalidStatus) as caught:
        listen(dashboard, browser.headers | {"Origin": other_port})

    assert caught.value.response.status_code == 403


def test_a_ticket_opens_the_feed_once(dashboard, listen):
    _, bought = api(dashboard, "/api/ws-ticket", {})
    path = f"/ws/status?ticket={bought['ticket']}"

    listen(dashboard, {}, path).welcome()
    with pytest.raises(InvalidStatus) as caught:
        listen(dashboard, {}, path)

    assert caught.value.response.status_code == 401


def test_pausing_everything_is_told_to_all(dashboard, listen, add):
    add(dashboard)
    listener = listen(dashboard)
    listener.welcome()

    api(dashboard, "/api/processing/pause", {})

    seen = listener.read_until(lambda message: message["type"] == "snapshot")
    assert seen[-1]["data"]["paused"]


def test_a_removed_account_is_told(dashboard, listen, add):
    account_id = add(dashboard)
    listener = listen(dashboard)
    listener.welcome()

    api(dashboard, f"/api/accounts/{account_id}", method="DELETE")

    seen = listener.read_until(lambda message: message["type"] == "account_removed")
    assert seen[-1]["data"] == {"account_id": account_id}


def test_workers_are_known_by_their_heartbeats(dashboard, worker):
    worker._dispatcher.send("worker-heartbeat", freq=2)

    wait_for(lambda: api(dashboard, "/api/workers")[1]["online"] == 1)
    worker._dispatcher.send("worker-offline")
    wait_for(lambda: not api(dashboard, "/api/workers")[1]["items"])


def test_hostile_events_do_not_end_the_feed(dashboard, worker, listen, add):
    account_id = add(dashboard)
    listener = listen(dashboard)
    listener.welcome()
    send = worker._dispatcher.send

    for fields in (
        {},
        {"account_id": "x", "uuid": None},
        {"uuid": "x" * 100_000, "seq": 10**30},
        {"account_id": 2**31 - 1, "uuid": "a", "seq": 1},
    ):
        send("task-labeling", **fields)
        send("worker-heartbeat", **fields)
    channel = worker._connection.default_channel
    for number in range(300):
        raw = json.dumps({"body": number})
        channel.client.publish("/0.celeryev/task.labeling", raw)
    worker.begin(account_id)

    seen = listener.read_until(lambda one: any(updates([one])), timeout=20)
    assert updates(seen)[-1]["state"] == "connecting"
