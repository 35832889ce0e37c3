import pytest

from mailbeat.mail.errors import AuthFailed, MailboxMissing
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.stage import Keeps, Stage
from tests.servers.rude_imap import rude_imap

REFUSES = {"AUTHENTICATE": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}
HAS_NONE = {"SELECT": b"{tag} NO [NONEXISTENT] no\r\n"}


def selected(flags, code="READ-WRITE"):
    told = f"* OK [UIDVALIDITY 7] ok\r\n* OK [PERMANENTFLAGS ({flags})] ok\r\n"
    return {"SELECT": told.encode() + b"{tag} OK [%b] done\r\n" % code.encode()}


@pytest.mark.parametrize(
    ("answers", "error", "told"),
    [
        ({}, None, [Stage.REACH, Stage.SIGN_IN, Stage.OPEN]),
        (REFUSES, AuthFailed, [Stage.REACH, Stage.SIGN_IN]),
        (HAS_NONE, MailboxMissing, [Stage.REACH, Stage.SIGN_IN, Stage.OPEN]),
    ],
)
def test_each_stage_is_told_before_it_can_fail(answers, error, told):
    begun = []

    def visit(server):
        with open_mailbox(server.login(), deadline=10, begins=begun.append):
            pass

    with rude_imap(answers) as server:
        if error is None:
            visit(server)
        else:
            with pytest.raises(error):
                visit(server)

    assert begun == told


@pytest.mark.parametrize(
    ("answers", "keeps"),
    [
        (selected("\\Seen \\*"), Keeps.KEYWORDS),
        (selected("\\Seen"), Keeps.FOLDERS),
        (selected("\\Seen \\*", "READ-ONLY"), Keeps.NOTHING),
        (
            {"CAPABILITY": b"* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n{tag} OK done\r\n"},
            Keeps.LABELS,
        ),
    ],
)
def test_it_is_known_as_what_labels_are_kept(answers, keeps):
    with (
        rude_imap(answers) as server,
        open_mailbox(server.login(), deadline=10) as mailbox,
    ):
        assert mailbox.keeps is keeps
