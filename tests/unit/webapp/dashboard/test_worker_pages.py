"""The page of the workers, true as served, and its forms."""

from datetime import timedelta

import pytest

from mailbeat.db.accounts import tick
from mailbeat.db.models import Process
from mailbeat.db.processes import Kind, Who, say
from mailbeat.db.queues import record_samples
from mailbeat.db.session import transaction
from webapp.parts import parts_of

HOSTILE = "celery@<b>\u202e" + "x" * 150


@pytest.fixture
def live(app):
    yield parts_of(app).live
    parts_of(app).live.stop()


@pytest.fixture
def tell(sessions, now, live):
    def tell(name="celery@one", instance="1", *, ago=0, **facts):
        who = Who(Kind.WORKER, name, instance, host="one", pid=7, version="0.1")
        said = {"size": 50, "can_resize": True, "active": 1, "processed": 1234} | facts
        with transaction(sessions) as session:
            say(session, who, said, now=now - timedelta(seconds=ago))
            return session.query(Process.id).order_by(Process.id.desc()).first()[0]

    return tell


def shown(client):
    return client.get("/workers").get_data(as_text=True)


def test_it_says_when_the_schedule_stands_still(browser, sessions, now, live):
    with transaction(sessions) as session:
        tick(session, now=now - timedelta(minutes=5))

    assert "The schedule stands still" in shown(browser)


def test_it_is_calm_while_beat_ticks(browser, sessions, now, live):
    with transaction(sessions) as session:
        tick(session, now=now)

    text = shown(browser)

    assert "The schedule stands still" not in text
    assert "No worker was seen" in text


def test_a_worker_with_what_it_has_in_hand(browser, tell, add):
    run = {"id": "a-run", "task": "t", "account_id": add(), "age": 3}
    tell(running=[run], failed=2, rss_bytes=100 * 2**20)

    text = shown(browser)

    assert "1 of 50 busy" in text
    assert "1,234" in text
    assert "2 failed" in text
    assert "100 MiB" in text
    assert 'action="/runs/a-run/cancel"' in text


def test_one_that_is_gone_says_since_when_and_what_to_do(browser, tell):
    tell(ago=300)

    text = shown(browser)

    assert "fell silent" in text
    assert "5 min ago" in text
    assert "It ended without a word" in text


def test_a_pool_that_cannot_change_says_so_instead_of_a_button(browser, tell):
    tell(can_resize=False)

    text = shown(browser)

    assert "The number of threads is fixed for this pool" in text
    assert 'name="threads"' not in text


def test_a_worker_of_elsewhere_cannot_be_told_anything(browser, live):
    live.receiver._hear()
    live.receiver.take({"type": "worker-heartbeat", "hostname": HOSTILE})
    live.start = lambda: None

    text = shown(browser)

    assert "celery@&lt;b&gt;" in text
    assert "<b>\u202e" not in text
    assert "worker of another installation" in text
    assert "/stop" not in text


def test_two_of_one_name_are_pointed_out(browser, tell):
    tell(instance="1")
    tell(instance="2")

    assert "Two workers have one name" in shown(browser)


def test_what_waits_is_told(browser, sessions, now, live):
    with transaction(sessions) as session:
        record_samples(session, {"celery": 1234}, {}, now=now)

    text = shown(browser)

    assert "1,234" in text
    assert "<rect" in text


def test_who_may_only_look_has_no_buttons(with_scope, tell):
    tell()

    text = shown(with_scope("read"))

    assert "celery@one" in text
    assert "/stop" not in text
    assert 'name="threads"' not in text


@pytest.mark.parametrize(
    ("what", "form", "done"),
    [
        ("stop", {}, "worker-stopping"),
        ("threads", {"threads": "8"}, "worker-resized"),
        ("threads", {"threads": "1001"}, "bad-threads"),
        ("threads", {"threads": "²"}, "bad-threads"),
        ("threads", {"threads": ""}, "bad-threads"),
    ],
)
def test_a_form_is_answered_with_what_was_done(browser, tell, what, form, done):
    answer = browser.post(f"/workers/{tell()}/{what}", data=form)

    assert (answer.status_code, answer.location) == (303, f"/workers?done={done}")


def test_one_that_is_gone_cannot_be_stopped(browser, tell):
    answer = browser.post(f"/workers/{tell(ago=300)}/stop")

    assert answer.location == "/workers?done=worker-gone"
