"""`mailbeat llm`"""

import json

import pytest

from tests.factories import make_raw


@pytest.fixture
def model(llm_server, monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", llm_server.url)
    monkeypatch.setenv("LLM_MODEL", "stub-1")
    monkeypatch.setenv("LLM_API_KEY", "hidden-key")
    return llm_server


@pytest.fixture
def with_mail(account, imap_server):
    imap_server.append(
        account,
        make_raw(1, sender="x@y.example", subject="One", text="a zyx of 12 things"),
        make_raw(2, sender="x@y.example", subject="Two", text="Your password: secret"),
    )
    return account


def test_what_would_be_sent_is_shown_and_not_sent(mailbeat, with_mail, model):
    done = mailbeat("llm", "preview", with_mail)

    assert done.exit_code == 0, done.output
    assert f"POST {model.url}/chat/completions" in done.stdout
    assert "a zyx of # things" in done.stdout
    assert "not sent  UID 102, x@y.example: it may be Security" in done.stdout
    assert "Your password" not in done.stdout
    assert "does not ask the model" in done.stderr
    assert "hidden-key" not in done.output
    assert "model asked" not in done.output  # by the log, which would be wrong
    assert model.connections == 0


def test_it_is_shown_to_programs_to_the_byte(mailbeat, with_mail, model):
    done = mailbeat("llm", "preview", with_mail, "--json", "--limit", "9")

    sent, kept = map(json.loads, done.stdout.splitlines())
    assert json.loads(sent["body"])["model"] == "stub-1"
    assert kept == {
        "uid": 102,
        "sender": "x@y.example",
        "not_sent": "it may be Security",
    }


def test_without_a_model_it_says_what_to_set(mailbeat, account):
    done = mailbeat("llm", "preview", account)

    assert done.exit_code == 1
    assert "Set LLM_BASE_URL and LLM_MODEL first" in done.stderr


def test_a_mailbox_that_cannot_be_read_is_a_sentence(mailbeat, account, model):
    mailbeat("account", "change", account, "--mailbox", "Nowhere")

    done = mailbeat("llm", "preview", account)

    assert done.exit_code == 1
    assert "Nowhere" in done.stderr


def test_a_run_of_the_command_asks_it_too(mailbeat, with_mail, model):
    mailbeat("account", "change", with_mail, "--ask-model")

    assert mailbeat("run", with_mail).exit_code == 0
    assert len(model.asked) == 1
    assert model.asked[0].headers["Authorization"] == "Bearer hidden-key"
