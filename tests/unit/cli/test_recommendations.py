"""`mailbeat recommendations`"""

import json
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from mailbeat.db.session import create_engine, create_sessions
from tests.factories import make_row


@pytest.fixture
def filed(account, tmp_path):
    """Mail of one sender that a person filed three times; returns the address."""
    keys = [Fernet.generate_key().decode()]
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db", secret_keys=keys)
    sessions = create_sessions(engine)
    for uid in (1, 2, 3):
        make_row(
            sessions,
            1,
            uid,
            layer="you",
            category_id=3,
            list_id="",
            decided_at=datetime.now(UTC),
        )
    engine.dispose()
    return account


def test_it_says_what_is_worth_a_rule_and_why(mailbeat, filed):
    done = mailbeat("recommendations")

    assert done.exit_code == 0
    assert (
        "You said 3 times that mail from shop@shop.example is Finance." in done.stdout
    )
    assert f"sender shop@shop.example -> Finance, for {filed}" in done.stdout


def test_programs_get_one_object_a_line_and_can_dismiss_it(mailbeat, filed):
    (line,) = mailbeat("recommendations", filed, "--json").stdout.splitlines()
    one = json.loads(line)

    assert one["rule"] == {
        "name": "shop@shop.example",
        "if": {"sender": "shop@shop.example"},
        "category": "Finance",
        "account": filed,
    }
    assert mailbeat("recommendations", "--dismiss", one["key"]).exit_code == 0
    assert mailbeat("recommendations", "--json").stdout == ""
    assert "Nothing of the last 30 days" in mailbeat("recommendations").stdout
    assert "recommendation.dismiss" in mailbeat("audit").stdout


def test_the_rule_can_be_imported_as_it_is(mailbeat, filed, tmp_path):
    one = json.loads(mailbeat("recommendations", "--json").stdout)
    file = tmp_path / "rules.yaml"  # JSON is YAML, too
    file.write_text(json.dumps({"rules": [one["rule"]]}))

    assert mailbeat("rules", "import", file).exit_code == 0

    assert "Nothing" in mailbeat("recommendations").stdout


def test_an_unknown_key_or_account_fails(mailbeat, account):
    assert mailbeat("recommendations", "--dismiss", "x").exit_code == 1
    assert mailbeat("recommendations", "nobody@example.org").exit_code == 1
    assert mailbeat("recommendations", "--days", "0").exit_code == 2
