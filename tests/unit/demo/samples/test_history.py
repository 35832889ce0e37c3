from datetime import UTC, datetime
from email import message_from_bytes, policy
from random import Random

import pytest

from mailbeat.demo.samples import arriving, history, people
from mailbeat.demo.samples.history import SPAN

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("owner", people(16), ids=lambda owner: owner.name)
def test_a_mailbox_holds_at_least_sixty_varied_messages(owner):
    mail = history(owner, NOON)

    assert len(mail) >= 60
    assert len({raw for raw, _ in mail}) == len(mail)
    assert all(NOON - SPAN <= when <= NOON for _, when in mail)
    assert [when for _, when in mail] == sorted(when for _, when in mail)


def test_two_people_get_different_mail_and_one_gets_the_same_again():
    ada, jonas = people(2)

    assert history(ada, NOON) == history(ada, NOON)
    assert history(ada, NOON) != history(jonas, NOON)


def test_what_arrives_is_to_the_owner_and_of_now():
    message = message_from_bytes(
        arriving("jonas.lindner@example.net", Random(3), NOON), policy=policy.default
    )

    assert message["To"].addresses[0].addr_spec == "jonas.lindner@example.net"
    assert message["Date"].datetime == NOON
