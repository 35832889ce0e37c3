"""The command, on a folder of its own and a real IMAP server."""

from itertools import count

import pytest
from click.testing import CliRunner

from mailbeat.cli import main
from mailbeat.settings import Settings

NUMBERS = count(1)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch, tmp_path):
    for field in Settings.model_fields.values():
        monkeypatch.setenv(str(field.validation_alias), "")
    monkeypatch.setenv("IMAP_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mailbeat():
    """Run the command as a user would; stdout, stderr and exit code come back."""

    def run(*arguments, stdin=None):
        return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)

    return run


@pytest.fixture
def server_options(imap_server):
    return (
        *("--host", imap_server.host, "--port", imap_server.port),
        *("--security", "none", "--password-stdin"),
    )


@pytest.fixture
def user(imap_server):
    """A new user of the test server."""
    address = f"cli{next(NUMBERS)}@example.org"
    imap_server.add_user(address, "right")
    return address


@pytest.fixture
def account(mailbeat, user, server_options):
    """An account of that user; its id is 1."""
    done = mailbeat("account", "add", user, *server_options, stdin="right\n")
    assert done.exit_code == 0, done.output
    return user
