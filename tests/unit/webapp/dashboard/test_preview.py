from datetime import UTC, datetime

import pytest

from mailbeat.db.models import Account
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.mail.stage import Keeps
from tests.factories import make_raw
from webapp.dashboard import preview as previews
from webapp.dashboard.preview import Preview
from webapp.dashboard.trial import BROKEN
from webapp.parts import parts_of


@pytest.fixture
def built(make_app):
    return parts_of(make_app(imap_allowed_networks="127.0.0.0/8"))


@pytest.fixture
def account(imap_server):
    imap_server.add_user("preview@example.org")
    login = imap_server.login("preview@example.org")
    return Account(
        id=1,
        host=login.host,
        port=login.port,
        security=str(login.security),
        username=login.username,
        password=login.password,
        mailbox="INBOX",
    )


def looked(account, built):
    preview = Preview(account, built)
    assert set(preview.wait()) <= {None}
    return preview


def test_it_has_what_was_seen_once_it_was_waited_for(account, built, imap_server):
    imap_server.append(
        account.username, make_raw(1, subject="A"), received_at=datetime.now(UTC)
    )

    preview = looked(account, built)

    assert preview.advice == ""
    assert [one.subject for one in preview.seen] == ["A"]
    assert preview.seen[0].evidence


def test_what_is_wrong_is_told(account, built):
    account.password = "wrong"

    preview = looked(account, built)

    assert "refused the password" in preview.advice
    assert preview.keeps is None


def test_a_fault_of_ours_says_so(account, built, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("hunter2")

    monkeypatch.setattr(previews, "first_look", broken)

    assert looked(account, built).advice == BROKEN


@pytest.mark.parametrize(
    ("keeps", "prefix", "name"),
    [
        (Keeps.LABELS, "Mailbeat", "Mailbeat/Personal"),
        (Keeps.LABELS, "", "Personal"),
        (Keeps.FOLDERS, "Mailbeat", "Mailbeat/Personal"),
        (Keeps.KEYWORDS, "Mailbeat", "Personal"),
    ],
)
def test_labels_are_shown_as_the_server_will_call_them(
    account, built, keeps, prefix, name
):
    preview = looked(account, built)
    preview.keeps = keeps

    assert preview.names(STARTING_CATEGORIES, prefix)[0] == name
