"""One call to a model that may do anything."""

import subprocess
import sys
import threading
import time

import pytest

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.llm import endpoint as module
from mailbeat.labeling.llm.answer import read_answer
from mailbeat.labeling.llm.breaker import FAILURES
from mailbeat.labeling.llm.endpoint import Endpoint, NoAnswer
from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.llm.question import question_about
from mailbeat.labeling.reading import Reading
from mailbeat.mail.deadline import Stopped
from tests.factories import make_message
from tests.servers import llm
from tests.servers.process import free_port
from tests.waiting import wait_for

QUESTION = question_about(
    [Reading(make_message(1, text="zyx")), Reading(make_message(2, text="qwv"))],
    STARTING_CATEGORIES,
)


@pytest.fixture
def endpoint(llm_server):
    return Endpoint(llm_server.model)


def ask(endpoint, seconds=20.0, **more):
    return endpoint.ask(QUESTION, seconds=seconds, **more)


def outcome(endpoint):
    try:
        return ask(endpoint).content
    except NoAnswer as error:
        return str(error)


def test_a_good_model_answers(endpoint, llm_server):
    reply = ask(endpoint)

    assert read_answer(reply.content, QUESTION) == {1: 2, 2: 8}
    assert reply.tokens == 40
    (asked,) = llm_server.asked
    assert asked.headers["Authorization"] == f"Bearer {llm_server.model.api_key}"
    assert asked.raw == QUESTION.body(llm.NAME)


def test_without_a_key_none_is_sent(llm_server):
    ask(Endpoint(Model(llm_server.url, llm.NAME)))

    assert "Authorization" not in llm_server.asked[0].headers


@pytest.mark.parametrize("name", sorted(llm.MISBEHAVIOURS))
def test_whatever_it_does_it_is_an_answer_or_none(endpoint, llm_server, name):
    """What is read is checked later; here it only must be bounded, and no surprise."""
    llm_server.behaviour = llm.MISBEHAVIOURS[name]
    began = time.monotonic()

    said = outcome(endpoint)

    assert llm_server.model.api_key not in said
    assert len(said) < module.MAX_BYTES
    assert time.monotonic() - began < 10
    assert len(llm_server.asked) <= 2


@pytest.mark.parametrize("behaviour", [llm.silent, llm.dripping])
def test_a_slow_one_is_not_waited_for(endpoint, llm_server, behaviour, monkeypatch):
    monkeypatch.setattr(module, "FIRST_CALL_SECONDS", 1.0)
    llm_server.behaviour = behaviour
    began = time.monotonic()

    with pytest.raises(NoAnswer, match="within 1 s"):
        ask(endpoint)

    assert time.monotonic() - began < 3
    assert len(llm_server.asked) == 1


def test_only_the_first_call_may_take_long(endpoint, llm_server, monkeypatch):
    monkeypatch.setattr(module, "CALL_SECONDS", 0.3)
    llm_server.behaviour = llm.slow(1)
    ask(endpoint)

    with pytest.raises(NoAnswer, match="gave no answer"):
        ask(endpoint)


def test_the_time_of_the_run_counts_more(endpoint, llm_server):
    llm_server.behaviour = llm.silent
    began = time.monotonic()

    with pytest.raises(NoAnswer):
        ask(endpoint, seconds=2.2)

    assert time.monotonic() - began < 5


def test_with_hardly_any_time_left_it_is_not_asked(endpoint, llm_server):
    with pytest.raises(NoAnswer, match="too much to do"):
        ask(endpoint, seconds=1)

    assert llm_server.connections == 0


def test_who_is_stopped_does_not_wait(endpoint, llm_server):
    llm_server.behaviour = llm.silent
    began = time.monotonic()

    with pytest.raises(Stopped):
        ask(endpoint, is_stopped=lambda: bool(llm_server.asked))

    assert time.monotonic() - began < 3
    assert endpoint.breaker.may_pass()


@pytest.mark.parametrize("behaviour", [llm.failing(429), llm.failing(500)])
def test_it_is_asked_twice_if_it_is_busy(endpoint, llm_server, behaviour):
    llm_server.behaviours = [behaviour]

    assert ask(endpoint).content
    assert len(llm_server.asked) == 2


