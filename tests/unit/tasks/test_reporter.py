"""Telling where runs stand, on a real Redis that may go away."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
import redis
from celery import Celery
from celery.result import AsyncResult
from structlog.testing import capture_logs

from mailbeat.labeling.progress import Outcome, Progress, RunState
from tasks.events import STATE_EVENTS
from tasks.reporter import MAX_STEPS, Reporter
from tests.unit.tasks.test_events import step

HOST = "celery@here"
OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 3}


def application(url):
    app = Celery("reporter-test", broker=url, backend=url, set_as_current=False)
    app.conf.broker_transport_options = OPTIONS
    app.conf.result_backend_transport_options = {
        "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
    }
    app.conf.redis_socket_timeout = 2
    return app


def rabbitmq_application(url):
    app = Celery("reporter-test", broker=url, set_as_current=False)
    app.conf.result_backend = "disabled://"
    return app


@contextmanager
def listening(app):
    """Collect events, from the moment that the block begins."""
    events, ready, stop = [], threading.Event(), threading.Event()

    def listen():
        with app.connection_for_read() as connection:
            receiver = app.events.Receiver(
                connection, handlers={"*": events.append}, routing_key="task.#"
            )
            with receiver.consumer_context(wakeup=False) as (own, *_):
                while not stop.is_set():
                    try:
                        own.drain_events(timeout=0.05)
                    except TimeoutError:
                        ready.set()

    thread = threading.Thread(target=listen)
    thread.start()
    assert ready.wait(10)
    yield events
    stop.set()
    thread.join()
    app.close()


def until(condition, seconds=10.0):
    """Wait until something is so, or fail."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        pause.wait(0.01)


def types(events):
    return [e["type"] for e in events if e["type"] in STATE_EVENTS]


ALL = [s for s in RunState if s is not RunState.IDLE and s is not RunState.ERROR]


def run_of_all_states():
    """The steps of a run in quick succession."""
    steps = [step(state, seq=n) for n, state in enumerate(ALL, 1)]
    return [*steps[:-1], replace(steps[-1], outcome=Outcome.SUCCEEDED)]


@pytest.fixture
def reporter(redis_url):
    app = application(redis_url)
    reporter = Reporter(app)
    yield reporter
    reporter.close()
    app.close()


def test_each_phase_is_told_in_order(reporter, redis_url):
    with listening(application(redis_url)) as events:
        for one in run_of_all_states():
            reporter.publish(one, hostname=HOST)
        until(lambda: "task-completed" in types(events))

    assert types(events) == [f"task-{state}" for state in ALL]
    assert {event["hostname"] for event in events} == {HOST}


def test_a_state_can_be_read_by_any_celery_client(reporter, redis_url):
    app = application(redis_url)
    reporter.publish(step(), hostname=HOST)

    result = AsyncResult(step().run_id, app=app)
    until(lambda: result.state == "LABELING")

    assert result.info["current"] == 7
    reporter.publish(step(RunState.COMPLETED, outcome=Outcome.SUCCEEDED), hostname=HOST)
    until(lambda: AsyncResult(step().run_id, app=app).state == "COMPLETED")
    app.close()


def test_inside_a_phase_the_newest_wins(reporter, redis_url):
    with listening(application(redis_url)) as events:
        for n in range(1, 201):
            progress = Progress(RunState.CATEGORIZING, found=200, processed=n)
            reporter.publish(step(seq=n, progress=progress), hostname=HOST)
        until(lambda: events and events[-1]["current"] == 200)

    assert len(types(events)) <= 3


def test_going_to_and_fro_between_two_phases_is_told_five_times_a_second(
    reporter, redis_url
):
    with listening(application(redis_url)) as events:
        for n in range(1, 101):
            state = RunState.LABELING if n % 2 == 0 else RunState.CATEGORIZING
            progress = Progress(state, found=100, processed=n)
            reporter.publish(step(seq=n, progress=progress), hostname=HOST)
        until(lambda: events and events[-1]["current"] == 100)

    assert types(events)[:2] == ["task-categorizing", "task-labeling"]
    assert len(types(events)) <= 4


