"""Mail, against a real server on loopback."""

import ssl
import threading

import pytest

from mailbeat.notify import smtp
from mailbeat.notify.channel import Note, Undelivered
from mailbeat.notify.smtp import MailChannel, as_mail, is_mail_address, mail_server
from tests.servers.certificates import Authority
from tests.servers.smtp import PASSWORD, USER, mail_drop, silent_server

NOTE = Note("id-1", "A title", "A text.\n", html="<p>A text.</p>")
SENDER = "mailbeat@example.org"


def channel(url: str, to: tuple[str, ...] = ("ops@example.org",)) -> MailChannel:
    return MailChannel(mail_server(url), SENDER, to)


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A context of a server whose certificate we trust, for `localhost`."""
    authority = Authority(tmp_path)
    issued = authority.issue("localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context


def test_a_mail_has_text_and_html_and_says_that_a_machine_sent_it():
    with mail_drop() as drop:
        channel(f"smtp://127.0.0.1:{drop.port}", ("a@x.org", "b@x.org")).send(NOTE)

    (mail,) = drop.mails
    assert drop.recipients == [["a@x.org", "b@x.org"]]
    assert (mail["Subject"], mail["To"]) == ("A title", "a@x.org, b@x.org")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (
        "<id-1@example.org>",
        "auto-generated",
    )
    assert mail.get_body(("plain",)).get_content().strip() == "A text."
    assert mail.get_body(("html",)).get_content().strip() == "<p>A text.</p>"


def test_with_starttls_the_password_is_sent_encrypted(trusted):
    with mail_drop(tls=trusted, auth=True) as drop:
        password = PASSWORD.replace(" ", "%20")
        channel(f"smtp://{USER}:{password}@localhost:{drop.port}").send(NOTE)

    assert drop.logins == [USER]
    assert len(drop.mails) == 1


def test_a_certificate_that_is_not_trusted_gets_no_mail(tmp_path):
    issued = Authority(tmp_path).issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)

    with mail_drop(tls=context) as drop, pytest.raises(Undelivered, match="trusted"):
        channel(f"smtp://localhost:{drop.port}").send(NOTE)

    assert drop.mails == []


def test_a_password_is_not_sent_without_encryption():
    with mail_drop() as drop, pytest.raises(Undelivered) as raised:
        channel(f"smtp://{USER}:{PASSWORD}@127.0.0.1:{drop.port}").send(NOTE)

    assert raised.value.permanent
    assert "no encryption" in str(raised.value)
    assert drop.logins == drop.mails == []


def test_a_wrong_password_is_said_without_the_password(trusted):
    with mail_drop(tls=trusted, auth=True) as drop, pytest.raises(Undelivered) as error:
        channel(f"smtp://{USER}:wrong-4711@localhost:{drop.port}").send(NOTE)

    assert error.value.permanent
    assert "wrong-4711" not in str(error.value)


@pytest.mark.parametrize(
    ("reply", "permanent"), [("451 Later", False), ("554 Never", True)]
)
def test_what_a_server_refuses_is_said_with_its_number(reply, permanent):
    with mail_drop() as drop:
        drop.refuse = reply
        with pytest.raises(Undelivered, match=reply[:3]) as raised:
            channel(f"smtp://127.0.0.1:{drop.port}").send(NOTE)

    assert raised.value.permanent is permanent


def test_a_server_that_hangs_is_left_in_time(monkeypatch):
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)

    with silent_server() as port, pytest.raises(Undelivered, match="did not answer"):
        channel(f"smtp://127.0.0.1:{port}").send(NOTE)


def test_a_server_that_drips_is_left_in_time(monkeypatch):
    monkeypatch.setattr(smtp, "SEND_SECONDS", 0.3)
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        left = threading.Event()

        def drip() -> None:
            peer, _ = listener.accept()
            with peer:
                while not left.wait(0.05):
                    try:
                        peer.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Undelivered, match="did not answer"):
            channel(f"smtp://127.0.0.1:{listener.getsockname()[1]}").send(NOTE)
        left.set()
        thread.join()


@pytest.mark.parametrize("hostile", ["A\r\nBcc: eve@evil.example", "A\nX-Evil: 1\x00"])
def test_no_title_brings_a_header_of_its_own(hostile):
    mail = as_mail(Note("id", hostile, "Text"), sender=SENDER, to=("a@x.org",))

    assert set(mail.keys()) & {"Bcc", "X-Evil"} == set()
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize("name", ["To", "List-Unsubscribe"])
def test_a_header_of_two_lines_is_refused(name):
    hostile = "a@x.org>\r\nBcc: eve@evil.example"
    headers = {} if name == "To" else {name: hostile}
    to = (hostile,) if name == "To" else ("a@x.org",)

    with pytest.raises(ValueError, match=r"linefeed|invalid|newline"):
        as_mail(Note("id", "A", "Text", headers=headers), sender=SENDER, to=to)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ada@example.org", True),
        ("a.b+c@mail.example.org", True),
        ("ada", False),
        ("ada@", False),
        ("@example.org", False),
        ("a@x.org,b@x.org", False),
        ("Ada <a@x.org>", False),
        ("a@x.org\r\nBcc: b@x.org", False),
        ("a b@x.org", False),
        ("ä@x.org", False),
        (f"{'a' * 250}@x.org", False),
    ],
)
def test_what_is_one_mail_address(text, is_one):
    assert is_mail_address(text) is is_one


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://x:0", "smtp://x/path", "smtp://x?tls=maybe"]
)
def test_what_is_no_mail_server(url):
    with pytest.raises(ValueError, match="address"):
        mail_server(url)


def test_the_ports_and_the_password_of_an_address():
    server = mail_server("smtps://ada%40x.org:a%2Fb@mail.x.org")

    assert (server.port, server.username, server.password) == (465, "ada@x.org", "a/b")
    assert "a/b" not in repr(server)
    assert mail_server("smtp://x").port == 587


def test_to_whom_it_goes_is_shown_on_one_line():
    assert channel("smtp://x").shown == "Mail to ops@example.org"


def test_a_long_address_in_a_header_stays_whole():
    link = f"<https://mail.example.org/unsubscribe/1.{'0' * 64}>"
    note = Note("id", "A", "Text", headers={"List-Unsubscribe": link})

    raw = as_mail(note, sender=SENDER, to=("a@x.org",)).as_bytes()

    assert f"List-Unsubscribe: {link}\r\n".encode() in raw
