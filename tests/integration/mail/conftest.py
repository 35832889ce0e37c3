"""The servers of the mail engine's tests."""

import pytest

from tests.servers.certificates import Authority
from tests.servers.gmail import GmailServer
from tests.servers.speaker import Speaker

ADA = "ada@example.org"


@pytest.fixture
def server():
    with GmailServer() as one:
        one.add_user(ADA, tokens=["good"])
        yield one


@pytest.fixture
def client(server):
    with server.client(ADA) as one:
        yield one


@pytest.fixture
def speaker(server):
    """Signed in."""
    with Speaker(server.port) as one:
        one.ask(f'LOGIN {ADA} "a password"')
        yield one


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))
