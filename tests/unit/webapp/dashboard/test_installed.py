import struct

import pytest

from webapp.dashboard import assets
from webapp.security import CONTENT_SECURITY_POLICY


def test_the_manifest_is_open_and_its_icons_are_what_it_says(app):
    client = app.test_client()

    response = client.get("/manifest.webmanifest")

    assert response.mimetype == "application/manifest+json"
    found = response.get_json()
    assert (found["start_url"], found["scope"], found["display"]) == (
        "/",
        "/",
        "standalone",
    )
    for icon in found["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.status_code == 200
            assert answer.mimetype == icon["type"]
            data = answer.get_data()
        if icon["type"] == "image/png":
            size = "x".join(map(str, struct.unpack(">II", data[16:24])))
            assert size == icon["sizes"]


@pytest.mark.parametrize("path", ["/", "/settings"])
def test_each_page_names_the_manifest(browser, path):
    text = browser.get(path).get_data(as_text=True)

    assert '<link rel="manifest" href="/manifest.webmanifest">' in text


def test_the_worker_is_served_at_the_root_and_kept_by_no_cache(browser, app):
    with browser.get("/worker.js") as response:
        assert response.mimetype == "text/javascript"
        assert response.headers["Cache-Control"] == "no-store"
    assert app.test_client().get("/worker.js").status_code in {303, 401}


def test_nothing_passes_through_the_worker():
    text = (assets.FOLDER / "worker.js").read_text()

    assert 'addEventListener("fetch"' not in text
    assert "caches" not in text


def test_only_the_settings_may_start_a_worker(browser):
    policy = browser.get("/settings").headers["Content-Security-Policy"]
    others = browser.get("/").headers["Content-Security-Policy"]

    assert "trusted-types mailbeat-worker" in policy
    assert others == CONTENT_SECURITY_POLICY
    assert "trusted-types 'none'" in others
