"""Tokens that end one subscription."""

import pytest

from mailbeat.digest.unsubscribing import id_in, is_token_of, make_token

KEYS = ["the first key", "an older key"]
ADA = "ada@example.org"


def test_a_token_ends_what_it_was_made_for_and_nothing_else():
    token = make_token(KEYS, 7, ADA)

    assert id_in(token) == 7
    assert is_token_of(token, KEYS, 7, ADA)
    assert not is_token_of(token, KEYS, 7, "eve@example.org")
    assert not is_token_of(token, KEYS, 8, ADA)
    assert not is_token_of(token, ["another key"], 7, ADA)
    assert not is_token_of(token.replace("7.", "8."), KEYS, 8, ADA)


def test_a_token_of_a_key_that_was_replaced_still_works():
    assert is_token_of(make_token(KEYS[1:], 7, ADA), KEYS, 7, ADA)


@pytest.mark.parametrize(
    "token", ["", "7", "x.y", "\u0667.abc", "7." + "a" * 200, "99999999999.a", ".a"]
)
def test_what_is_no_token_names_nothing(token):
    assert id_in(token) is None


@pytest.mark.parametrize("token", ["7.", "7.é", "7.\x00"])
def test_what_proves_nothing_is_refused(token):
    assert not is_token_of(token, KEYS, 7, ADA)
