"""How this installation is known at providers."""

import pytest

from mailbeat.mail.oauth_clients import ClientRefused, client_of, clients_of


def test_only_what_is_registered_can_be_used():
    clients = clients_of({"google": ("an id", "a secret"), "microsoft": ("", "")})

    assert client_of(clients, "google").client_secret == "a secret"
    assert "a secret" not in repr(clients)
    with pytest.raises(ClientRefused, match="MICROSOFT_CLIENT_ID is not set"):
        client_of(clients, "microsoft")
