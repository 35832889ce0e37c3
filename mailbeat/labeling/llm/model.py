"""Which model is asked, and where it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

MOST_TEXT = 300  # characters of a message's text that are told
MOST_SHOWN = 60  # characters of a model's name in a sentence

# Where nobody between us and the model reads along, so that http:// will do. Not
# 169.254.0.0/16: there a cloud's machines are told their passwords.
PRIVATE = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
    )
)


@dataclass(frozen=True, slots=True)
class Model:
    """A model's name at an endpoint, e.g. `llama3.1` at http://127.0.0.1:11434/v1.

    `networks` are those that http:// may go to beside the private ones.
    """

    base_url: str
    name: str
    api_key: str = field(default="", repr=False)
    networks: Sequence[Network] = ()

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/chat/completions"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or (443 if self.is_encrypted else 80)

    @property
    def is_encrypted(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @property
    def told(self) -> str:
        """What goes where, for who decides whether it may."""
        return (
            f"Of mail that is not clear, {self.shown} at {self.host} gets to see the "
            f"subject, the first {MOST_TEXT} characters and the sender's domain, with "
            "numbers, addresses and links masked; nothing that may be of security or "
            "money."
        )

    @property
    def shown(self) -> str:
        """The name for a sentence."""
        return self.name[:MOST_SHOWN]
