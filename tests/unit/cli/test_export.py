"""`mailbeat export`"""

import json

from sqlalchemy import create_engine, text


def actions(mailbeat):
    lines = mailbeat("audit", "--json").stdout.splitlines()
    return [(one["action"], one["detail"]) for one in map(json.loads, lines)]


def test_everything_is_printed_and_written_down(mailbeat, account):
    done = mailbeat("export")

    found = json.loads(done.stdout)
    assert found["accounts"][0]["email_address"] == account
    assert found["complete"] is True
    assert "right" not in json.dumps(found["accounts"])
    assert actions(mailbeat)[0] == ("export", "without subjects")


def test_a_file_is_for_its_owner_alone(mailbeat, account, tmp_path):
    path = tmp_path / "all.json"
    path.write_text("an older one")

    done = mailbeat("export", "--file", path, "--subjects")

    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(path.read_text())["subjects"] is True
    assert path.stat().st_mode & 0o777 == 0o600
    assert actions(mailbeat)[0] == ("export", "with subjects")


def test_a_file_that_cannot_be_written_is_one_sentence(mailbeat, account, tmp_path):
    done = mailbeat("export", "--file", tmp_path / "none" / "all.json")

    assert done.exit_code == 1
    assert "all.json cannot be written" in done.stderr


def test_a_file_is_whole_or_the_old_one(mailbeat, account, tmp_path):
    path = tmp_path / "all.json"
    path.write_text("an older one")
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO messages (account_id, mailbox, uid_validity, uid, key,"
                " run_id, state, confidence, layer, evidence, sender, sender_domain,"
                " subject, received_at, decided_at) VALUES (1, 'INBOX', 1, 1, 'k', 'r',"
                " 'applied', 1, 'facts', '', '', '', 'not encrypted by us',"
                " '2026-01-05 08:00:00', '2026-01-05 08:00:00')"
            )
        )
    engine.dispose()

    done = mailbeat("export", "--file", path, "--subjects")

    assert done.exit_code == 1
    assert "MAILBEAT_SECRET_KEYS" in done.stderr
    assert path.read_text() == "an older one"
    assert [one.name for one in tmp_path.glob("all*")] == ["all.json"]
