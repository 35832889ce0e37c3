"""What messages are sorted into."""


def test_the_starting_categories_are_listed_in_order(admin):
    found = admin.get("/api/categories").json

    assert [one["slug"] for one in found["items"][:3]] == [
        "personal",
        "receipts",
        "finance",
    ]
    assert found["next_cursor"] is None
    assert set(found["items"][0]) == {
        "category_id",
        "slug",
        "name",
        "label",
        "definition",
        "color",
    }
