"""What a broker's address asks for, and leaving a broker."""

import ssl

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from tasks.broker import let_go, patience, speaks_amqp, verification


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("amqp://127.0.0.1//", True),
        ("amqps://broker.example/mail", True),
        ("redis://127.0.0.1/0", False),
        ("rediss://broker.example/0", False),
    ],
)
def test_the_address_says_what_is_spoken(url, expected):
    assert speaks_amqp(url) is expected


def test_each_broker_gets_the_options_that_its_client_knows():
    amqp = patience("amqp://127.0.0.1//", answer=5, connect=3)
    redis = patience("redis://127.0.0.1/0", answer=5, connect=3)

    assert amqp == {"read_timeout": 5, "write_timeout": 5}
    assert redis == {
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("amqp://127.0.0.1//", None),
        ("redis://127.0.0.1/0", None),
        ("rediss://broker.example/0", {"ssl_cert_reqs": ssl.CERT_REQUIRED}),
        ("rediss://broker.example/0?ssl_cert_reqs=none", None),
        (
            "amqps://broker.example//",
            {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None},
        ),
    ],
)
def test_what_is_encrypted_is_verified(url, expected):
    assert verification(url) == expected


@pytest.fixture
def encrypted(rabbitmq):
    url = rabbitmq.encrypted_url
    app = Celery("broker-test", broker=url, set_as_current=False)
    app.conf.broker_use_ssl = verification(url)
    app.conf.broker_transport_options = patience(url, answer=5, connect=5)
    with app.connection_for_write() as connection:
        yield connection
    app.close()


def test_an_encrypted_rabbitmq_must_be_known(encrypted):
    with pytest.raises(OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        encrypted.ensure_connection(max_retries=1, interval_start=0)


def test_an_encrypted_rabbitmq_that_is_known_is_spoken_to(
    encrypted, rabbitmq, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(rabbitmq.authority))

    encrypted.ensure_connection(max_retries=1, interval_start=0)

    assert encrypted.connected


class Broken:
    """A connection that has been broken in every way."""

    def __init__(self):
        self.tried = []

    def collect(self):
        self.tried.append("collect")
        raise OSError

    def release(self):
        self.tried.append("release")
        raise KeyError


def test_a_broken_connection_is_let_go_without_a_word():
    connection = Broken()

    let_go(connection)

    assert connection.tried == ["collect", "release"]
