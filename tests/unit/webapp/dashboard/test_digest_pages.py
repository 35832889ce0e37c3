"""`/settings/digest` and `/unsubscribe`"""

import html

import pytest

from mailbeat.alerts.watch import Watch, Watching
from mailbeat.db import audit, digests, outbox
from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.session import transaction
from mailbeat.digest.unsubscribing import make_token
from mailbeat.notify.channels import post_office
from tests.unit.webapp.dashboard.conftest import HOSTILE

PATH = "/settings/digest"
FORM = {
    "address": "ada@example.org",
    "frequency": "daily",
    "hour": "7",
    "zone": "Europe/Berlin",
    "account_id": "",
}


@pytest.fixture
def one(sessions, now):
    wanted = NewDigest("ada@example.org", Frequency.WEEKLY, None, "Europe/Berlin", 6)
    with transaction(sessions) as session:
        return digests.subscribe(session, wanted, by="me", now=now)


def kept(sessions):
    with sessions() as session:
        return [(one.address, one.hour) for one in digests.list_subscriptions(session)]


def deed(sessions):
    with sessions() as session:
        entry = audit.newest_entries(session)[0]
        return entry.actor, entry.action, entry.detail


def test_an_address_is_added_shown_and_removed(browser, sessions):
    page = browser.post(PATH, data=FORM, follow_redirects=True).get_data(as_text=True)

    assert "The digest is added." in page
    assert "07:00 Europe/Berlin" in page
    assert kept(sessions) == [("ada@example.org", 7)]
    assert deed(sessions) == ("bootstrap", "digest.add", "ada@example.org")

    browser.post(f"{PATH}/1/remove")

    assert kept(sessions) == []
    assert browser.post(f"{PATH}/1/remove").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "ada"},
        {"address": "a@x.org\r\nBcc: eve@x.org"},
        {"address": HOSTILE},
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"hour": "24"},
        {"hour": "-1"},
        {"hour": "9" * 10_000},
        {"frequency": "hourly"},
        {"language": "fr"},
        {"account_id": "99"},
    ],
)
def test_what_makes_no_sense_is_refused_and_stays_typed(wrong, browser, sessions):
    answer = browser.post(PATH, data=FORM | wrong)

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'class="bad"' in page
    assert HOSTILE not in page
    assert kept(sessions) == []


def test_without_a_mail_server_that_is_said(browser, one):
    assert "SMTP_URL is not set" in browser.get(PATH).get_data(as_text=True)
    assert browser.post(f"{PATH}/{one.id}/send").status_code == 409


def test_one_is_sent_at_once(app, browser, sessions, one):
    from dataclasses import replace

    from webapp.parts import parts_of, put_parts

    watching = Watching(post=post_office("smtp://mail.x.org", None))
    watch = Watch(sessions, "web", watching)
    put_parts(app, replace(parts_of(app), watch=watch))

    browser.post(f"{PATH}/{one.id}/send")

    with sessions() as session:
        (row,) = outbox.newest_deliveries(session)
    assert (row.kind, row.shown) == ("digest", "Mail to ada@example.org")
    assert browser.post(f"{PATH}/99/send").status_code == 404


def test_the_preview_is_a_document_that_may_do_nothing(browser, add, ran):
    account = add()
    ran(account)

    answer = browser.get(f"{PATH}/preview?frequency=weekly&account_id={account}")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert HOSTILE not in answer.get_data(as_text=True)
    assert "frame-src 'self'" in browser.get(PATH).headers["Content-Security-Policy"]
    odd = browser.get(f"{PATH}/preview?frequency=x&account_id=%27--")
    assert odd.status_code == 200


def test_only_an_admin_says_who_gets_what(reader, one):
    assert "Not for this key to see" in reader.get(PATH).get_data(as_text=True)
    assert reader.get(f"{PATH}/preview").status_code == 403
    for path in (PATH, f"{PATH}/{one.id}/send", f"{PATH}/{one.id}/remove"):
        assert reader.post(path, data=FORM).status_code == 403


def test_a_reader_ends_it_with_one_click_and_without_signing_in(
    app, sessions, one, secret_keys
):
    stranger = app.test_client()
    path = f"/unsubscribe/{make_token(secret_keys, one.id, one.address)}"

    asked = stranger.get(path)
    assert "ada@example.org then gets no more" in asked.get_data(as_text=True)
    assert kept(sessions) != []  # to look does nothing

    for _ in range(2):
        done = stranger.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert "You get no more digests" in done.get_data(as_text=True)
    assert kept(sessions) == []
    assert deed(sessions) == ("reader", "digest.unsubscribe", "ada@example.org")


@pytest.mark.parametrize("token", ["1.abc", "x", "1." + "0" * 64, "1.%3Cb%3E"])
def test_a_wrong_token_ends_nothing_and_tells_nothing(token, app, sessions, one):
    stranger = app.test_client()

    page = html.unescape(stranger.get(f"/unsubscribe/{token}").get_data(as_text=True))
    stranger.post(f"/unsubscribe/{token}")

    assert "Nothing to unsubscribe" in page
    assert "ada@example.org" not in page
    assert len(kept(sessions)) == 1


def test_a_digest_is_written_in_the_language_that_is_chosen(browser, sessions):
    page = browser.get(PATH, headers={"Accept-Language": "de"}).get_data(as_text=True)
    browser.post(PATH, data=FORM | {"language": "de"})
    browser.post(PATH, data=FORM)

    assert '<option value="de" lang="de" selected>Deutsch</option>' in page
    with sessions() as session:
        kept = digests.list_subscriptions(session)
        assert [one.language for one in kept] == ["de", "en"]
        assert [digests.wanted_by(one).language for one in kept] == ["de", "en"]
