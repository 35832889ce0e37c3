"""What is killed is told once, by mail and by webhook, and so is that it is over."""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from mailbeat.db import watchers
from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.models import Installation
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security
from mailbeat.notify.webhook import SIGNATURE, signature
from tests.servers.container import ProcessContainer
from tests.servers.receiver import receiver
from tests.servers.smtp import mail_drop

from .conftest import api, wait_for

SECRET = "what signs a webhook 0815"
TOLD_WITHIN = 60.0  # seconds: docs/operating.md
HEADLINES = {
    "no_worker": "No worker runs",
    "no_beat": "Celery beat does not run",
    "feed_deaf": "The broker cannot be reached",
}


@pytest.fixture
def ways_out():
    with mail_drop() as mail, receiver() as hook:
        yield mail, hook


@pytest.fixture
def two_webs(redis_server, make_dashboard, ways_out):
    """Two webs that tell by mail and by webhook, and an account that is not due."""
    mail, hook = ways_out
    ways = {
        "SMTP_URL": f"smtp://127.0.0.1:{mail.port}?tls=none",
        "MAIL_FROM": "mailbeat@example.org",
        "ALERT_TO": "ops@example.org",
        "ALERT_WEBHOOK_URL": hook.url,
        "ALERT_WEBHOOK_SECRET": SECRET,
    }
    one = make_dashboard(redis_server.url, **ways)
    with transaction(one.sessions) as session:
        new = NewAccount("a@example.org", "127.0.0.1", 1, Security.NONE, "a", "pw")
        account = add_account(session, new, now=datetime.now(UTC))
        account.next_run_at += timedelta(days=1)
    return one, make_dashboard(redis_server.url, beside=one, **ways)


@pytest.fixture
def process(two_webs, tmp_path):
    """Start a worker or a beat of the same settings."""
    started = []

    def process(kind, *options, ready):
        command = [sys.executable, "-m", "celery", "-A", "tasks", kind, *options]
        environment = {**two_webs[0].environment, "PYTHONPATH": "."}
        one = ProcessContainer(
            command,
            env={**environment, "LOG_LEVEL": "info"},
            directory=tmp_path,
            ready=ready,
        )
        started.append(one)
        return one

    yield process
    for one in started:
        one.stop()


def all_show_life(sessions):
    with sessions() as session:
        kinds = Counter(one.kind for one in watchers.list_watchers(session))
        ticked = session.get(Installation, 1).beat_ticked_at
    return kinds == {"web": 2, "worker": 1, "beat": 1} and ticked is not None


def told(hook):
    """What the webhook was told of each rule, in order, and when that was first so."""
    posts = list(hook.posts)
    return [
        (alert["rule"], alert["state"])
        for post in posts
        for alert in post.json["alerts"]
    ]


@pytest.mark.timeout(300)  # a loaded machine starts four processes in more than one
def test_each_death_is_told_once_in_time_and_so_is_its_end(
    two_webs, process, redis_server, ways_out
):
    mail, hook = ways_out
    worker_options = ("-c", "2", "--without-mingle", "--without-gossip")
    starts = (
        partial(process, "worker", *worker_options, ready=" ready."),
        partial(process, "beat", ready="beat: Starting"),
        two_webs[0].start,
        two_webs[1].start,
    )
    worker, beat, *_ = [start() for start in starts]
    wait_for(lambda: all_show_life(two_webs[0].sessions), timeout=30)

    worker.kill()
    beat.kill()
    redis_server.kill()
    killed_at = time.monotonic()
    opened = {(rule, "open") for rule in HEADLINES}
    took = {}

    def is_all_told(wanted):
        for one in told(hook):
            took.setdefault(one, time.monotonic() - killed_at)
        return wanted <= set(told(hook))

    wait_for(lambda: is_all_told(opened), timeout=TOLD_WITHIN)

    redis_server.start()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda start: start(), starts[:2]))
    over = {(rule, "resolved") for rule in HEADLINES}
    wait_for(lambda: is_all_told(over), timeout=TOLD_WITHIN)
    wait_for(lambda: len(mail.mails) >= len(hook.posts), timeout=30)

    assert Counter(told(hook)) == Counter([*opened, *over])
    lines = [
        line
        for one in mail.mails
        for line in one.get_body(("plain",)).get_content().splitlines()
    ]
    for headline in HEADLINES.values():
        assert (lines.count(headline), lines.count(f"Over: {headline}")) == (1, 1)
    for post in hook.posts:
        at = int(post.headers[SIGNATURE.lower()].partition(",")[0].removeprefix("t="))
        signed = signature(SECRET, post.body, at=at)
        assert post.headers[SIGNATURE.lower()] == signed
    shown = api(two_webs[1], "/api/alerts")[1]["items"]
    assert {(one["rule"], one["state"]) for one in shown} == over
