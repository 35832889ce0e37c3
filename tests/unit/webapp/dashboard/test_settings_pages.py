from mailbeat.db.accounts import pause_everything
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.session import transaction


def test_keys_are_shown_to_an_admin_and_never_their_secret(browser, sessions, now):
    with transaction(sessions) as session:
        key, text = issue_key(session, name="Grafana", scope=Scope.READ, now=now)
        key_id = key.key_id

    shown = browser.get("/settings").get_data(as_text=True)

    assert "Grafana" in shown
    assert key_id in shown
    assert text not in shown


def test_keys_are_not_shown_to_who_may_only_look(reader):
    text = reader.get("/settings").get_data(as_text=True)

    assert "Not for this key to see" in text
    assert "Reader" not in text


def test_settings_say_since_when_everything_is_paused(browser, sessions, now):
    with transaction(sessions) as session:
        pause_everything(session, now=now)

    text = browser.get("/settings").get_data(as_text=True)

    assert "Everything is paused.</b> It was paused" in text
    assert "Resume everything" in text


def test_an_admin_sees_who_did_what(browser, add):
    account_id = add()
    browser.post(f"/accounts/{account_id}/pause")

    text = browser.get("/settings").get_data(as_text=True)

    assert (
        '<td class="clip" title="account.pause"><bdi>Paused an account</bdi></td>'
        f'<td class="clip"><bdi>account {account_id}</bdi>'
    ) in text


def test_who_may_only_look_does_not_see_who_did_what(reader):
    assert "session.begin" not in reader.get("/settings").get_data(as_text=True)


def test_a_browser_chooses_its_language_and_takes_it_back(browser):
    told = browser.post("/settings/language", data={"language": "de"})
    german = browser.get(told.location).text
    browser.post("/settings/language", data={"language": ""})

    assert '<html lang="de">' in german
    assert "Die Seiten sprechen jetzt diese Sprache." in german
    assert '<html lang="en">' in browser.get("/settings").text


def test_who_may_only_look_chooses_a_language_too(reader):
    assert reader.post("/settings/language", data={"language": "de"}).status_code == 303


def test_a_language_that_there_is_not_is_not_kept(browser):
    browser.post("/settings/language", data={"language": "../de\r\nx: y"})

    assert browser.get_cookie("language") is None