def test_it_is_left_in_peace_as_long_as_it_asks(endpoint, llm_server):
    llm_server.behaviours = [llm.failing(429, Retry_After="2")]
    began = time.monotonic()

    ask(endpoint)

    assert time.monotonic() - began >= 2


def test_it_is_not_waited_for_for_an_hour(endpoint, llm_server):
    llm_server.behaviour = llm.failing(429, Retry_After="3600")

    with pytest.raises(NoAnswer, match="left alone for 3600 s"):
        ask(endpoint)

    assert len(llm_server.asked) == 1
    assert endpoint.breaker.is_open


def test_a_refused_schema_is_left_out_from_then_on(endpoint, llm_server):
    llm_server.behaviour = llm.no_schema

    ask(endpoint)
    ask(endpoint)

    assert [one.has_schema for one in llm_server.asked] == [True, False, False]


def test_newer_models_get_their_limit_by_its_new_name(endpoint, llm_server):
    llm_server.behaviour = llm.no_max_tokens

    ask(endpoint)
    ask(endpoint)

    limits = ["max_tokens" in one.body for one in llm_server.asked]
    assert limits == [True, False, False]
    assert all(one.has_schema for one in llm_server.asked)


def test_after_failures_it_is_left_alone(endpoint, llm_server):
    llm_server.behaviour = llm.resetting
    for _ in range(FAILURES):
        with pytest.raises(NoAnswer, match="hung up"):
            ask(endpoint)
    before = llm_server.connections

    with pytest.raises(NoAnswer, match="left alone"):
        ask(endpoint)

    assert llm_server.connections == before


@pytest.mark.parametrize("status", [401, 403, 404, 307])
def test_what_a_person_must_change_is_not_tried_again(endpoint, llm_server, status):
    llm_server.behaviour = llm.failing(status)

    with pytest.raises(NoAnswer, match="correct LLM_"):
        ask(endpoint)

    assert endpoint.breaker.is_open
    assert len(llm_server.asked) == 1


def test_redirects_are_not_followed(endpoint, llm_server):
    llm_server.behaviour = llm.redirecting

    with pytest.raises(NoAnswer, match="not followed"):
        ask(endpoint)

    assert llm_server.connections == 1


def test_nobody_there_says_where():
    port = free_port()

    with pytest.raises(NoAnswer, match=f"does not answer on 127.0.0.1:{port}"):
        ask(Endpoint(Model(f"http://127.0.0.1:{port}/v1", "m")))


def test_a_public_host_needs_encryption():
    with pytest.raises(NoAnswer, match="https://"):
        ask(Endpoint(Model("http://1.1.1.1/v1", "m", "key")))


def test_a_bomb_is_not_unpacked(endpoint, llm_server):
    llm_server.behaviour = llm.bomb

    with pytest.raises(NoAnswer, match="packed"):
        ask(endpoint)


def test_a_long_answer_is_not_read_to_its_end(endpoint, llm_server):
    llm_server.behaviour = llm.huge

    with pytest.raises(NoAnswer, match="too much"):
        ask(endpoint)


def test_only_some_ask_at_once(endpoint, llm_server):
    """A model on a machine of one's own answers one after the other."""
    threads = [threading.Thread(target=ask, args=(endpoint,)) for _ in range(12)]
    llm_server.behaviour = llm.slow(0.2)

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(llm_server.asked) == 12
    assert llm_server.most_at_once <= module.CALLS_AT_ONCE


def test_whoever_waits_for_a_turn_can_be_stopped(endpoint, llm_server):
    llm_server.behaviour = llm.slow(4)
    threads = [
        threading.Thread(target=ask, args=(endpoint,))
        for _ in range(module.CALLS_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(llm_server.asked) == module.CALLS_AT_ONCE)
    began = time.monotonic()

    with pytest.raises(Stopped):
        ask(endpoint, is_stopped=lambda: True)

    assert time.monotonic() - began < 2
    llm_server.stopped.set()
    for thread in threads:
        thread.join()


def test_who_asks_no_model_does_not_pay_for_httpx():
    code = (
        "import sys, mailbeat.run, tasks.wiring, mailbeat.cli.main\n"
        "sys.exit('httpx' in sys.modules or 'httpcore' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
