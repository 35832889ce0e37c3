"""Which hosts may be dialled, and dialling them.

A host name is resolved once, every address it has is checked, and the connection goes
to a checked address: a name that answers differently the second time gains nothing.
TLS still asks for, and checks, the certificate of the name.
"""

import errno
import selectors
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

import structlog

from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import ConnectFailed, HostRefused, TLSFailed
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.names import Names, Resolve
from mailbeat.mail.stage import Begins, Stage, untold

CONNECT_SECONDS = 10.0
TLS_SECONDS = 10.0

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

log = structlog.get_logger(__name__)

_names = Names()

# Not public, though `is_global` says so, in some versions of Python or in all.
_REFUSED = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "::/96",  # IPv4 in IPv6, the old way
        "64:ff9b::/96",  # NAT64: an IPv4 address, private ones too
        "64:ff9b:1::/48",  # NAT64 inside a network
        "2001::/32",  # Teredo: an IPv4 address
        "2002::/16",  # 6to4: an IPv4 address
        "fec0::/10",  # site local, the old way
    )
)

# What OpenSSL's numbers of a failed check mean to a person (x509_vfy.h).
_CERTIFICATE_FAULTS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is signed by an authority that this machine does not know",
    20: "is signed by an authority that this machine does not know",
    21: "is signed by an authority that this machine does not know",
    62: "is for another host name",
    64: "is for another address",
}


def dial(login: Login, deadline: Deadline, *, begins: Begins = untold) -> socket.socket:
    """Return a connected socket, with TLS on it if that comes first.

    `begins` is told of the stages.

    Raises:
        ConnectFailed: unknown name, no address to be dialled, refused, timed out,
            hung up.
        HostRefused: no encryption towards a public host.
        TLSFailed: the certificate, its name or the protocol.
        DeadlineExceeded: or `Stopped`: one may wait no longer.
    """

    def resolve(host: str, port: int, **_for_tcp: int) -> Sequence[Any]:
        return _names.look_up(host, port, deadline)

    begins(Stage.REACH)
    addresses = checked_addresses(login, resolve=resolve)
    sock = _connect(login, addresses, deadline)
    if login.security is not Security.TLS:
        return sock
    begins(Stage.ENCRYPT)
    return start_tls(sock, login, deadline)


def checked_addresses(
    login: Login, *, resolve: Resolve = socket.getaddrinfo
) -> list[Address]:
    """Resolve the host, and return its addresses if every one may be dialled.

    Raises:
        ConnectFailed: the name is not known, or at least one address may not be
            dialled, which only the log tells apart.
        HostRefused: a public host is to be dialled without encryption.
    """
    try:
        answers = resolve(login.host, login.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, OverflowError):  # ValueError: no name at all, or NUL
        answers = []
    found = [ip_address(answer[4][0].partition("%")[0]) for answer in answers]
    addresses = [_unwrapped(address) for address in dict.fromkeys(found)]
    if not addresses:
        raise unreachable(login)
    allowed = [one for one in addresses if _is_in(one, login.allowed_networks)]
    if not all(one in allowed or _is_public(one) for one in addresses):
        log.warning("host_refused", host=login.host, port=login.port)
        raise unreachable(login)
    if login.security is Security.NONE and allowed != addresses:
        raise HostRefused(
            f"Mailbeat does not talk to {login.host} without encryption. Use TLS or "
            "STARTTLS, or let the operator allow its network in IMAP_ALLOWED_NETWORKS."
        )
    return addresses


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address of `::ffff:192.0.2.1`, else the address itself."""
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, IPv4Address) else address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not _is_in(address, _REFUSED)
    )


def _connect(
    login: Login, addresses: Sequence[Address], deadline: Deadline
) -> socket.socket:
    """Try one address after the other; together they get `CONNECT_SECONDS`."""
    share = CONNECT_SECONDS / len(addresses)
    for address in addresses:
        sock = _connected(address, login.port, deadline, share)
        if sock is not None:
            return sock
    raise unreachable(login)


def _connected(
    address: Address, port: int, deadline: Deadline, seconds: float
) -> socket.socket | None:
    """Return a connected socket, or None if there is no answer."""
    slices = deadline.slices(deadline.left(seconds))
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 # of IP
    with ExitStack() as undo:
        try:
            sock = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            sock.settimeout(0)
            fault = sock.connect_ex((str(address), port))
            if fault == errno.EINPROGRESS:
                if not _wait(sock, selectors.EVENT_WRITE, slices):
                    return None
                fault = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if fault:
                return None
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, OverflowError):  # OverflowError: no port has that number
            return None
        undo.pop_all()
        return sock


def _wait(sock: socket.socket, event: int, slices: Iterator[float]) -> bool:
    """Wait until one may read or write; False when there are no more slices."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, event)
        return any(selector.select(seconds) for seconds in slices)


def unreachable(login: Login) -> ConnectFailed:
    """One sentence for unknown, not to be dialled, refused, timed out and hung up.

    Whoever may add an account would else learn which names and hosts there are in the
    operator's network: docs/decisions/0013-one-sentence-for-hosts.md.
    """
    return ConnectFailed(
        f"{login.host} did not answer on port {login.port}. Check the name, the port "
        "and that the server is up; for one in a private network the operator has to "
        "set IMAP_ALLOWED_NETWORKS. Mailbeat tries again at the next run."
    )


def start_tls(sock: socket.socket, login: Login, deadline: Deadline) -> ssl.SSLSocket:
    """Put TLS on a connected socket. On failure the socket is closed.

    Raises:
        ConnectFailed: the server hung up or did not answer.
        TLSFailed: the certificate, its name or the protocol.
    """
    with ExitStack() as undo:
        undo.enter_context(sock)
        try:
            sock.settimeout(0)
            tls = undo.enter_context(
                tls_context().wrap_socket(
                    sock, server_hostname=login.host, do_handshake_on_connect=False
                )
            )
            _shake_hands(tls, deadline)
            tls.settimeout(None)
        except ssl.SSLCertVerificationError as error:
            trouble: ConnectFailed | TLSFailed = _bad_certificate(login, error)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            trouble = unreachable(login)
        except (
            ssl.SSLError,
            ValueError,
        ):  # ValueError: no name that a certificate can have
            trouble = TLSFailed(
                f"{login.host} does not speak TLS on port {login.port}. Check the port "
                "and the kind of encryption (TLS is usually 993, STARTTLS 143)."
            )
        except OSError:
            trouble = unreachable(login)
        else:
            undo.pop_all()
            return tls
    raise trouble


def _shake_hands(tls: ssl.SSLSocket, deadline: Deadline) -> None:
    """Do the handshake, which checks the certificate, on a socket that never blocks.

    Raises:
        OSError: whatever went wrong, `TimeoutError` for silence.
    """
    slices = deadline.slices(TLS_SECONDS)
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            event = selectors.EVENT_READ
        except ssl.SSLWantWriteError:
            event = selectors.EVENT_WRITE
        else:
            return
        if not _wait(tls, event, slices):
            raise TimeoutError


def _bad_certificate(login: Login, error: ssl.SSLCertVerificationError) -> TLSFailed:
    fault = _CERTIFICATE_FAULTS.get(error.verify_code, "could not be verified")
    return TLSFailed(
        f"The certificate of {login.host} {fault}, so no password was sent. Check the "
        "host name, or have the server's certificate put right."
    )


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one context of the process: reading the authorities takes 20 ms."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
