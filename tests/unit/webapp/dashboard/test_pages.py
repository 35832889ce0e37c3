import re

import pytest

PAGES = [
    "/",
    "/accounts",
    "/accounts/1",
    "/runs",
    "/runs/run-1",
    "/messages",
    "/messages/1",
    "/insights",
    "/rules",
    "/rules/new",
    "/categories",
    "/categories/2",
    "/workers",
    "/tasks",
    "/tasks/failures",
    "/settings",
    "/settings/audit",
    "/settings/digest",
    "/alerts",
]


@pytest.fixture
def house(add, ran):
    ran(add("<b>ada</b>@example.org"))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_served_and_names_where_one_is(browser, house, path):
    text = browser.get(path).get_data(as_text=True)

    navigation = text.partition(' id="nav"')[2].partition("</nav>")[0]
    assert navigation.count('aria-current="page"') == 1
    assert '<main class="page" id="main"' in text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_markup_from_mail_or_anything_inline(browser, house, path):
    text = browser.get(path).get_data(as_text=True)

    assert "<img" not in text
    assert "<b>ada" not in text
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script
    assert "never shown" not in text


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(app, house, path):
    response = app.test_client().get(path)

    assert response.status_code == 303
    assert response.location.startswith("/login")


@pytest.mark.parametrize("path", PAGES)
def test_who_may_only_look_gets_no_button_that_changes_anything(reader, house, path):
    text = reader.get(path).get_data(as_text=True)

    assert re.findall(r'<form method="post" action="([^"]*)"', text) == ["/logout"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_any_account_says_what_to_do(browser, path):
    response = browser.get(path)

    missing = path in {"/accounts/1", "/runs/run-1", "/messages/1"}
    assert response.status_code == (404 if missing else 200)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/99",
        "/accounts/99999999999999999999",
        "/accounts/x",
        "/runs/none",
        "/runs/" + "x" * 999,
        "/nothing-here",
    ],
)
def test_what_is_not_there_is_a_page_too(browser, path):
    response = browser.get(path)

    assert response.status_code == 404
    assert "Back to the live page" in response.get_data(as_text=True)
