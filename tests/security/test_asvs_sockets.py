"""The live feed: who opens it, how many, and what becomes of the rude."""

import http.client
import socket
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from tests.integration.web.conftest import (
    SLOTS,
    SLOTS_PER_KEY,
    another_address,
    api,
    sockets,
    wait_for,
)
from tests.unit.webapp.live.test_socket import OURS, PATH, let_in
from webapp.live.handshakes import PER_MINUTE

SOON = 2.0  # seconds


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "http://evil.example",
        "null",
        f"{OURS}.evil.example",
        f"{OURS}:8001",
    ],
)
def test_asvs_4_4_2_no_other_page_opens_the_feed_with_a_session(knock, browser, origin):
    headers = {} if origin is None else {"Origin": origin}

    assert knock(headers, client=browser).status_code == 403


def test_asvs_4_4_3_a_ticket_is_good_once_for_a_while_and_with_its_key(knock, ticket):
    good = f"{PATH}?ticket={ticket()}"
    too_old = f"{PATH}?ticket={ticket(ttl=timedelta(0))}"
    of_no_key = f"{PATH}?ticket={ticket(key_id='revoked')}"

    assert let_in(knock, path=good)
    for path in (good, too_old, of_no_key):
        assert knock(path=path).status_code == 401


def sign_in_on(dashboard, key):
    """Send the form; returns the headers of a page that is signed in."""
    web = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    web.request(
        "POST",
        "/login",
        urlencode({"key": key}),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": dashboard.url,
        },
    )
    cookie = web.getresponse().headers["Set-Cookie"].partition(";")[0]
    web.close()
    return {"Cookie": cookie, "Origin": dashboard.url}


def status_with(dashboard, headers):
    web = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    web.request("GET", "/api/processing/current-status", headers=headers)
    status = web.getresponse().status
    web.close()
    return status


def test_asvs_7_4_2_a_revoked_key_ends_its_sessions_and_sockets(
    dashboard, listen, new_key
):
    key_id, text = new_key(dashboard)
    page = sign_in_on(dashboard, text)
    listeners = [listen(dashboard, page), listen(dashboard, {"X-API-Key": text})]
    for listener in listeners:
        listener.welcome()
    before = status_with(dashboard, page)

    api(dashboard, f"/api/keys/{key_id}", method="DELETE")

    assert [one.close_code(timeout=SOON) for one in listeners] == [4401, 4401]
    assert (before, status_with(dashboard, page)) == (200, 401)


def test_asvs_2_4_1_the_places_of_a_key_and_of_all_are_limited(
    dashboard, listen, new_key
):
    def refused(headers):
        with pytest.raises(InvalidStatus) as caught:
            listen(dashboard, headers)
        assert int(caught.value.response.headers["Retry-After"]) > 0
        return caught.value.response.status_code

    for _ in range(SLOTS_PER_KEY):
        listen(dashboard).welcome()
    one_more_of_the_key = refused({"X-API-Key": dashboard.key})
    for _ in range(SLOTS - SLOTS_PER_KEY):
        listen(dashboard, {"X-API-Key": new_key(dashboard)[1]}).welcome()
    one_more_of_all = refused({"X-API-Key": new_key(dashboard)[1]})

    assert (one_more_of_the_key, one_more_of_all) == (429, 503)


def test_asvs_2_4_1_the_handshakes_of_an_address_are_limited(dashboard, listen):
    address = another_address()

    def refused(headers):
        with pytest.raises(InvalidStatus) as caught:
            listen(dashboard, headers, address=address)
        return caught.value.response.status_code

    without_a_key = [refused({}) for _ in range(PER_MINUTE)]
    with_a_good_key = refused(None)

    assert without_a_key == [401] * PER_MINUTE
    assert with_a_good_key == 429
    listen(dashboard).welcome()  # from another address


def test_asvs_2_2_1_who_breaks_the_protocol_is_put_out_and_harms_nobody(
    dashboard, listen
):
    good = listen(dashboard)
    good.welcome()
    endless = Frame(Opcode.TEXT, b"x" * 4000, fin=False).serialize(mask=True)
    more = Frame(Opcode.CONT, b"x" * 4000, fin=False).serialize(mask=True)
    rude = {
        "too big": (Frame(Opcode.TEXT, b"x" * 4097).serialize(mask=True), 1009),
        "endless": (endless + more, 1009),
        "bad UTF-8": (Frame(Opcode.TEXT, b"\xff").serialize(mask=True), 1007),
        "unmasked": (Frame(Opcode.TEXT, b"hi").serialize(mask=False), 1002),
        "chatty": (Frame(Opcode.TEXT, b"{}").serialize(mask=True) * 21, 1008),
    }

    codes = {}
    for name, (said, _) in rude.items():
        listener = listen(dashboard)
        listener.welcome()
        listener.socket.socket.sendall(said)
        codes[name] = listener.close_code()
    good.socket.send("not JSON")

    assert codes == {name: code for name, (_, code) in rude.items()}
    wait_for(lambda: sockets(dashboard) == 1)
    assert good.read_until(lambda one: one["type"] == "error")


def test_asvs_15_2_2_slow_clients_hold_nobody_up(dashboard, listen):
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    body = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nkey="
    slow = [socket.create_connection(("127.0.0.1", dashboard.port)) for _ in range(80)]
    for n, sock in enumerate(slow):
        sock.sendall((head, body)[n % 2])

    took = wait_for(lambda: api(dashboard, "/api/health")[0] == 200)
    listen(dashboard).welcome()

    for sock in slow:
        sock.close()
    assert took < SOON
