"""One run over one account, against a real IMAP server and a real database."""

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread, Timer, current_thread
from types import SimpleNamespace
from unittest.mock import Mock
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from mailbeat.db import accounts, audit, runs, takeover
from mailbeat.db.accounts import NewAccount
from mailbeat.db.corrections import correct, list_corrections
from mailbeat.db.ledger import SQLLedger
from mailbeat.db.llm import asking_of
from mailbeat.db.models import MessageRow
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.progress import Outcome, RunState
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.errors import ErrorCode
from mailbeat.mail.mailbox import Security
from mailbeat.run import RunOptions, preview_account, run_account
from tests.servers import llm
from tests.servers.gmail import GmailServer, faults
from tests.servers.imap import LOOPBACK, IMAPServer
from tests.servers.postgres import round_trips
from tests.servers.process import free_port
from tests.servers.rude_imap import rude_imap
from tests.waiting import wait_for

NUMBERS = count(1)
OPTIONS = RunOptions(
    scan_interval=300,
    process_hours=24,
    deadline=60,
    allowed_networks=LOOPBACK,
    subject_days=30,
)


def invoice(n: int) -> bytes:
    return (
        f"From: Corner Shop <shop@corner.example.com>\r\n"
        f"To: ada@example.org\r\n"
        f"Subject: Your order no. {1000 + n} and its invoice\r\n"
        f"Date: Mon, 05 Jan 2026 08:00:00 +0000\r\n"
        f"Message-ID: <order-{n}@corner.example.com>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Thank you for your order. Order number {1000 + n}. Total paid: 12.50 EUR.\r\n"
        "Your invoice is attached. The parcel is on its way.\r\n"
    ).encode()


@pytest.fixture
def leases(sessions):
    keeper = LeaseKeeper(sessions, renew_seconds=3600)
    yield keeper
    keeper.close()


@pytest.fixture
def add(sessions, imap_server):
    """Add an account of the test server, with some mail in it."""

    def add_account(messages=0, *, to=sessions, **changes):
        address = f"run{next(NUMBERS)}@example.org"
        imap_server.add_user(address)
        if messages:
            imap_server.append(address, *[invoice(n) for n in range(messages)])
        new = NewAccount(
            email_address=address,
            host=imap_server.host,
            port=imap_server.port,
            security=Security.NONE,
            username=address,
            password=imap_server.passwords[address],
        )
        with transaction(to) as session:
            return accounts.add_account(
                session, replace(new, **changes), now=datetime.now(UTC)
            )

    return add_account


@pytest.fixture
def run(sessions, leases):
    """Run an account to its end and return the steps."""

    def run_to_the_end(account, run_id=None, options=OPTIONS):
        return list(
            run_account(
                sessions,
                account.id,
                run_id or str(uuid4()),
                options=options,
                leases=leases,
            )
        )

    return run_to_the_end


@pytest.fixture
def on_postgres(postgres_url, secret_keys):
    engine = create_engine(postgres_url, secret_keys=secret_keys)
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture
def without_keywords():
    server = IMAPServer(keeps_keywords=False)
    server.start()
    yield server
    server.stop()


def account_of(sessions, account):
    with sessions() as session:
        return accounts.find_account(session, account.id)


def test_a_run_goes_through_its_states_and_labels_the_mail(
    sessions, add, run, imap_server
):
    account = add(messages=7)

    steps = run(account)

    states = list(dict.fromkeys(step.progress.state for step in steps))
    assert states == [
        RunState.CONNECTING,
        RunState.FETCHING,
        RunState.PROCESSING,
        RunState.CATEGORIZING,
        RunState.LABELING,
        RunState.COMPLETED,
    ]
    assert [step.seq for step in steps] == sorted({step.seq for step in steps})
    assert (steps[-1].outcome, steps[-1].progress.labeled) == (Outcome.SUCCEEDED, 7)
    keywords = imap_server.keywords(account.email_address)
    assert list(keywords.values()) == [{"Receipts"}] * 7
    assert all("\\Seen" not in f for f in imap_server.flags(account.email_address))


def test_a_run_is_in_the_database_before_its_end_is_told(sessions, add, run, leases):
    account = add(messages=2)

    for step in run_account(
        sessions, account.id, "the run", options=OPTIONS, leases=leases
    ):
        with sessions() as session:
            row = runs.get_run(session, "the run")
        if step.outcome is not None:
            assert (row.state, row.outcome) == ("completed", "succeeded")
            assert row.end_time is not None
            assert not accounts.is_leased(account_of(sessions, account), step.at)
        else:
            assert row.end_time is None

    assert [phase.state for phase in row.phases][:2] == ["connecting", "fetching"]
    assert row.emails_found == row.emails_processed == row.emails_labeled == 2


