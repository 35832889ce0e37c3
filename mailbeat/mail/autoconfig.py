"""The IMAP server of an address whose domain is not a well known provider's.

In this order: the servers that take its mail in (MX), when they belong to a provider
that we know; the file that the domain itself publishes for mail programs; the name
that most hosts use, if there is such a host. Nobody else is asked:
docs/decisions/0014-who-is-asked-for-a-server.md.
"""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

import dns.exception
import dns.resolver
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import MailError
from mailbeat.mail.https import fetch
from mailbeat.mail.mailbox import DEFAULT_PORTS, Login, Security
from mailbeat.mail.names import Names
from mailbeat.mail.net import checked_addresses
from mailbeat.mail.providers import (
    Server,
    domain_of,
    known_server,
    provider_of_mx,
)

WITHIN = 5.0  # seconds for everything
SHARE = 1.6  # seconds for one question
URLS = (
    "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
    "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
)

_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SECURITY = {"SSL": Security.TLS, "STARTTLS": Security.STARTTLS}

Networks = Sequence[IPv4Network | IPv6Network]

_names = Names()


def find_server(
    email_address: str,
    *,
    networks: Networks = (),
    resolver: dns.resolver.Resolver | None = None,
    urls: Sequence[str] = URLS,
) -> Server | None:
    """Return where an address has its mail, or None; takes `WITHIN` seconds at most.

    `networks` are private ones that may be dialled.
    """
    known = known_server(email_address)
    if known is not None:
        return known
    domain = _ascii(domain_of(email_address))
    if domain is None:
        return None
    deadline = Deadline(WITHIN)
    ways: tuple[Callable[[], Server | None], ...] = (
        lambda: _by_mx(domain, deadline, resolver),
        *(
            lambda url=url: _by_file(url, email_address, domain, deadline, networks)
            for url in urls
        ),
        lambda: _by_name(domain, deadline, networks),
    )
    for way in ways:
        try:
            found = way()
        except MailError:  # the next way may do
            continue
        if found is not None:
            return found
    return None


def _ascii(domain: str) -> str | None:
    """A domain as the name servers know it, or None if it is none."""
    try:
        name = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return name if len(name) <= 253 and _DOMAIN.fullmatch(name) else None  # noqa: PLR2004 # RFC 1035


def _share(deadline: Deadline) -> Deadline:
    return Deadline(deadline.left(SHARE))


def _by_mx(
    domain: str, deadline: Deadline, resolver: dns.resolver.Resolver | None
) -> Server | None:
    try:
        ask = resolver or dns.resolver.get_default_resolver()
        answer = ask.resolve(domain, "MX", lifetime=deadline.left(SHARE))
    except (dns.exception.DNSException, OSError, ValueError):
        return None
    rows = sorted(answer, key=lambda row: row.preference)
    known = provider_of_mx(str(row.exchange) for row in rows[:20])
    return known.server if known else None


def _by_file(
    url: str, address: str, domain: str, deadline: Deadline, networks: Networks
) -> Server | None:
    where = url.format(domain=domain, address=quote(address, safe=""))
    answer = fetch(where, _share(deadline), networks=networks)
    return server_in(answer.body) if answer.status == 200 else None  # noqa: PLR2004 # HTTP


def _by_name(domain: str, deadline: Deadline, networks: Networks) -> Server | None:
    server = Server(f"imap.{domain}", DEFAULT_PORTS[Security.TLS], Security.TLS)
    login = Login(*server, "", "", tuple(networks))
    share = _share(deadline)
    checked_addresses(
        login, resolve=lambda host, port, **_: _names.look_up(host, port, share)
    )
    return server


def server_in(config: bytes) -> Server | None:
    """Return the first encrypted IMAP server of a `config-v1.1.xml`, or None.

    https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/config-file-format.html
    A file with a DTD or entities of its own is not read.
    """
    try:
        root = fromstring(config, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    for one in root.iterfind(".//incomingServer[@type='imap']"):
        server = _server(one)
        if server is not None:
            return server
    return None


def _server(one: Element) -> Server | None:
    host = (one.findtext("hostname") or "").strip()
    port = (one.findtext("port") or "").strip()
    security = _SECURITY.get((one.findtext("socketType") or "").strip())
    if security is None or not _HOST.fullmatch(host) or not _is_port(port):
        return None
    return Server(host.lower(), int(port), security)


def _is_port(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,5}", text)) and 1 <= int(text) <= 65_535  # noqa: PLR2004 # TCP
