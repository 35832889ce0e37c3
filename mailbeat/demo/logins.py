"""Who may log in to the demo's mail server: one line of `imap.url` each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote, unquote, urlsplit

from mailbeat.demo.ports import LOOPBACK
from mailbeat.demo.private_files import write_private


@dataclass(frozen=True, slots=True)
class DemoLogin:
    address: str
    password: str = field(repr=False)
    port: int

    @property
    def url(self) -> str:
        user, password = quote(self.address, safe=""), quote(self.password, safe="")
        return f"imap://{user}:{password}@{LOOPBACK}:{self.port}/INBOX"


def read_logins(directory: Path) -> list[DemoLogin]:
    """Return the logins of an earlier start; none when there was none."""
    try:
        lines = (directory / "imap.url").read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []
    return [_parse(line) for line in lines]


def keep_logins(
    directory: Path, addresses: Sequence[str], *, port: int
) -> list[DemoLogin]:
    """Write `imap.url` for `port`: who had a password keeps it, others get one.

    Addresses that are no longer wanted stay: their accounts are in the database still.
    """
    known = {login.address: login for login in read_logins(directory)}
    for address in addresses:
        login = DemoLogin(address, token_urlsafe(18), port)
        known.setdefault(address, login)
    logins = [replace(login, port=port) for login in known.values()]
    lines = [f"{login.url}\n" for login in logins]
    write_private(directory / "imap.url", "".join(lines))
    return logins


def _parse(url: str) -> DemoLogin:
    parts = urlsplit(url)
    return DemoLogin(
        unquote(parts.username or ""), unquote(parts.password or ""), parts.port or 0
    )
