import stat

from cryptography.fernet import Fernet

from mailbeat.demo import keys


def test_a_key_is_made_once(tmp_path):
    first, second = keys.api_key(tmp_path), keys.api_key(tmp_path)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.value == second.value
    assert stat.S_IMODE((tmp_path / "api.key").stat().st_mode) == 0o600


def test_the_secret_key_is_one_that_encrypts(tmp_path):
    cipher = Fernet(keys.secret_keys(tmp_path).value)

    assert cipher.decrypt(cipher.encrypt(b"x")) == b"x"