def test_steps_that_wait_together_are_all_told_but_only_the_newest_is_kept(
    reporter, redis_url
):
    app = application(redis_url)
    with listening(app) as events, redis.Redis.from_url(redis_url) as client:
        client.config_resetstat()
        with reporter._changed:  # its thread sees them all at once
            for one in run_of_all_states():
                reporter.publish(one, hostname=HOST)
        until(lambda: AsyncResult(step().run_id, app=app).state == "COMPLETED")
        until(lambda: "task-completed" in types(events))
        kept = client.info("commandstats")["cmdstat_set"]["calls"]

    assert types(events) == [f"task-{state}" for state in ALL]
    assert kept == 1


def test_a_stopped_redis_never_raises_and_never_waits(redis_server):
    app = application(redis_server.url)
    reporter = Reporter(app)
    reporter.publish(step(seq=1), hostname=HOST)
    until(lambda: not reporter._runs[step().run_id].steps)
    worst = 0.0

    for break_it in (redis_server.pause, redis_server.kill):
        break_it()
        for n in range(500):
            began = time.monotonic()
            reporter.publish(step(seq=n + 2), hostname=HOST)
            worst = max(worst, time.monotonic() - began)

    assert worst < 0.5  # a hung Redis would hold it for seconds
    reporter.close()
    app.close()


def test_the_last_word_is_told_after_an_outage(redis_server):
    app = application(redis_server.url)
    reporter = Reporter(app)
    reporter.publish(step(seq=1), hostname=HOST)
    until(lambda: not reporter._runs[step().run_id].steps)
    redis_server.kill()
    for one in run_of_all_states():
        reporter.publish(replace(one, seq=one.seq + 1), hostname=HOST)
    until(lambda: len(reporter._runs[step().run_id].steps) == 1)

    redis_server.start()

    result = AsyncResult(step().run_id, app=app)
    until(lambda: result.state == "COMPLETED")
    assert step().run_id not in reporter._runs
    reporter.close()
    app.close()


def test_closing_ends_within_its_time_though_redis_hangs(redis_server):
    app = application(redis_server.url)
    reporter = Reporter(app)
    redis_server.pause()
    reporter.publish(step(), hostname=HOST)

    began = time.monotonic()
    reporter.close(timeout=0.3)

    assert time.monotonic() - began < 1.0
    redis_server.resume()
    app.close()


def test_closing_does_not_wait_for_the_next_try(redis_server, monkeypatch):
    monkeypatch.setattr("tasks.reporter.FIRST_PAUSE", 60.0)
    monkeypatch.setattr("tasks.reporter.LONGEST_PAUSE", 60.0)
    reporter = Reporter(application(redis_server.url))
    redis_server.kill()
    with capture_logs() as logs:
        reporter.publish(step(), hostname=HOST)
        until(lambda: logs)

    reporter.close(timeout=20.0)

    assert not reporter._thread.is_alive()


def test_what_waits_is_bounded(redis_server):
    app = application(redis_server.url)
    reporter = Reporter(app)
    redis_server.kill()
    for n in range(1, 10 * MAX_STEPS):
        state = RunState.LABELING if n % 2 else RunState.CATEGORIZING
        reporter.publish(step(state, seq=n), hostname=HOST)

    assert len(reporter._runs[step().run_id].steps) <= MAX_STEPS
    reporter.close()
    app.close()


def test_over_rabbitmq_each_phase_is_told_in_order(rabbitmq):
    app = rabbitmq_application(rabbitmq.url)
    reporter = Reporter(app)
    with listening(rabbitmq_application(rabbitmq.url)) as events:
        for one in run_of_all_states():
            reporter.publish(one, hostname=HOST)
        until(lambda: "task-completed" in types(events))

    assert types(events) == [f"task-{state}" for state in ALL]
    reporter.close()
    app.close()