def test_progress_never_falls(add, run):
    steps = run(add(messages=23))

    processed = [step.progress.processed for step in steps]
    assert processed == sorted(processed)
    assert processed[-1] == 23


def test_a_second_run_labels_nothing_twice(add, run):
    account = add(messages=3)
    run(account)

    again = run(account)

    assert again[-1].progress.found == 0
    assert again[-1].progress.labeled == 0


def test_a_refused_password_pauses_the_account_and_says_what_to_do(sessions, add, run):
    account = add(password="wrong")

    steps = run(account)

    end = steps[-1]
    assert (end.progress.state, end.outcome) == (RunState.ERROR, Outcome.FAILED)
    assert end.error_code is ErrorCode.AUTH_FAILED
    assert "set-password" in end.error_message
    after = account_of(sessions, account)
    assert (after.pause_reason, after.lease_run_id) == ("auth_failed", None)


def test_a_missing_mailbox_pauses_the_account_and_says_what_to_do(sessions, add, run):
    account = add(mailbox="Nowhere")

    end = run(account)[-1]

    assert end.error_code is ErrorCode.MAILBOX_MISSING
    assert "account change" in end.error_message
    assert account_of(sessions, account).pause_reason == "mailbox_missing"
    with sessions() as session:
        (entry,) = audit.newest_entries(session)
    assert (entry.actor, entry.action) == ("worker", "account.pause")
    assert (entry.target, entry.detail) == (f"account {account.id}", "mailbox_missing")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"host": "no.such.host.invalid"}, ErrorCode.CONNECT_FAILED),
        ({"port": free_port()}, ErrorCode.CONNECT_FAILED),
        ({"host": "10.1.2.3"}, ErrorCode.CONNECT_FAILED),
        ({"host": "93.184.215.14"}, ErrorCode.HOST_REFUSED),  # without encryption
        ({"security": Security.TLS}, None),
    ],
)
def test_other_failures_are_tried_again_without_a_pause(
    sessions, add, run, changes, code
):
    account = add(**changes)

    end = run(account)[-1]

    assert end.progress.state is RunState.ERROR
    assert code is None or end.error_code is code
    assert end.error_message
    after = account_of(sessions, account)
    assert (after.paused_at, after.failures_in_a_row) == (None, 1)


def test_an_account_that_runs_is_left_alone(sessions, add, run):
    account = add()
    now = datetime.now(UTC)
    with transaction(sessions) as session:
        accounts.take_lease(
            session, account.id, "other", now=now, ttl=timedelta(seconds=15)
        )

    assert run(account) == []


def test_nothing_runs_while_everything_is_paused(sessions, add, run):
    account = add()
    with transaction(sessions) as session:
        accounts.pause_everything(session, now=datetime.now(UTC))

    assert run(account) == []


def test_a_cancelled_run_stops_and_the_next_goes_on(sessions, add, run, leases):
    account = add(messages=30)
    steps = []

    for step in run_account(
        sessions, account.id, "stopped", options=OPTIONS, leases=leases
    ):
        steps.append(step)
        if step.progress.processed and len(steps) > 3:
            with transaction(sessions) as session:
                accounts.cancel_run(session, "stopped", now=datetime.now(UTC))
            leases.renew()

    assert steps[-1].outcome is Outcome.CANCELLED
    done = steps[-1].progress.labeled
    assert done < 30
    rest = run(account)[-1]
    assert rest.outcome is Outcome.SUCCEEDED


def test_a_worker_that_shuts_down_hands_its_run_over(
    sessions, add, run, leases, imap_server
):
    account = add(messages=30)
    for step in run_account(
        sessions, account.id, "stopped", options=OPTIONS, leases=leases
    ):
        if step.progress.processed:
            leases.shut_down()

    assert step.outcome is Outcome.INTERRUPTED
    due = account_of(sessions, account).next_run_at
    assert due <= datetime.now(UTC)
    heir = LeaseKeeper(sessions, renew_seconds=3600)
    list(run_account(sessions, account.id, "heir", options=OPTIONS, leases=heir))
    keywords = imap_server.keywords(account.email_address)
    assert list(keywords.values()) == [{"Receipts"}] * 30


