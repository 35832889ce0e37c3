"""Signing in from a terminal, with a browser here, elsewhere, or only a code."""

import io
import os
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import click
import pytest

from mailbeat.cli.installation import Failed, Installation
from mailbeat.cli.oauth import sign_in
from mailbeat.db.accounts import find_account
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, says
from tests.servers.process import free_port

WANTED = ["ada@example.org"]


@pytest.fixture(autouse=True)
def nobody_types(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))


@pytest.fixture
def person():
    """Somebody who reads what is said, and does something about it in a thread."""
    threads = []

    def person(act):
        said = []

        def say(text):
            said.append(text)
            words = text.split()
            if len(words) == 1:  # an address, or a code
                thread = threading.Thread(target=act, args=words)
                threads.append(thread)
                thread.start()

        say.said = said
        return say

    yield person
    for thread in threads:
        thread.join(10)


def visit(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode()


def test_a_browser_on_this_machine_comes_back_by_itself(google, person):
    pages = []
    say = person(lambda url: pages.append(visit(google.browse(url))))

    tokens = sign_in(google.client, wanted=WANTED, say=say, within=20)

    assert tokens.refresh_token in google.refreshable
    assert "Go back to the terminal" in pages[0]
    assert "/authorize?" in "".join(say.said)


def test_an_address_that_another_machine_ended_at_is_pasted(
    google, person, monkeypatch
):
    read, write = os.pipe()

    def paste(url):
        with os.fdopen(write, "w") as terminal:
            terminal.write(f"\n  {google.browse(url)}  \n")

    with os.fdopen(read) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        tokens = sign_in(google.client, wanted=WANTED, say=person(paste), within=20)

    assert tokens.refresh_token in google.refreshable


def test_the_browser_may_be_awaited_on_a_port_that_is_registered(google, person):
    port = free_port()
    came = []

    def browse(url):
        came.append(google.browse(url))
        visit(came[0])

    sign_in(google.client, wanted=WANTED, say=person(browse), port=port, within=20)

    assert came[0].startswith(f"http://127.0.0.1:{port}/oauth/callback?")


def test_only_the_answer_ends_the_waiting(google, person):
    """Whoever finds the port first has nothing from it."""

    def browse(url):
        back = google.browse(url)
        origin = f"http://{urlsplit(back).netloc}"
        for path in ("/", "/oauth/callback", "/oauth/callback?code=x", "/favicon.ico"):
            with pytest.raises(urllib.error.HTTPError):
                visit(origin + path)
        visit(back)

    assert sign_in(google.client, wanted=WANTED, say=person(browse), within=20)


def test_an_answer_of_another_sign_in_is_refused(google, person):
    def browse(url):
        back = urlsplit(google.browse(url))
        visit(f"http://{back.netloc}/oauth/callback?state=another&code=x")

    with pytest.raises(Failed, match="belongs to another sign-in"):
        sign_in(google.client, wanted=WANTED, say=person(browse), within=20)


def test_a_person_may_say_no(google, person):
    google.denies = True
    say = person(lambda url: visit(google.browse(url)))

    with pytest.raises(Failed, match="was not allowed"):
        sign_in(google.client, wanted=WANTED, say=say, within=20)


def test_somebody_else_is_refused(google, person):
    google.signs_in = "eve@example.org"
    say = person(lambda url: visit(google.browse(url)))

    with pytest.raises(Failed, match=r"Choose ada@example\.org there"):
        sign_in(google.client, wanted=WANTED, say=say, within=20)


def test_nobody_is_waited_for_for_ever(google, person):
    began = time.monotonic()

    with pytest.raises(Failed, match="Nobody signed in"):
        sign_in(google.client, wanted=WANTED, say=person(lambda _: None), within=0.2)

    assert time.monotonic() - began < 5


# By a code


def test_a_code_is_typed_on_any_machine(microsoft, person):
    say = person(microsoft.type_code)

    tokens = sign_in(microsoft.client, wanted=WANTED, say=say, within=20)

    assert tokens.refresh_token in microsoft.refreshable
    assert "https://provider.example/device" in "".join(say.said)


def test_a_provider_in_trouble_is_asked_again(microsoft, person, monkeypatch):
    monkeypatch.setattr("mailbeat.mail.oauth.DEVICE_SECONDS", 0)

    def act(code):
        microsoft.faults.append(says(503, b""))
        microsoft.type_code(code)

    assert sign_in(microsoft.client, wanted=WANTED, say=person(act), within=20)


def test_a_code_that_nobody_types_ends(microsoft, person):
    with pytest.raises(Failed, match="Nobody typed the code"):
        sign_in(microsoft.client, wanted=WANTED, say=person(lambda _: None), within=1.5)


# The commands


@pytest.fixture
def registered(monkeypatch):
    for name in ("GOOGLE", "MICROSOFT"):
        monkeypatch.setenv(f"{name}_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv(f"{name}_CLIENT_SECRET", CLIENT_SECRET)


@pytest.fixture
def says_to(person, monkeypatch):
    """Have a person read what the command prints."""
    echo = click.echo

    def says_to(act):
        say = person(act)

        def both(message=None, **options):
            echo(message, **options)
            say(str(message))

        monkeypatch.setattr("click.echo", both)

    return says_to


def stored(tmp_path, ref):
    installation = Installation(tmp_path / "var")
    with installation.sessions() as sessions, sessions() as session:
        return find_account(session, ref)


def test_an_account_is_added_by_signing_in(
    mailbeat, google, registered, says_to, tmp_path
):
    google.signs_in = "ada@gmail.com"
    says_to(lambda url: visit(google.browse(url)))

    done = mailbeat(
        "account", "add", "ada@gmail.com", "--oauth", "google", "--no-verify"
    )

    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("ada@gmail.com is account 1, on imap.gmail.com:993.\n")
    account = stored(tmp_path, 1)
    assert account.oauth_provider == "google"
    assert account.refresh_token in google.refreshable
    assert account.refresh_token not in done.output
    assert account.access_token not in done.output


def test_microsoft_gives_the_command_a_code(
    mailbeat, microsoft, registered, says_to, tmp_path
):
    microsoft.signs_in = "ada@outlook.com"
    says_to(microsoft.type_code)

    done = mailbeat(
        "account", "add", "ada@outlook.com", "--oauth", "microsoft", "--no-verify"
    )

    assert done.exit_code == 0, done.output
    assert "outlook.office365.com:993" in done.stdout
    assert stored(tmp_path, 1).oauth_provider == "microsoft"


def test_an_account_with_a_password_signs_in_and_goes_back(  # noqa: PLR0917 # fixtures
    mailbeat, google, registered, says_to, tmp_path, account
):
    google.signs_in = account
    says_to(lambda url: visit(google.browse(url)))

    done = mailbeat("account", "sign-in", account, "--oauth", "google", "--no-verify")
    assert done.exit_code == 0, done.output
    assert stored(tmp_path, 1).password is None
    assert '"signs_in_with": "google"' in mailbeat("account", "list", "--json").stdout

    mailbeat("account", "set-password", "1", "--password-stdin", stdin="right\n")
    now = stored(tmp_path, 1)
    assert (now.password, now.oauth_provider) == ("right", None)
    assert mailbeat("account", "verify", "1").exit_code == 0


def test_a_token_that_the_mail_server_refuses_is_not_stored(  # noqa: PLR0917 # fixtures
    mailbeat, google, registered, says_to, tmp_path, account
):
    google.signs_in = account
    says_to(lambda url: visit(google.browse(url)))

    done = mailbeat("account", "sign-in", "1", "--oauth", "google")

    assert done.exit_code == 1
    assert stored(tmp_path, 1).password == "right"


def test_without_a_registration_it_says_how_to_get_one(mailbeat, account):
    add = mailbeat("account", "add", "ada@gmail.com", "--oauth", "google")
    again = mailbeat("account", "sign-in", account, "--oauth", "google")

    for done in (add, again):
        assert done.exit_code == 1
        assert "GOOGLE_CLIENT_ID is not set" in done.stderr
        assert "docs/operating.md" in done.stderr


def test_who_is_there_already_does_not_sign_in_for_nothing(
    mailbeat, google, registered, account
):
    done = mailbeat("account", "add", account, "--oauth", "google")

    assert done.exit_code == 1
    assert "mailbeat account sign-in 1" in done.stderr
    assert google.asked == []


def test_a_server_that_knows_no_oauth_is_a_sentence(mailbeat, registered, account):
    done = mailbeat("account", "sign-in", account)

    assert done.exit_code == 1
    assert "--oauth" in done.stderr
    assert "set-password" in done.stderr
