from datetime import UTC, datetime

import pytest

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.finding import accounts_like, failed_runs, rules_like
from mailbeat.db.models import Run
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import read_condition
from mailbeat.mail.mailbox import Security

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def accounts(any_sessions):
    """Ids of some accounts, by address."""
    addresses = ("carla@ada.example", "Ada@example.org", "a_b@x.org", "a%b@x.org")
    with transaction(any_sessions) as session:
        return {
            address: add_account(
                session,
                NewAccount(
                    email_address=address,
                    host="imap.example.org",
                    port=993,
                    security=Security.TLS,
                    username="ada",
                    password="a password",
                ),
                now=NOW,
            ).id
            for address in addresses
        }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ada"], ["Ada@example.org", "carla@ada.example"]),
        (["ADA", "org"], ["Ada@example.org"]),
        (["_"], ["a_b@x.org"]),
        (["%"], ["a%b@x.org"]),
        (["nobody"], []),
    ],
)
@pytest.mark.usefixtures("accounts")
def test_words_are_looked_for_as_they_are_in_any_case(any_sessions, words, found):
    with any_sessions() as session:
        there = accounts_like(session, words, limit=9)

    assert [one.email_address.lower() for one in there] == [x.lower() for x in found]


@pytest.mark.usefixtures("accounts")
def test_no_more_are_told_than_asked_for(any_sessions):
    with any_sessions() as session:
        assert len(accounts_like(session, [], limit=2)) == 2


def test_failed_runs_are_told_of_some_accounts_or_of_all_newest_first(
    any_sessions, accounts
):
    one, two, *_ = accounts.values()
    with transaction(any_sessions) as session:
        for name, account_id, outcome in (
            ("a", one, "failed"),
            ("b", two, "failed"),
            ("c", one, "succeeded"),
            ("d", one, "failed"),
        ):
            session.add(_run(name, account_id, outcome))
            session.flush()

    with any_sessions() as session:
        of_one = [run.run_id for run in failed_runs(session, [one], limit=9)]
        of_all = [run.run_id for run in failed_runs(session, limit=2)]
        of_none = failed_runs(session, [], limit=9)

    assert (of_one, of_all, of_none) == (["d", "a"], ["d", "b"], [])


def _run(run_id, account_id, outcome):
    times = dict.fromkeys(("start_time", "end_time", "updated_at", "created_at"), NOW)
    return Run(
        run_id=run_id,
        account_id=account_id,
        email_address="ada@example.org",
        state="completed",
        outcome=outcome,
        **times,
    )


def test_a_rule_is_found_by_its_name(any_sessions):
    with transaction(any_sessions) as session:
        condition = read_condition({"domain": "a.example"})
        add_rule(session, NewRule("All Airlines", condition, 2), now=NOW)

    with any_sessions() as session:
        names = [one.name for one in rules_like(session, ["airl"], limit=4)]

    assert names == ["All Airlines"]
