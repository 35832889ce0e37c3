"""How an account signs in is tried before it is stored; how it runs is not."""

from itertools import count

import pytest
from sqlalchemy import select, text

from mailbeat.db.accounts import find_account, pause_account
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account, AuditEntry
from mailbeat.db.session import transaction
from mailbeat.settings import Settings
from tests.factories import make_raw
from tests.unit.webapp.conftest import KEY, NOBODY, end, offline

NUMBERS = count(1)


@pytest.fixture
def app(sqlite_url, secret_keys):
    from webapp import create_app

    settings = Settings.model_validate(
        {
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": NOBODY,
            "MAILBEAT_API_KEY": KEY,
            "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
            "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
    )
    app = offline(create_app(settings))
    yield app
    end(app)


@pytest.fixture
def browser(app):
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/login", data={"key": KEY}).status_code == 303
    return client


@pytest.fixture
def mine(sessions, add, imap_server):
    """An account at a real server: its id, and what signs it in there."""
    address = f"change-{next(NUMBERS)}@example.org"
    imap_server.add_user(address)
    imap_server.append(address, make_raw())
    login = imap_server.login(address)
    account_id = add(address)
    with transaction(sessions) as session:
        account = session.get(Account, account_id)
        account.host, account.port = login.host, login.port
        account.security, account.username = str(login.security), login.username
    return account_id, login


def stored(sessions, account_id):
    with sessions() as session:
        return find_account(session, account_id)


def actions(sessions):
    with sessions() as session:
        done = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        return [one for one in done if one.startswith("account")]


def test_a_password_that_works_is_stored_and_never_shown(browser, sessions, mine):
    account_id, login = mine
    where = f"/accounts/{account_id}"
    with transaction(sessions) as session:
        pause_account(
            session, account_id, reason="auth_failed", now=database_now(session)
        )

    response = browser.post(
        f"{where}/login", data={"password": login.password}, follow_redirects=True
    )

    assert "The server let us in" in response.text
    assert login.password not in response.text.replace("New password", "")
    account = stored(sessions, account_id)
    assert account.password == login.password
    assert account.paused_at is None, "it is tried at once"
    assert actions(sessions) == ["account.change"]


def test_what_does_not_work_is_said_at_its_field_and_changes_nothing(
    browser, sessions, mine
):
    account_id, login = mine
    where = f"/accounts/{account_id}/login"

    wrong = browser.post(
        where,
        data={
            "password": "wrong and secret",
            "username": f" {login.username} ",
            "port": str(login.port),
        },
    )
    missing = browser.post(
        where, data={"password": login.password, "mailbox": "No <such>"}
    )

    assert wrong.status_code == missing.status_code == 422
    assert "refused the password" in wrong.text
    assert "Nothing was stored." in wrong.text
    assert "wrong and secret" not in wrong.text
    assert 'value="No &lt;such&gt;"' in missing.text, "what was typed is kept"
    assert 'id="h-mailbox"' in missing.text
    account = stored(sessions, account_id)
    assert (account.password, account.mailbox) == ("never shown", "INBOX")
    assert actions(sessions) == []


@pytest.mark.parametrize(
    "form",
    [
        {"password": "x\r\ny"},
        {"password": "x" * 1025},
        {"port": "0"},
        {"host": "a b"},
        {"security": "ssl"},
        {"mailbox": "x" * 10_000},
        {"username": "a\0b"},
    ],
)
def test_what_no_server_can_be_told_is_not_tried(browser, sessions, add, form):
    account_id = add()

    response = browser.post(f"/accounts/{account_id}/login", data=form)

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert actions(sessions) == []


def test_nothing_new_is_not_tried(browser, add):
    account_id = add()

    response = browser.post(
        f"/accounts/{account_id}/login", data={"host": "imap.example.org"}
    )

    assert response.status_code == 422
    assert "nothing was tried" in response.text


def test_a_new_password_is_the_cure_where_the_old_one_cannot_be_read(
    browser, sessions, mine
):
    account_id, login = mine
    with transaction(sessions) as session:
        session.execute(text("UPDATE accounts SET password = 'nonsense'"))

    response = browser.post(
        f"/accounts/{account_id}/login", data={"password": login.password}
    )

    run_id = stored(sessions, account_id).wanted_run_id
    assert response.location == f"/runs/{run_id}?done=login"


def test_a_person_chooses_how_an_account_runs(browser, sessions, add):
    account_id = add()
    form = {
        "ticks": "yes",
        "interval_seconds": "900",
        "look_back_hours": "72",
        "label_prefix": "Mail/Post",
        "learns_from_mailbox": "yes",
        "asks_llm": "yes",
    }

    response = browser.post(
        f"/accounts/{account_id}/settings", data=form, follow_redirects=True
    )

    assert "The change is stored." in response.text
    account = stored(sessions, account_id)
    assert (account.interval_seconds, account.look_back_hours) == (900, 72)
    assert account.label_prefix == "Mail/Post"
    assert (account.learns_from_mailbox, account.asks_llm) == (True, True)
    assert not account.moves_mail
    assert '<option value="900" selected>' in response.text
    assert 'name="asks_llm" value="yes" aria-describedby="h-asks_llm" checked' in (
        response.text
    )

    empty = {"ticks": "yes", "interval_seconds": "", "look_back_hours": ""}
    browser.post(f"/accounts/{account_id}/settings", data=empty)
    account = stored(sessions, account_id)
    assert (account.interval_seconds, account.look_back_hours) == (None, None)
    assert (account.learns_from_mailbox, account.asks_llm) == (False, False)
    assert account.label_prefix == "Mail/Post", "what is not sent stays"
    assert actions(sessions) == ["account.change"] * 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interval_seconds", "1"),
        ("interval_seconds", "five"),
        ("interval_seconds", "9" * 5000),
        ("look_back_hours", "0"),
        ("look_back_hours", "8761"),
        ("look_back_hours", "1_0"),
        ("label_prefix", "x" * 65),
        ("label_prefix", "a\nb"),
    ],
)
def test_a_setting_that_cannot_be_is_said_at_its_field(
    browser, sessions, add, name, value
):
    account_id = add()

    response = browser.post(f"/accounts/{account_id}/settings", data={name: value})

    assert response.status_code == 422
    assert f'id="h-{name}"' in response.text
    assert 'aria-invalid="true"' in response.text
    assert actions(sessions) == []
