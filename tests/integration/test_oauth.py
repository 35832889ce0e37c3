"""An account's life with a provider: signed in, renewed, withdrawn, signed in again.

In most of it the mailbox is a fake, which lets in who has a token that is good.
"""

import base64
import html
import json
import re
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount, SignedIn, find_account
from mailbeat.db.clock import database_now
from mailbeat.db.models import Base, Run
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.errors import AuthFailed, ErrorCode
from mailbeat.run import RunOptions, preview_account, run_account
from mailbeat.settings import Settings
from tests.factories import make_message
from tests.fakes import FakeMailbox
from tests.security.canary import SONG, sings
from tests.servers.imap import LOOPBACK
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, says
from tests.servers.rude_imap import rude_imap

KEY = "a key for the tests 0815"
ADDRESS = "ada@gmail.com"


@pytest.fixture
def mail(google, monkeypatch):
    """The mail server; `tokens` are those that were tried."""

    class Mail:
        tokens: list[str] = []
        mailbox = FakeMailbox([make_message()])

    @contextmanager
    def open_mailbox(login, name="INBOX", **_options):
        Mail.tokens.append(login.access_token)
        if login.access_token not in google.valid:
            raise AuthFailed("The mail server refused the password.")
        yield Mail.mailbox

    Mail.tokens = []
    monkeypatch.setattr("mailbeat.run.open_mailbox", open_mailbox)
    monkeypatch.setattr("webapp.verify.open_mailbox", open_mailbox)
    google.signs_in = ADDRESS
    return Mail


@pytest.fixture
def browser(any_database_url, secret_keys, google):
    """A browser that is signed in to the pages of an installation."""
    from webapp import create_app
    from webapp.parts import parts_of

    values = {
        "DATABASE_URL": any_database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there
        "MAILBEAT_API_KEY": KEY,
        "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        "LOG_LEVEL": "debug",
    }
    app = create_app(Settings.model_validate(values))
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/login", data={"key": KEY}).status_code == 303
    yield client
    parts_of(app).engine.dispose()


@pytest.fixture
def options(google):
    return RunOptions(
        scan_interval=300,
        process_hours=10**6,
        deadline=60,
        allowed_networks=LOOPBACK,
        oauth_clients={"google": google.client},
    )


@pytest.fixture
def run(any_sessions, options):
    """Run an account, and return the steps of it."""
    leases = LeaseKeeper(any_sessions, renew_seconds=3600)

    def run(account_id=1):
        steps = run_account(
            any_sessions, account_id, str(uuid4()), options=options, leases=leases
        )
        return list(steps)

    yield run
    leases.close()


def go(browser, google, path, **form):
    """Sign in from a page of ours, and come back to one."""
    page = browser.post(path, data=form).text
    out = html.unescape(re.search(r"0;url=([^\"]+)", page)[1])
    back = urlsplit(google.browse(out))
    return browser.get(f"{back.path}?{back.query}")


def sign_up(browser, google):
    done = go(browser, google, "/accounts/oauth/google", email_address=ADDRESS)
    browser.post("/api/accounts/1/resume", json={})
    return done


def stored(sessions):
    with sessions() as session:
        return find_account(session, 1)


def expire(sessions):
    with transaction(sessions) as session:
        now = database_now(session)
        account = accounts.lock_account(session, 1)
        account.token_expires_at = now + timedelta(minutes=4)


def test_from_the_first_sign_in_to_the_second(  # fixtures
    any_sessions, browser, google, mail, run
):
    google.rotates = True
    assert sign_up(browser, google).location == "/accounts/1/set-up"

    # The token of the sign-in opens the mailbox.
    assert run()[-1].outcome is Outcome.SUCCEEDED
    assert mail.tokens == [stored(any_sessions).access_token]

    # It is renewed before its end, and the refresh token with it.
    expire(any_sessions)
    before = stored(any_sessions)
    assert run()[-1].outcome is Outcome.SUCCEEDED
    after = stored(any_sessions)
    assert mail.tokens[-1] == after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    assert after.lease_run_id is None

    # A token that the server refuses is renewed within the same run.
    google.valid.clear()
    assert run()[-1].outcome is Outcome.SUCCEEDED
    assert mail.tokens[-2:] == [after.access_token, stored(any_sessions).access_token]

    # When the permission is withdrawn, the account waits for a person.
    google.valid.clear()
    google.refreshable.clear()
    last = run()[-1]
    assert (last.outcome, last.error_code) == (Outcome.FAILED, ErrorCode.AUTH_FAILED)
    assert "Sign in again with Google" in last.error_message
    assert stored(any_sessions).pause_reason == "auth_failed"
    browser.post("/resume")  # every control has the pages read the database
    assert "Sign in again with Google" in browser.get("/accounts/1").text

    # Who signs in again, runs again.
    done = go(browser, google, "/accounts/1/oauth/google")
    assert done.location == "/accounts/1?done=signed-in"
    assert stored(any_sessions).paused_at is None
    assert run()[-1].outcome is Outcome.SUCCEEDED


def test_a_provider_in_trouble_pauses_nobody(any_sessions, browser, google, mail, run):
    sign_up(browser, google)
    expire(any_sessions)
    google.faults.append(says(503, b""))

    last = run()[-1]

    assert (last.outcome, last.error_code) == (Outcome.FAILED, ErrorCode.SERVER_BUSY)
    assert stored(any_sessions).paused_at is None
    assert run()[-1].outcome is Outcome.SUCCEEDED


def test_an_installation_that_is_not_registered_pauses_nobody(  # noqa: PLR0917 # fixtures
    any_sessions, browser, google, mail, run, options
):
    sign_up(browser, google)
    del options.oauth_clients["google"]

    last = run()[-1]

    assert last.error_code is ErrorCode.INTERNAL
    assert "GOOGLE_CLIENT_ID is not set here" in last.error_message
    assert stored(any_sessions).paused_at is None


