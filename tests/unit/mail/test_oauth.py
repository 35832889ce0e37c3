"""Signing in at a provider that checks everything, and one that fails in every way."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from mailbeat.mail import oauth
from mailbeat.mail.errors import (
    AuthFailed,
    ServerBusy,
)
from mailbeat.mail.oauth import (
    GOOGLE,
    MICROSOFT,
    Client,
    Tokens,
    ask_device,
    begin,
    begin_device,
    code_in,
    redeem,
    refresh,
    require_address,
)
from tests.security.canary import SONG
from tests.servers.oauth import says

BACK = "http://127.0.0.1:8000/oauth/callback"


def told_in(url):
    return dict(parse_qsl(urlsplit(url).query))


def sign_in(server, **changes):
    """Go out, come back, and redeem the code."""
    begun = begin(server.client, redirect_uri=BACK)
    answer = told_in(server.browse(begun.url))
    code = code_in(server.client, answer, state=begun.state)
    options = {"verifier": begun.verifier, "redirect_uri": BACK, **changes}
    return redeem(server.client, code, **options)


# Going out


def test_google_is_asked_for_lasting_access_to_mail():
    begun = begin(Client(GOOGLE, "an id"), redirect_uri=BACK, address="ada@gmail.com")

    told = told_in(begun.url)
    assert begun.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert told == {
        "response_type": "code",
        "client_id": "an id",
        "redirect_uri": BACK,
        "scope": "https://mail.google.com/ openid email",
        "state": begun.state,
        "code_challenge": told["code_challenge"],
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": "ada@gmail.com",
    }
    assert begun.verifier not in begun.url


def test_microsoft_is_asked_for_lasting_access_to_mail():
    told = told_in(begin(Client(MICROSOFT, "an id"), redirect_uri=BACK).url)

    scopes = told["scope"].split()
    assert scopes[:2] == [
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "offline_access",
    ]
    assert "login_hint" not in told


def test_no_two_sign_ins_are_alike():
    client = Client(GOOGLE, "an id")
    begun = [begin(client, redirect_uri=BACK) for _ in range(2)]

    assert len({one.state for one in begun}) == 2
    assert len({one.verifier for one in begun}) == 2
    assert all(len(one.state) >= 43 and len(one.verifier) >= 43 for one in begun)


# Coming back


def test_who_signs_in_gets_tokens(google):
    tokens = sign_in(google)

    assert tokens.access_token in google.valid
    assert tokens.refresh_token in google.refreshable
    assert (tokens.seconds, tokens.addresses) == (3600, {"ada@example.org"})


def test_a_code_is_worth_nothing_without_the_verifier(google):
    with pytest.raises(AuthFailed, match="Start again"):
        sign_in(google, verifier="x" * 64)


def test_a_code_is_worth_nothing_elsewhere(google):
    with pytest.raises(AuthFailed, match="Start again"):
        sign_in(google, redirect_uri="http://127.0.0.1:9/oauth/callback")


@pytest.mark.parametrize(
    ("changes", "says_"),
    [
        ({"state": "another"}, "belongs to another sign-in"),
        ({"state": "\udcff"}, "belongs to another sign-in"),
        ({"state": ""}, "belongs to another sign-in"),
        ({"iss": "https://evil.example"}, "does not come from Google"),
        ({"error": "access_denied"}, "was not allowed to let Mailbeat in"),
        ({"error": "unauthorized_client"}, "Check GOOGLE_CLIENT_ID"),
        ({"error": f"<b>{SONG}</b>"}, "did not accept this sign-in"),
        ({"code": ""}, "has no code"),
        ({"code": "a b"}, "has no code"),
        ({"code": "x" * 5000}, "has no code"),
    ],
)
def test_what_does_not_belong_here_is_refused(changes, says_):
    client = Client(GOOGLE, "an id")

    with pytest.raises(AuthFailed, match=says_) as caught:
        code_in(client, {"state": "s", "code": "c"} | changes, state="s")

    assert SONG not in str(caught.value)


def test_a_provider_in_trouble_is_no_refusal():
    with pytest.raises(ServerBusy):
        code_in(Client(GOOGLE, "i"), {"state": "s", "error": "server_error"}, state="s")


@pytest.mark.parametrize(
    ("provider", "issuer"),
    [
        (GOOGLE, "https://accounts.google.com"),
        (
            MICROSOFT,
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        ),
    ],
)
def test_the_provider_itself_is_believed(provider, issuer):
    answer = {"state": "s", "code": "4/0A-c", "iss": issuer}

    assert code_in(Client(provider, "i"), answer, state="s") == "4/0A-c"


def test_a_person_who_unticks_mail_is_told_to_tick_it(google):
    google.grants = "openid email"

    with pytest.raises(AuthFailed, match="tick that permission"):
        sign_in(google)


def test_access_for_an_hour_only_is_not_enough(google):
    google.faults.append(
        says(200, {"access_token": "a", "token_type": "Bearer", "expires_in": 3600})
    )

    with pytest.raises(AuthFailed, match="for an hour only"):
        sign_in(google)


# Renewing


def test_a_token_is_renewed(google):
    old = google.issue_refresh_token("ada@example.org")

    tokens = refresh(google.client, old)

    assert tokens.access_token in google.valid
    assert tokens.refresh_token is None
    assert google.asked[-1]["grant_type"] == "refresh_token"


def test_a_refresh_token_may_be_good_once(google):
    google.rotates = True
    old = google.issue_refresh_token("ada@example.org")

    new = refresh(google.client, old).refresh_token

    assert new is not None
    assert refresh(google.client, new).refresh_token is not None
    with pytest.raises(AuthFailed):
        refresh(google.client, old)


# By a code


def test_microsoft_gives_a_code_for_another_machine(microsoft):
    client = microsoft.client
    device = begin_device(client)
    assert ask_device(client, device) == 0

    microsoft.type_code(device.user_code)
    tokens = ask_device(client, device)

    assert isinstance(tokens, Tokens)
    assert tokens.refresh_token in microsoft.refreshable
    assert (device.where, device.interval) == ("https://provider.example/device", 1)


def test_who_asks_too_often_waits_longer(microsoft):
    device = begin_device(microsoft.client)
    microsoft.faults.append(says(400, {"error": "slow_down"}))

    assert ask_device(microsoft.client, device) == 5


@pytest.mark.parametrize("error", ["expired_token", "access_denied", "invalid_grant"])
def test_a_code_that_is_over_is_a_sentence(microsoft, error):
    device = begin_device(microsoft.client)
    microsoft.faults.append(says(400, {"error": error}))

    with pytest.raises(AuthFailed):
        ask_device(microsoft.client, device)


def test_a_person_may_say_no(microsoft):
    device = begin_device(microsoft.client)
    microsoft.type_code(device.user_code, allow=False)

    with pytest.raises(AuthFailed, match="was not allowed"):
        ask_device(microsoft.client, device)


@pytest.mark.parametrize(
    "changes",
    [
        {"verification_uri": "http://provider.example"},
        {"verification_uri": "https://p.example/\x1b[2J"},
        {"user_code": "\x1b]0;x"},
        {"user_code": 7},
        {"device_code": ""},
        {"verification_uri": "//[provider.example"},
    ],
)
def test_nothing_strange_is_printed(microsoft, changes):
    good = {
        "device_code": "d",
        "user_code": "u",
        "verification_uri": "https://provider.example",
    }
    microsoft.faults.append(says(200, good | changes))

    with pytest.raises(ServerBusy):
        begin_device(microsoft.client)


# Who it was


def tokens_of(*addresses):
    return Tokens("a", "r", 3600, frozenset(addresses))


def test_the_right_person_is_let_in():
    require_address(GOOGLE, tokens_of("ada@example.org"), wanted=["ada@example.org"])


def test_whom_the_provider_does_not_name_is_let_in():
    require_address(GOOGLE, tokens_of(), wanted=["ada@example.org"])


@pytest.mark.parametrize(
    "told", ["eve@example.org", "ada@example.net", "a.da@example.org"]
)
def test_somebody_else_is_not(told):
    with pytest.raises(AuthFailed, match=r"Choose ada@example\.org there"):
        require_address(GOOGLE, tokens_of(told), wanted=["ada@example.org"])


def test_secrets_are_not_shown():
    shown = [
        tokens_of(),
        begin(Client(GOOGLE, "i"), redirect_uri=BACK),
        oauth.DeviceCode(SONG, "u", "w", 1, 1),
    ]

    assert "access_token" not in repr(shown[0])
    assert "verifier" not in repr(shown[1])
    assert SONG not in repr(shown[2])
