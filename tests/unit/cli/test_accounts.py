"""`mailbeat account ...`"""

import json
from datetime import timedelta

import pytest

from mailbeat.db.accounts import find_account
from mailbeat.db.api_keys import list_keys
from mailbeat.db.audit import newest_entries
from mailbeat.db.clock import database_now


def listed(mailbeat):
    return json.loads(mailbeat("account", "list", "--json").stdout)


def test_an_account_is_added_after_signing_in(mailbeat, user, server_options):
    done = mailbeat("account", "add", user, *server_options, stdin="right\n")

    assert done.exit_code == 0
    (facts,) = listed(mailbeat)
    assert (facts["email_address"], facts["state"]) == (user, "idle")
    assert "right" not in json.dumps(facts)


def test_a_refused_password_is_not_stored(mailbeat, user, server_options):
    done = mailbeat("account", "add", user, *server_options, stdin="wrong\n")

    assert done.exit_code == 1
    assert "password" in done.stderr
    assert "wrong" not in done.stderr
    assert listed(mailbeat) == []


def test_no_verify_stores_without_signing_in(mailbeat, user, server_options):
    mailbeat("account", "add", user, *server_options, "--no-verify", stdin="wrong\n")

    assert len(listed(mailbeat)) == 1


def test_the_server_of_a_known_provider_is_found(mailbeat):
    mailbeat(
        *("account", "add", "ada@gmail.com", "--no-verify", "--password-stdin"),
        stdin="secret\n",
    )

    (facts,) = listed(mailbeat)
    assert (facts["host"], facts["port"]) == ("imap.gmail.com", 993)


def test_a_server_that_is_not_found_has_to_be_named(mailbeat, monkeypatch):
    monkeypatch.setattr("mailbeat.mail.autoconfig.find_server", lambda *_, **__: None)

    done = mailbeat("account", "add", "ada@nowhere.example", stdin="secret\n")

    assert done.exit_code == 1
    assert "No IMAP server was found for nowhere.example" in done.stderr
    assert "--host" in done.stderr


def test_a_person_is_told_which_password_is_meant(mailbeat):
    done = mailbeat("account", "add", "ada@gmail.com", "--no-verify", stdin="secret\n")
    quiet = mailbeat(
        *("account", "add", "eve@gmail.com", "--no-verify", "--password-stdin"),
        stdin="secret\n",
    )

    assert "make an app password" in done.stderr
    assert "https://myaccount.google.com/apppasswords" in done.stderr
    assert "--oauth google" in done.stderr
    assert quiet.stderr == ""


def test_an_address_is_added_once(mailbeat, account, server_options):
    done = mailbeat("account", "add", account, *server_options, stdin="right\n")

    assert done.exit_code == 1
    assert "is there already, as account 1" in done.stderr


def test_an_account_is_told_by_its_address_however_it_is_spelled(mailbeat):
    def add(address):
        how = ("--host", "imap.example.org", "--no-verify", "--password-stdin")
        return mailbeat("account", "add", address, *how, stdin="secret\n")

    added, again = add("Äda@Bücher.de"), add("äda@BU\u0308CHER.de")
    shown = mailbeat("account", "show", "ÄDA@bücher.de", "--json")

    assert added.stdout.startswith("äda@bücher.de is account 1, on ")
    assert again.exit_code == 1
    assert "is there already, as account 1" in again.stderr
    assert json.loads(shown.stdout)["username"] == "Äda@Bücher.de"


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "a b@example.org",
        "ada@x\r\nQUIT",
        "@",
        "\udcff@x.org",
        "İ" * 64 + "@x.de",
    ],
)
def test_what_is_no_address_is_wrong_usage(mailbeat, address, server_options):
    done = mailbeat("account", "add", address, *server_options, stdin="x\n")

    assert done.exit_code == 2
    assert "is not an address like ada@example.org" in done.stderr


def test_an_empty_password_is_refused(mailbeat, user, server_options):
    done = mailbeat("account", "add", user, *server_options, stdin="\n")

    assert done.exit_code == 1
    assert "empty" in done.stderr


def test_a_private_network_must_be_allowed(mailbeat, user, server_options, monkeypatch):
    monkeypatch.setenv("IMAP_ALLOWED_NETWORKS", "")

    done = mailbeat("account", "add", user, *server_options, stdin="right\n")

    assert done.exit_code == 1
    assert "IMAP_ALLOWED_NETWORKS" in done.stderr


def test_a_new_password_is_stored_when_it_works(mailbeat, account):
    wrong = mailbeat(
        "account", "set-password", account, "--password-stdin", stdin="no\n"
    )
    right = mailbeat(
        "account", "set-password", "1", "--password-stdin", stdin="right\n"
    )

    assert (wrong.exit_code, right.exit_code) == (1, 0)
    assert mailbeat("account", "verify", account).exit_code == 0


def test_what_is_named_is_changed_and_the_rest_stays(mailbeat, account):
    assert listed(mailbeat)[0]["moves_mail"] is False

    done = mailbeat("account", "change", account, "--move", "--interval", "60")
    mailbeat("account", "change", account, "--mailbox", "Work")

    assert done.exit_code == 0
    (facts,) = listed(mailbeat)
    assert facts["moves_mail"] is True
    assert (facts["interval_seconds"], facts["mailbox"]) == (60, "Work")
    mailbeat("account", "change", account, "--no-move")
    assert listed(mailbeat)[0]["moves_mail"] is False
    log = mailbeat("audit").stdout
    assert "interval_seconds, moves_mail" in log


