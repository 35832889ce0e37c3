"""What a digest tells, from real rows."""

from datetime import timedelta

from mailbeat.db import alerts
from mailbeat.db.models import Run
from mailbeat.db.session import transaction
from mailbeat.digest.content import gather
from tests.factories import NOW, make_account, make_row

DAY = timedelta(days=1)


def test_it_counts_what_was_done_since_then(any_sessions):
    one = make_account(any_sessions)
    other = make_account(any_sessions, "bob@example.org")
    for uid in range(1, 4):
        make_row(any_sessions, one, uid, decided_at=NOW - timedelta(hours=uid))
    make_row(any_sessions, one, 9, decided_at=NOW - 2 * DAY)
    make_row(any_sessions, other, 1, decided_at=NOW, sender="bob@x.org")
    found = alerts.Found("needs_person", f"account {one}", "It needs you.", one)
    with transaction(any_sessions) as session:
        alerts.write_down(session, [found], {}, now=NOW)
        session.add(
            Run(
                run_id="r",
                account_id=one,
                email_address="ada@example.org",
                start_time=NOW - timedelta(hours=1),
                updated_at=NOW,
                state="error",
                outcome="failed",
                error_code="server_busy",
            )
        )

    with any_sessions() as session:
        whole = gather(session, since=NOW - DAY, until=NOW, account_id=None)
        of_one = gather(session, since=NOW - DAY, until=NOW, account_id=one)
        of_other = gather(session, since=NOW - DAY, until=NOW, account_id=other)

    assert (whole.messages, whole.accounts, whole.runs_failed) == (4, 2, 1)
    assert [(c.name, c.count) for c in whole.categories] == [("Receipts", 4)]
    assert whole.senders == [("shop@shop.example", 3), ("bob@x.org", 1)]
    assert whole.most == 4
    assert (of_one.messages, of_one.account) == (3, "ada@example.org")
    assert of_one.needs == ["It needs you."]
    assert [e.code for e in of_one.errors] == ["server_busy"]
    assert (of_other.messages, of_other.needs) == (1, [])


def test_of_very_much_that_needs_one_the_rest_is_counted(any_sessions):
    found = [alerts.Found("not_run", f"account {n}", f"{n}") for n in range(15)]
    with transaction(any_sessions) as session:
        alerts.write_down(session, found, {}, now=NOW)

        content = gather(session, since=NOW - DAY, until=NOW, account_id=None)

    assert (len(content.needs), content.more_needs) == (10, 5)
