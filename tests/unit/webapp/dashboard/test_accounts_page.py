"""The list of accounts, found among thousands."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select

from mailbeat.db.accounts import SETTING_UP, pause_account, pause_everything
from mailbeat.db.models import Account
from mailbeat.db.session import transaction


@pytest.fixture
def many(sessions, add):
    """200 accounts, as copies of the first."""
    add("a001@example.org")
    table = Account.__table__
    with transaction(sessions) as session:
        row = dict(session.execute(select(table)).mappings().one())
        copies = [
            row | {"id": n, "email_address": f"a{n:03}@example.org"}
            for n in range(2, 201)
        ]
        session.execute(insert(table), copies)


def addresses(text):
    return re.findall(r'<td class="clip"><a [^>]*title="([^"]*)"', text)


def kinds(text):
    chips = text[text.index('class="kinds"') : text.index('id="f-q"')]
    return dict(re.findall(r'>([A-Z][a-z ]*)<span class="n">([0-9,]+)<', chips))


def test_the_list_shows_each_account_with_its_last_run(browser, add, ran):
    ran(add("ada@example.org"))
    add("grace@example.org")

    text = browser.get("/accounts").get_data(as_text=True)

    assert addresses(text) == ["ada@example.org", "grace@example.org"]
    assert "11 of 12 labelled" in text
    assert "No run yet" in text
    assert kinds(text) == {
        "All": "2",
        "Working": "1",
        "Needs you": "0",
        "Failing": "0",
        "Late": "0",
        "Paused": "0",
        "New": "1",
    }


def test_many_accounts_come_in_pages_that_lead_on(browser, many):
    seen, where = [], "/accounts?q=a1&sort=added"
    while where:
        text = browser.get(where).get_data(as_text=True)
        seen += addresses(text)
        following = re.search(r'rel="next" href="([^"]*)"', text)
        where = following and following[1].replace("&amp;", "&")

    assert seen == [f"a{n}@example.org" for n in range(199, 99, -1)]
    assert "First accounts" in text


def test_a_page_reads_what_it_shows_whatever_there_is_beside(
    app, browser, many, sessions
):
    from webapp.parts import parts_of

    read = []
    event.listen(Account, "load", lambda target, _: read.append(target.id))
    statements = []
    engine = parts_of(app).engine
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    browser.get("/accounts")

    assert len(read) == 51
    assert len(statements) < 15, statements


def test_accounts_are_filtered_by_how_they_go(browser, sessions, add, now):
    ids = [add(f"{name}@example.org") for name in "abcd"]
    with transaction(sessions) as session:
        pause_account(session, ids[0], now=now)
        pause_account(session, ids[1], reason="auth_failed", now=now)
        pause_account(session, ids[2], reason=SETTING_UP, now=now)
        session.get(Account, ids[3]).next_run_at = now - timedelta(minutes=9)

    for state, found in (
        ("paused", "a"),
        ("needs", "b"),
        ("set-up", "c"),
        ("late", "d"),
        ("failing", ""),
        ("nonsense", "abcd"),
    ):
        text = browser.get(f"/accounts?state={state}").get_data(as_text=True)
        assert "".join(one[0] for one in addresses(text)) == found, state
    text = browser.get("/accounts?q=c@").get_data(as_text=True)
    assert f'href="/accounts/{ids[2]}/set-up"' in text
    assert kinds(text)["Being set up"] == "1"
    assert kinds(text)["Needs you"] == "0", "counts are of what is looked for"


def test_when_everything_is_paused_no_account_has_a_next_run(
    browser, sessions, add, now
):
    add()
    with transaction(sessions) as session:
        pause_everything(session, now=now)

    text = browser.get("/accounts").get_data(as_text=True)

    assert kinds(text)["Paused"] == "1"
    assert '<time class="due"' not in text


@pytest.mark.parametrize(
    "query",
    [
        "?q=%E2%80%AE<script>",
        "?q=" + "x" * 5000,
        "?sort=nonsense&state=",
        "?q=%25_%5C",
    ],
)
def test_whatever_is_looked_for_is_answered(browser, add, query):
    add()

    response = browser.get(f"/accounts{query}")

    assert response.status_code == 200
    assert "<script>" not in response.get_data(as_text=True).partition("</head>")[2]


def test_a_cursor_of_another_list_is_refused(browser, add):
    add()

    assert browser.get("/accounts?cursor=nonsense").status_code == 400
    assert browser.get("/accounts?sort=added&cursor=x").status_code == 400