def test_whether_the_mailbox_teaches_can_be_changed(mailbeat, account):
    assert listed(mailbeat)[0]["learns_from_mailbox"] is False

    mailbeat("account", "change", account, "--learn-from-mailbox")
    assert listed(mailbeat)[0]["learns_from_mailbox"] is True

    mailbeat("account", "change", account, "--no-learn-from-mailbox")
    assert listed(mailbeat)[0]["learns_from_mailbox"] is False
    assert "learns_from_mailbox" in mailbeat("audit").stdout


def test_a_change_of_nothing_is_wrong_usage(mailbeat, account):
    assert mailbeat("account", "change", account).exit_code == 2


def test_an_account_can_be_added_that_moves_mail(mailbeat, user, server_options):
    mailbeat("account", "add", user, *server_options, "--move", stdin="right\n")

    assert listed(mailbeat)[0]["moves_mail"] is True


def test_removing_asks_first(mailbeat, account):
    asked = mailbeat("account", "remove", account, stdin="n\n")
    assert asked.exit_code == 1
    assert len(listed(mailbeat)) == 1

    mailbeat("account", "remove", account, "--yes")
    assert listed(mailbeat) == []
    (noted,) = mailbeat("audit", "--json", "--limit", "1").stdout.splitlines()
    assert json.loads(noted)["detail"] == account


def test_an_account_is_shown_for_people(mailbeat, account):
    assert account in mailbeat("account", "list").stdout
    assert account in mailbeat("account", "show", "1").stdout


def test_without_accounts_the_list_says_how_to_add_one(mailbeat):
    assert "mailbeat account add" in mailbeat("account", "list").stdout


@pytest.mark.parametrize("command", ["show", "pause", "resume", "verify"])
def test_an_unknown_account_is_a_sentence(mailbeat, command):
    done = mailbeat("account", command, "nobody@example.org")

    assert done.exit_code == 1
    assert done.stderr.startswith("There is no account 'nobody@example.org'.")


def test_times_are_those_of_the_database(
    mailbeat, monkeypatch, ahead_url, ahead, secret_keys
):
    monkeypatch.setenv("DATABASE_URL", ahead_url)
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", secret_keys[0])
    options = ("--host", "imap.example.org", "--password-stdin", "--no-verify")
    mailbeat("account", "add", "ada@example.org", *options, stdin="pw\n")
    mailbeat("key", "issue", "Ada")

    with ahead() as session:
        now = database_now(session)
        times = [
            find_account(session, "ada@example.org").next_run_at,
            *[entry.at for entry in newest_entries(session)],
            *[key.created_at for key in list_keys(session)],
        ]
    assert len(times) == 4
    assert all(now - timedelta(minutes=5) < one <= now for one in times)


def test_a_model_is_asked_for_an_account_that_wants_it(mailbeat, account, monkeypatch):
    assert listed(mailbeat)[0]["asks_llm"] is False

    done = mailbeat("account", "change", account, "--ask-model")

    assert listed(mailbeat)[0]["asks_llm"] is True
    assert "No model is asked yet" in done.stdout
    monkeypatch.setenv("LLM_BASE_URL", "https://llm.example.org/v1")
    monkeypatch.setenv("LLM_MODEL", "llama3.1")
    again = mailbeat("account", "change", account, "--ask-model")
    assert "llama3.1 at llm.example.org gets to see" in again.stdout
    mailbeat("account", "change", account, "--no-ask-model")
    assert listed(mailbeat)[0]["asks_llm"] is False
    assert "asks_llm" in mailbeat("audit").stdout


def test_how_an_account_is_comes_first(mailbeat, account):
    shown = mailbeat("account", "show", account).stdout
    facts = json.loads(mailbeat("account", "show", account, "--json").stdout)

    assert shown.startswith("Its first run is due now.\n")
    assert facts["health"] == "new"
    assert facts["health_sentence"] == "Its first run is due now."

    mailbeat("account", "pause", account)
    assert mailbeat("account", "show", "1").stdout.startswith("Paused by a person")


def test_how_far_a_first_run_looks_back_can_be_changed(mailbeat, account):
    mailbeat("account", "change", account, "--look-back", "72", "--label-prefix", "M")
    (facts,) = listed(mailbeat)
    assert (facts["look_back_hours"], facts["label_prefix"]) == (72, "M")

    mailbeat("account", "change", account, "--look-back", "0", "--label-prefix", "")
    (facts,) = listed(mailbeat)
    assert (facts["look_back_hours"], facts["label_prefix"]) == (None, "")
    for wrong in (["--look-back", "8761"], ["--label-prefix", "x" * 65]):
        assert mailbeat("account", "change", account, *wrong).exit_code == 2


def test_an_account_can_be_added_that_looks_back_further(
    mailbeat, user, server_options
):
    mailbeat("account", "add", user, *server_options, "--look-back=9", stdin="right\n")

    assert listed(mailbeat)[0]["look_back_hours"] == 9


def test_who_is_asked_hears_what_is_deleted(mailbeat, account):
    asked = mailbeat("account", "remove", account, stdin="n\n")

    assert "Deleted for good: its sign-in" in asked.stdout
    assert "labels stay on the mail" in asked.stdout
