"""The description names every route, and says of each who may use it."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mailbeat.db.api_keys import Scope
from webapp.api import schemas
from webapp.api.openapi import IN_PATHS, OPERATIONS, describe

EXAMPLE = {name: example for name, (_, example) in IN_PATHS.items()}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def document(app):
    return describe(app)


@pytest.fixture
def ask(app, document):
    """Let a client ask for everything that an operation of OPERATIONS is."""
    found = {
        one["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }

    def ask(client, endpoint):
        method, path = found[endpoint.replace(".", "_")]
        return client.open(path.format(**EXAMPLE), method=method, json={})

    return ask


def test_every_route_of_the_api_is_described(app, document):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods & METHODS
    }

    described = {
        (path, method.upper())
        for path, methods in document["paths"].items()
        for method in methods
    }

    assert described - routes == {("/healthz", "GET"), ("/readyz", "GET")}
    assert routes - described == set()


def test_a_route_that_nobody_described_is_refused(app):
    app.add_url_rule("/api/new", "new", str)

    with pytest.raises(ValueError, match="new"):
        describe(app)


def test_the_description_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_every_tag_is_explained(document):
    used = {
        tag
        for methods in document["paths"].values()
        for one in methods.values()
        for tag in one["tags"]
    }

    assert used == {tag["name"] for tag in document["tags"]}


@pytest.mark.parametrize("endpoint", OPERATIONS)
def test_whoever_has_the_scope_that_is_described_may_ask(with_scope, ask, endpoint):
    least = OPERATIONS[endpoint].scope or Scope.READ
    lesser = [scope for scope in Scope if not scope.includes(least)]

    assert ask(with_scope(least), endpoint).status_code != 403
    for scope in lesser:
        assert ask(with_scope(scope), endpoint).status_code == 403


@pytest.mark.parametrize("endpoint", OPERATIONS)
def test_only_what_is_described_as_open_is_open(nobody, ask, endpoint):
    is_open = OPERATIONS[endpoint].scope is None

    assert (ask(nobody, endpoint).status_code != 401) == is_open


@pytest.mark.parametrize(
    ("model", "field", "bounds"),
    [
        ("RunNow", "account_id", {"minimum": 1, "maximum": schemas.MAX_ID}),
        ("AccountNew", "email_address", {"pattern": schemas.ADDRESS}),
        ("AccountNew", "mailbox", {"pattern": schemas.LINE, "maxLength": 255}),
        ("AccountNew", "password", {"pattern": schemas.LINE, "format": "password"}),
        ("AccountChange", "port", {"minimum": 1, "maximum": 65_535}),
        ("KeyNew", "name", {"pattern": schemas.LINE}),
    ],
)
def test_the_bounds_of_a_field_are_described(document, model, field, bounds):
    found = document["components"]["schemas"][model]["properties"][field]

    assert bounds.items() <= found.items()


def test_a_question_is_described_without_null(document):
    parameters = document["paths"]["/api/processing/runs"]["get"]["parameters"]

    assert {one["name"] for one in parameters} == set(schemas.RunsQuery.model_fields)
    assert "null" not in str([one["schema"] for one in parameters])
