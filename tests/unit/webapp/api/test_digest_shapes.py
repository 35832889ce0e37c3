"""Which digests can be wanted."""

import re

import pytest
from pydantic import ValidationError

from mailbeat.notify.smtp import is_mail_address
from webapp.api.digest_shapes import ADDRESS, DigestWanted

WANTED = {"address": "ada@example.org", "frequency": "daily"}


def test_little_has_to_be_said():
    wanted = DigestWanted.model_validate(WANTED).as_new()

    assert (wanted.hour, wanted.zone, wanted.account_id) == (7, "UTC", None)


@pytest.mark.parametrize(
    "change",
    [
        {"address": "ada"},
        {"address": "ada@example.org, bob@example.org"},
        {"address": "Ada <ada@example.org>"},
        {"address": "ada@example.org\nBcc: bob@example.org"},
        {"address": f"{'a' * 250}@example.org"},
        {"frequency": "hourly"},
        {"hour": 24},
        {"hour": -1},
        {"zone": "Mars/Base"},
        {"language": "tlh"},
        {"account_id": 0},
        {"another": 1},
    ],
)
def test_what_cannot_be_sent_is_refused(change):
    with pytest.raises(ValidationError):
        DigestWanted.model_validate(WANTED | change)


@pytest.mark.parametrize(
    "address", ["a@bc", "..@b.c", "o'brien+x@a.example", "_-@b--c"]
)
def test_what_the_description_lets_in_can_be_mailed(address):
    assert re.match(ADDRESS, address)
    assert is_mail_address(address)
