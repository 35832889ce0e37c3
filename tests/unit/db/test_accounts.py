"""The schedule and the lease of accounts, on both databases."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event, select

from mailbeat.db import accounts, runs
from mailbeat.db.accounts import LeaseState, NewAccount
from mailbeat.db.corrections import correct
from mailbeat.db.models import Account, MailboxState
from mailbeat.db.session import transaction
from mailbeat.mail.address import normal_address
from mailbeat.mail.mailbox import Security
from tests.factories import make_account, make_row
from tests.waiting import wait_for

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TTL = timedelta(seconds=15)
INTERVAL = 300


def new_account(address="ada@example.org", **changes) -> NewAccount:
    values = {
        "email_address": address,
        "host": "imap.example.org",
        "port": 993,
        "security": Security.TLS,
        "username": address,
        "password": "open sesame",
    }
    return NewAccount(**(values | changes))


@pytest.fixture
def ada(any_sessions):
    with transaction(any_sessions) as session:
        return accounts.add_account(session, new_account(), now=NOW).id


def due(sessions, now=NOW, **options):
    with transaction(sessions) as session:
        return accounts.claim_due(
            session, now=now, default_interval=INTERVAL, **options
        )


def take(sessions, account_id, run_id, now=NOW):
    with transaction(sessions) as session:
        return accounts.take_lease(session, account_id, run_id, now=now, ttl=TTL)


def release(sessions, account_id, run_id, now=NOW, **options):
    with transaction(sessions) as session:
        accounts.release_lease(
            session,
            account_id,
            run_id,
            now=now,
            interval_seconds=INTERVAL,
            **options,
        )


def account_of(sessions, account_id) -> Account:
    with sessions() as session:
        return accounts.find_account(session, account_id)


def test_a_password_is_ciphertext_in_the_database(any_sessions, ada):
    with any_sessions() as session:
        raw = session.connection().exec_driver_sql("SELECT password FROM accounts")

        assert "sesame" not in raw.scalar_one()
    assert account_of(any_sessions, ada).password == "open sesame"


def add(sessions, address):
    with transaction(sessions) as session:
        return accounts.add_account(session, new_account(address), now=NOW).id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada@example.org", "ADA@example.org"),
        ("Ä@x.de", "ä@x.de"),
        ("ä@x.de", "A\u0308@X.DE"),
        ("ada@bücher.de", "ada@BÜCHER.de"),
    ],
)
def test_an_address_is_stored_once_however_it_is_spelled(any_sessions, first, second):
    there = add(any_sessions, first)

    with pytest.raises(accounts.AccountExists, match=f"as account {there}"):
        add(any_sessions, second)


def test_an_address_is_shown_in_small_letters_and_the_login_as_typed(any_sessions):
    account = account_of(any_sessions, add(any_sessions, "Äda@Example.ORG"))

    assert account.email_address == "äda@example.org"
    assert account.username == "Äda@Example.ORG"


@pytest.mark.parametrize("ref", [" ada@EXAMPLE.org", "ada@example.org"])
def test_an_account_is_found_by_its_address(any_sessions, ada, ref):
    assert account_of(any_sessions, ref).id == ada


@pytest.mark.parametrize("stored", ["Ada@Example.org", "Ä@x.de", "a\u0308@x.de"])
def test_what_was_stored_as_it_was_typed_is_still_found(any_sessions, stored):
    """As all rows were before addresses had one form."""
    there = make_account(any_sessions, stored)

    for ref in (stored, stored.upper(), normal_address(stored)):
        assert account_of(any_sessions, ref).id == there
        with pytest.raises(accounts.AccountExists, match=f"as account {there}"):
            add(any_sessions, ref)


def test_of_two_old_rows_the_one_that_is_spelled_so_is_found(any_sessions):
    great, small = (make_account(any_sessions, text) for text in ("Ä@x.de", "ä@x.de"))

    found = [account_of(any_sessions, ref).id for ref in ("Ä@x.de", "ä@x.de")]

    assert found == [great, small]


def test_of_many_who_add_an_address_at_once_one_does(any_sessions):
    together = Barrier(4)
    ended = []

    def one(address):
        together.wait()
        try:
            ended.append(add(any_sessions, address))
        except accounts.AccountExists as error:
            ended.append(str(error))

    threads = [Thread(target=one, args=(f"{letter}@x.de",)) for letter in "ÄäÄä"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    added, refused = (
        [one for one in ended if isinstance(one, kind)] for kind in (int, str)
    )
    assert len(added) == 1
    assert len(refused) == 3
    assert all("account" in one for one in refused)


@pytest.mark.parametrize("any_database_url", ["postgres"], indirect=True)
def test_who_loses_the_race_is_told_what_happened(any_sessions):
    """The other one commits between our look and our insert; SQLite lets nobody."""
    refused = []

    def lose():
        with pytest.raises(accounts.AccountExists) as caught:
            add(any_sessions, "ä@x.de")
        refused.append(str(caught.value))

    late = Thread(target=lose)
    with transaction(any_sessions) as session:
        accounts.add_account(session, new_account("Ä@x.de"), now=NOW)
        session.flush()
        late.start()
        wait_for(lambda: is_anybody_waiting(any_sessions))
    late.join()

    assert "at this very moment" in refused[0]


def is_anybody_waiting(sessions):
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with sessions() as session:
        return session.connection().exec_driver_sql(waiting).scalar_one() > 0


@pytest.mark.parametrize("ref", ["bob@example.org", "99", 2**60, "", "\x00", "\u0661"])
def test_an_account_that_is_not_there_is_said_to_be_missing(any_sessions, ref):
    with pytest.raises(accounts.AccountNotFound, match="account list"):
        account_of(any_sessions, ref)


def test_a_new_account_is_due_at_once_and_then_once_an_interval(any_sessions, ada):
    first = due(any_sessions)
    again = due(any_sessions)
    take(any_sessions, ada, first[0].run_id)
    release(any_sessions, ada, first[0].run_id)
    later = due(any_sessions, NOW + timedelta(seconds=INTERVAL))

    assert [one.account_id for one in first] == [ada]
    assert again == []
    assert [one.account_id for one in later] == [ada]
    assert later[0].run_id != first[0].run_id


def test_slots_keep_their_phase_and_missed_ones_collapse(any_sessions, ada):
    due(any_sessions)
    slot = account_of(any_sessions, ada).next_run_at

    late = due(any_sessions, slot + timedelta(hours=5, seconds=7))

    after = account_of(any_sessions, ada).next_run_at
    assert len(late) == 1
    assert (after - slot).total_seconds() % INTERVAL == 0
    assert timedelta() < after - slot - timedelta(hours=5, seconds=7)


def test_phases_spread_over_the_interval():
    slots = {accounts.next_slot(n, INTERVAL, NOW) for n in range(1, 1001)}

    assert len(slots) > 0.8 * INTERVAL
    assert all(NOW < slot <= NOW + timedelta(seconds=INTERVAL) for slot in slots)


def test_two_beats_at_once_never_claim_the_same_slot(any_sessions):
    with transaction(any_sessions) as session:
        for n in range(40):
            accounts.add_account(session, new_account(f"u{n}@example.org"), now=NOW)
    claimed = []
    together = Barrier(2)

    def beat():
        together.wait()
        claimed.extend(one.account_id for one in due(any_sessions, limit=30))

    beats = [Thread(target=beat) for _ in range(2)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()

    assert len(claimed) == len(set(claimed)) == 40


def test_a_rolled_back_claim_is_still_due(any_sessions, ada):
    def claim_and_fail():
        with transaction(any_sessions) as session:
            accounts.claim_due(session, now=NOW, default_interval=INTERVAL)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        claim_and_fail()

    assert [one.account_id for one in due(any_sessions)] == [ada]


def test_what_no_worker_took_is_sent_again_under_its_id(any_sessions, ada):
    (first,) = due(any_sessions)
    early = due(any_sessions, NOW + timedelta(seconds=19))
    (again,) = due(any_sessions, NOW + timedelta(seconds=20))

    assert early == []
    assert again.run_id == first.run_id
    assert take(any_sessions, ada, first.run_id)
    assert account_of(any_sessions, ada).wanted_run_id is None


def test_with_a_short_interval_it_is_sent_again_with_the_next_slot(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.find_account(session, ada).interval_seconds = 10
    due(any_sessions)

    assert len(due(any_sessions, NOW + timedelta(seconds=10))) == 1


def test_a_run_of_another_id_leaves_the_wish_to_its_end(any_sessions, ada):
    with transaction(any_sessions) as session:
        wanted = accounts.want_run(session, ada, now=NOW)
    take(any_sessions, ada, "foreground")
    assert due(any_sessions) == []

    release(any_sessions, ada, "foreground")

    assert [one.run_id for one in due(any_sessions)] == [wanted]


def want(sessions, account_id):
    with transaction(sessions) as session:
        return accounts.want_run(session, account_id, now=NOW)


def add_many(sessions, n):
    with transaction(sessions) as session:
        new = (new_account(f"u{k}@example.org") for k in range(n))
        return [accounts.add_account(session, one, now=NOW).id for one in new]


def test_a_wish_goes_before_what_is_overdue(any_sessions):
    *_, last = add_many(any_sessions, 8)
    with transaction(any_sessions) as session:
        accounts.find_account(session, last).next_run_at = NOW + timedelta(hours=1)
    wanted = want(any_sessions, last)

    claimed = due(any_sessions, limit=5)

    assert claimed[0].run_id == wanted
    assert len(claimed) == 6


def test_with_the_queue_full_only_wishes_are_sent(any_sessions):
    first, second, *_ = add_many(any_sessions, 8)
    with transaction(any_sessions) as session:
        accounts.find_account(session, second).next_run_at = NOW + timedelta(hours=1)
    due(any_sessions, limit=3)  # was sent, and is not taken
    later = NOW + timedelta(seconds=20)
    wanted = [want(any_sessions, one) for one in (first, second)]

    claimed = due(any_sessions, later, limit=0)

    assert sorted(one.run_id for one in claimed) == sorted(wanted)
    assert due(any_sessions, later, limit=0) == []


def test_a_wish_that_no_worker_took_is_like_any_other_that_was_sent(any_sessions, ada):
    wanted = want(any_sessions, ada)
    due(any_sessions)
    later = NOW + timedelta(seconds=20)

    assert due(any_sessions, later, limit=0) == []
    assert [one.run_id for one in due(any_sessions, later)] == [wanted]


def test_a_broker_that_lost_its_data_does_not_put_a_wish_last(any_sessions, ada):
    wanted = want(any_sessions, ada)
    with transaction(any_sessions) as session:
        accounts.send_again(session, now=NOW)

    assert [one.run_id for one in due(any_sessions, limit=0)] == [wanted]


def test_a_claim_never_reads_all_accounts(sessions):
    """On SQLite it did: 45 ms a second for 50,000 accounts of which none is due."""
    asked = []

    def note(_connection, _cursor, statement, values, *_):
        asked.append((statement, values))

    event.listen(sessions.kw["bind"], "before_cursor_execute", note)
    due(sessions)
    event.remove(sessions.kw["bind"], "before_cursor_execute", note)

    with sessions() as session:
        plan = [
            step.detail
            for statement, values in asked
            if "FROM accounts" in statement
            for step in session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", values
            )
        ]
    assert "SEARCH accounts USING INDEX ix_accounts_leased (lease_until<?)" in plan
    assert not [step for step in plan if step.startswith("SCAN accounts")]
    assert not [step for step in plan if "(paused_at=?)" in step]


def test_a_changed_interval_holds_from_now_on(any_sessions, ada):
    due(any_sessions)
    with transaction(any_sessions) as session:
        accounts.change_account(
            session, ada, {"interval_seconds": 5}, now=NOW, default_interval=INTERVAL
        )

    after = account_of(any_sessions, ada)
    assert NOW < after.next_run_at <= NOW + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("reason", "resumed"), [("mailbox_missing", True), ("user", False)]
)
def test_another_mailbox_resumes_what_lacked_one(any_sessions, ada, reason, resumed):
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, reason=reason, now=NOW)

    with transaction(any_sessions) as session:
        accounts.change_account(
            session, ada, {"mailbox": "Work"}, now=NOW, default_interval=INTERVAL
        )

    after = account_of(any_sessions, ada)
    assert (after.mailbox, after.paused_at is None) == ("Work", resumed)


def test_what_was_queued_in_a_broker_that_lost_its_data_is_due_again(any_sessions, ada):
    due(any_sessions)

    with transaction(any_sessions) as session:
        accounts.send_again(session, now=NOW)

    assert [one.account_id for one in due(any_sessions)] == [ada]


def test_only_one_run_holds_the_lease(any_sessions, ada):
    assert take(any_sessions, ada, "one")
    assert not take(any_sessions, ada, "two")

    release(any_sessions, ada, "one")

    assert take(any_sessions, ada, "two")


def test_a_lease_that_ended_can_be_taken_and_its_account_is_due(any_sessions, ada):
    due(any_sessions)
    take(any_sessions, ada, "dead")
    later = NOW + TTL + timedelta(seconds=1)

    assert [one.account_id for one in due(any_sessions, later)] == [ada]
    assert take(any_sessions, ada, "heir", later)


def test_an_account_that_runs_is_not_due(any_sessions, ada):
    take(any_sessions, ada, "one")

    assert due(any_sessions) == []


def test_a_slot_that_passed_during_a_run_is_skipped(any_sessions, ada):
    take(any_sessions, ada, "long")
    late = NOW + timedelta(seconds=2 * INTERVAL)

    release(any_sessions, ada, "long", late)

    assert account_of(any_sessions, ada).next_run_at > late


@pytest.mark.parametrize(
    ("corrected_after", "is_soon"), [(None, False), (-1, False), (1, True)]
)
@pytest.mark.parametrize("is_late", [False, True])
def test_what_was_corrected_during_a_run_has_the_next_soon(
    any_sessions, ada, corrected_after, is_soon, *, is_late
):
    due(any_sessions)
    take(any_sessions, ada, "long")
    message_id = make_row(any_sessions, ada)
    if corrected_after is not None:
        at = NOW + timedelta(seconds=corrected_after)
        with transaction(any_sessions) as session:
            correct(session, message_id, 3, source="api", actor="me", now=at)
            # A failure before does not matter after a run that went well.
            account = accounts.find_account(session, ada)
            account.next_run_at = NOW + timedelta(seconds=INTERVAL)
    end = NOW + timedelta(seconds=2 * INTERVAL if is_late else 5)

    with transaction(any_sessions) as session:
        accounts.succeed(
            session,
            ada,
            "long",
            started_at=NOW,
            now=end,
            interval_seconds=INTERVAL,
        )

    next_run_at = account_of(any_sessions, ada).next_run_at
    assert (next_run_at == end + accounts.SOON) == is_soon
    assert next_run_at > end


def test_accounts_run_soon_and_never_later(any_sessions, ada):
    due(any_sessions)
    with transaction(any_sessions) as session:
        accounts.want_runs_soon(session, [ada], now=NOW)
    assert account_of(any_sessions, ada).next_run_at == NOW + accounts.SOON

    with transaction(any_sessions) as session:
        accounts.want_runs_soon(session, [ada], now=NOW + timedelta(seconds=1))

    assert account_of(any_sessions, ada).next_run_at == NOW + accounts.SOON


def test_work_handed_over_is_due_at_once(any_sessions, ada):
    due(any_sessions)
    take(any_sessions, ada, "stopped")

    release(any_sessions, ada, "stopped", hand_over=True)

    assert [one.account_id for one in due(any_sessions)] == [ada]


def test_renewing_tells_what_was_kept_cancelled_and_lost(any_sessions, ada):
    with transaction(any_sessions) as session:
        bob = accounts.add_account(session, new_account("bob@x.org"), now=NOW).id
    take(any_sessions, ada, "kept")
    take(any_sessions, bob, "cancelled")
    with transaction(any_sessions) as session:
        assert accounts.cancel_run(session, "cancelled", now=NOW)
        assert not accounts.cancel_run(session, "nobody's", now=NOW)

    with transaction(any_sessions) as session:
        states = accounts.renew_leases(
            session, ["kept", "cancelled", "gone"], now=NOW, ttl=TTL
        )

    assert states == {
        "kept": LeaseState.KEPT,
        "cancelled": LeaseState.STOP,
        "gone": LeaseState.LOST,
    }


def test_a_paused_account_is_neither_due_nor_run_until_it_is_resumed(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, now=NOW)

    assert due(any_sessions) == []
    assert not take(any_sessions, ada, "one")

    with transaction(any_sessions) as session:
        accounts.resume_account(session, ada, now=NOW)
    assert [one.account_id for one in due(any_sessions)] == [ada]


def test_pausing_stops_the_run_in_hand(any_sessions, ada):
    take(any_sessions, ada, "one")
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, now=NOW)

    with transaction(any_sessions) as session:
        states = accounts.renew_leases(session, ["one"], now=NOW, ttl=TTL)

    assert states == {"one": LeaseState.STOP}


def test_nothing_is_due_while_everything_is_paused(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.pause_everything(session, now=NOW)
        accounts.pause_everything(session, now=NOW + TTL)

    assert due(any_sessions) == []
    with transaction(any_sessions) as session:
        assert accounts.everything_paused_since(session) == NOW
        accounts.resume_everything(session, now=NOW)
    assert [one.account_id for one in due(any_sessions)] == [ada]


def test_a_run_asked_for_is_the_next_to_be_sent_under_its_id(any_sessions, ada):
    due(any_sessions)

    with transaction(any_sessions) as session:
        run_id = accounts.want_run(session, ada, now=NOW)
        assert accounts.want_run(session, ada, now=NOW) == run_id

    assert [one.run_id for one in due(any_sessions)] == [run_id]


def test_a_run_cannot_be_asked_for_while_running_or_paused(any_sessions, ada):
    take(any_sessions, ada, "one")
    with (
        pytest.raises(accounts.AccountBusy, match="is running"),
        transaction(any_sessions) as session,
    ):
        accounts.want_run(session, ada, now=NOW)
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, now=NOW)

    with (
        pytest.raises(accounts.AccountPaused, match="Resume"),
        transaction(any_sessions) as session,
    ):
        accounts.want_run(session, ada, now=NOW)


def test_a_new_password_resumes_an_account_that_waited_for_it(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, reason="auth_failed", now=NOW)

    with transaction(any_sessions) as session:
        accounts.set_password(session, ada, "better", now=NOW)

    assert account_of(any_sessions, ada).paused_at is None
    assert account_of(any_sessions, ada).password == "better"


TOKENS = accounts.SignedIn("google", "lasts", "opens", NOW + timedelta(hours=1))


def tokens_of(account):
    return (
        account.oauth_provider,
        account.refresh_token,
        account.access_token,
        account.token_expires_at,
    )


def sign_in(sessions, account_id, tokens=TOKENS):
    with transaction(sessions) as session:
        accounts.store_sign_in(session, account_id, tokens, now=NOW)


def test_signing_in_takes_the_place_of_the_password(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, reason="auth_failed", now=NOW)

    sign_in(any_sessions, ada)

    account = account_of(any_sessions, ada)
    assert account.password is None
    assert tokens_of(account) == ("google", "lasts", "opens", NOW + timedelta(hours=1))
    assert (account.paused_at, account.next_run_at) == (None, NOW)


@pytest.mark.parametrize("way", ["set_password", "change_account"])
def test_a_password_takes_the_place_of_the_tokens(any_sessions, ada, way):
    sign_in(any_sessions, ada)

    with transaction(any_sessions) as session:
        if way == "set_password":
            accounts.set_password(session, ada, "better", now=NOW)
        else:
            change = {"password": "better"}
            accounts.change_account(session, ada, change, now=NOW, default_interval=300)

    account = account_of(any_sessions, ada)
    assert account.password == "better"
    assert tokens_of(account) == (None, None, None, None)


def test_an_account_may_be_added_by_signing_in(any_sessions):
    with transaction(any_sessions) as session:
        new = new_account(password="", tokens=TOKENS)
        account_id = accounts.add_account(session, new, now=NOW).id

    account = account_of(any_sessions, account_id)
    assert account.password is None
    assert account.refresh_token == "lasts"


def test_tokens_are_ciphertext_in_the_database(any_sessions, ada):
    sign_in(any_sessions, ada)

    with any_sessions() as session:
        raw = session.connection().exec_driver_sql("SELECT * FROM accounts").all()
    assert "lasts" not in str(raw)
    assert "opens" not in str(raw)
    assert "lasts" not in repr(TOKENS)
    assert "opens" not in repr(TOKENS)


def test_renewed_tokens_do_not_overwrite_what_a_person_stored(any_sessions, ada):
    newer = accounts.SignedIn("google", "newer", "opens too", NOW)
    sign_in(any_sessions, ada)

    def store(used):
        with transaction(any_sessions) as session:
            account = accounts.lock_account(session, ada)
            return accounts.store_refreshed(account, used, newer)

    assert not store("another")
    assert store("lasts")
    assert account_of(any_sessions, ada).access_token == "opens too"
    with transaction(any_sessions) as session:
        accounts.set_password(session, ada, "a password", now=NOW)
    assert not store("newer")
    assert account_of(any_sessions, ada).refresh_token is None


def test_only_a_new_sign_in_is_another_login(any_sessions, ada):
    sign_in(any_sessions, ada)
    before = accounts.login_of(account_of(any_sessions, ada))

    with transaction(any_sessions) as session:
        accounts.lock_account(session, ada).access_token = "renewed"
    assert accounts.login_of(account_of(any_sessions, ada)) == before

    sign_in(any_sessions, ada, accounts.SignedIn("google", "new", "opens", NOW))
    assert accounts.login_of(account_of(any_sessions, ada)) != before


def test_a_borrowed_lease_touches_neither_wish_nor_pause(any_sessions, ada):
    with transaction(any_sessions) as session:
        wanted = accounts.want_run(session, ada, now=NOW)
        account = accounts.lock_account(session, ada)
        accounts.borrow_lease(account, "me", until=NOW + timedelta(seconds=20))

    account = account_of(any_sessions, ada)
    assert accounts.is_leased(account, NOW)
    assert account.wanted_run_id == wanted
    assert not due(any_sessions)


def test_a_new_password_does_not_resume_what_a_person_paused(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.pause_account(session, ada, reason="auth_failed", now=NOW)
        accounts.pause_account(session, ada, now=NOW)

    with transaction(any_sessions) as session:
        accounts.set_password(session, ada, "better", now=NOW)

    assert account_of(any_sessions, ada).paused_at == NOW


def test_failures_in_a_row_move_the_next_try_further_away(any_sessions, ada):
    distances = []
    for _ in range(9):
        with transaction(any_sessions) as session:
            account = accounts.find_account(session, ada)
            account.next_run_at = accounts.next_slot(ada, INTERVAL, NOW)
            accounts.note_failure(account, now=NOW, interval_seconds=INTERVAL)
            distances.append(account.next_run_at - NOW)

    assert distances == sorted(distances)
    assert distances[0] <= timedelta(seconds=INTERVAL)
    assert timedelta(minutes=55) < distances[-1] <= timedelta(hours=1)

    with transaction(any_sessions) as session:
        accounts.note_success(accounts.find_account(session, ada))
    assert account_of(any_sessions, ada).failures_in_a_row == 0


def test_a_server_that_wants_less_is_left_alone_for_longer(any_sessions, ada):
    distances = []
    for _ in range(9):
        with transaction(any_sessions) as session:
            account = accounts.find_account(session, ada)
            account.next_run_at = accounts.next_slot(ada, INTERVAL, NOW)
            accounts.note_failure(
                account, now=NOW, interval_seconds=INTERVAL, is_throttled=True
            )
            distances.append(account.next_run_at - NOW)

    assert distances == sorted(distances)
    assert timedelta(minutes=10) <= distances[0] <= timedelta(minutes=15)
    assert timedelta(hours=5) < distances[-1] <= timedelta(hours=6)


def test_who_asks_for_a_run_forgives_what_was_interrupted(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.find_account(session, ada).interruptions_in_a_row = 5

    with transaction(any_sessions) as session:
        accounts.want_run(session, ada, now=NOW)

    assert account_of(any_sessions, ada).interruptions_in_a_row == 0
    assert len(due(any_sessions)) == 1


def test_a_run_that_did_not_begin_is_cancelled_and_never_begins(any_sessions, ada):
    due(any_sessions)
    with transaction(any_sessions) as session:
        run_id = accounts.want_run(session, ada, now=NOW)

    with transaction(any_sessions) as session:
        assert accounts.cancel_run(session, run_id, now=NOW)

    with any_sessions() as session:
        run = runs.get_run(session, run_id)
        assert runs.is_known(session, run_id)
    assert (run.state, run.outcome, run.end_time) == ("completed", "cancelled", NOW)
    assert account_of(any_sessions, ada).wanted_run_id is None
    assert due(any_sessions) == []


def test_resuming_keeps_a_run_that_was_asked_for(any_sessions, ada):
    with transaction(any_sessions) as session:
        run_id = accounts.want_run(session, ada, now=NOW)
        accounts.resume_account(session, ada, now=NOW)

    assert [one.run_id for one in due(any_sessions)] == [run_id]


def test_a_lease_whose_account_somebody_holds_is_not_waited_for(any_sessions, ada):
    take(any_sessions, ada, "held")
    if any_sessions.kw["bind"].dialect.name == "sqlite":
        return  # there a writer holds everything
    with transaction(any_sessions) as other:
        accounts.lock_account(other, ada)

        with transaction(any_sessions) as session:
            states = accounts.renew_leases(session, ["held"], now=NOW, ttl=TTL)

    assert states == {"held": LeaseState.MISSED}


@pytest.mark.parametrize(
    "change", [{"password": "new"}, {"port": 143}, {"host": "imap.example.com"}]
)
@pytest.mark.parametrize("reason", ["auth_failed", "mailbox_missing", None])
def test_another_login_is_tried_at_once(any_sessions, ada, change, reason):
    with transaction(any_sessions) as session:
        account = accounts.find_account(session, ada)
        account.failures_in_a_row = 6
        account.next_run_at = NOW + timedelta(hours=1)
        if reason:
            accounts.pause_account(session, ada, reason=reason, now=NOW)

    with transaction(any_sessions) as session:
        accounts.change_account(
            session, ada, change, now=NOW, default_interval=INTERVAL
        )

    after = account_of(any_sessions, ada)
    assert (after.failures_in_a_row, after.paused_at) == (0, None)
    assert [one.account_id for one in due(any_sessions)] == [ada]


def test_the_same_login_stored_again_changes_nothing(any_sessions, ada):
    later = NOW + timedelta(hours=6)
    with transaction(any_sessions) as session:
        accounts.find_account(session, ada).next_run_at = later

    with transaction(any_sessions) as session:
        accounts.change_account(
            session,
            ada,
            {"host": "imap.example.org"},
            now=NOW,
            default_interval=INTERVAL,
        )

    assert account_of(any_sessions, ada).next_run_at == later


@pytest.mark.parametrize("name", ["host", "username", "mailbox"])
def test_a_run_in_hand_ends_when_its_account_moves(any_sessions, ada, name):
    take(any_sessions, ada, "old")
    with transaction(any_sessions) as session:
        runs.start_run(session, accounts.find_account(session, ada), "old", now=NOW)

    with transaction(any_sessions) as session:
        accounts.change_account(
            session, ada, {name: "other"}, now=NOW, default_interval=INTERVAL
        )

    with any_sessions() as session:
        old = runs.get_run(session, "old")
    assert (old.outcome, old.end_time) == ("interrupted", NOW)
    assert "was changed in the middle of this run" in old.error_message
    assert take(any_sessions, ada, "new")


def test_removing_an_account_ends_its_run(any_sessions, ada):
    take(any_sessions, ada, "run")
    with transaction(any_sessions) as session:
        runs.start_run(session, accounts.find_account(session, ada), "run", now=NOW)

    with transaction(any_sessions) as session:
        accounts.remove_account(session, ada, now=NOW)

    with any_sessions() as session:
        run = runs.get_run(session, "run")
    assert (run.state, run.outcome, run.account_id) == ("completed", "cancelled", None)
    assert "was removed" in run.error_message


def test_removing_an_account_forgets_its_password(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.remove_account(session, ada, now=NOW)

    with any_sessions() as session:
        assert accounts.list_accounts(session) == []


@pytest.mark.parametrize(("is_running", "hours"), [(False, 0), (True, 1)])
def test_labels_of_another_prefix_are_not_missed(any_sessions, is_running, hours):
    """A run in hand puts them on with the old one."""
    account_id = make_account(any_sessions)
    with transaction(any_sessions) as session:
        session.add(MailboxState(account_id=account_id, name="INBOX", uid_validity=7))
        if is_running:
            accounts.take_lease(
                session, account_id, "run-1", now=NOW, ttl=timedelta(minutes=1)
            )

    def change(prefix):
        with transaction(any_sessions) as session:
            accounts.change_account(
                session,
                account_id,
                {"label_prefix": prefix},
                now=NOW,
                default_interval=300,
            )
            return session.scalar(select(MailboxState.labels_since))

    assert change("Mailbeat") is None, "it is the same"
    assert change("Other") == NOW + timedelta(hours=hours)


def test_an_account_that_is_set_up_waits_for_its_end_whatever_else_is_done(
    any_sessions,
):
    with transaction(any_sessions) as session:
        new = new_account(setting_up=True)
        account_id = accounts.add_account(session, new, now=NOW).id
    with transaction(any_sessions) as session:
        accounts.set_password(session, account_id, "another", now=NOW)
        accounts.pause_account(session, account_id, now=NOW)
        accounts.pause_account(session, account_id, reason="auth_failed", now=NOW)

    assert due(any_sessions) == []
    with transaction(any_sessions) as session:
        account = accounts.find_account(session, account_id)
        assert account.pause_reason == accounts.SETTING_UP
        accounts.resume_account(session, account_id, now=NOW)

    assert [one.account_id for one in due(any_sessions)] == [account_id]
