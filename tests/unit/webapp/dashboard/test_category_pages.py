import re

import pytest

from mailbeat.db.audit import newest_entries
from mailbeat.db.categories import any_category, living_categories
from mailbeat.db.category_changes import NewCategory, add_category
from mailbeat.db.session import transaction
from tests.unit.webapp.dashboard.conftest import HOSTILE

FORM = {"name": "Health", "definition": "Doctors", "color": "pink", "bar": "85"}
LONG = "x" * 64
ODD_NAMES = (HOSTILE, "\u202egnp.exe", "עברית", "👩‍👩‍👧‍👦" * 5, LONG)


def text_of(response):
    return response.get_data(as_text=True)


@pytest.fixture
def names(sessions):
    def names():
        with sessions() as session:
            return [one.name for one in living_categories(session)]

    return names


@pytest.fixture
def one(sessions):
    def one(category_id):
        with sessions() as session:
            return any_category(session, category_id)

    return one


@pytest.fixture
def deeds(sessions):
    def deeds():
        with sessions() as session:
            found = [*reversed(newest_entries(session))]
            return [(e.action, e.target, e.detail) for e in found][1:]  # the sign-in

    return deeds


def test_a_category_links_to_its_messages(browser, add, ran):
    ran(add(), messages=2)

    text = text_of(browser.get("/categories"))

    assert re.search(r'href="/messages\?category_id=1"[^>]*>1</a>', text)


def test_an_own_category_is_added(browser, one, deeds):
    response = browser.post("/categories", data=FORM | {"label": ""})

    assert response.location == "/categories?done=category-added#list"
    added = one(11)
    assert (added.name, added.label, added.color) == ("Health", "Health", "pink")
    assert (added.definition, added.bar, added.enabled) == ("Doctors", 0.85, True)
    assert deeds() == [("category.add", "category 11", "Health")]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "receipts"}, "There is a category Receipts already."),
        ({"name": ""}, "needs a character that can be seen"),
        ({"label": "INBOX"}, "is a name that mail servers"),
        ({"color": "#f00"}, "The colour is one of"),
        ({"bar": "x"}, "Choose a sureness from 30\xa0% to 100 %."),
        ({"bar": "7"}, "The bar is a number from 0.3 to 1."),
        ({"bar": "9999"}, "Choose a sureness"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    browser, names, deeds, changed, why
):
    before = names()

    response = browser.post("/categories", data=FORM | changed)

    assert response.status_code == 409
    assert why in text_of(response)
    assert 'value="Doctors"' in text_of(response)
    assert (names(), deeds()) == (before, [])


def test_a_form_as_it_is_served_changes_nothing(browser, one, deeds):
    sent = {
        "name": "Receipts",
        "definition": "Orders, invoices, deliveries, tickets",
        "label": "Receipts",
        "color": "green",
        "bar": "75",
        "enabled": "yes",
    }

    assert browser.post("/categories/2", data=sent).status_code == 303
    assert deeds() == [("category.change", "category 2", "")]

    browser.post("/categories/2", data=sent | {"name": "Bills", "enabled": ""})
    assert (one(2).name, one(2).enabled) == ("Bills", False)
    assert deeds()[-1] == ("category.change", "category 2", "enabled, name")


def test_a_bar_of_the_apis_own_is_kept_by_the_form(browser, sessions, one):
    with transaction(sessions) as session:
        add_category(session, NewCategory("Odd", bar=0.62))

    text = text_of(browser.get("/categories/11"))

    assert '<option value="62" selected>62 % sure</option>' in text


def test_a_removed_category_is_undone_with_one_click(browser, names, deeds):
    removed = browser.post("/categories/2/remove", follow_redirects=True)

    assert "Receipts" not in names()
    assert 'action="/categories/2/restore"' in text_of(removed)
    assert "1 removed or merged" in text_of(removed)
    browser.post("/categories/2/restore")
    assert names()[1] == "Receipts"
    assert [action for action, _, _ in deeds()] == [
        *("category.remove", "category.restore")
    ]


def test_a_merged_category_says_what_it_is_part_of(browser, one, deeds):
    merged = browser.post(
        "/categories/2/merge", data={"into": "3"}, follow_redirects=True
    )

    assert one(2).merged_into_id == 3
    assert "part of <bdi>Finance</bdi>" in text_of(merged)
    assert deeds() == [("category.merge", "category 2", "into category 3")]


@pytest.mark.parametrize("into", ["2", "77", "x", "", "9" * 12])
def test_a_category_merges_into_another_that_there_is(browser, one, into):
    response = browser.post("/categories/2/merge", data={"into": into})

    assert response.status_code == (409 if into == "2" else 404)
    assert one(2).deleted_at is None


def test_a_category_moves_up_and_down(browser, names):
    response = browser.post("/categories/2/move", data={"to": "up"})
    browser.post("/categories/3/move", data={"to": "down"})

    assert response.location == "/categories?done=category-moved#c2"
    assert names()[:4] == ["Receipts", "Personal", "Calendar", "Finance"]


def test_a_category_is_switched_off_and_on(browser, one):
    off = browser.post("/categories/2/enable", data={}, follow_redirects=True)

    assert one(2).enabled is False
    assert "nothing new is decided for it" in text_of(off)
    browser.post("/categories/2/enable", data={"enabled": "yes"})
    assert one(2).enabled is True


def test_a_set_is_added_once(browser, names):
    before = len(names())

    browser.post("/categories/presets/work")
    again = browser.post("/categories/presets/work", follow_redirects=True)

    assert len(names()) == before + 6
    assert "All of them are there." in text_of(again)
    assert browser.post("/categories/presets/none").status_code == 404


def test_a_name_that_was_given_again_is_not_restored_over_it(browser, names):
    browser.post("/categories/2/remove")
    browser.post("/categories", data=FORM | {"name": "Receipts"})

    response = browser.post("/categories/2/restore")

    assert response.status_code == 409
    assert "There is a category Receipts already." in text_of(response)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_whatever_a_category_is_called_it_is_shown_as_text(browser, sessions, name):
    with transaction(sessions) as session:
        add_category(session, NewCategory(name, definition=name, label="Odd"))

    for path in ("/categories", "/categories/11", "/messages"):
        text = text_of(browser.get(path))
        assert "<img" not in text
        assert "&lt;img" in text or name in text


def test_who_may_only_look_changes_nothing(reader, names):
    before = names()
    paths = ("", "/2", "/2/remove", "/2/merge", "/2/move", "/2/enable", "/2/restore")

    answers = {
        reader.post(f"/categories{path}", data=FORM | {"into": "3"}).status_code
        for path in (*paths, "/presets/work")
    }

    assert answers == {403}
    assert names() == before


@pytest.mark.parametrize("path", ["/categories/77", f"/categories/{2**31}"])
def test_a_category_that_is_not_there_is_a_page_too(browser, path):
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/remove").status_code == 404
