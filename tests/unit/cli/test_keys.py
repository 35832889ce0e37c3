"""`mailbeat key ...` and `mailbeat secrets ...`"""

import json

from cryptography.fernet import Fernet


def listed(mailbeat):
    return json.loads(mailbeat("key", "list", "--json").stdout)


def test_a_key_is_printed_once_and_never_kept(mailbeat, tmp_path):
    done = mailbeat("key", "issue", "monitoring")

    key = done.stdout.strip()
    (row,) = listed(mailbeat)
    assert key.startswith(f"mb_{row['key_id']}_")
    assert (row["name"], row["scope"]) == ("monitoring", "read")
    files = [f for f in (tmp_path / "var").iterdir() if f.is_file()]
    assert not any(key.encode() in file.read_bytes() for file in files)


def test_a_revoked_key_says_so(mailbeat):
    mailbeat("key", "issue", "old", "--scope", "admin", "--days", "3")
    (row,) = listed(mailbeat)

    assert mailbeat("key", "revoke", row["key_id"]).exit_code == 0
    assert listed(mailbeat)[0]["revoked_at"]
    assert "revoked" in mailbeat("key", "list").stdout


def test_an_unknown_key_is_a_sentence(mailbeat):
    done = mailbeat("key", "revoke", "nobody")

    assert done.exit_code == 1
    assert "There is no key" in done.stderr


def test_a_new_secret_key_is_one(mailbeat):
    Fernet(mailbeat("secrets", "new").stdout.strip())


def test_rotating_makes_the_old_key_needless(mailbeat, account, monkeypatch, tmp_path):
    old = (tmp_path / "var/secret.keys").read_text().strip()
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", f"{new},{old}")

    done = mailbeat("secrets", "rotate")

    assert done.exit_code == 0
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", new)
    assert mailbeat("account", "verify", account).exit_code == 0


def test_a_missing_old_key_rotates_nothing(mailbeat, account, monkeypatch):
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", Fernet.generate_key().decode())

    done = mailbeat("secrets", "rotate")

    assert done.exit_code == 1
    assert "MAILBEAT_SECRET_KEYS" in done.stderr
