"""`/api/openapi.json` and `/api/docs`: the API described, for programs and people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.api.openapi import describe
from webapp.api.schemas import MAX_ID

METHOD_TONES = {
    "GET": "quiet",
    "POST": "good",
    "PUT": "warn",
    "PATCH": "warn",
    "DELETE": "bad",
}
# Problems that any route can answer with: the page names them once, at its top.
EVERYWHERE = frozenset({400, 401, 403, 413, 415, 500, 503})

WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "object": "record",
}

blueprint = Blueprint("docs", __name__, url_prefix="/api")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: `words`, then the name of a model, then `after`."""

    words: str
    model: str | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer; without a kind it has no body."""

    status: int
    title: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    tone: str
    path: str
    summary: str
    scope: str | None
    parameters: list[Field]
    body: Kind | None
    outcomes: list[Outcome]


@dataclass(frozen=True, slots=True)
class Model:
    """A record with fields, or one of several words."""

    name: str
    about: str
    fields: list[Field]
    enum: list[str]


@blueprint.get("/openapi.json")
def description() -> ResponseReturnValue:
    return jsonify(_described())


@blueprint.get("/docs")
def page() -> ResponseReturnValue:
    document = _described()
    return render_template(
        "api_docs.html",
        version=document["info"]["version"],
        about=document["info"]["description"].strip().split("\n\n"),
        example=url_for("processing.current_status", _external=True),
        chapters=[
            (tag["name"], tag["description"], list(_routes(document, tag["name"])))
            for tag in document["tags"]
        ],
        models=list(_models(document["components"]["schemas"])),
    )


def _described() -> dict[str, Any]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 # Flask's own way
    return _describe_once(app)


_describe_once = lru_cache(maxsize=1)(describe)


def _routes(document: Schema, tag: str) -> Iterator[Route]:
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            if tag in one["tags"]:
                yield _route(path, method.upper(), one)


def _route(path: str, method: str, one: Schema) -> Route:
    body = one.get("requestBody")
    return Route(
        method=method,
        tone=METHOD_TONES.get(method, "quiet"),
        path=path,
        summary=one["summary"],
        scope=next(iter(one["security"][0].values()))[0] if one["security"] else None,
        parameters=[_parameter(each) for each in one["parameters"]],
        body=None if body is None else _content(body),
        outcomes=[
            Outcome(int(status), answer["description"], _content(answer))
            for status, answer in one["responses"].items()
            if int(status) not in EVERYWHERE or _is_no_problem(answer)
        ],
    )


def _is_no_problem(answer: Schema) -> bool:
    return "application/problem+json" not in answer.get("content", {})


def _content(of: Schema) -> Kind | None:
    for media, content in of.get("content", {}).items():
        return kind_of(content["schema"]) if "schema" in content else Kind(media)
    return None


def _parameter(one: Schema) -> Field:
    about = one.get("description", "")
    return Field(one["name"], kind_of(one["schema"]), one["required"], about)


def _models(schemas: Mapping[str, Schema]) -> Iterator[Model]:
    for name, schema in schemas.items():
        required = schema.get("required", ())
        yield Model(
            name,
            schema.get("description", ""),
            [
                Field(key, kind_of(one), key in required, one.get("description", ""))
                for key, one in schema.get("properties", {}).items()
            ],
            schema.get("enum", []),
        )


def kind_of(schema: Schema) -> Kind:
    """What a schema says, in a few words."""
    if "anyOf" in schema:
        kind = kind_of(schema["anyOf"][0])
        return replace(kind, after=f"{kind.after} or null")
    if "$ref" in schema:
        return Kind("", schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        kind = kind_of(schema["items"])
        return replace(kind, words=f"list of {kind.words}")
    if isinstance(schema.get("additionalProperties"), Mapping):
        return Kind(f"{kind_of(schema['additionalProperties']).words} by name")
    if "enum" in schema or "const" in schema:
        return Kind(" or ".join(schema.get("enum") or [schema["const"]]))
    return Kind(_plain(schema))


def _plain(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "time"
    words = WORDS[schema["type"]]
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None and high < MAX_ID:
        return f"{words}, {low} to {high}"
    if low:
        return f"{words} from {low}"
    if "maxLength" in schema:
        return f"{words}, up to {schema['maxLength']} characters"
    return words
