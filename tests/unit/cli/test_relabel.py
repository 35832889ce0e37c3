"""`mailbeat relabel`: what would change is shown, and then done."""

import json

import pytest

from mailbeat.cli.relabel import LISTED
from tests.unit.test_relabel import invoice, read_as_finance


@pytest.fixture
def labelled(mailbeat, account, imap_server, monkeypatch):
    """Three messages that are Receipts, and would be Finance by now."""
    imap_server.append(account, *[invoice(n) for n in range(3)])
    assert "3 labelled" in mailbeat("run", account).stdout
    read_as_finance(monkeypatch)
    return account


def keywords(imap_server, account):
    return list(imap_server.keywords(account).values())


def test_it_shows_what_would_change_and_changes_nothing(
    mailbeat, labelled, imap_server
):
    done = mailbeat("relabel", labelled, "--since", "30d", "--dry-run")

    assert done.exit_code == 0
    counts, *_ = [line.split() for line in done.stdout.splitlines()[1:]]
    assert counts == ["3", "Receipts", "Finance"]
    assert "shop@corner.example.com" in done.stdout
    assert "Nothing was changed." in done.stdout
    assert keywords(imap_server, labelled) == [{"Receipts"}] * 3


def test_it_asks_before_it_changes(mailbeat, labelled, imap_server):
    no = mailbeat("relabel", labelled, "--since", "30d", stdin="n\n")
    assert no.exit_code == 1
    assert "Nothing was changed." in no.stderr
    nobody = mailbeat("relabel", labelled, "--since", "30d")
    assert nobody.exit_code == 1
    assert "nobody answered. Say --yes" in nobody.stderr
    assert keywords(imap_server, labelled) == [{"Receipts"}] * 3

    yes = mailbeat("relabel", labelled, "--since", "30d", stdin="y\n")

    assert yes.exit_code == 0
    assert "3 messages were changed." in yes.stderr
    assert keywords(imap_server, labelled) == [{"Finance"}] * 3
    assert "account.relabel" in mailbeat("audit").stdout


def test_the_second_time_nothing_is_left(mailbeat, labelled):
    mailbeat("relabel", labelled, "--since", "30d", "--yes")

    again = mailbeat("relabel", labelled, "--since", "30d", "--yes")

    assert again.exit_code == 0
    assert "Nothing was changed." in again.stdout


def test_programs_get_one_object_for_each_change(mailbeat, labelled, imap_server):
    done = mailbeat("relabel", labelled, "--since", "12h", "--json", "--yes")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 3
    assert (rows[0]["from"], rows[0]["to"]) == ("Receipts", "Finance")
    assert (rows[0]["layer"], rows[0]["sender"]) == ("rule", "shop@corner.example.com")
    assert keywords(imap_server, labelled) == [{"Finance"}] * 3


def test_a_program_must_say_which_of_both_it_wants(mailbeat, account):
    assert mailbeat("relabel", account, "--since", "30d", "--json").exit_code == 2
    assert mailbeat("relabel", account).exit_code == 2
    assert mailbeat("relabel", account, "--since", "yesterday").exit_code == 2


def test_a_paused_account_is_not_changed(mailbeat, labelled, imap_server):
    mailbeat("account", "pause", labelled)

    done = mailbeat("relabel", labelled, "--since", "30d", "--yes")

    assert done.exit_code == 1
    assert "paused" in done.stderr
    assert keywords(imap_server, labelled) == [{"Receipts"}] * 3


def test_a_server_that_lets_nobody_in_is_told(mailbeat, user, server_options):
    mailbeat("account", "add", user, *server_options, "--no-verify", stdin="wrong\n")

    done = mailbeat("relabel", user, "--since", "30d", "--dry-run")

    assert done.exit_code == 1
    assert "set-password" in done.stderr


def test_who_stops_it_hears_what_was_done(mailbeat, labelled, monkeypatch):
    def stopped(*_, **__):
        yield 2
        raise KeyboardInterrupt

    monkeypatch.setattr("mailbeat.relabel.carry_out", stopped)

    done = mailbeat("relabel", labelled, "--since", "30d", "--yes")

    assert done.exit_code == 1
    assert "2 messages were changed" in done.stderr


def test_a_long_list_is_cut(mailbeat, labelled, monkeypatch):
    monkeypatch.setattr("mailbeat.cli.relabel.LISTED", 2)

    done = mailbeat("relabel", labelled, "--since", "30d", "--dry-run")

    assert LISTED > 2
    assert "... and 1 more" in done.stdout