def test_who_signs_in_while_a_run_fails_is_not_paused_by_it(
    any_sessions, browser, google, mail, run
):
    sign_up(browser, google)
    expire(any_sessions)

    def meanwhile(handler):
        go(browser, google, "/accounts/1/oauth/google")
        says(400, {"error": "invalid_grant"})(handler)

    google.faults.append(meanwhile)
    # The fault is of the next question, which is the run's: go() asks after it.
    last = run()[-1]

    assert last.outcome is Outcome.FAILED
    assert stored(any_sessions).paused_at is None
    assert run()[-1].outcome is Outcome.SUCCEEDED


def test_verifying_and_looking_renew_too(  # noqa: PLR0917 # fixtures
    any_sessions, browser, google, mail, run, options
):
    sign_up(browser, google)
    expire(any_sessions)

    verified = browser.post("/api/accounts/1/verify", json={})
    assert verified.json == {"ok": True, "error_code": None, "error_message": None}
    first = stored(any_sessions)
    expire(any_sessions)
    assert list(preview_account(any_sessions, 1, options=options))

    assert stored(any_sessions).access_token != first.access_token
    assert stored(any_sessions).lease_run_id is None


def test_a_server_that_refuses_a_token_is_shown_a_new_one(any_sessions, google, run):
    """The whole dialogue over a socket, with the empty line that XOAUTH2 wants."""
    reason = base64.b64encode(b'{"status":"400","schemes":"Bearer"}')
    refused = b"+ %b\r\n<wait>{tag} NO [AUTHENTICATIONFAILED] no\r\n" % reason
    answers = {
        "AUTHENTICATE": [refused, b"{tag} OK welcome\r\n"],
        "UID SEARCH": b"* SEARCH\r\n{tag} OK done\r\n",
    }
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] hello\r\n"
    with rude_imap(answers, greeting=greeting) as server:
        login = server.login()
        with transaction(any_sessions) as session:
            now = database_now(session)
            tokens = SignedIn(
                provider="google",
                refresh_token=google.issue_refresh_token(ADDRESS),
                access_token="withdrawn",
                expires_at=now + timedelta(hours=1),
            )
            new = NewAccount(
                *(ADDRESS, login.host, login.port, login.security, ADDRESS, ""),
                tokens=tokens,
            )
            accounts.add_account(session, new, now=now)

        last = run()[-1]

    assert (last.outcome, last.error_message) == (Outcome.SUCCEEDED, None)
    shown = [
        base64.b64decode(said.split()[2]).decode()
        for said in server.commands
        if said.startswith("AUTHENTICATE XOAUTH2")
    ]
    assert shown == [
        f"user={ADDRESS}\1auth=Bearer {token}\1\1"
        for token in ("withdrawn", stored(any_sessions).access_token)
    ]


def dump(sessions):
    """Every row of every table, as the database has it."""
    with sessions() as session:
        return [
            str(session.execute(sa.text(f"SELECT * FROM {table.name}")).all())
            for table in Base.metadata.sorted_tables
        ]


def _fail_everywhere(sessions, browser, google, run, status, error):  # noqa: PLR0917 # of one test
    """Have a run, a look and a sign-in fail; return what was told of it."""
    told = []
    account = stored(sessions)
    everything = {
        "error": error,
        "error_description": f"{account.refresh_token} {google.asked[-1]}",
    }
    google.faults.append(says(status, everything))
    told += [asdict(step) for step in run()]
    google.faults.append(says(status, everything))
    told.append(browser.post("/api/accounts/1/verify", json={}).text)
    google.faults.append(says(status, everything))
    told.append(go(browser, google, "/accounts/1/oauth/google").text)
    google.faults.clear()
    with transaction(sessions) as session:
        accounts.resume_account(session, 1, now=database_now(session))
    return told


def test_no_token_leaves_a_trace_whatever_fails(  # noqa: PLR0917 # fixtures
    any_sessions, browser, google, mail, run, caplog
):
    """The provider repeats in its errors whatever it was sent."""
    google.mark = f"{SONG}-token"
    google.rotates = True
    caplog.set_level("DEBUG")
    told = []
    fail = partial(_fail_everywhere, any_sessions, browser, google, run)
    with capture_logs() as logged:
        told.append(sign_up(browser, google).text)
        told += [asdict(step) for step in run()]
        for status in (400, 401, 429, 500, 200):
            expire(any_sessions)
            for error in ("invalid_grant", "invalid_client", "strange"):
                told += fail(status, error)
        google.valid.clear()
        told.append(browser.post("/accounts/1/verify").text)
        paths = ["/", "/accounts", "/accounts/1", "/runs", "/settings", "/api/audit"]
        paths += ["/api/accounts/1", "/api/processing/current-status"]
        told += [browser.get(path).text for path in [*paths, "/api/processing/runs"]]
    rows = dump(any_sessions)

    account = stored(any_sessions)
    assert sings(account.access_token), "the canary is in the account"
    assert sings(account.refresh_token)
    assert [str(one)[:500] for one in told if sings(json.dumps(one, default=str))] == []
    in_logs = str(logged) + caplog.text  # before anything is scrubbed off
    assert "token_renewed" in in_logs
    assert not sings(in_logs)
    assert CLIENT_SECRET not in in_logs
    assert [row[:300] for row in rows if sings(row)] == []
    assert all(CLIENT_SECRET not in str(one) for one in [*told, *rows])
    with any_sessions() as session:
        codes = set(session.scalars(sa.select(Run.error_code)))
    assert codes >= {"auth_failed", "internal", "throttled", "server_busy"}
