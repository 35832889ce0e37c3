"""Out to the provider and back, with a browser that is signed in, and with others."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import select

from mailbeat.db.accounts import SETTING_UP, find_account, list_accounts, pause_account
from mailbeat.db.models import AuditEntry, PendingSignIn
from mailbeat.db.session import transaction
from mailbeat.settings import Settings
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, says

KEY = "a key for the tests 0815"
FORM = {"email_address": "ada@gmail.com", "password": "", "host": "", "port": ""}


@pytest.fixture
def make_app(sqlite_url, secret_keys, google):
    """Build an app that is registered at Google."""
    # Not at the top: see conftest.py.
    from webapp import create_app
    from webapp.parts import parts_of

    made = []

    def make(**changes):
        values = {
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there
            "MAILBEAT_API_KEY": KEY,
            "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
            "GOOGLE_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
        made.append(create_app(Settings.model_validate(values | changes)))
        return made[-1]

    yield make
    for app in made:
        parts_of(app).engine.dispose()


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def ada(add):
    return add()


def sign_in_here(app, **environ):
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/login", data={"key": KEY}, **environ).status_code == 303
    return client


def leads_to(response):
    """Where a page leads the browser by itself."""
    assert response.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', response.text)
    return html.unescape(found[1])


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def account_of(sessions, account_id):
    with sessions() as session:
        return find_account(session, account_id)


def go(browser, google, account_id):
    """Go out, and return the path with which the provider sends the browser back."""
    begun = browser.post(f"/accounts/{account_id}/oauth/google")
    return path_of(google.browse(leads_to(begun)))


def test_an_account_signs_in_and_back(browser, google, sessions, ada):
    response = browser.get(go(browser, google, ada))

    assert response.status_code == 303
    assert response.location == f"/accounts/{ada}?done=signed-in"
    account = account_of(sessions, ada)
    assert account.oauth_provider == "google"
    assert account.refresh_token in google.refreshable
    assert account.access_token in google.valid
    assert account.password is None
    page = browser.get(response.location).text
    assert "Signed in. The account is tried at once." in page
    assert "It signs in with Google; a password" in page
    with sessions() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-1]
    assert (last.action, last.detail) == ("account.sign-in", "google")


def test_the_way_out_has_pkce_and_our_address(browser, google, ada, sessions):
    out = leads_to(browser.post(f"/accounts/{ada}/oauth/google"))

    told = dict(parse_qsl(urlsplit(out).query))
    assert told["redirect_uri"] == "http://localhost/oauth/callback"
    assert told["code_challenge_method"] == "S256"
    assert told["login_hint"] == "ada@example.org"
    with sessions() as session:
        (pending,) = session.scalars(select(PendingSignIn)).all()
    assert "verifier" in pending.details
    assert "code_verifier" not in out


def test_an_account_that_waited_for_a_person_runs_again(browser, google, sessions, ada):
    with transaction(sessions) as session:
        now = account_of(sessions, ada).next_run_at
        pause_account(session, ada, reason="auth_failed", now=now)

    browser.get(go(browser, google, ada))

    assert account_of(sessions, ada).paused_at is None


def test_a_new_account_is_added_by_signing_in(browser, google, sessions):
    google.signs_in = "ada@gmail.com"
    begun = browser.post("/accounts/oauth/google", data=FORM)
    with sessions() as session:
        assert list_accounts(session) == []

    response = browser.get(path_of(google.browse(leads_to(begun))))

    assert response.location == "/accounts/1/set-up"
    account = account_of(sessions, 1)
    assert account.pause_reason == SETTING_UP
    assert (account.email_address, account.host) == ("ada@gmail.com", "imap.gmail.com")
    assert account.password is None
    assert account.refresh_token in google.refreshable


def test_a_domain_of_ones_own_is_at_the_provider_that_was_chosen(
    browser, google, sessions
):
    google.signs_in = "ada@own.example"
    form = FORM | {"email_address": "ada@own.example", "interval_seconds": "60"}
    begun = browser.post("/accounts/oauth/google", data=form)

    browser.get(path_of(google.browse(leads_to(begun))))

    account = account_of(sessions, 1)
    assert (account.host, account.interval_seconds) == ("imap.gmail.com", 60)


def test_what_is_wrong_in_the_form_is_said_before_anybody_leaves(browser, add):
    wrong = browser.post("/accounts/oauth/google", data=FORM | {"email_address": "ada"})
    assert wrong.status_code == 422
    assert "That is not an address" in wrong.text

    add("ada@gmail.com")
    known = browser.post("/accounts/oauth/google", data=FORM)
    assert known.status_code == 409
    assert "is there already" in known.text


def test_an_answer_is_good_once(browser, google, sessions, ada):
    back = go(browser, google, ada)
    browser.get(back)
    with transaction(sessions) as session:
        find_account(session, ada).refresh_token = "as it is"

    again = browser.get(back)

    assert again.status_code == 409
    assert "Begin again" in again.text
    assert account_of(sessions, ada).refresh_token == "as it is"


def test_an_answer_is_good_for_ten_minutes(browser, google, sessions, ada):
    back = go(browser, google, ada)
    with transaction(sessions) as session:
        (pending,) = session.scalars(select(PendingSignIn)).all()
        pending.expires_at -= timedelta(minutes=10)

    assert browser.get(back).status_code == 409
    assert account_of(sessions, ada).oauth_provider is None


def test_an_answer_is_good_in_the_browser_that_asked(
    app, browser, google, sessions, ada
):
    """Else a stranger's mailbox could be put into a person's account, or theirs out."""
    back = go(browser, google, ada)
    other = sign_in_here(app)

    refused = other.get(back)

    assert refused.status_code == 409
    assert account_of(sessions, ada).oauth_provider is None
    # It is not used up by that.
    assert browser.get(back).status_code == 303


def test_an_answer_ends_with_the_session_that_asked(
    app, browser, google, sessions, ada
):
    back = go(browser, google, ada)
    browser.post("/logout")

    assert sign_in_here(app).get(back).status_code == 409
    assert account_of(sessions, ada).oauth_provider is None


def test_who_comes_back_without_a_cookie_is_led_over_our_own_page(
    app, browser, google, sessions, ada
):
    """Browsers leave a SameSite=Strict cookie out when another site sends them."""
    back = go(browser, google, ada)
    bare = app.test_client()

    to_login = bare.get(back, headers={"Sec-Fetch-Site": "cross-site"})
    page = bare.get(to_login.location, headers={"Sec-Fetch-Site": "cross-site"})
    with_cookie = browser.get(leads_to(page))
    done = browser.get(with_cookie.location)

    assert to_login.status_code == with_cookie.status_code == 303
    assert done.location == f"/accounts/{ada}?done=signed-in"
    assert account_of(sessions, ada).oauth_provider == "google"


@pytest.mark.parametrize(
    ("changes", "says_"),
    [
        ({"iss": "https://evil.example"}, "does not come from Google"),
        ({"error": "access_denied"}, "was not allowed to let Mailbeat in"),
        ({"error": "<img src=x onerror=alert(1)>"}, "did not accept this sign-in"),
        ({"code": "4/another"}, "Start again"),
        ({"code": ""}, "Start again"),
    ],
)
def test_what_goes_wrong_there_is_a_sentence_here(  # noqa: PLR0917 # fixtures
    browser, google, sessions, ada, changes, says_
):
    path, _, query = go(browser, google, ada).partition("?")
    told = dict(parse_qsl(query)) | changes

    response = browser.get(f"{path}?{urlencode(told)}")

    assert response.status_code == 409
    assert says_ in response.text
    assert "<img" not in response.text
    assert account_of(sessions, ada).password == "never shown"


def test_somebody_else_may_not_sign_in(browser, google, sessions, ada):
    google.signs_in = "eve@example.org"

    response = browser.get(go(browser, google, ada))

    assert response.status_code == 409
    assert "Somebody else is signed in at Google" in response.text
    assert account_of(sessions, ada).oauth_provider is None


def test_a_provider_in_trouble_is_a_sentence(browser, google, sessions, ada):
    back = go(browser, google, ada)
    google.faults.append(says(500, b"<b>trouble</b>"))

    response = browser.get(back)

    assert response.status_code == 409
    assert "Google could not give new access" in response.text
    assert "trouble" not in response.text


def test_an_account_that_is_gone_meanwhile_is_a_sentence(browser, google, ada):
    back = go(browser, google, ada)
    browser.post(f"/accounts/{ada}/remove", data={"confirm": "ada@example.org"})

    assert browser.get(back).status_code == 409


# Who may


@pytest.mark.parametrize("scope", ["read", "control"])
def test_it_takes_the_scope_that_a_password_takes(app, sessions, now, ada, scope):
    from mailbeat.db.api_keys import Scope, issue_key

    with transaction(sessions) as session:
        _, key = issue_key(session, name=scope, scope=Scope(scope), now=now)
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = key

    assert client.post(f"/accounts/{ada}/oauth/google").status_code == 403
    assert client.post("/accounts/oauth/google", data=FORM).status_code == 403
    assert client.get("/oauth/callback?state=s&code=c").status_code == 403


def test_no_other_page_can_begin_it(browser, sessions, ada):
    headers = {"Sec-Fetch-Site": "same-site"}

    response = browser.post(f"/accounts/{ada}/oauth/google", headers=headers)

    assert response.status_code == 403
    with sessions() as session:
        assert session.scalars(select(PendingSignIn)).all() == []


def test_an_unknown_provider_is_not_found(browser, ada):
    assert browser.post(f"/accounts/{ada}/oauth/microsoft").status_code == 404
    assert browser.post("/accounts/oauth/evil", data=FORM).status_code == 404
    assert browser.post("/accounts/99/oauth/google").status_code == 404


# Where the browser comes back to


@pytest.mark.parametrize(
    ("public_url", "host", "back"),
    [
        (None, "127.0.0.1:8000", "http://127.0.0.1:8000"),
        (None, "localhost:8000", "http://localhost:8000"),
        (None, "[::1]:8000", "http://[::1]:8000"),
        (None, "mail.example.org", None),
        (None, "evil.example", None),
        ("https://mail.example.org", "mail.example.org", "https://mail.example.org"),
        ("https://mail.example.org/", "evil.example", "https://mail.example.org"),
        ("https://x.example/beat", "x.example", "https://x.example/beat"),
        ("http://mail.example.org", "mail.example.org", None),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_the_host_of_a_request_is_believed_on_this_machine_only(
    make_app, ada, public_url, host, back
):
    app = make_app(PUBLIC_URL=public_url)
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = KEY

    response = client.post(f"/accounts/{ada}/oauth/google", base_url=f"http://{host}")

    if back is None:
        assert response.status_code == 409
        assert "PUBLIC_URL has to be set" in response.text
    else:
        told = dict(parse_qsl(urlsplit(leads_to(response)).query))
        assert told["redirect_uri"] == f"{back}/oauth/callback"


# The pages


def test_the_buttons_are_there_when_we_are_registered(make_app, browser, sessions, ada):
    with transaction(sessions) as session:
        find_account(session, ada).host = "imap.gmail.com"
    bare = sign_in_here(make_app(GOOGLE_CLIENT_ID=None, GOOGLE_CLIENT_SECRET=None))

    for client in (browser, bare):
        client.post("/accounts/new", data={"email_address": "x@gmail.com"})
    for path in ("/accounts/new/sign-in", f"/accounts/{ada}"):
        assert "Sign in with Google" in browser.get(path).text
        assert "Sign in with Microsoft" not in browser.get(path).text
        assert "Sign in with Google</button>" not in bare.get(path).text


def test_an_account_elsewhere_has_no_button(browser, ada):
    assert "Sign in with Google" not in browser.get(f"/accounts/{ada}").text


def test_no_token_is_on_any_page(browser, google, sessions, ada):
    google.mark = "kanarie7x"
    browser.get(go(browser, google, ada))

    for path in ("/", "/accounts", f"/accounts/{ada}", "/settings", "/api/accounts"):
        assert "kanarie7x" not in browser.get(path).text
    api = browser.get(f"/api/accounts/{ada}").json
    assert api["oauth_provider"] == "google"