def test_what_was_told_last_arrives_in_rabbitmq(rabbitmq):
    """When its line is cut, RabbitMQ may drop what it was sent last."""
    rounds, runs = 20, 50
    last = run_of_all_states()[-1]
    with listening(rabbitmq_application(rabbitmq.url)) as events:
        for k in range(rounds):
            app = rabbitmq_application(rabbitmq.url)
            reporter = Reporter(app)
            for n in range(runs):
                reporter.publish(replace(last, run_id=f"{k}-{n}"), hostname=HOST)
            reporter.close(timeout=5)
            app.close()
        until(lambda: len(types(events)) == rounds * runs)


def with_results_apart(rabbitmq, redis_server):
    app = application(redis_server.url)
    app.conf.broker_url = rabbitmq.url
    app.conf.broker_transport_options = {}
    return app


def test_beside_rabbitmq_states_can_be_read_from_redis(rabbitmq, redis_server):
    app = with_results_apart(rabbitmq, redis_server)
    reporter = Reporter(app)
    reporter.publish(step(), hostname=HOST)

    result = AsyncResult(step().run_id, app=app)
    until(lambda: result.state == "LABELING")

    reporter.close()
    app.close()


@pytest.mark.parametrize("way", ["pause", "kill"])
def test_events_over_rabbitmq_do_not_wait_for_the_redis_of_results(
    rabbitmq, redis_server, way
):
    app = with_results_apart(rabbitmq, redis_server)
    app.conf.redis_socket_timeout = 0.5
    reporter = Reporter(app)
    getattr(redis_server, way)()

    with listening(rabbitmq_application(rabbitmq.url)) as events:
        for n in range(20):
            for one in run_of_all_states():
                reporter.publish(replace(one, run_id=f"run-{n}"), hostname=HOST)
        until(lambda: types(events).count("task-completed") == 20)

    assert len(types(events)) == 20 * len(ALL)  # each once
    redis_server.resume()
    reporter.close()
    app.close()


def test_a_rabbitmq_that_hangs_or_dies_holds_nobody_up(rabbitmq):
    app = rabbitmq_application(rabbitmq.url)
    reporter = Reporter(app)
    reporter.publish(step(seq=1), hostname=HOST)
    until(lambda: not reporter._runs[step().run_id].steps)
    worst = 0.0

    for break_it in (rabbitmq.pause, rabbitmq.kill):
        break_it()
        for n in range(500):
            began = time.monotonic()
            reporter.publish(step(seq=n + 2), hostname=HOST)
            worst = max(worst, time.monotonic() - began)

    assert worst < 0.5
    reporter.close()
    app.close()


def test_closing_ends_within_its_time_though_rabbitmq_hangs(rabbitmq):
    app = rabbitmq_application(rabbitmq.url)
    reporter = Reporter(app)
    rabbitmq.pause()
    reporter.publish(step(), hostname=HOST)

    began = time.monotonic()
    reporter.close(timeout=0.3)

    assert time.monotonic() - began < 1.0
    rabbitmq.resume()
    reporter._thread.join(10)
    assert not reporter._thread.is_alive()
    app.close()


def test_the_last_word_is_told_when_rabbitmq_is_back(rabbitmq):
    app = rabbitmq_application(rabbitmq.url)
    reporter = Reporter(app)
    reporter.publish(step(seq=1), hostname=HOST)
    until(lambda: not reporter._runs[step().run_id].steps)
    rabbitmq.kill()
    for one in run_of_all_states():
        reporter.publish(replace(one, seq=one.seq + 1), hostname=HOST)
    until(lambda: len(reporter._runs[step().run_id].steps) == 1)

    rabbitmq.start()

    until(lambda: step().run_id not in reporter._runs)
    reporter.close()
    app.close()
