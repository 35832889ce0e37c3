"""Google and Microsoft, and this installation as they know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import ClassVar

from mailbeat.mail.errors import ErrorCode, TemporaryMailError

Networks = Sequence[IPv4Network | IPv6Network]


class ClientRefused(TemporaryMailError):
    """This installation is not, or wrongly, registered: the operator's business.

    It pauses no account, for nothing is wrong with any.
    """

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL


@dataclass(frozen=True, slots=True)
class Provider:
    """`issuer` is a pattern; `scopes` beside the mail's are for the address.

    `may_be_unticked` is the one of them that we need, if a person can leave it out.
    """

    name: str
    title: str
    authorization_endpoint: str
    token_endpoint: str
    issuer: str
    scopes: tuple[str, ...]
    device_endpoint: str | None = None
    may_be_unticked: str | None = None
    more: tuple[tuple[str, str], ...] = ()  # of the authorization's parameters

    @property
    def client_id_variable(self) -> str:
        return f"{self.name.upper()}_CLIENT_ID"


GOOGLE = Provider(
    name="google",
    title="Google",
    authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
    token_endpoint="https://oauth2.googleapis.com/token",  # noqa: S106 # an address
    issuer=r"(https://)?accounts\.google\.com",
    scopes=("https://mail.google.com/", "openid", "email"),
    may_be_unticked="https://mail.google.com/",
    # Only so does Google give a refresh token, also the second time.
    more=(("access_type", "offline"), ("prompt", "consent")),
)
MICROSOFT = Provider(
    name="microsoft",
    title="Microsoft",
    authorization_endpoint=(
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
    ),
    token_endpoint="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106 # an address
    device_endpoint="https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
    issuer=r"https://login\.microsoftonline\.com/[0-9a-f-]{36}/v2\.0",
    scopes=(
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        *("offline_access", "openid", "email", "profile"),
    ),
    # Whoever is signed in there with another account would not be asked.
    more=(("prompt", "select_account"),),
)
PROVIDERS = {one.name: one for one in (GOOGLE, MICROSOFT)}


@dataclass(frozen=True, slots=True)
class Client:
    """This installation, as the provider knows it."""

    provider: Provider
    client_id: str
    client_secret: str = field(default="", repr=False)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


Clients = Mapping[str, Client]


def clients_of(
    credentials: Mapping[str, tuple[str, str]], *, networks: Networks = ()
) -> dict[str, Client]:
    """Return the clients that are registered, by the provider's name.

    `credentials` are id and secret; a provider without id is left out.
    """
    return {
        name: Client(PROVIDERS[name], client_id, secret, tuple(networks))
        for name, (client_id, secret) in credentials.items()
        if client_id
    }


def client_of(clients: Clients, name: str) -> Client:
    """Return the client of a provider.

    Raises:
        ClientRefused: this installation is not registered there.
    """
    client = clients.get(name)
    if client is None:
        title = PROVIDERS[name].title if name in PROVIDERS else name
        raise ClientRefused(
            f"This account signs in with {title}, for which {name.upper()}_CLIENT_ID "
            "is not set here. The operator sets it for web and workers alike; Mailbeat "
            "tries again at the next run."
        )
    return client
