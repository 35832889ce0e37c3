"""How the broker is spoken to, be it Redis or RabbitMQ: each wait on it has an end."""

import ssl
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

# RabbitMQ advises 5 to 20. Two beats missed are a connection lost: a worker that hears
# nothing from its broker connects anew after 20 s; Celery's own 120 would make it 240.
HEARTBEAT = 10  # seconds


def speaks_amqp(url: str) -> bool:
    """Whether it is RabbitMQ's address, or Redis's."""
    return urlsplit(url).scheme in {"amqp", "amqps"}


def patience(url: str, *, answer: float, connect: float) -> dict[str, Any]:
    """Kombu's transport options with which no wait is longer than these seconds.

    AMQP has no option for the time to connect; that is `broker_connection_timeout`.
    """
    if speaks_amqp(url):
        return {"read_timeout": answer, "write_timeout": answer}
    return {
        "socket_timeout": answer,
        "socket_connect_timeout": connect,
        "socket_keepalive": True,
    }


def verification(url: str) -> dict[str, Any] | None:
    """What makes a rediss:// or amqps:// verified, which by themselves they are not.

    None where nothing is encrypted, or where the address says what it wants.
    """
    parts = urlsplit(url)
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in parts.query:
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    if parts.scheme == "amqps":
        # With no name here kombu takes the address's, and the certificate must bear it.
        return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None}
    return None


def let_go(connection: Any) -> None:
    """Close a connection of kombu's, whatever state it is in. Never raises.

    AMQP takes leave of its server, and would wait for the answer of one that hangs; so
    the line is cut first.
    """
    with suppress(Exception):
        connection.collect()
    with suppress(Exception):
        connection.release()
