import re


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
    strip = re.findall(r'role="listitem" data-tone="(\w+)"', text)
    assert strip == ["good", "bad"], "oldest first"
