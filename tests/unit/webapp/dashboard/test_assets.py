import pytest
from flask import Blueprint, Flask, render_template_string

from webapp.dashboard import assets

BUDGET = 60 * 1024  # bytes of script and style that the live page loads
# Those that it does not load.
NOT_LIVE = {
    "categories.js",
    "decisions.css",
    "insights.css",
    "insights.js",
    "messages.js",
    "pages.css",
    "rules.js",
    "settings.css",
    "settings.js",
    "setup.css",
    "setup.js",
    "worker.js",
}


@pytest.fixture
def app():
    app, blueprint = Flask("test", static_folder=None), Blueprint("pages", "test")
    assets.register(blueprint)
    app.register_blueprint(blueprint)
    return app


def test_the_version_follows_the_content(tmp_path):
    (tmp_path / "a.js").write_text("1")
    before = assets.version_of(tmp_path)

    (tmp_path / "a.js").write_text("2")

    assert assets.version_of(tmp_path) != before


def test_a_file_of_this_version_may_be_kept_for_ever(app):
    with app.test_request_context():
        address = render_template_string('{{ asset("live.js") }}')

    with app.test_client().get(address) as response:
        assert response.status_code == 200
        assert response.mimetype == "text/javascript"
        assert response.cache_control.immutable
        assert response.cache_control.max_age == assets.A_YEAR


def test_a_file_of_another_version_is_served_and_not_kept(app):
    with app.test_client().get("/static/0123456789ab/live.js") as response:
        assert response.status_code == 200
        assert not response.cache_control.max_age


@pytest.mark.parametrize(
    "path", ["missing.js", "../assets.py", "..%2fassets.py", "%2fetc%2fpasswd"]
)
def test_nothing_else_is_served(app, path):
    response = app.test_client().get(f"/static/x/{path}", follow_redirects=True)

    assert response.status_code == 404


def test_the_scripts_and_styles_stay_small():
    files = [*assets.FOLDER.glob("*.js"), *assets.FOLDER.glob("*.css")]
    sizes = {file.name: file.stat().st_size for file in files}
    others = sum(sizes[name] for name in NOT_LIVE)

    assert sum(sizes.values()) - others <= BUDGET
    assert others <= BUDGET


def test_no_script_writes_markup_or_asks_another_host():
    for file in assets.FOLDER.glob("*.js"):
        text = file.read_text()
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacent", "eval(", "//cdn"):
            assert forbidden not in text, f"{file.name}: {forbidden}"
