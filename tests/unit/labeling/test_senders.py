"""What addresses tell."""

import re

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.senders import (
    AMBIGUOUS_BRANDS,
    BRANDS,
    FREEMAIL_DOMAINS,
    SENDERS,
    SOCIAL_DOMAINS,
)


def test_every_sender_sends_a_category():
    assert set(SENDERS.values()) <= {one.slug for one in STARTING_CATEGORIES}


def test_every_brand_has_domains_and_is_written_as_a_label():
    assert all(BRANDS.values())
    assert [b for b in BRANDS if not re.fullmatch(r"[a-z0-9]+", b)] == []
    assert BRANDS.keys() > AMBIGUOUS_BRANDS


def test_no_domain_is_both_a_network_and_a_freemailer():
    assert not SOCIAL_DOMAINS & FREEMAIL_DOMAINS
