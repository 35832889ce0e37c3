"""Who may be forged."""

import pytest

from mailbeat.labeling.trust import (
    brand_in_name,
    errand_in,
    is_brand,
    look_alike,
    reason_for_distrust,
)
from mailbeat.mail.parse import message_from_bytes
from tests.factories import make_message


def reason(headers=None, **message):
    return reason_for_distrust(make_message(headers=headers, **message))


@pytest.mark.parametrize(
    ("results", "is_distrusted"),
    [
        ("mx.x; dmarc=pass; spf=pass", False),
        ("mx.x; dmarc=FAIL", True),
        ("mx.x; spf=fail", True),
        ("mx.x; spf=softfail", False),
        ("mx.x; spf=fail; dmarc=pass", False),
        ("mx.x; dkim=none; compauth=fail reason=001", True),
    ],
)
def test_what_the_receiving_server_found_counts(results, is_distrusted):
    assert bool(reason({"Authentication-Results": results})) is is_distrusted


def test_only_the_topmost_results_are_by_the_receiving_server():
    raw = (
        b"Authentication-Results: mx.example.org; dmarc=fail\n"
        b"Authentication-Results: mx.evil.example; dmarc=pass\n"
        b"From: service@bank.example\nSubject: x\n\nHello"
    )

    assert "DMARC" in reason_for_distrust(message_from_bytes(raw))


def test_what_the_server_calls_spam_is_distrusted():
    assert reason({"X-Spam-Flag": "YES"}) == "the receiving server calls it spam"
    assert reason({"X-Spam-Flag": "NO"}) == ""


def test_several_senders_are_distrusted():
    raw = b"From: ada@example.org\nFrom: service@bank.example\nSubject: x\n\nHello"

    assert reason_for_distrust(message_from_bytes(raw)) == "it names several senders"


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("service@paypal.com", "x@example.org"),
        ("paypal.com", "x@example.org"),
        ("Bank (bank.example)", "x@example.org"),
        ("PayPal", "x@example.org"),
        ("PAYPAL Support", "x@example.org"),
        ("PayPa1", "x@example.org"),
        ("P\N{CYRILLIC SMALL LETTER A}yPal", "x@example.org"),
        ("Apple", "x@example.org"),
        ("Your Netflix account", "x@example.org"),
        ("", "x@paypal-secure.example"),
        ("", "x@paypa1.com"),
        ("", "x@rnicrosoft.com"),
        ("", "x@netfilx.com"),
        ("", "x@paypal.com.login.example"),
        ("", "x@xn--pypal-4ve.com"),
        ("", "x@apple-id.example"),
    ],
)
def test_a_name_or_a_domain_of_somebody_else_is_seen(name, sender):
    assert reason(sender=sender, sender_name=name)


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("", ""),
        ("Ada Lovelace", "ada@example.org"),
        ("example.org", "ada@mail.example.org"),
        ("ada@example.org", "ada@example.org"),
        ("Amazon.de", "x@amazon.com"),
        ("PayPal", "service@intl.paypal.com"),
        ("Netflix", "info@mailer.netflix.com"),
        ("Ada via Dropbox", "no-reply@example.org"),
        ("Apple Tree Farm", "x@farm.example"),
        ("", "x@purple-apple-farm.example"),
        ("", "x@finance.example"),
        ("", "x@booking-tours.example"),
    ],
)
def test_the_honest_are_left_alone(name, sender):
    assert reason(sender=sender, sender_name=name) == ""


def test_the_reason_ends_a_sentence():
    assert reason(sender="x@example.org", sender_name="paypal.com") == (
        "the sender's name says paypal.com and the address does not"
    )


def test_what_is_imitated_is_named():
    assert look_alike("amaz0n.de") == "amazon"
    assert brand_in_name("microsoft account team") == "microsoft"


def test_a_long_name_is_cut():
    assert reason(sender_name="a." * 500_000) == ""


@pytest.mark.parametrize(
    ("domain", "is_one"),
    [
        ("paypal.com", True),
        ("intl.paypal.com", True),
        ("paypal.example", False),
        ("paypal.com.login.example", False),
        ("x.example", False),
        ("", False),
    ],
)
def test_a_brand_is_believed_under_the_endings_that_it_owns(domain, is_one):
    assert is_brand(domain) is is_one


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("parcel-fee-update.example", 3),
        ("secure-harbour.example", 1),
        ("rückerstattung-konto-bestätigen.example", 2),
        ("konto.example", 0),
        ("lindgrün-werkstatt.example", 0),
        ("mail.update-lane.co.uk", 1),
    ],
)
def test_a_domain_that_names_an_errand_is_seen(domain, words):
    assert errand_in(domain) == words
