"""Mail providers that are well known: their server, and what opens it.

Data and look-ups only; the mail domains of companies are found in `autoconfig.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mailbeat.mail.mailbox import DEFAULT_PORTS, Security


class Server(NamedTuple):
    host: str
    port: int
    security: Security


class Needs(StrEnum):
    """What opens a mailbox."""

    PASSWORD = "password"  # noqa: S105 # the usual one
    APP_PASSWORD = "app_password"  # noqa: S105 # one that is made for a program
    OAUTH = "oauth"  # nothing but signing in at the provider


@dataclass(frozen=True, slots=True)
class Provider:
    """`how` tells a person what to use, `page` is where to make it.

    `oauth` names one of `oauth.PROVIDERS`. `mx` are ends of the names of the servers
    that take mail in for the domains of the provider's customers.
    """

    name: str
    host: str
    domains: tuple[str, ...]
    needs: Needs
    how: str
    page: str
    port: int = 993
    security: Security = Security.TLS
    oauth: str | None = None
    mx: tuple[str, ...] = ()

    @property
    def server(self) -> Server:
        return Server(self.host, self.port, self.security)


_APP = Needs.APP_PASSWORD
_GMX_HOW = (
    "Switch on IMAP in the settings of the mailbox, under POP3/IMAP. With two-factor "
    "sign-in make an application-specific password, else use the usual one."
)

PROVIDERS = (
    Provider(
        "Google",
        "imap.gmail.com",
        ("gmail.com", "googlemail.com"),
        _APP,
        "Sign in with Google, or make an app password: 16 letters, for which Google "
        "wants two-step verification switched on. The usual password is refused.",
        "https://myaccount.google.com/apppasswords",
        oauth="google",
        mx=("aspmx.l.google.com", "smtp.google.com", "googlemail.com"),
    ),
    Provider(
        "Microsoft",
        "outlook.office365.com",
        (
            *("outlook.com", "outlook.de", "outlook.fr", "outlook.es", "outlook.it"),
            *("hotmail.com", "hotmail.de", "hotmail.co.uk", "hotmail.fr", "msn.com"),
            *("live.com", "live.de", "live.co.uk", "live.nl", "passport.com"),
        ),
        Needs.OAUTH,
        "Sign in with Microsoft; passwords of any kind are refused. In a company the "
        "administrator must allow IMAP for the mailbox.",
        "https://outlook.live.com/mail/0/options/mail/forwarding",
        oauth="microsoft",
        mx=(
            "mail.protection.outlook.com",
            "mx.microsoft",
            "olc.protection.outlook.com",
        ),
    ),
    Provider(
        "Yahoo",
        "imap.mail.yahoo.com",
        (
            *("yahoo.com", "yahoo.de", "yahoo.co.uk", "yahoo.fr", "yahoo.it"),
            *("yahoo.es", "yahoo.ca", "yahoo.com.br", "ymail.com", "rocketmail.com"),
        ),
        _APP,
        "Make an app password under Security; the usual password is refused.",
        "https://login.yahoo.com/account/security",
        mx=("yahoodns.net",),
    ),
    Provider(
        "AOL",
        "imap.aol.com",
        ("aol.com", "aol.de", "aim.com"),
        _APP,
        "Make an app password under Security; the usual password is refused.",
        "https://login.aol.com/account/security",
    ),
    Provider(
        "iCloud",
        "imap.mail.me.com",
        ("icloud.com", "me.com", "mac.com"),
        _APP,
        "Make an app-specific password under Sign-In and Security; the usual password "
        "is refused.",
        "https://account.apple.com/account/manage",
        mx=("mail.icloud.com",),
    ),
    Provider(
        "Fastmail",
        "imap.fastmail.com",
        ("fastmail.com", "fastmail.fm", "sent.com", "messagingengine.com"),
        _APP,
        "Make an app password with access to mail under Privacy & Security; the usual "
        "password is refused.",
        "https://app.fastmail.com/settings/security/integrations",
        mx=("messagingengine.com",),
    ),
    Provider(
        "GMX",
        "imap.gmx.net",
        ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
        Needs.PASSWORD,
        _GMX_HOW,
        "https://www.gmx.net/mail/imap/",
    ),
    Provider(
        "GMX",
        "imap.gmx.com",
        ("gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr"),
        Needs.PASSWORD,
        _GMX_HOW,
        "https://support.gmx.com/pop-imap/imap/index.html",
    ),
    Provider(
        "WEB.DE",
        "imap.web.de",
        ("web.de", "email.de"),
        Needs.PASSWORD,
        _GMX_HOW,
        "https://hilfe.web.de/pop-imap/imap/index.html",
    ),
    Provider(
        "T-Online",
        "secureimap.t-online.de",
        ("t-online.de", "magenta.de"),
        _APP,
        "Make a password for mail programs in the settings of the Telekom account; the "
        "one of the account itself is refused.",
        "https://account.idm.telekom.com/account-manager/",
        mx=("t-online.de",),
    ),
    Provider(
        "mail.com",
        "imap.mail.com",
        ("mail.com", "email.com"),
        Needs.PASSWORD,
        "IMAP belongs to the paid plan and is switched on in the settings.",
        "https://support.mail.com/pop-imap/imap/index.html",
    ),
    Provider(
        "Zoho",
        "imap.zoho.com",
        ("zoho.com", "zohomail.com"),
        _APP,
        "Switch on IMAP in the settings of Zoho Mail. With two-factor sign-in make an "
        "application-specific password.",
        "https://accounts.zoho.com/home#security/app_password",
        mx=("zoho.com",),
    ),
    Provider(
        "Zoho",
        "imap.zoho.eu",
        ("zoho.eu", "zohomail.eu"),
        _APP,
        "Switch on IMAP in the settings of Zoho Mail. With two-factor sign-in make an "
        "application-specific password.",
        "https://accounts.zoho.eu/home#security/app_password",
        mx=("zoho.eu",),
    ),
    Provider(
        "mailbox.org",
        "imap.mailbox.org",
        ("mailbox.org",),
        Needs.PASSWORD,
        "The usual password, or one made for programs where two-factor sign-in is on.",
        "https://login.mailbox.org/en/app-passwords",
        mx=("mailbox.org",),
    ),
    Provider(
        "Posteo",
        "posteo.de",
        ("posteo.de", "posteo.net", "posteo.eu", "posteo.org"),
        Needs.PASSWORD,
        "The usual password, or an app password. Additional account protection must "
        "let mail programs in.",
        "https://posteo.de/en/help",
    ),
    Provider(
        "Yandex",
        "imap.yandex.com",
        ("yandex.com", "yandex.ru", "ya.ru"),
        _APP,
        "Allow IMAP in the settings of the mailbox, and make an app password for mail.",
        "https://id.yandex.com/security/app-passwords",
        mx=("mx.yandex.net", "mx.yandex.ru"),
    ),
    Provider(
        "Orange",
        "imap.orange.fr",
        ("orange.fr", "wanadoo.fr"),
        Needs.PASSWORD,
        "The usual password; mail programs are allowed in the settings of the account.",
        "https://espace-client.orange.fr",
    ),
    Provider(
        "Free",
        "imap.free.fr",
        ("free.fr",),
        Needs.PASSWORD,
        "The usual password of the mailbox.",
        "https://subscribe.free.fr/login/",
    ),
    Provider(
        "one.com",
        "imap.one.com",
        ("one.com",),
        Needs.PASSWORD,
        "The usual password of the mailbox.",
        "https://www.one.com/admin/",
        mx=("one.com",),
    ),
)

_BY_DOMAIN = {domain: one for one in PROVIDERS for domain in one.domains}
_BY_HOST = {one.host: one for one in PROVIDERS}


def chosen(
    found: Server | None,
    *,
    host: str | None = None,
    port: int | None = None,
    security: Security | None = None,
) -> Server:
    """The server that was found, as far as a person did not say otherwise.

    With another kind of encryption its port follows from that. One of `found` and
    `host` is there.
    """
    if found is None or host is not None:
        found = Server(host or "", DEFAULT_PORTS[Security.TLS], Security.TLS)
    if security is not None and security is not found.security:
        found = Server(found.host, DEFAULT_PORTS[security], security)
    return found._replace(port=port or found.port)


def domain_of(email_address: str) -> str:
    return email_address.rpartition("@")[2].strip().strip(".").lower()


def provider_of(email_address: str) -> Provider | None:
    """The provider whose own domain an address has."""
    return _BY_DOMAIN.get(domain_of(email_address))


def provider_of_host(host: str) -> Provider | None:
    """The provider whose IMAP server this is."""
    return _BY_HOST.get(host.strip().rstrip(".").lower())


def provider_of_mx(names: Iterable[str]) -> Provider | None:
    """The provider that takes mail in, by the names of a domain's mail servers.

    `names` are in the order in which they are preferred.
    """
    for name in names:
        host = name.rstrip(".").lower()
        for one in PROVIDERS:
            if any(host == end or host.endswith(f".{end}") for end in one.mx):
                return one
    return None


def known_server(email_address: str) -> Server | None:
    known = provider_of(email_address)
    return known.server if known else None


# As Google shows an app password, and as people paste it; the spaces are none of it.
_GOOGLE_APP_PASSWORD = re.compile(r"[a-z]{4}(?:[ \xa0][a-z]{4}){3}")


def meant_password(host: str, password: str) -> str:
    """Return what is meant by a password that was typed for a server."""
    known = provider_of_host(host)
    if known is None or known.oauth != "google":
        return password
    if not _GOOGLE_APP_PASSWORD.fullmatch(password.strip()):
        return password
    return re.sub(r"\s", "", password)
