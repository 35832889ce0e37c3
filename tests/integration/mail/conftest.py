"""The servers of the mail engine's tests."""

import pytest

from mailbeat.mail.net import tls_context
from tests.factories import make_raw
from tests.security.canary import PASSWORDS
from tests.servers.boxes import Box
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


@pytest.fixture
def trusted(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.fixture(params=PASSWORDS)
def box(request, authority):
    """With a password that sings: wherever it were, it would be found."""
    with GmailServer(certificate=authority.issue("localhost")) as server:
        one = Box(server, password=PASSWORDS[request.param])
        one.deliver(*map(make_raw, range(6)))
        yield one
