"""Who may open the feed, decided with plain HTTP before the upgrade."""

import socket
from datetime import timedelta

import pytest

from mailbeat.db import api_keys, sign_in
from mailbeat.db.session import transaction
from tests.unit.webapp.conftest import KEY
from webapp.live.client import Visitor
from webapp.live.handshakes import PER_MINUTE
from webapp.parts import parts_of

PATH = "/ws/status"
OURS = "http://localhost"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
WITH_KEY = {"X-API-Key": KEY}


@pytest.fixture
def knock(app):
    """Ask for the upgrade on a real socket; the answer is a refusal, or 101."""
    ends = []

    def knock(headers=(), path=PATH, client=None):
        ours, theirs = socket.socketpair()
        ends.extend((ours, theirs))
        theirs.settimeout(5)
        return (client or app.test_client()).get(
            path,
            headers=HANDSHAKE | dict(headers),
            environ_overrides={"gunicorn.socket": ours},
        )

    def opened():
        """Whether the last one was let in: the handshake is on the wire."""
        return ends[-1].recv(12) == b"HTTP/1.1 101"

    knock.opened = opened
    yield knock
    parts_of(app).live.stop()
    for end in ends:
        end.close()


@pytest.fixture
def ticket(sessions, now):
    def ticket(purpose="websocket", ttl=timedelta(seconds=30), key_id="bootstrap"):
        with transaction(sessions) as session:
            return sign_in.issue_ticket(
                session, purpose=purpose, key_id=key_id, scope="read", now=now, ttl=ttl
            )

    return ticket


def let_in(knock, *args, **options):
    with pytest.raises(StopIteration):  # how flask-sock tells gunicorn that it is done
        knock(*args, **options)
    return knock.opened()


def test_a_program_with_a_key_comes_in_without_an_origin(knock):
    assert let_in(knock, WITH_KEY)


def test_our_own_page_comes_in_with_its_session(knock, browser):
    assert let_in(knock, {"Origin": OURS}, client=browser)


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Origin": OURS}])
def test_nobody_is_let_in_without_a_key(knock, headers):
    response = knock(headers)

    assert response.status_code == 401
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "http://localhost.evil.example",
        "http://localhost:8001",
        "https://localhost",
        "http://localhost/",
        "http://LOCALHOST",
        "file://",
    ],
)
@pytest.mark.parametrize("by", ["session", "key", "ticket"])
def test_another_page_is_refused_whatever_it_brings(knock, browser, ticket, origin, by):
    path = f"{PATH}?ticket={ticket()}" if by == "ticket" else PATH
    headers = {"Origin": origin} | (WITH_KEY if by == "key" else {})

    response = knock(headers, path, client=browser if by == "session" else None)

    assert response.status_code == 403


def test_a_session_needs_an_origin(knock, browser):
    assert knock(client=browser).status_code == 403


def test_a_ticket_opens_once(knock, ticket):
    path = f"{PATH}?ticket={ticket()}"

    assert let_in(knock, path=path)
    assert knock(path=path).status_code == 401


def test_a_ticket_too_old_for_something_else_or_of_no_key_does_not(knock, ticket):
    for one in (
        ticket(ttl=timedelta(0)),
        ticket(purpose="sign_in"),
        ticket(key_id="revoked"),
        "nonsense",
        "",
        "x" * 5000,
    ):
        assert knock(path=f"{PATH}?ticket={one}").status_code == 401


def test_a_ticket_of_a_session_that_ended_does_not(knock, sessions, now):
    with transaction(sessions) as session:
        token = sign_in.issue_ticket(
            session,
            purpose="websocket",
            key_id="bootstrap",
            scope="read",
            now=now,
            ttl=timedelta(seconds=30),
            session_id=12345,
        )

    assert knock(path=f"{PATH}?ticket={token}").status_code == 401


