import pytest

from webapp.dashboard.blueprint import GO, NAVIGATION
from webapp.dashboard.shortcuts_page import tables


def test_every_page_of_the_navigation_has_a_key_of_its_own():
    assert set(GO) == {name for name, _, _ in NAVIGATION}
    assert len(set(GO.values())) == len(GO)


def test_the_page_and_the_script_are_given_the_same_keys(browser):
    text = browser.get("/shortcuts").get_data(as_text=True)
    sent = browser.get("/shortcuts", headers={"Accept": "application/json"}).json

    rows = [row for table in sent["tables"] for row in table["rows"]]
    assert len(rows) == sum(len(table.rows) for table in tables())
    assert {"keys": ["g", "m"], "text": "Messages", "together": False} in rows
    for row in rows:
        assert all(f"<kbd>{key}</kbd>" in text for key in row["keys"])


@pytest.mark.parametrize("path", ["/", "/messages", "/settings"])
def test_every_page_has_the_two_links_and_the_keys_of_the_others(browser, path):
    text = browser.get(path).get_data(as_text=True)

    assert 'href="/find" data-opens="palette"' in text
    assert 'href="/shortcuts" data-opens="help"' in text
    assert 'data-key="m"' in text
