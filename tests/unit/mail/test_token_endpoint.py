"""A provider that fails in every way where tokens are asked for."""

import time
from dataclasses import replace

import pytest

from mailbeat.mail import token_endpoint
from mailbeat.mail.errors import (
    AuthFailed,
    ConnectFailed,
    ErrorCode,
    ServerBusy,
    Throttled,
)
from mailbeat.mail.oauth import ClientRefused, refresh
from tests.security.canary import SONG, sings
from tests.servers.oauth import dribbles, hangs_up, is_huge, says
from tests.servers.process import free_port

FAULTS = {
    "invalid_grant": (says(400, {"error": "invalid_grant"}), AuthFailed),
    "interaction": (says(400, {"error": "interaction_required"}), AuthFailed),
    "invalid_client": (says(401, {"error": "invalid_client"}), ClientRefused),
    "invalid_scope": (says(400, {"error": "invalid_scope"}), ClientRefused),
    "unknown": (says(400, {"error": f"new {SONG}"}), ServerBusy),
    "500": (says(500, f"trouble with {SONG}".encode()), ServerBusy),
    "503": (says(503, b""), ServerBusy),
    "500 with a reason": (says(500, {"error": "invalid_grant"}), ServerBusy),
    "429": (says(429, {"error": "slow_down"}), Throttled),
    "404": (says(404, b"<html>"), ServerBusy),
    "garbage": (says(200, f"\xff {SONG}".encode("latin-1")), ServerBusy),
    "no object": (says(200, b"[]"), ServerBusy),
    "deep": (says(200, b"[" * 60_000), ServerBusy),
    "no token": (says(200, {"token_type": "Bearer"}), ServerBusy),
    "another kind": (says(200, {"access_token": "a", "token_type": "mac"}), ServerBusy),
    "injection": (
        says(200, {"access_token": "a\x01\r\nA1 X", "token_type": "Bearer"}),
        ServerBusy,
    ),
    "long token": (
        says(200, {"access_token": "a" * 20_000, "token_type": "Bearer"}),
        ServerBusy,
    ),
    "huge": (is_huge, ServerBusy),
    "hang up": (hangs_up, ConnectFailed),
    "redirect": (
        lambda handler: handler.answer(302, b"", {"Location": "http://127.0.0.1:1/"}),
        ServerBusy,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_way_of_failing_is_an_error_of_ours(google, name):
    fault, expected = FAULTS[name]
    google.faults.append(fault)

    with pytest.raises(expected) as caught:
        refresh(google.client, f"{SONG}-refresh")

    assert type(caught.value) is expected
    assert not sings(str(caught.value))
    assert not sings(repr(caught.value.__cause__))
    assert str(caught.value).endswith(".")


def test_what_only_the_operator_can_mend_pauses_no_account(google):
    wrong = replace(google.client, client_secret="wrong")

    with pytest.raises(ClientRefused, match="check GOOGLE_CLIENT_ID") as caught:
        refresh(wrong, "a token")

    assert caught.value.code is ErrorCode.INTERNAL
    assert not isinstance(caught.value, AuthFailed)


def test_a_slow_provider_has_some_seconds(google, monkeypatch):
    monkeypatch.setattr(token_endpoint, "WITHIN", 0.5)
    google.faults.append(dribbles)

    began = time.monotonic()
    with pytest.raises(ConnectFailed, match="did not answer"):
        refresh(google.client, "a token")

    assert time.monotonic() - began < 3


def test_a_provider_that_is_away_is_tried_again(google):
    away = replace(
        google.provider, token_endpoint=f"http://127.0.0.1:{free_port()}/token"
    )

    with pytest.raises(ConnectFailed, match="tries again at the next run"):
        refresh(replace(google.client, provider=away), "a token")


def test_the_life_of_a_token_is_believed_within_bounds(google):
    def life(seconds):
        told = {"access_token": "a", "token_type": "bearer", "expires_in": seconds}
        google.faults.append(says(200, told))
        return refresh(google.client, "a token").seconds

    assert life(3599) == 3599
    assert life("3599") == 3599
    assert life(None) == life("soon") == life({}) == 3600
    assert life(-5) == 60
    assert life(10**30) == 86_400