def test_a_run_that_was_dropped_frees_the_account(sessions, add, leases):
    account = add(messages=5)
    steps = run_account(sessions, account.id, "dropped", options=OPTIONS, leases=leases)
    next(steps)

    steps.close()

    after = account_of(sessions, account)
    assert after.lease_run_id is None
    assert after.next_run_at <= datetime.now(UTC)
    with sessions() as session:
        assert runs.get_run(session, "dropped").outcome == "interrupted"


def test_who_takes_over_says_that_the_other_was_interrupted(sessions, add, run):
    account = add(messages=2)
    past = datetime.now(UTC) - timedelta(minutes=1)
    with transaction(sessions) as session:
        accounts.take_lease(
            session, account.id, "dead", now=past, ttl=timedelta(seconds=15)
        )
        runs.start_run(session, account, "dead", now=past)

    run(account, "heir")

    with sessions() as session:
        dead = runs.get_run(session, "dead")
    assert (dead.outcome, dead.state) == ("interrupted", "error")
    assert account_of(sessions, account).interruptions_in_a_row == 0


def die(sessions, account, run_id):
    """Leave a run behind as a worker does that is killed."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    with transaction(sessions) as session:
        accounts.take_lease(
            session, account.id, run_id, now=past, ttl=timedelta(seconds=15)
        )
        runs.start_run(session, account, run_id, now=past)


def test_a_mailbox_that_kills_every_worker_has_to_wait(sessions, add, run):
    account = add(messages=1)
    with transaction(sessions) as session:
        accounts.find_account(session, account.id).interruptions_in_a_row = 2
    die(sessions, account, "third")

    assert run(account, "heir") == []

    after = account_of(sessions, account)
    assert after.lease_run_id is None
    assert after.next_run_at > datetime.now(UTC) + timedelta(seconds=50)
    with sessions() as session:
        third = runs.get_run(session, "third")
        assert third.outcome == "interrupted"
        assert "as in the 2 before it" in third.error_message
        assert "waits 1 min before it is tried again" in third.error_message
        assert runs.get_run(session, "heir") is None


def test_a_cancelled_run_shows_that_its_mailbox_kills_no_worker(sessions, add, leases):
    account = add(messages=30)
    with transaction(sessions) as session:
        accounts.find_account(session, account.id).interruptions_in_a_row = 1

    steps = run_account(sessions, account.id, "asked", options=OPTIONS, leases=leases)
    for _ in steps:
        with transaction(sessions) as session:
            accounts.cancel_run(session, "asked", now=datetime.now(UTC))
        leases.renew()

    assert account_of(sessions, account).interruptions_in_a_row == 0


def test_a_second_copy_of_a_message_runs_nothing(sessions, add, run):
    account = add(messages=1)
    run(account, "once")

    assert run(account, "once") == []

    with sessions() as session:
        assert runs.get_run(session, "once").attempt == 1
    assert account_of(sessions, account).lease_run_id is None


def want(sessions, account):
    with transaction(sessions) as session:
        return accounts.want_run(session, account.id, now=datetime.now(UTC))


def test_only_the_run_that_the_account_waits_for_begins(sessions, add, run):
    account = add()
    wanted = want(sessions, account)

    assert run(account, "from before a pause") == []
    assert run(account, wanted)[-1].outcome is Outcome.SUCCEEDED
    assert run(account, wanted) == []


def test_a_copy_of_a_message_whose_worker_died_begins_nothing(sessions, add, run):
    account = add()
    die(sessions, account, "dead")

    assert run(account, "dead") == []

    with sessions() as session:
        assert runs.get_run(session, "dead").end_time is None
    assert run(account, "heir")


def test_no_second_copy_gets_round_the_wait(sessions, add, run):
    account = add()
    with transaction(sessions) as session:
        accounts.find_account(session, account.id).interruptions_in_a_row = 2
    die(sessions, account, "third")

    assert run(account, "copied") == []
    assert run(account, "copied") == []

    wanted = want(sessions, account)  # a person says: try again
    assert run(account, wanted)[-1].outcome is Outcome.SUCCEEDED


def test_a_run_whose_account_was_removed_has_an_end(sessions, add, run, leases):
    account = add(messages=30)
    steps = run_account(sessions, account.id, "orphan", options=OPTIONS, leases=leases)
    next(steps)

    with transaction(sessions) as session:
        accounts.remove_account(session, account.id, now=datetime.now(UTC))

    assert all(step.outcome is None for step in steps)
    with sessions() as session:
        orphan = runs.get_run(session, "orphan")
    assert (orphan.outcome, orphan.account_id) == ("cancelled", None)


def test_a_password_that_was_corrected_meanwhile_pauses_nothing(sessions, add, leases):
    account = add(password="wrong")
    steps = run_account(sessions, account.id, "old", options=OPTIONS, leases=leases)
    next(steps)
    with transaction(sessions) as session:
        accounts.set_password(session, account.id, "better", now=datetime.now(UTC))

    end = list(steps)[-1]

    assert end.error_code is ErrorCode.AUTH_FAILED
    after = account_of(sessions, account)
    assert (after.paused_at, after.failures_in_a_row) == (None, 0)
    assert after.next_run_at <= datetime.now(UTC)


def test_a_run_that_was_cancelled_and_shut_down_is_cancelled(sessions, add, leases):
    account = add(messages=30)
    steps = run_account(sessions, account.id, "both", options=OPTIONS, leases=leases)
    for step in steps:
        if step.progress.processed:
            with transaction(sessions) as session:
                accounts.cancel_run(session, "both", now=datetime.now(UTC))
            leases.shut_down()

    assert step.outcome is Outcome.CANCELLED
    assert account_of(sessions, account).next_run_at > datetime.now(UTC)


@pytest.mark.parametrize(("away", "counted"), [(False, 1), (True, 0)])
def test_a_run_that_stood_still_counts_unless_it_was_the_database(
    sessions, add, leases, away, counted
):
    account = add(messages=30)
    steps = run_account(sessions, account.id, "late", options=OPTIONS, leases=leases)
    next(steps)
    leases._holds["late"].renewed_at -= 3600
    leases._is_away = away

    end = list(steps)[-1]

    assert end.outcome is Outcome.INTERRUPTED
    assert "stood still" in end.error_message
    after = account_of(sessions, account)
    assert (after.lease_run_id, after.interruptions_in_a_row) == (None, counted)


def test_a_database_that_fails_is_not_the_accounts_failure(
    sessions, add, leases, monkeypatch
):
    account = add(messages=30)
    away = OperationalError("INSERT", {}, Exception("the server went away"))
    monkeypatch.setattr(SQLLedger, "plan", Mock(side_effect=away))

    end = list(
        run_account(sessions, account.id, "hit", options=OPTIONS, leases=leases)
    )[-1]

    assert (end.outcome, end.error_code) == (Outcome.INTERRUPTED, None)
    assert "database failed" in end.error_message
    assert account_of(sessions, account).failures_in_a_row == 0


def test_an_end_waits_for_a_database_that_is_away(sessions, add, leases, monkeypatch):
    monkeypatch.setattr("mailbeat.run.END_AGAIN_AFTER", 0.01)
    account = add(messages=2)
    nobody = f"postgresql+psycopg://127.0.0.1:{free_port()}/mailbeat"
    bound, away = sessions.kw["bind"], 0

    for step in run_account(
        sessions, account.id, "run", options=OPTIONS, leases=leases
    ):
        if step.progress.processed == 2 and not away:
            away = 1
            sessions.kw["bind"] = create_engine(nobody)
            Timer(0.2, sessions.kw.update, kwargs={"bind": bound}).start()

    assert step.outcome in {Outcome.SUCCEEDED, Outcome.INTERRUPTED}
    with sessions() as session:
        assert runs.get_run(session, "run").end_time is not None
    assert account_of(sessions, account).lease_run_id is None


def test_an_end_whose_answer_was_lost_is_told(sessions, add, leases, monkeypatch):
    monkeypatch.setattr("mailbeat.run.END_AGAIN_AFTER", 0.01)
    account = add(messages=2)
    lost = []

    @event.listens_for(sessions.kw["bind"], "commit")
    def lose_the_answer(connection):
        if leases._holds and not lost and connection.info.get("ends"):
            lost.append(True)
            connection.connection.dbapi_connection.commit()
            raise OperationalError("COMMIT", {}, Exception("the line broke"))

    @event.listens_for(sessions.kw["bind"], "before_cursor_execute")
    def notice_the_end(connection, _cursor, statement, *_rest):
        if "UPDATE processing_runs SET end_time" in statement:
            connection.info["ends"] = True

    steps = list(
        run_account(sessions, account.id, "run", options=OPTIONS, leases=leases)
    )

    assert lost
    assert steps[-1].outcome is Outcome.SUCCEEDED
    with sessions() as session:
        assert runs.get_run(session, "run").seq == steps[-1].seq


def test_a_pause_that_is_over_before_the_run_stopped_runs_it_again(
    sessions, add, leases
):
    account = add(messages=30)
    with transaction(sessions) as session:
        accounts.find_account(session, account.id).interval_seconds = 3600
    now = datetime.now(UTC)

    steps = run_account(sessions, account.id, "run", options=OPTIONS, leases=leases)
    for step in steps:
        if step.progress.processed and leases._holds["run"].stop_reason is None:
            with transaction(sessions) as session:
                accounts.pause_account(session, account.id, now=now)
            leases.renew()
            with transaction(sessions) as session:
                accounts.resume_account(session, account.id, now=now)

    assert step.outcome is Outcome.CANCELLED
    assert account_of(sessions, account).next_run_at <= datetime.now(UTC)


def test_a_password_that_cannot_be_read_is_said_and_can_be_replaced(
    sqlite_url, sessions, add, leases
):
    account = add()
    engine = create_engine(sqlite_url, secret_keys=[Fernet.generate_key().decode()])
    other_key = create_sessions(engine)
    keeper = LeaseKeeper(other_key, renew_seconds=3600)

    end = list(
        run_account(other_key, account.id, "run", options=OPTIONS, leases=keeper)
    )[-1]

    assert "MAILBEAT_SECRET_KEYS" in end.error_message
    with transaction(other_key) as session:
        accounts.pause_account(session, account.id, now=datetime.now(UTC))
        accounts.resume_account(session, account.id, now=datetime.now(UTC))
        accounts.set_password(session, account.id, "new", now=datetime.now(UTC))
        takeover.take_over_idle(session, now=datetime.now(UTC), default_interval=300)
    with other_key() as session:
        assert accounts.find_account(session, account.id).password == "new"
    keeper.close()
    engine.dispose()


def test_no_run_begins_while_the_worker_shuts_down(sessions, add, run, leases):
    account = add()
    wanted = want(sessions, account)
    leases.shut_down()

    assert run(account, wanted) == []
    assert account_of(sessions, account).wanted_run_id == wanted


def test_a_lease_counts_from_before_its_commit(sessions, add, leases):
    account = add()
    began = time.monotonic()
    steps = run_account(sessions, account.id, "run", options=OPTIONS, leases=leases)

    next(steps)

    hold = leases._holds["run"]
    with sessions() as session:
        until = accounts.find_account(session, account.id).lease_until
    left = (until - datetime.now(UTC)).total_seconds()
    assert began <= hold.renewed_at
    assert hold.renewed_at + leases.ttl.total_seconds() <= time.monotonic() + left
    steps.close()


def test_a_run_whose_worker_stood_still_changes_nothing_any_more(
    sessions, add, run, leases
):
    account = add(messages=30)
    steps = run_account(sessions, account.id, "still", options=OPTIONS, leases=leases)
    next(steps)
    with transaction(sessions) as session:
        past = datetime.now(UTC) - timedelta(minutes=1)
        account_row = accounts.find_account(session, account.id)
        account_row.lease_until = past
    run(account, "heir")

    rest = list(steps)

    assert all(step.outcome is None for step in rest)
    with sessions() as session:
        still = runs.get_run(session, "still")
    assert (still.state, still.outcome) == ("error", "interrupted")


def test_a_run_stops_though_the_server_says_nothing(sessions, add, leases):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = add(port=silent.getsockname()[1])
        steps = run_account(
            sessions, account.id, "stopped", options=OPTIONS, leases=leases
        )
        next(steps)
        Timer(0.2, leases.shut_down).start()
        began = time.monotonic()

        last = list(steps)[-1]

    assert last.outcome is Outcome.INTERRUPTED
    assert time.monotonic() - began < 5


def test_the_clock_of_the_database_counts(ahead, add, leases):
    account = add(messages=1, to=ahead)
    later = datetime.now(UTC) + timedelta(hours=1)

    steps = list(
        run_account(ahead, account.id, "ahead", options=OPTIONS, leases=leases)
    )

    assert steps[0].at >= steps[0].started_at >= later
    assert account_of(ahead, account).next_run_at > later


@pytest.mark.parametrize(("messages", "most"), [(0, 17), (5, 43)])
def test_a_run_asks_postgresql_few_times(
    on_postgres, add, leases, imap_server, tmp_path, *, messages, most
):
    """200 runs at once pay for each of them, and BEGIN and COMMIT are some.

    The beginning is 7: BEGIN, account, installation, lease, row, phase, COMMIT. The
    ledger's state is 1. The end is 9: BEGIN, account, mailbox, row, old phase, new
    phases, the day's runs read and written, COMMIT. New messages are 11 more for each
    batch, the plan written and then its end, and 2 for all of them: the rules, and what
    was taught. Their days are counted in 13, however many they are.
    """
    account = add(to=on_postgres)

    def run():
        with transaction(on_postgres) as session:
            wish = accounts.want_run(session, account.id, now=datetime.now(UTC))
        mail = [invoice(n) for n in range(messages)]
        imap_server.append(account.email_address, *mail)
        with round_trips(on_postgres.kw["bind"], tmp_path / "messages") as asked:
            steps = run_account(
                on_postgres, account.id, wish, options=OPTIONS, leases=leases
            )
            last = list(steps)[-1]
        assert (last.outcome, last.progress.labeled) == (Outcome.SUCCEEDED, messages)
        return asked()

    for _ in range(6):
        run()  # psycopg prepares a statement after 5 times

    asked = run()

    assert "BEGIN" in asked[0]
    assert len(asked) <= most


def test_a_run_first_follows_what_a_person_said(sessions, add, run, imap_server):
    """And what comes from the same sender then is what the person said."""
    account = add(messages=2)
    run(account)
    with transaction(sessions) as session:
        ids = session.scalars(select(MessageRow.id).order_by(MessageRow.id)).all()
        more = {"source": "api", "actor": "me", "now": datetime.now(UTC)}
        for message_id, category_id in zip(ids, (3, None), strict=True):
            correct(session, message_id, category_id, **more)
    imap_server.append(account.email_address, invoice(2))

    steps = run(account)

    keywords = [labels for *_, labels in imap_server.messages(account.email_address)]
    assert keywords == [{"Finance"}, set(), {"Finance"}]
    assert (steps[-1].progress.found, steps[-1].progress.labeled) == (1, 1)
    with sessions() as session:
        waits, _ = list_corrections(session, pending=True)
    assert waits == []


def test_a_run_past_its_deadline_ends_and_the_next_goes_on(add, run):
    account = add(messages=5)

    late = run(account, options=replace(OPTIONS, deadline=0.0))[-1]

    assert late.error_code is ErrorCode.DEADLINE
    assert run(account)[-1].progress.labeled == 5


def test_a_run_that_had_too_much_to_do_but_got_on_is_no_failure(
    sessions, add, leases, monkeypatch
):
    account = add(messages=30)
    with transaction(sessions) as session:
        accounts.find_account(session, account.id).failures_in_a_row = 3
    steps = run_account(sessions, account.id, "long", options=OPTIONS, leases=leases)
    for step in steps:
        if step.progress.labeled:
            break
    late = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
    monkeypatch.setattr("mailbeat.mail.deadline.time", late)

    end = list(steps)[-1]

    assert (end.outcome, end.error_code) == (Outcome.FAILED, ErrorCode.DEADLINE)
    assert account_of(sessions, account).failures_in_a_row == 0


def test_a_preview_decides_and_leaves_no_trace(sessions, add, imap_server):
    account = add(messages=4)

    decided = list(preview_account(sessions, account.id, options=OPTIONS, limit=3))

    assert len(decided) == 3
    assert all(decision.evidence for _, decision in decided)
    assert set(map(tuple, imap_server.keywords(account.email_address).values())) == {()}
    with sessions() as session:
        assert runs.recent_runs(session) == []


def test_a_sign_in_refused_without_a_reason_pauses_after_three_runs(sessions, add, run):
    with rude_imap({"AUTHENTICATE": b"{tag} NO no\r\n"}) as server:
        account = add(host="127.0.0.1", port=server.login().port)

        ends = [run(account)[-1] for _ in range(3)]

    assert [end.error_code for end in ends] == [
        ErrorCode.SERVER_BUSY,
        ErrorCode.SERVER_BUSY,
        ErrorCode.AUTH_FAILED,
    ]
    assert account_of(sessions, account).pause_reason == "auth_failed"


def test_where_labels_are_folders_each_account_says_whether_mail_is_moved(
    add, run, without_keywords
):
    server, left, filed = without_keywords, {}, {}
    for moves in (False, True):
        address = f"moves-{moves}@example.org"
        server.add_user(address)
        server.append(address, invoice(1))
        login = {"port": server.port, "username": address, "email_address": address}
        account = add(**login, password=server.passwords[address], moves_mail=moves)

        steps = run(account)

        assert steps[-1].outcome is Outcome.SUCCEEDED
        with server.client(address) as client:
            left[moves] = client.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"]
            folder = "Mailbeat/Receipts"
            filed[moves] = client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]

    assert left == {False: 1, True: 0}
    assert filed == {False: 1, True: 1}


def test_a_server_that_is_tired_is_served_to_the_end_and_left_alone(sessions, add, run):
    with GmailServer() as server:
        server.add_user("tired@example.org", "a password")
        server.append("tired@example.org", invoice(1))
        login = server.login("tired@example.org")
        account = add(port=login.port, username=login.username, password=login.password)
        server.rule("UID STORE", do=faults.Ok("[THROTTLED] (Success)"))
        began = datetime.now(UTC)

        end = run(account)[-1]

    assert (end.error_code, end.progress.labeled) == (ErrorCode.THROTTLED, 1)
    rest = account_of(sessions, account).next_run_at - began
    assert rest > timedelta(minutes=8)


# With a model. Its words are those of tests/servers/llm.py, which our layers know not.


def unclear(n, word):
    return (
        f"From: Thing {n} <x{n}@thing.example.com>\r\n"
        f"Subject: number {n}\r\n"
        f"Date: Mon, 05 Jan 2026 08:00:00 +0000\r\n"
        f"Message-ID: <unclear-{n}@thing.example.com>\r\n\r\n"
        f"a {word} of things\r\n"
    ).encode()


@pytest.fixture
def model(llm_server):
    """The stub as `server`, and `options` of a run that asks it."""
    told = (llm_server.url, "stub-1", "what the stub wants to see")
    asking = asking_of(told, networks=(), daily_messages=100, secret_keys=["a key"])
    return SimpleNamespace(server=llm_server, options=replace(OPTIONS, llm=asking))


@pytest.fixture
def asks(sessions, add, imap_server):
    """An account that asks a model, with an invoice and some unclear mail."""

    def add_asking(*, asks_llm=True, words=("zyx", "qwv", "thing")):
        account = add(messages=1)
        mail = [unclear(n, word) for n, word in enumerate(words)]
        imap_server.append(account.email_address, *mail)
        with transaction(sessions) as session:
            accounts.change_account(
                session,
                account.id,
                {"asks_llm": asks_llm},
                now=datetime.now(UTC),
                default_interval=300,
            )
        return account

    return add_asking


@pytest.fixture
def decided(sessions):
    """What is in the ledger: category, layer and suggestion, by ascending UID."""
    row = MessageRow

    def of(account):
        with sessions() as session:
            rows = session.execute(
                select(row.category_id, row.layer, row.suggested_id)
                .where(row.account_id == account.id)
                .order_by(row.uid)
            )
            return [tuple(one) for one in rows]

    return of


RECEIPTS, PROMOTIONS = 2, 8
WITHOUT_MODEL = [(RECEIPTS, "facts", None), *[(None, "none", None)] * 3]


def test_a_model_is_asked_about_what_is_left(decided, asks, run, model):
    account = asks()

    end = run(account, options=model.options)[-1]

    assert (end.outcome, end.progress.labeled) == (Outcome.SUCCEEDED, 1)
    assert decided(account) == [
        (RECEIPTS, "facts", None),
        (None, "none", RECEIPTS),
        (None, "none", PROMOTIONS),
        (None, "none", None),
    ]
    told = [one["text"] for asked in model.server.asked for one in asked.messages]
    assert told == ["a zyx of things", "a qwv of things", "a thing of things"]


def test_without_the_opt_in_no_connection_is_made(
    decided, asks, run, model, monkeypatch
):
    dialled = watch_sockets(monkeypatch)
    account = asks(asks_llm=False)

    run(account, options=model.options)

    assert decided(account) == WITHOUT_MODEL
    assert model.server.connections == 0
    assert set(dialled) == {account.port}


def test_without_a_model_no_connection_is_made(decided, asks, run, monkeypatch):
    dialled = watch_sockets(monkeypatch)
    account = asks()

    run(account)

    assert decided(account) == WITHOUT_MODEL
    assert set(dialled) == {account.port}


def watch_sockets(monkeypatch):
    """The ports that are dialled from now on in this thread, which is the run's."""
    dialled = []
    mine = current_thread()

    def note(address):
        if current_thread() is mine:  # others may still look for their Redis
            dialled.append(address[1])

    class Watched(socket.socket):
        def connect(self, address):
            note(address)
            return super().connect(address)

        def connect_ex(self, address):
            note(address)
            return super().connect_ex(address)

    monkeypatch.setattr(socket, "socket", Watched)
    return dialled


