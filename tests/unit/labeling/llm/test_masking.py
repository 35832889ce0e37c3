"""What is left of a text that a model gets to see."""

import pytest

from mailbeat.labeling.llm.masking import masked, masked_domain, plain
from tests.linear import growth


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Your code is 482913.", "Your code is #."),
        ("4 8 2 9 1 3", "#"),
        ("Total: 1.234,56 EUR", "Total: # EUR"),
        ("Order \N{ARABIC-INDIC DIGIT FOUR}\N{ARABIC-INDIC DIGIT TWO}", "Order #"),
        ("\N{CIRCLED DIGIT FOUR}\N{FULLWIDTH DIGIT TWO} left", "# left"),
        ("Write to ada.b+c@mail.example.org!", "Write to [address]!"),
        ("See https://example.org/reset?t=abc now", "See [link] now"),
        ("See www.example.org/a-b-c now", "See [link] now"),
        ("Key AbCdEfGhIjKlMnOpQr of yours", "Key [token] of yours"),
        ("Key abcd1234efgh5678zz of yours", "Key [token] of yours"),
        ("Rechtsschutzversicherungen und mehr", "Rechtsschutzversicherungen und mehr"),
        ("two\r\nlines\tand  gaps", "two lines and gaps"),
        ("hid\N{ZERO WIDTH SPACE}den\U000e0041\N{RIGHT-TO-LEFT OVERRIDE}", "hid den"),
        ("a\udcffb\x00c", "a b c"),
    ],
)
def test_numbers_addresses_and_tokens_are_masked(text, seen):
    assert masked(text, 100) == seen


def test_only_the_beginning_is_told():
    assert masked("word " * 1000, 20) == "word word word word "[:20]


@pytest.mark.parametrize("cue", ["1", "1 ", "a@", "http://", "www.", "A-", "\u0301"])
def test_masking_takes_time_as_the_text_is_long(cue):
    assert growth(lambda n: masked(cue * n, 10**9), 4_000, 32_000) < 20


def test_what_the_user_wrote_keeps_its_numbers():
    assert plain("Taxes\n2026", 40) == "Taxes 2026"


@pytest.mark.parametrize(
    ("domain", "seen"),
    [
        ("mail7.example.org", "mail#.example.org"),
        ("a.b.c.deep.example.co.uk", "deep.example.co.uk"),
        ("r83hf8aksdjf83hdkc.example.org", "[token].example.org"),
        ("", ""),
    ],
)
def test_a_domain_is_masked_part_by_part(domain, seen):
    assert masked_domain(domain) == seen
