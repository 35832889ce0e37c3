"""The description of the API, as it is served to programs and people."""

import re

import pytest

from webapp.api.docs import Kind, kind_of
from webapp.api.openapi import describe


@pytest.fixture
def text(browser):
    return browser.get("/api/docs").text


def test_programs_get_the_description(admin, app):
    response = admin.get("/api/openapi.json")

    assert response.mimetype == "application/json"
    assert response.json == describe(app)


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs"])
def test_the_description_needs_a_key(nobody, path):
    assert nobody.get(path).status_code == 401


def test_people_read_of_every_route(text, app):
    for path, methods in describe(app)["paths"].items():
        shown = rf">({'|'.join(methods)})</span><code>{re.escape(path)}</code>"
        assert len(re.findall(shown, text, re.IGNORECASE)) == len(methods)


def test_every_link_into_the_page_leads_somewhere(text):
    targets = set(re.findall(r'href="#([^"]+)"', text))
    ids = re.findall(r'\sid="([^"]+)"', text)

    assert targets <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_page_has_no_script_but_that_of_every_page(text, browser):
    scripts = r"<script[^>]*>"

    assert re.findall(scripts, text) == re.findall(
        scripts, browser.get("/settings/audit").text
    )


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(text):
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)

    assert all(one.startswith(("/", "#")) for one in loaded)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text)


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, Kind("text")),
        ({"type": "string", "maxLength": 9}, Kind("text, up to 9 characters")),
        ({"type": "string", "format": "date-time"}, Kind("time")),
        ({"type": "integer", "minimum": 0}, Kind("whole number")),
        ({"type": "integer", "minimum": 1}, Kind("whole number from 1")),
        ({"type": "number", "minimum": 0, "maximum": 1}, Kind("number, 0 to 1")),
        ({"const": "ok", "type": "string"}, Kind("ok")),
        ({"enum": ["a", "b"], "type": "string"}, Kind("a or b")),
        ({"$ref": "#/components/schemas/Run"}, Kind("", "Run")),
        (
            {"anyOf": [{"$ref": "#/components/schemas/Run"}, {"type": "null"}]},
            Kind("", "Run", " or null"),
        ),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/Run"}},
            Kind("list of ", "Run"),
        ),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            Kind("whole number by name"),
        ),
        ({"type": "object", "additionalProperties": False}, Kind("record")),
        ({"type": "object", "additionalProperties": True}, Kind("record")),
    ],
)
def test_a_schema_is_said_in_words(schema, kind):
    assert kind_of(schema) == kind