def test_the_watch_sees_a_model_that_is_dialled(asks, run, model, monkeypatch):
    """Else the two tests above could not fail."""
    dialled = watch_sockets(monkeypatch)
    account = asks()

    run(account, options=model.options)

    assert set(dialled) == {account.port, model.server.port}


@pytest.mark.parametrize("name", sorted(llm.MISBEHAVIOURS))
def test_whatever_a_model_does_the_run_succeeds(decided, asks, run, model, name):
    model.server.behaviour = llm.MISBEHAVIOURS[name]
    account = asks()

    end = run(account, options=model.options)[-1]

    assert end.outcome is Outcome.SUCCEEDED
    assert end.progress.processed == 4
    assert decided(account) == WITHOUT_MODEL


@pytest.mark.parametrize("behaviour", [llm.silent, llm.dripping])
def test_a_model_that_never_ends_takes_a_part_of_the_run_s_time(
    decided, asks, run, model, behaviour
):
    model.server.behaviour = behaviour
    account = asks()
    began = time.monotonic()

    end = run(account, options=replace(model.options, deadline=20))[-1]

    assert end.outcome is Outcome.SUCCEEDED
    assert decided(account) == WITHOUT_MODEL
    assert time.monotonic() - began < 15  # a quarter of 20 s, and the rest of the run


