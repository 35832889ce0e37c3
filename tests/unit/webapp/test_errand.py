"""Work that a page tells of: its news, its silence, its end, whoever ends it."""

from threading import BoundedSemaphore, Event

import pytest
from structlog.testing import capture_logs

from tests.waiting import wait_for
from webapp import errand
from webapp.errand import Errand
from webapp.errors import Problem


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Let only one be on its way."""
    places = BoundedSemaphore(1)
    monkeypatch.setattr("webapp.verify._verifying", places)
    return places


def is_free(places):
    taken = places.acquire(blocking=False)
    if taken:
        places.release()
    return taken


def test_what_is_told_comes_in_order_and_ends_with_the_work(few):
    def work(tell, _is_stopped):
        tell("one")
        tell("two")

    errand = Errand(work)

    assert list(errand.news()) == ["one", "two"]
    assert errand.has_ended
    wait_for(lambda: is_free(few))


def test_silence_is_told_so_that_who_left_is_noticed(monkeypatch):
    monkeypatch.setattr(errand, "BEAT", 0.01)
    go = Event()

    def work(tell, _is_stopped):
        go.wait(10)
        tell("done")

    news = Errand(work).news()
    assert next(news) is None
    go.set()

    assert [one for one in news if one] == ["done"]


def test_who_closes_the_page_ends_the_work(few, monkeypatch):
    monkeypatch.setattr(errand, "BEAT", 0.01)
    ended = Event()

    def work(_tell, is_stopped):
        wait_for(is_stopped)
        ended.set()

    news = Errand(work).news()
    next(news)
    assert not is_free(few)
    news.close()

    assert ended.wait(10)
    wait_for(lambda: is_free(few))


def test_what_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(errand, "LONGEST", 0.05)
    ended = Event()

    def work(_tell, is_stopped):
        wait_for(is_stopped)
        ended.set()

    errand_of_ours = Errand(work)

    assert set(errand_of_ours.news()) <= {None}
    assert not errand_of_ours.has_ended
    assert ended.wait(10)


def test_what_breaks_is_logged_and_ends(few):
    def work(_tell, _is_stopped):
        raise RuntimeError("hunter2")

    with capture_logs() as logs:
        broken = Errand(work)
        assert list(broken.news()) == []

    assert [one["event"] for one in logs] == ["errand_failed"]
    wait_for(lambda: is_free(few))


def test_only_few_are_on_their_way():
    go = Event()
    first = Errand(lambda _tell, _is_stopped: go.wait(10) and None)

    with pytest.raises(Problem) as refused:
        Errand(lambda _tell, _is_stopped: None)

    assert refused.value.problem == "busy"
    go.set()
    assert list(first.news()) == []
