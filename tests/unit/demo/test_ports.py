import socket

import pytest

from mailbeat.demo import ports


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_somebody_listens_on_is_not_free(taken):
    assert not ports.is_free(taken)
    assert ports.accepts(taken)


def test_a_taken_port_is_an_error_that_names_it(taken):
    with pytest.raises(ports.PortTaken, match=f"Port {taken} of 127.0.0.1 is taken"):
        ports.require_free(taken)


def test_another_port_is_chosen_when_the_preferred_one_is_taken(taken):
    assert ports.choose_port(taken) != taken


def test_the_preferred_port_is_chosen_when_it_is_free():
    port = ports.choose_port()

    assert ports.choose_port(port) == port
    assert not ports.accepts(port)
