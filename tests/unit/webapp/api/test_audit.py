"""Who did what, over the API."""

ROOT = "/api/audit"


def test_entries_come_in_pages_newest_first(admin):
    admin.post("/api/processing/pause")
    admin.post("/api/processing/resume")

    first = admin.get(ROOT, query_string={"limit": 1}).json
    then = admin.get(ROOT, query_string={"cursor": first["next_cursor"]}).json

    assert [one["action"] for one in first["items"]] == ["all.resume"]
    (entry,) = then["items"]
    assert (entry["actor"], entry["action"]) == ("bootstrap", "all.pause")
    assert then["next_cursor"] is None


def test_only_an_admin_sees_them(with_scope):
    assert with_scope("control").get(ROOT).status_code == 403
