"""A name server on loopback that knows the mail servers a test tells it."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


@contextmanager
def name_server(
    mx: Mapping[str, Sequence[str]], *, silent: bool = False
) -> Iterator[dns.resolver.Resolver]:
    """Serve MX records, each `10 host.`; yield a resolver that asks here only."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with suppress(TimeoutError):
                    question, client = sock.recvfrom(4096)
                    if not silent:
                        sock.sendto(_answer(question, mx), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = sock.getsockname()[1]
        yield resolver
        stop.set()
        thread.join()


def _answer(question: bytes, mx: Mapping[str, Sequence[str]]) -> bytes:
    asked = dns.message.from_wire(question)
    answer = dns.message.make_response(asked)
    name = asked.question[0].name
    records = mx.get(name.to_text().rstrip("."))
    if records is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    else:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", *records))
    return answer.to_wire()
