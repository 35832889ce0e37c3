"""What a model would be told, on a real mailbox."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount
from mailbeat.db.clock import database_now
from mailbeat.db.llm import asking_of, llm_days
from mailbeat.db.session import transaction
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.mailbox import Security
from mailbeat.model_preview import preview_model
from mailbeat.run import RunOptions, run_account
from tests.servers.imap import LOOPBACK

NUMBERS = count(1)
OPTIONS = RunOptions(
    scan_interval=300, process_hours=24, deadline=60, allowed_networks=LOOPBACK
)


def mail(n, subject, text):
    return (
        f"From: Thing <x{n}@thing.example.com>\r\nSubject: {subject}\r\n"
        f"Message-ID: <{n}@thing.example.com>\r\n\r\n{text}\r\n"
    ).encode()


@pytest.fixture
def account(sessions, imap_server):
    address = f"preview{next(NUMBERS)}@example.org"
    imap_server.add_user(address)
    imap_server.append(
        address,
        mail(1, "Your order no. 1001 and its invoice", "Thank you for your order."),
        mail(2, "Your verification code", "It is 482913."),
        mail(3, "number 3", "a zyx of things"),
        mail(4, "number 4", "a qwv of 17 things"),
    )
    new = NewAccount(
        email_address=address,
        host=imap_server.host,
        port=imap_server.port,
        security=Security.NONE,
        username=address,
        password=imap_server.passwords[address],
    )
    with transaction(sessions) as session:
        added = accounts.add_account(session, new, now=datetime.now(UTC))
        added.asks_llm = True
        return added


@pytest.fixture
def asking(llm_server):
    told = (llm_server.url, "stub-1", "hidden")
    return asking_of(told, networks=(), daily_messages=9, secret_keys=["a key"])


def preview(sessions, account, asking, **more):
    return preview_model(sessions, account.id, asking, options=OPTIONS, **more)


def test_it_shows_what_would_be_sent_and_sends_nothing(
    sessions, account, asking, llm_server
):
    shown = preview(sessions, account, asking)

    texts = [
        one["text"]
        for body in shown.bodies
        for one in json.loads(json.loads(body)["messages"][1]["content"])["messages"]
    ]
    assert texts == ["a zyx of things", "a qwv of # things"]
    assert llm_server.connections == 0
    with sessions() as session:
        assert llm_days(session, since=database_now(session)) == []


def test_it_says_why_the_rest_stays_here(sessions, account, asking):
    kept = preview(sessions, account, asking).kept

    reasons = {message.subject: reason for message, reason in kept}
    assert list(reasons) == [
        "Your order no. 1001 and its invoice",
        "Your verification code",
    ]
    assert reasons["Your order no. 1001 and its invoice"].startswith("it is clear")
    assert "482913" not in str(reasons)


def test_only_the_newest_are_shown(sessions, account, asking):
    shown = preview(sessions, account, asking, limit=1)

    assert len(shown.bodies) == 1
    assert shown.kept == []


def test_a_run_sends_just_that(sessions, account, asking, llm_server):
    """To the byte, and whatever was shown before."""
    shown = preview(sessions, account, asking)
    leases = LeaseKeeper(sessions, renew_seconds=3600)

    options = replace(OPTIONS, llm=asking)
    list(run_account(sessions, account.id, "run", options=options, leases=leases))

    leases.close()
    assert [asked.raw for asked in llm_server.asked] == list(shown.bodies)
