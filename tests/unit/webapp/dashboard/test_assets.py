import json
import re
import subprocess

import pytest
from flask import Blueprint, Flask, render_template_string
from playwright._impl._driver import compute_driver_executable

from webapp.dashboard import assets


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


def test_scripts_are_sent_without_comments_and_needless_space():
    text = (
        '// One.\nimport { b } from "./b.js";\n\nif (a) {\n'
        "  b(`//  ${c}`, /[/ ]+/);\n  c(1,\n  '/*  ');\n}\n"
    )

    lean = assets.lean_script(text)

    assert 'import{b}from"./b.js"' in lean
    assert "b(`//  ${c}`,/[/ ]+/)" in lean
    assert "c(1,'/*  ')" in lean
    assert "One" not in lean


def test_style_sheets_are_sent_without_comments_and_needless_space():
    text = "/* One\n   two. */\na b, c {\n  color: red;\n  font: 1px/2 x, y;\n}\n"

    assert assets.lean_sheet(text) == "a b,c{color:red;font:1px/2 x,y}"


def test_every_script_is_read_by_a_browser_as_it_is_sent():
    """Node reads modules as Chromium does; Playwright carries one."""
    node = compute_driver_executable()[0]
    scripts = {
        path.name: assets.lean_script(path.read_text())
        for path in assets.FOLDER.glob("*.js")
    }
    check = (
        "const vm = require('vm');"
        "for (const [name, text] of Object.entries(JSON.parse("
        "require('fs').readFileSync(0, 'utf8'))))"
        " new vm.SourceTextModule(text, { identifier: name })"
    )

    done = subprocess.run(
        [node, "--experimental-vm-modules", "--no-warnings", "-e", check],
        input=json.dumps(scripts),
        text=True,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "live.js" in scripts


def test_no_sheet_has_a_string_that_its_lean_form_would_change():
    for file in assets.FOLDER.glob("*.css"):
        for string in re.findall(r'"[^"]*"', file.read_text()):
            assert not re.search(r"[{};,]|: |\s\s|/\*", string), string


def test_no_script_writes_markup_or_asks_another_host():
    for file in assets.FOLDER.glob("*.js"):
        text = file.read_text()
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacent", "eval(", "//cdn"):
            assert forbidden not in text, f"{file.name}: {forbidden}"


def test_what_a_page_in_german_fetches_is_made_of_the_catalogues(app):
    with app.test_client().get("/static/x/de.js") as response:
        text = response.text

    assert response.mimetype == "text/javascript"
    texts, shapes = (line.partition(" = ")[2].rstrip(";") for line in text.splitlines())
    assert json.loads(texts)["Undo"] == "Rückgängig"
    needs = ["{0} braucht Ihre Hilfe", "{0} brauchen Ihre Hilfe"]
    assert json.loads(texts)["{0} needs you"] == needs
    assert [
        "There\\ is\\ no\\ account\\ (?<id>.+?)\\.",
        "Es gibt kein Konto %(id)s.",
    ] in (json.loads(shapes))
