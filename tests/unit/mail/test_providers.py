import pytest

from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import guess_server


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("ada@gmail.com", "imap.gmail.com"),
        ("Ada@GMX.de", "imap.gmx.net"),
        ("ada@icloud.com", "imap.mail.me.com"),
        ("ada@example.org", "imap.example.org"),
    ],
)
def test_the_server_follows_from_the_address(address, host):
    assert guess_server(address) == (host, 993, Security.TLS)
