"""Who signed in."""

import base64
import json

import pytest

from mailbeat.mail.id_token import addresses_in, are_of_one_person
from mailbeat.mail.oauth import GOOGLE


def id_token(**claims):
    told = {"iss": "https://accounts.google.com", "aud": "an id"} | claims
    raw = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"e30.{raw}.c2ln"


@pytest.mark.parametrize(
    ("token", "addresses"),
    [
        (id_token(email="Ada@Example.org"), {"ada@example.org"}),
        (
            id_token(email="a@example.org", preferred_username="b@example.org"),
            {"a@example.org", "b@example.org"},
        ),
        (id_token(email="a@example.org", email_verified=False), set()),
        (id_token(email="a@example.org", aud="another"), set()),
        (id_token(email="a@example.org", iss="https://evil.example"), set()),
        (id_token(email=["a@example.org"]), set()),
        (id_token(preferred_username="Ada"), set()),
        ("a.b", set()),
        ("a.b.c", set()),
        ("a.é.c", set()),
        ("a.W10.c", set()),
        (7, set()),
        (None, set()),
    ],
)
def test_an_id_token_tells_who_signed_in(token, addresses):
    assert addresses_in(token, client_id="an id", issuer=GOOGLE.issuer) == addresses


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (["ada@example.org"], ["ADA@example.org"]),
        (["adalovelace@gmail.com"], ["Ada.Lovelace+mail@googlemail.com"]),
        (["ada@example.org", "ada@corp.example"], ["ada@corp.example"]),
        (["ada@corp.example"], ["ada", "ada@corp.example"]),
    ],
)
def test_one_person_may_be_written_in_two_ways(told, wanted):
    assert are_of_one_person(told, wanted)


@pytest.mark.parametrize(
    "told", ["eve@example.org", "ada@example.net", "a.da@example.org", "ada"]
)
def test_two_persons_are_two(told):
    assert not are_of_one_person([told], ["ada@example.org"])
