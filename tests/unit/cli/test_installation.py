"""What a command works on."""

from cryptography.fernet import Fernet


def test_without_any_setting_the_folder_var_is_used(mailbeat, account, tmp_path):
    assert (tmp_path / "var" / "mailbeat.db").exists()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_a_file_env_is_read(mailbeat, tmp_path, monkeypatch):
    monkeypatch.delenv("PORT")
    (tmp_path / ".env").write_text("PORT=0\n")

    done = mailbeat("account", "list")

    assert done.exit_code == 1
    assert done.stderr.startswith("PORT='0' is not")


def test_a_database_of_an_older_schema_is_not_touched(mailbeat, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", Fernet.generate_key().decode())

    done = mailbeat("account", "list")

    assert done.exit_code == 1
    assert "mailbeat migrate" in done.stderr


def test_a_database_that_is_away_is_a_sentence(mailbeat, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://x:hunter2@127.0.0.1:1/none")
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", Fernet.generate_key().decode())

    done = mailbeat("account", "list")

    assert done.exit_code == 1
    assert done.stderr.startswith("The database failed")
    assert "hunter2" not in done.stderr


def test_a_database_of_ones_own_needs_ones_own_keys(mailbeat, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    mailbeat("migrate")

    done = mailbeat("account", "list")

    assert done.exit_code == 1
    assert "MAILBEAT_SECRET_KEYS is not set" in done.stderr
