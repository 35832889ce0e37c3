"""A whole set-up at servers that are real: from an address to the first labels."""

import re
from uuid import uuid4

import pytest

from mailbeat.db.accounts import list_accounts
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.mailbox import Security
from mailbeat.run import RunOptions, run_account
from mailbeat.settings import Settings
from tests.factories import make_raw
from tests.servers.boxes import Box
from tests.servers.dovecot import DovecotServer
from tests.servers.gmail import GmailServer
from tests.servers.imap import LOOPBACK, IMAPServer

KEY = "a key for the tests 0815"
RECEIPT = make_raw(
    1,
    sender="Shop <orders@shop.example>",
    subject="Your order has shipped: receipt for your order",
    text="Thank you for your order. Total paid: 12.00 EUR. Invoice attached.",
)


@pytest.fixture
def browser(sqlite_url, secret_keys):
    # Not at the top: see tests/unit/webapp/dashboard/conftest.py.
    from webapp import create_app
    from webapp.parts import parts_of

    values = {
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there
        "MAILBEAT_API_KEY": KEY,
        "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    app = create_app(Settings.model_validate(values))
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = KEY
    yield client
    parts_of(app).engine.dispose()


@pytest.fixture
def box(request, authority, trusted):
    """A box at one kind of server, and how one speaks to that."""
    kind, security = request.param
    if kind == "dovecot" and not DovecotServer.is_installed():
        pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd)")
    server = {
        "dovecot": lambda: DovecotServer(authority.issue("localhost")),
        "gmail": lambda: GmailServer(certificate=authority.issue("localhost")),
        "keywords": IMAPServer,
        "folders": lambda: IMAPServer(keeps_keywords=False),
    }[kind]()
    if kind == "gmail":
        with server:
            yield Box(server, security=security)
        return
    server.start()
    yield Box(server, security=security)
    server.stop()


def store(browser, box, **changes):
    login = box.login()
    form = {
        "email_address": box.address,
        "password": login.password,
        "host": login.host,
        "port": str(login.port),
        "security": str(login.security),
    }
    return browser.post("/accounts", data=form | changes).location


def steps(page):
    """What the page of the connection says, without what it said meanwhile."""
    found = re.findall(r'<li class="is-(done|bad)".*?<bdi>(.*?)</bdi>', page, re.DOTALL)
    return [(state, title) for state, title in found if "Address" not in title]


def run(sessions):
    """Run what is due, as a worker does; return how it ended."""
    with transaction(sessions) as session:
        (account,) = list_accounts(session)
        account_id, run_id = account.id, account.wanted_run_id or str(uuid4())
    options = RunOptions(
        scan_interval=300, process_hours=24, deadline=60, allowed_networks=LOOPBACK
    )
    leases = LeaseKeeper(sessions, renew_seconds=3600)
    try:
        ran = list(
            run_account(sessions, account_id, run_id, options=options, leases=leases)
        )
    finally:
        leases.close()
    return ran[-1].outcome if ran else None


@pytest.mark.parametrize(
    ("box", "kept", "named"),
    [
        (("dovecot", Security.TLS), "keywords, on the mail", "Receipts"),
        (("dovecot", Security.STARTTLS), "keywords, on the mail", "Receipts"),
        (("gmail", Security.TLS), "Gmail labels", "Mailbeat/Receipts"),
        (("keywords", Security.NONE), "keywords, on the mail", "Receipts"),
        (("folders", Security.NONE), "folders", "Mailbeat/Receipts"),
    ],
    indirect=["box"],
)
def test_a_set_up_leads_to_labels_and_none_before_its_end(
    browser, sessions, box, kept, named
):
    box.deliver(RECEIPT)
    where = store(browser, box)

    connection = browser.get(where).text
    told = steps(connection)
    assert {state for state, _ in told} == {"done"}
    assert kept in told[-1][1]
    encrypted = any("encrypted" in title for _, title in told)
    assert encrypted is (box.security is not Security.NONE)

    look = browser.get(f"{where}/look").text
    assert "orders@shop.example" in look
    assert named in look
    assert ("Move labelled mail" in look) is (kept == "folders")
    assert ("In front of each label" in look) is ("keywords" not in kept)
    assert box.labels() == [set()]
    assert run(sessions) is None, "it is not to be run yet"
    assert box.labels() == [set()]

    begun = browser.post(f"{where}/start").location
    assert re.fullmatch(r"/runs/[0-9a-f-]{36}\?done=started", begun)
    assert run(sessions) is Outcome.SUCCEEDED
    if kept == "folders":
        assert box.look("Mailbeat/Receipts")
    else:
        assert box.labels() == [{"Receipts"}]


@pytest.mark.parametrize(
    ("box", "changes", "last", "advice"),
    [
        (
            ("dovecot", Security.TLS),
            {"password": "wrong"},
            "Not signed in",
            "enter the password again below",
        ),
        (
            ("gmail", Security.TLS),
            {"password": "wrong"},
            "Not signed in",
            "localhost",
        ),
        (
            ("dovecot", Security.TLS),
            {"mailbox": "Nowhere"},
            "The mailbox Nowhere was not opened",
            "name another one below",
        ),
        (
            ("dovecot", Security.TLS),
            {"host": "127.0.0.1"},  # its certificate is for another name
            "No encryption that can be trusted",
            "no password was sent",
        ),
        (
            ("keywords", Security.NONE),
            {"security": "tls"},
            "No encryption that can be trusted",
            "the kind of encryption below",
        ),
        (
            ("keywords", Security.NONE),
            {"host": "no-such-host.invalid"},
            "no-such-host.invalid was not reached",
            "Check the name and the port below",
        ),
        (
            ("keywords", Security.NONE),
            {"host": "10.1.2.3"},  # a private network, and none that is allowed
            "10.1.2.3 was not reached",
            "IMAP_ALLOWED_NETWORKS",
        ),
    ],
    indirect=["box"],
)
def test_what_is_wrong_is_told_at_its_step_and_can_be_mended(
    browser, box, changes, last, advice
):
    box.deliver(RECEIPT)
    where = store(browser, box, **changes)

    page = browser.get(where).text
    assert steps(page)[-1] == ("bad", last)
    assert advice in page
    assert f"{where}/look" not in page

    login = box.login()
    right = {"host": login.host, "security": str(login.security), "mailbox": "INBOX"}
    again = browser.post(where, data=right | {"password": login.password})
    assert again.location == where
    assert {state for state, _ in steps(browser.get(where).text)} == {"done"}
