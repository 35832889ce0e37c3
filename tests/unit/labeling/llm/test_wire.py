"""httpx over our own connections."""

import httpx
import pytest

from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.llm.wire import Transport
from mailbeat.mail.deadline import Deadline, Stopped
from mailbeat.mail.errors import ConnectFailed, DeadlineExceeded, HostRefused
from tests.servers import llm
from tests.servers.process import free_port


def post(
    model, deadline, body=b'{"messages": [0, {"content": "{\\"messages\\": []}"}]}'
):
    transport = Transport(model, deadline)
    with httpx.Client(transport=transport, trust_env=False) as client:
        return client.post(model.url, content=body)


def test_it_takes_a_question_and_brings_the_answer(llm_server):
    llm_server.behaviour = llm.saying("well")

    answer = post(llm_server.model, Deadline(10))

    assert answer.json()["choices"][0]["message"]["content"] == "well"


def test_a_large_question_is_sent_whole(llm_server):
    llm_server.behaviour = llm.saying("well")
    body = b'{"a": "%s"}' % (b"a" * 5_000_000)

    post(llm_server.model, Deadline(20), body)

    assert llm_server.asked[0].raw == body


@pytest.mark.parametrize("behaviour", [llm.silent, llm.dripping])
def test_the_deadline_ends_a_call_whatever_comes(llm_server, behaviour):
    llm_server.behaviour = behaviour

    with pytest.raises(DeadlineExceeded):
        post(llm_server.model, Deadline(1))


@pytest.mark.parametrize("behaviour", [llm.silent, llm.dripping])
def test_a_stop_ends_a_call(llm_server, behaviour):
    llm_server.behaviour = behaviour

    with pytest.raises(Stopped):
        post(llm_server.model, Deadline(60, is_stopped=lambda: bool(llm_server.asked)))


def test_nobody_there_is_an_error_of_ours():
    with pytest.raises(ConnectFailed):
        post(Model(f"http://127.0.0.1:{free_port()}/v1", "m"), Deadline(10))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://192.0.2.1/v1", ConnectFailed),  # for documentation
        ("http://169.254.169.254/v1", ConnectFailed),  # a cloud's own
        ("https://169.254.169.254/v1", ConnectFailed),
        ("http://1.1.1.1/v1", HostRefused),
    ],
)
def test_nothing_is_sent_in_the_clear_but_to_private_networks(url, error):
    """It is refused before a connection is tried."""
    with pytest.raises(error):
        post(Model(url, "m"), Deadline(10))


def test_a_proxy_of_the_environment_is_not_asked(llm_server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    llm_server.behaviour = llm.saying("well")

    assert post(llm_server.model, Deadline(10)).status_code == 200
