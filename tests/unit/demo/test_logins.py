from urllib.parse import unquote, urlsplit

from mailbeat.demo.logins import keep_logins, read_logins


def test_a_url_can_be_read_back_by_anybody(tmp_path):
    keep_logins(tmp_path, ["ada+x@example.org"], port=1143)

    url = urlsplit((tmp_path / "imap.url").read_text().strip())

    assert unquote(url.username or "") == "ada+x@example.org"
    assert (url.scheme, url.hostname, url.port, url.path) == (
        "imap",
        "127.0.0.1",
        1143,
        "/INBOX",
    )
    assert read_logins(tmp_path)[0].password == unquote(url.password or "")


def test_a_login_keeps_its_password_and_takes_the_new_port(tmp_path):
    (first,) = keep_logins(tmp_path, ["ada@example.org"], port=1143)

    ada, bob = keep_logins(tmp_path, ["ada@example.org", "bob@example.org"], port=2143)

    assert (ada.password, ada.port) == (first.password, 2143)
    assert bob.password != ada.password


def test_who_is_no_longer_asked_for_keeps_the_login(tmp_path):
    keep_logins(tmp_path, ["ada@example.org", "bob@example.org"], port=1143)

    logins = keep_logins(tmp_path, ["ada@example.org"], port=1143)

    assert [login.address for login in logins] == ["ada@example.org", "bob@example.org"]


def test_there_are_none_before_the_first_start(tmp_path):
    assert read_logins(tmp_path) == []


def test_a_password_is_not_in_a_repr(tmp_path):
    (login,) = keep_logins(tmp_path, ["ada@example.org"], port=1143)

    assert login.password not in repr(login)
