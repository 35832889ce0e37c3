"""The folder of an installation and its keys."""

from mailbeat.demo.home import open_home
from mailbeat.settings import Settings


def test_keys_are_made_once_and_kept_private(tmp_path):
    first = open_home(tmp_path / "d")
    again = open_home(tmp_path / "d")

    assert first.is_new
    assert not again.is_new
    assert (again.secret_keys, again.api_key) == (first.secret_keys, first.api_key)
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "d" / "keys.env").stat().st_mode & 0o777 == 0o600


def test_its_keys_are_accepted_by_the_settings(tmp_path):
    home = open_home(tmp_path)

    settings = Settings(  # type: ignore[call-arg] # pydantic reads the aliases
        MAILBEAT_SECRET_KEYS=home.secret_keys, MAILBEAT_API_KEY=home.api_key
    )

    assert settings.secret_keys == [home.secret_keys]
