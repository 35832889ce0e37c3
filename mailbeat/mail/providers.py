"""Which server an address belongs to, where that is well known."""

from typing import NamedTuple

from mailbeat.mail.mailbox import Security


class Server(NamedTuple):
    host: str
    port: int
    security: Security


_HOSTS = {
    "imap.gmail.com": ("gmail.com", "googlemail.com"),
    "outlook.office365.com": (
        *("outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "hotmail.co.uk"),
        *("live.com", "live.de", "msn.com"),
    ),
    "imap.mail.yahoo.com": (
        *("yahoo.com", "yahoo.de", "yahoo.co.uk", "yahoo.fr", "ymail.com"),
        "rocketmail.com",
    ),
    "imap.aol.com": ("aol.com", "aol.de"),
    "imap.mail.me.com": ("icloud.com", "me.com", "mac.com"),
    "imap.fastmail.com": (
        "fastmail.com",
        "fastmail.fm",
        "sent.com",
        "messagingengine.com",
    ),
    "imap.gmx.net": ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
    "imap.gmx.com": ("gmx.com", "gmx.us", "gmx.co.uk"),
    "imap.web.de": ("web.de",),
    "secureimap.t-online.de": ("t-online.de", "magenta.de"),
    "imap.mail.com": ("mail.com", "email.com"),
    "imap.zoho.com": ("zoho.com", "zohomail.com"),
    "imap.mailbox.org": ("mailbox.org",),
    "posteo.de": ("posteo.de", "posteo.net"),
    "imap.yandex.com": ("yandex.com", "yandex.ru", "ya.ru"),
    "imap.orange.fr": ("orange.fr", "wanadoo.fr"),
    "imap.free.fr": ("free.fr",),
    "imap.one.com": ("one.com",),
}
_SERVERS = {domain: host for host, domains in _HOSTS.items() for domain in domains}


def guess_server(email_address: str) -> Server:
    """The server of a well known provider, else the name most hosts use."""
    domain = email_address.rpartition("@")[2].strip().lower()
    return Server(_SERVERS.get(domain, f"imap.{domain}"), 993, Security.TLS)