def test_an_allowed_page_comes_in_with_a_ticket_it_bought(make_app):
    origin = "https://status.example.org"
    app = make_app(allowed_origins=origin)
    client = app.test_client()
    preflight = client.options("/api/ws-ticket", headers={"Origin": origin})
    bought = client.post(
        "/api/ws-ticket", headers=WITH_KEY | {"Origin": origin}, json={}
    )

    assert preflight.status_code == 204
    for response in (preflight, bought):
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in response.headers
    assert bought.json["expires_in_seconds"] == 30
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(StopIteration):
        client.get(
            f"{PATH}?ticket={bought.json['ticket']}",
            headers=HANDSHAKE | {"Origin": origin},
            environ_overrides={"gunicorn.socket": ours},
        )
    parts_of(app).live.stop()


def test_a_page_that_is_not_allowed_cannot_read_a_ticket(nobody):
    headers = WITH_KEY | {"Origin": "http://evil.example"}

    response = nobody.post("/api/ws-ticket", headers=headers, json={})

    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_ticket_is_not_sold_to_nobody(nobody):
    assert nobody.post("/api/ws-ticket", json={}).status_code == 401


def test_one_more_than_there_are_places_is_told_to_come_back(knock, app):
    hub = parts_of(app).live.hub
    hub._most = 2
    for _ in range(2):
        hub.reserve(Visitor("somebody", "read"))

    response = knock(WITH_KEY)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


def test_one_more_than_a_key_may_have_is_too_many(knock, app):
    hub = parts_of(app).live.hub
    hub._most_per_key = 1
    hub.reserve(Visitor("bootstrap", "read"))

    response = knock(WITH_KEY)

    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": ""}, 400),
        ({"Sec-WebSocket-Key": "é" * 24}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": "close"}, 400),
    ],
)
def test_what_is_no_handshake_is_refused(knock, app, headers, status):
    response = knock(WITH_KEY | headers)

    assert response.status_code == status
    assert parts_of(app).live.hub.number_of_clients == 0


def test_a_server_without_sockets_is_named_as_the_reason(admin, app):
    response = admin.get(PATH, headers=HANDSHAKE)

    assert response.status_code == 501
    assert "gunicorn.conf.py" in response.json["detail"]
    assert parts_of(app).live.hub.number_of_clients == 0


def test_the_library_sees_neither_cookies_nor_keys_nor_an_offer_to_compress(knock):
    seen = WITH_KEY | {
        "Cookie": "mailbeat=é",
        "Sec-WebSocket-Extensions": "permessage-deflate",
        "X-Odd": "a\tb",
    }

    with pytest.raises(StopIteration):
        knock(seen)

    assert knock.opened()


def test_a_key_that_was_revoked_opens_nothing(knock, sessions, now):
    with transaction(sessions) as session:
        key, text = api_keys.issue_key(
            session, name="CI", scope=api_keys.Scope.READ, now=now
        )
        api_keys.revoke_key(session, key.key_id, now=now)

    assert knock({"X-API-Key": text}).status_code == 401


def test_who_is_refused_too_often_is_told_to_wait(knock):
    statuses = [knock().status_code for _ in range(PER_MINUTE)]
    last, with_a_key = knock(), knock(WITH_KEY)

    assert statuses == [401] * PER_MINUTE
    for response in (last, with_a_key):
        assert response.status_code == 429
        assert response.json["code"] == "too_many_handshakes"
        assert response.headers["Retry-After"] == "60"


def test_who_is_let_in_may_come_as_often_as_there_are_places(knock, app):
    parts_of(app).live.hub._most_per_key = 50

    assert all(let_in(knock, WITH_KEY) for _ in range(2 * PER_MINUTE))


def test_other_pages_spend_no_handshakes(knock, nobody):
    for _ in range(2 * PER_MINUTE):
        assert nobody.get("/api/accounts").status_code == 401
        assert nobody.get(PATH).status_code == 401

    assert let_in(knock, WITH_KEY)
