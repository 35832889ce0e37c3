"""No password goes out before TLS is right, however the server behaves."""

import pytest

from mailbeat.mail.errors import ErrorCode, MailError
from mailbeat.mail.mailbox import Security
from mailbeat.mail.net import tls_context
from tests.refused import refused
from tests.security.canary import PASSWORDS
from tests.servers.boxes import Box
from tests.servers.gmail import GmailServer
from tests.servers.gmail import faults as f

SECURITIES = pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])


@SECURITIES
def test_an_unknown_authority_is_an_error_of_tls_and_gets_no_password(box, security):
    tls_context.cache_clear()
    box.security = security

    with refused(ErrorCode.TLS_FAILED):
        box.run()

    assert not [line for line in box.server.commands if line != "STARTTLS"][1:]


@SECURITIES
@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_an_error_of_tls(box, security):
    box.security = security

    with refused(ErrorCode.TLS_FAILED):
        box.run(host="127.0.0.1")

    assert box.server.logins == 0


@pytest.mark.usefixtures("trusted")
def test_no_tls_where_it_is_expected_is_an_error_of_tls(box):
    box.security = Security.TLS

    with refused(ErrorCode.TLS_FAILED):
        box.run(port=box.server.port)


def test_no_starttls_where_it_is_wanted_is_an_error_of_tls(box):
    with GmailServer() as server:
        bare = Box(server, password=PASSWORDS["ascii"])
        bare.security = Security.STARTTLS

        with refused(ErrorCode.TLS_FAILED):
            bare.run()

        assert not [line for line in server.commands if "LOGIN" in line]


@pytest.mark.usefixtures("trusted")
def test_what_was_said_before_starttls_is_forgotten(box):
    """Else who is in the middle could say what the server can do (RFC 3501, 6.2.1)."""
    box.security = Security.STARTTLS
    forged = b"{tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN FORGED\r\n"

    class Inject(f.Answer):
        def act(self, talk, command):
            talk.execute(command)
            super().act(talk, command)

    box.server.rule("STARTTLS", do=Inject(forged))

    error = None
    try:
        box.run()
    except MailError as caught:
        error = caught

    if error is None:
        at = box.server.commands.index("STARTTLS")
        assert box.server.commands[at + 1] == "CAPABILITY"
    else:
        assert error.code in {ErrorCode.TLS_FAILED, ErrorCode.CONNECT_FAILED}
        assert box.server.logins == 0
