"""The live page in German, as a browser that asks for it gets it and keeps it."""

import re

import pytest
from playwright.sync_api import expect

from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import AuthFailed, ErrorCode
from mailbeat.mail.refusal import refused

ENGLISH = re.compile(r"(?i)\b(the|and|waiting|labelled|ago|needs|done|last)\b")


@pytest.fixture
def in_german(context, page, dashboard, sign_in):
    sign_in(dashboard)
    context.set_extra_http_headers({"Accept-Language": "de-DE,de;q=0.9"})
    return page


def test_the_live_page_speaks_german_as_served_and_as_its_script_draws_it(
    in_german, dashboard, account, worker
):
    for number in (1, 2, 3):
        account(f"a{number}@example.org")
    said = []
    in_german.on("console", lambda message: said.append(message.text))
    in_german.on("pageerror", lambda error: said.append(str(error)))
    in_german.goto(dashboard.url)
    expect(in_german.locator("#sentence")).to_contain_text("3 Konten warten")

    worker.begin(1).step(RunState.LABELING, 7)
    sentence = str(refused(AuthFailed, host="imap.example.org"))
    worker.begin(2).fail(ErrorCode.AUTH_FAILED, sentence)
    ended = worker.begin(3)
    ended.end()

    card = in_german.locator("#cards [data-account='1']")
    expect(card.locator(".pill")).to_have_text("Setzt Labels")
    expect(card.locator(".step")).to_have_text("Setzt Label 7 von 20")
    expect(in_german.locator("#needs")).to_contain_text("hat das Passwort abgelehnt")
    expect(in_german.locator("#sentence")).to_contain_text("1 braucht Ihre Hilfe")
    expect(in_german.locator("#recent tbody")).to_contain_text("mit Label")
    texts = in_german.locator("body").inner_text()
    assert [line for line in texts.splitlines() if ENGLISH.search(line)] == []
    assert in_german.evaluate("document.documentElement.lang") == "de"
    assert said == []
    assert in_german.evaluate("window.violations") == []
