import re
from dataclasses import replace

from pydantic import SecretStr


def test_the_list_shows_each_account_with_its_last_run(browser, add, ran):
    ran(add("ada@example.org"))
    add("grace@example.org")

    text = browser.get("/accounts").get_data(as_text=True)

    assert text.index("ada@example.org") < text.index("grace@example.org")
    assert "11 of 12 labelled" in text
    assert "No run yet" in text


def test_an_accounts_page_has_its_settings_and_its_last_runs(browser, add, ran):
    account_id = add()
    ran(account_id, "run-1", minutes=9)
    ran(
        account_id,
        "run-2",
        state="error",
        outcome="failed",
        error_code="connect_failed",
        emails_labeled=0,
    )

    text = browser.get(f"/accounts/{account_id}").get_data(as_text=True)

    assert "imap.example.org:993" in text
    assert "1 of 2" in text, "runs that ended well"
    strip = re.findall(r'<a data-tone="(\w+)" href="/runs/', text)
    assert strip == ["good", "bad"], "oldest first"


def test_a_page_says_what_a_model_gets_to_see_and_where_it_is(app, browser, add):
    from webapp.parts import parts_of, put_parts

    account_id = add()
    told = {
        "llm_base_url": "https://llm.example.org/v1",
        "llm_model": "llama3.1",
        "llm_api_key": SecretStr("hidden-key"),
    }
    built = parts_of(app)
    put_parts(app, replace(built, settings=built.settings.model_copy(update=told)))

    page = browser.get(f"/accounts/{account_id}").get_data(as_text=True)

    assert "llama3.1 at llm.example.org gets to see the subject" in page
    assert "hidden-key" not in page
