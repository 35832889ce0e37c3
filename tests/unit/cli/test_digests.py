"""`mailbeat digest`"""

import json

import pytest

from mailbeat.db import audit, digests
from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.session import create_engine, create_sessions, transaction
from tests.factories import NOW
from tests.servers.smtp import mail_drop

ADA = NewDigest("ada@example.org", Frequency.WEEKLY, None, "Europe/Berlin", 7)


@pytest.fixture
def sessions(mailbeat, tmp_path):
    mailbeat("digest", "list")  # makes the database
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db")
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture
def subscribed(sessions):
    with transaction(sessions) as session:
        return digests.subscribe(session, ADA, by="test", now=NOW).id


def test_nobody_gets_one_at_first(mailbeat):
    assert "Nobody gets a digest yet" in mailbeat("digest", "list").stdout


@pytest.mark.usefixtures("subscribed")
def test_who_gets_one_is_listed(mailbeat):
    line = mailbeat("digest", "list").stdout
    told = json.loads(mailbeat("digest", "list", "--json").stdout)

    assert "ada@example.org  weekly at 07:00 Europe/Berlin, all accounts" in line
    assert (told["address"], told["frequency"]) == ("ada@example.org", "weekly")


def test_a_letter_is_shown_and_not_sent(mailbeat, subscribed):
    text = mailbeat("digest", "preview", str(subscribed)).stdout
    html = mailbeat("digest", "preview", str(subscribed), "--html").stdout

    assert text.startswith("Mailbeat: 0 messages labelled\n\n")
    assert "<html" in html


def test_a_letter_is_sent_at_once_and_that_is_written_down(
    mailbeat, subscribed, sessions, monkeypatch
):
    with mail_drop() as drop:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{drop.port}?tls=none")
        done = mailbeat("digest", "send", str(subscribed))
        drop.refuse = "550 No"
        refused = mailbeat("digest", "send", str(subscribed))

    assert done.stdout == "Sent to ada@example.org: Mailbeat: 0 messages labelled\n"
    assert drop.recipients == [["ada@example.org"]]
    assert refused.exit_code == 1
    assert "did not take the mail (SMTP 550)" in refused.stderr
    with sessions() as session:
        assert audit.newest_entries(session)[0].action == "digest.send"


def test_what_cannot_be_sent_says_why(mailbeat, subscribed, monkeypatch):
    assert "SMTP_URL is not set" in mailbeat("digest", "send", "1").stderr
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    assert "no digest 99" in mailbeat("digest", "send", "99").stderr
    assert "no digest 99" in mailbeat("digest", "preview", "99").stderr