def test_a_hostile_model_labels_nothing_that_we_do_not_half_believe(
    asks, run, model, imap_server
):
    model.server.behaviour = llm.all_as("Promotions")
    account = asks(words=["thing"] * 14)

    run(account, options=model.options)

    labels = imap_server.keywords(account.email_address)
    labelled = {key: label for key, label in labels.items() if label}
    assert labelled == {"<order-0@corner.example.com>": {"Receipts"}}
    assert len(labels) == 15


def test_cancelling_does_not_wait_for_a_model(sessions, decided, asks, model, leases):
    model.server.behaviour = llm.silent
    account = asks()

    def cancel():
        wait_for(lambda: model.server.asked)
        with transaction(sessions) as session:
            accounts.cancel_run(session, "stopped", now=datetime.now(UTC))
        leases.renew()

    canceller = Thread(target=cancel)
    canceller.start()
    began = time.monotonic()
    steps = list(
        run_account(
            sessions, account.id, "stopped", options=model.options, leases=leases
        )
    )
    canceller.join()

    assert steps[-1].outcome is Outcome.CANCELLED
    assert time.monotonic() - began < 10
    assert decided(account) == []


def test_what_was_stopped_while_a_model_was_asked_is_done_by_the_next(
    sessions, decided, asks, model, leases
):
    model.server.behaviours = [llm.silent]
    account = asks()
    stopper = Thread(
        target=lambda: (wait_for(lambda: model.server.asked), leases.shut_down())
    )
    stopper.start()
    list(
        run_account(sessions, account.id, "first", options=model.options, leases=leases)
    )
    stopper.join()
    heir = LeaseKeeper(sessions, renew_seconds=3600)

    steps = list(
        run_account(sessions, account.id, "heir", options=model.options, leases=heir)
    )

    heir.close()
    assert steps[-1].outcome is Outcome.SUCCEEDED
    assert [one[2] for one in decided(account)] == [*(None, RECEIPTS, PROMOTIONS, None)]


def test_mail_like_it_is_not_asked_about_again(decided, asks, run, model, imap_server):
    account = asks(words=["zyx"])
    run(account, options=model.options)
    again = unclear(0, "other").replace(b"unclear-0", b"unclear-9")
    imap_server.append(account.email_address, again)

    run(account, options=model.options)

    assert decided(account)[-1] == (None, "none", RECEIPTS)
    assert len(model.server.asked) == 1


def test_a_dry_run_asks_no_model(sessions, asks, model):
    account = asks()

    list(preview_account(sessions, account.id, options=model.options))

    assert model.server.connections == 0
