"""One address of what anybody may have written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.mail.sender import (
    MAX_ADDRESS,
    MAX_NAME,
    address_in,
    addresses_in,
    name_beside,
)
from tests.linear import growth

EVIL = "x@evil.example"


@pytest.mark.parametrize(
    "value",
    [
        "x@evil.example",
        "<x@evil.example>",
        "x@evil.example (Bank <service@bank.example>)",
        '"service@bank.example" <x@evil.example>',
        "service@bank.example <x@evil.example>",
        "<service@bank.example> <x@evil.example>",
        '"<service@bank.example>" x@evil.example',
        '"a \\" <service@bank.example>" <x@evil.example>',
        "(a \\) (nested) <service@bank.example>) x@evil.example",
        "x@evil.example (open <service@bank.example>",
        'x@evil.example "open <service@bank.example>',
        "=?utf-8?q?service@bank.example?= x@evil.example",
        "service@bank.example <x@evil.example> <>",
        "<x @ evil . example>",
        "x @ evil.example",
        "x(a)@(b)evil.example",
        "<@relay.example:x@evil.example>",
        "mailto:x@evil.example",
        "[x@evil.example]",
        "'x@evil.example'",
        "Group: x@evil.example;",
        "stray) <x@evil.example>",
    ],
)
def test_the_address_is_the_one_that_a_mailer_would_answer(value):
    assert address_in(value) == EVIL


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('"a b"@c.example', '"a b"@c.example'),
        ('Ada <"a, <b>"@c.example>', '"a, <b>"@c.example'),
        ('"first" <"second"@c.example>', '"second"@c.example'),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@c.example, b@d.example", "a@c.example"),
        ('"a@c.example"', "a@c.example"),
        ('"Ada <a@c.example>', "a@c.example"),
        ("((( a@c.example", "a@c.example"),
        ("a@b@c.example", ""),
        ("a@", ""),
        ("@c.example", ""),
        ("a@...", ""),
        ("Ada", ""),
        ("", ""),
        ("a" * MAX_ADDRESS + "@c.example", ""),
    ],
)
def test_odd_addresses(value, address):
    assert address_in(value) == address


@pytest.mark.parametrize(
    ("decoded", "address", "name"),
    [
        ("Ada <a@c.example>", "a@c.example", "Ada"),
        ('"Lovelace, Ada" <a@c.example>', "a@c.example", "Lovelace, Ada"),
        ('"Ada \\"A\\" L" <a@c.example>', "a@c.example", 'Ada "A" L'),
        ("a@c.example (Ada)", "a@c.example", "Ada"),
        ("Bank <b@bank.example> <a@c.example>", "a@c.example", "Bank <b@bank.example"),
        ("Ada <a@c.example>, Bob <b@c.example>", "a@c.example", "Ada"),
        ("Ada < a @ c.example >", "a@c.example", "Ada"),
        ("a@c.example", "a@c.example", ""),
        ("A" * 999 + " <a@c.example>", "a@c.example", "A" * MAX_NAME),
    ],
)
def test_the_name_is_what_stands_beside(decoded, address, name):
    assert name_beside(decoded, address) == name


@given(st.text(alphabet='ab@<>()".,;: \\[]=?', max_size=60))
def test_an_address_is_one_word_or_quoted(value):
    address = address_in(value)

    assert not address or "@" in address
    assert '"' in address or " " not in address
    name_beside(value, address or "a@b")


@pytest.mark.parametrize(
    "piece",
    ["(", ")", '"', '\\"', "@", "a@", "<", "<a@", "<@", '"a"@', " @ ", ". ", "[", "()"],
)
def test_an_address_is_found_in_linear_time(piece):
    assert growth(lambda size: address_in(piece * size), 2_000, 16_000) < 24


# Several addresses


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a@example.org", ["a@example.org"]),
        ("Ada <a@example.org>, b@example.org", ["a@example.org", "b@example.org"]),
        (
            '"Miller, Ada" <a@example.org>,b@example.org',
            ["a@example.org", "b@example.org"],
        ),
        (
            "Friends: a@example.org, B <b@example.org>;",
            ["a@example.org", "b@example.org"],
        ),
        ("(x@example.org, y) a@example.org", ["a@example.org"]),
        ('"a b"@example.org, c@example.org', ['"a b"@example.org', "c@example.org"]),
        ("undisclosed-recipients:;", []),
        ("Ada, Grace", []),
        ("", []),
    ],
)
def test_a_field_may_hold_several_addresses(value, addresses):
    assert list(addresses_in(value)) == addresses


@pytest.mark.parametrize(
    "piece", ["(", ")", '"', "<", "@", "a@b,", "a@[", "\\", "(a@b", '"@,']
)
def test_any_number_of_anything_is_read_in_linear_time(piece):
    def read(size):
        return list(addresses_in(piece * (size // len(piece))))

    assert growth(read, 8 * 1024, 64 * 1024) < 24


@given(st.text(alphabet='ab@.,;:<>()" \\', max_size=60))
def test_whatever_is_written_addresses_are_short_and_have_an_at(value):
    assert all("@" in one and len(one) <= MAX_ADDRESS for one in addresses_in(value))
