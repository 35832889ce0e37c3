"""The description of the API, OpenAPI 3.1, made from the url map and the models.

`OPERATIONS` adds what neither of them tells: the scope, and which model is meant where.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import Rule

from mailbeat import __version__
from mailbeat.db import recommendations
from mailbeat.db.api_keys import Scope
from webapp.api import alert_shapes, answers, digest_shapes, rule_shapes, schemas
from webapp.errors import PROBLEM

JSON = "application/json"
YAML = "application/yaml"
REF = "#/components/schemas/{model}"
AUTOMATIC = frozenset({"HEAD", "OPTIONS"})  # methods that Flask adds
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
READ, CONTROL, ADMIN = Scope.READ, Scope.CONTROL, Scope.ADMIN

ABOUT = """\
Send `X-API-Key: <key>` or `Authorization: Bearer <key>`, never a key in a URL. A key
has one scope: `read`, `control` (run, cancel, pause, change categories) or `admin`
(accounts, keys); each includes the one before it. A signed-in browser has the scope of
the key that it signed in with.

Lists are `{"items": [...], "next_cursor": ...}`; ask again with `?cursor=` until that
is null. Times are UTC. Errors are `application/problem+json` (RFC 9457) with a `code`
for programs. The live feed, `GET /ws/status`, is a WebSocket.
"""

# By the name of the blueprint.
TAGS = {
    "processing": ("processing", "Runs: what runs, what ran, and the buttons."),
    "accounts": ("accounts", "Whose mail, and how to log in."),
    "categories": ("categories", "What messages are sorted into."),
    "rules": ("rules", "The user's own rules, which come before all else."),
    "messages": ("messages", "What was decided about which message, and why."),
    "corrections": ("corrections", "What people said that messages are."),
    "recommendations": ("recommendations", "What is worth a rule."),
    "stats": ("statistics", "What was done, in numbers."),
    "workers": ("workers", "Who does the runs."),
    "queues": ("queues", "What waits, and whether the schedule is kept."),
    "tasks": ("tasks", "Every Celery task that went by."),
    "alerts": ("alerts", "What is wrong, what was, and who was told."),
    "digests": ("digests", "Who gets a letter about what was done."),
    "keys": ("keys", "Who may ask."),
    "audit": ("audit", "Who did what, and when."),
    "live": ("feed", "The live feed."),
    "health": ("health", "Whether it lives, can serve, and how every part is."),
    "docs": ("description", "This description."),
}
_ROW_ID = {"type": "integer", "minimum": 1, "maximum": schemas.MAX_ID}
_PRESET = {"type": "string", "pattern": "^[a-z-]{1,32}$"}
_RECOMMENDATION = {"type": "string", "pattern": f"^{recommendations.KEY.pattern}$"}
_RUN_ID = {"type": "string", "pattern": schemas.RUN_ID}
_TASK_ID = {"type": "string", "pattern": schemas.TASK_ID}
_KEY_ID = {"type": "string", "pattern": "^[0-9a-f]{12}$"}
# What stands in a path, and one that could be there.
IN_PATHS: Mapping[str, tuple[Mapping[str, Any], Any]] = {
    "account_id": (_ROW_ID, 1),
    "alert_id": (_ROW_ID, 1),
    "silence_id": (_ROW_ID, 1),
    "digest_id": (_ROW_ID, 1),
    "message_id": (_ROW_ID, 1),
    "correction_id": (_ROW_ID, 1),
    "rule_id": (_ROW_ID, 1),
    "worker_id": (_ROW_ID, 1),
    "run_id": (_RUN_ID, "3f2b8c1e-5d47-4a90-9c1b-7e0a6d2f4b88"),
    "task_id": (_TASK_ID, "3f2b8c1e-5d47-4a90-9c1b-7e0a6d2f4b88"),
    "key_id": (_KEY_ID, "0123456789ab"),
    "category_id": (_ROW_ID, 1),
    "preset": (_PRESET, "work"),
    "key": (_RECOMMENDATION, "1-sender-2-0123456789abcdef"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route does. `scope` None is open to everyone; `answer` None is no body.

    `refusals` are the statuses beside those that follow from the rest.
    """

    summary: str
    answer: type[BaseModel] | None = None
    status: int = 200
    scope: Scope | None = READ
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    refusals: tuple[int, ...] = ()
    media: str = JSON
    body_media: str = JSON
    unusable: int | None = None  # a status with the body of `status`, not a problem
    located: bool = False  # the answer says where the new thing is


def _control(summary: str, answer: type[BaseModel] | None, **more: Any) -> Operation:
    return Operation(summary, answer, scope=CONTROL, **more)


def _admin(summary: str, answer: type[BaseModel] | None, **more: Any) -> Operation:
    return Operation(summary, answer, scope=ADMIN, **more)


_paged = schemas.Paging
_span = schemas.StatisticsQuery
OPERATIONS: Mapping[str, Operation] = {
    "processing.current_status": Operation(
        "Every account's state, and the last 5 runs", answers.CurrentStatus
    ),
    "processing.list_runs": Operation(
        "Runs, newest first", answers.Runs, query=schemas.RunsQuery
    ),
    "processing.last_runs": Operation(
        "The newest finished run of each account", answers.LastRuns
    ),
    "processing.one_run": Operation("One run", answers.Run),
    "processing.run_now": _control(
        "Run an account now, unless it is running or paused",
        answers.RunRef,
        status=202,
        body=schemas.RunNow,
        refusals=(404, 409),
    ),
    "processing.cancel": _control(
        "Stop a run at its next message", answers.RunRef, status=202, refusals=(409,)
    ),
    "processing.pause": _control("Pause everything", answers.Paused),
    "processing.resume": _control("Resume everything", answers.Paused),
    "accounts.list_all": Operation(
        "All accounts, or those that are found",
        answers.Accounts,
        query=schemas.AccountsQuery,
    ),
    "accounts.add": _admin(
        "Add an account",
        answers.Account,
        status=201,
        body=schemas.AccountNew,
        refusals=(409, 429),
        located=True,
    ),
    "accounts.one": Operation("One account", answers.Account),
    "accounts.change": _admin(
        "Change an account", answers.Account, body=schemas.AccountChange
    ),
    "accounts.remove": _admin(
        "Remove an account, its password and what was decided; its runs stay",
        None,
        status=204,
    ),
    "accounts.pause": _control("Pause an account", answers.Account),
    "accounts.resume": _control(
        "Resume an account; that runs it at once", answers.Account
    ),
    "accounts.verify": _control(
        "Sign in to the mail server, open the mailbox, and hang up",
        answers.Verified,
        refusals=(429,),
    ),
    "categories.list_all": Operation(
        "All categories, in the user's order",
        answers.Categories,
        query=schemas.CategoriesQuery,
    ),
    "categories.add": _control(
        "Add an own category, which is learned by examples and rules",
        answers.Category,
        status=201,
        body=schemas.CategoryNew,
        refusals=(409,),
        located=True,
    ),
    "categories.one": Operation("One category, also a removed one", answers.Category),
    "categories.change": _control(
        "Change a category; its slug stays, and labels that are on mail already",
        answers.Category,
        body=schemas.CategoryChange,
        refusals=(409,),
    ),
    "categories.remove": _control(
        "Decide for a category no more; `restore` undoes it", None, status=204
    ),
    "categories.merge": _control(
        "Read a category as another one from now on; `restore` undoes it",
        answers.Category,
        body=schemas.CategoryMerge,
        refusals=(409,),
    ),
    "categories.restore": _control(
        "Undo that a category was removed or merged",
        answers.Category,
        refusals=(409,),
    ),
    "categories.order": _control(
        "Put categories in order",
        answers.Categories,
        body=schemas.CategoryOrder,
        refusals=(404,),
    ),
    "categories.presets": Operation(
        "Sets of categories that can be added", answers.Presets
    ),
    "categories.add_preset": _control(
        "Add what is not there of a set of categories",
        answers.PresetAdded,
        refusals=(409,),
    ),
    "rules.list_all": Operation("All rules, in their order", rule_shapes.Rules),
    "rules.add": _control(
        "Add a rule; it acts in the next run",
        rule_shapes.Rule,
        status=201,
        body=rule_shapes.RuleNew,
        refusals=(409,),
        located=True,
    ),
    "rules.one": Operation("One rule", rule_shapes.Rule),
    "rules.change": _control(
        "Change or move a rule",
        rule_shapes.Rule,
        body=rule_shapes.RuleChange,
        refusals=(409,),
    ),
    "rules.remove": _control(
        "Remove a rule; the answer is what it was", rule_shapes.Rule
    ),
    "rules.order": _control(
        "Bring all rules into an order",
        rule_shapes.Rules,
        body=rule_shapes.RuleOrder,
        refusals=(409,),
    ),
    "rules.try_out": Operation(
        "What a rule would have done to the last messages; changes nothing",
        rule_shapes.RulePreviewed,
        body=rule_shapes.RulePreview,
    ),
    "rules.export": Operation("All rules as a file", media=YAML),
    "rules.import_": _control(
        "Take the rules of a file, all of them or none",
        rule_shapes.RulesImported,
        query=rule_shapes.RuleImport,
        body=rule_shapes.RuleFile,
        body_media=YAML,
        refusals=(409,),
    ),
    "messages.list_all": Operation(
        "Decisions, newest first", answers.Messages, query=schemas.MessagesQuery
    ),
    "messages.one": Operation("All about one message", answers.WholeMessage),
    "messages.correct": _control(
        "Say what a message is, or confirm it; mail like it is decided better, and "
        "its label follows in a run a few seconds later",
        answers.Corrected,
        body=schemas.Chosen,
    ),
    "messages.correct_many": _control(
        "The same for up to 500 messages",
        answers.ManyCorrected,
        body=schemas.ManyChosen,
        refusals=(404,),
    ),
    "corrections.list_all": Operation(
        "Corrections, newest first", answers.Corrections, query=schemas.CorrectionsQuery
    ),
    "corrections.undo": _control(
        "Take back the newest correction of a message",
        answers.Correction,
        refusals=(409,),
    ),
    "recommendations.list_all": Operation(
        "Senders, domains and lists that are worth a rule, the best first",
        answers.Recommendations,
        query=_span,
    ),
    "recommendations.dismiss": _control(
        "Do not show a recommendation again", None, status=204
    ),
    "stats.totals": Operation("Everything in numbers", answers.Totals, query=_span),
    "stats.categories": Operation(
        "Messages of each category, the most frequent first",
        answers.CategoryCounts,
        query=_span,
    ),
    "stats.senders": Operation(
        "The most frequent senders", answers.SenderCounts, query=schemas.TopQuery
    ),
    "stats.domains": Operation(
        "The most frequent domains of senders",
        answers.DomainCounts,
        query=schemas.TopQuery,
    ),
    "stats.trends": Operation(
        "Messages and runs over time: by the hour up to 2 days, else by the day",
        answers.Trend,
        query=_span,
    ),
    "stats.heatmap": Operation(
        "Messages of each hour of the week, 168 of them",
        answers.Heatmap,
        query=schemas.HeatmapQuery,
    ),
    "stats.layers": Operation(
        "How much each layer decided, the busiest first",
        answers.LayerCounts,
        query=_span,
    ),
    "stats.errors": Operation(
        "Runs that failed or were interrupted, by their error",
        answers.ErrorCounts,
        query=_span,
    ),
    "stats.last_hour": Operation(
        "Messages labelled in each minute of the last hour, and as what",
        answers.LastHour,
    ),
    "stats.llm": Operation(
        "How much the model was asked", answers.LLMUse, query=schemas.DaysQuery
    ),
    "stats.performance": Operation(
        "How long runs take", answers.Performance, query=_span
    ),
    "workers.list_all": Operation(
        "The workers that live, and those that ended lately", answers.Workers
    ),
    "workers.stop": _control(
        "Stop a worker: its runs end at their next message and are handed over",
        answers.WorkerRef,
        status=202,
        refusals=(404, 409),
    ),
    "workers.resize": _control(
        "Give a worker more or fewer threads; no run is interrupted",
        answers.WorkerRef,
        status=202,
        body=schemas.Threads,
        refusals=(404, 409),
    ),
    "queues.list_all": Operation(
        "The queues as beat saw them last, and how the schedule is kept",
        answers.Queues,
    ),
    "tasks.list_all": Operation(
        "Tasks of every app on the broker, newest first",
        answers.Tasks,
        query=schemas.TasksQuery,
    ),
    "tasks.failures": Operation(
        "Tasks that failed, by their name and exception, the latest first",
        answers.TaskFailures,
        query=schemas.TaskFailuresQuery,
    ),
    "tasks.one": Operation("One task", answers.Task),
    "alerts.list_all": Operation(
        "Alerts, newest first", alert_shapes.Alerts, query=alert_shapes.AlertsQuery
    ),
    "alerts.acknowledge": _control(
        "Say that you know of an alert: only its end is told then",
        alert_shapes.AlertTold,
        refusals=(409,),
    ),
    "alerts.list_silences": Operation(
        "What nobody is told of at present", alert_shapes.Silences
    ),
    "alerts.silence": _control(
        "Tell nobody of a rule, or of one subject of it, for a while",
        alert_shapes.SilenceTold,
        status=201,
        body=alert_shapes.SilenceNew,
    ),
    "alerts.end_silence": _control("Tell of it again", None, status=204),
    "alerts.deliveries": Operation(
        "The newest messages on each way out, and whether they arrived",
        alert_shapes.Deliveries,
    ),
    "alerts.try_out": _control(
        "Send a test on every way out",
        alert_shapes.Tested,
        status=202,
        refusals=(409,),
    ),
    "digests.list_all": _admin("Who gets a letter, and when", digest_shapes.Digests),
    "digests.add": _admin(
        "Have a letter sent each day, or on Mondays",
        digest_shapes.DigestTold,
        status=201,
        body=digest_shapes.DigestWanted,
        refusals=(409,),
        located=True,
    ),
    "digests.one": _admin("One of them", digest_shapes.DigestTold),
    "digests.change": _admin(
        "Put another in its place",
        digest_shapes.DigestTold,
        body=digest_shapes.DigestWanted,
        refusals=(409,),
    ),
    "digests.remove": _admin("Send no more of these letters", None, status=204),
    "digests.preview": _admin(
        "What the letter says at this moment", digest_shapes.DigestPreview
    ),
    "digests.send": _admin(
        "Send one now, beside those that are due",
        digest_shapes.DigestSent,
        status=202,
        refusals=(409,),
    ),
    "keys.list_all": _admin("All keys", answers.Keys, query=_paged),
    "keys.issue": _admin(
        "Issue a key; it is shown once",
        answers.IssuedKey,
        status=201,
        body=schemas.KeyNew,
        refusals=(409,),
    ),
    "keys.revoke": _admin(
        "Revoke a key; its sessions end now, its sockets within 2 s", None, status=204
    ),
    "audit.list_all": _admin(
        "What was done, newest first", answers.AuditLog, query=_paged
    ),
    "live.ticket": Operation(
        "A ticket for one WebSocket of a page of ALLOWED_ORIGINS", answers.Ticket
    ),
    "health.health": Operation("Every part, and since when", answers.Health),
    "health.alive": Operation(
        "Whether this process is whole", answers.Alive, scope=None, unusable=503
    ),
    "health.ready": Operation(
        "Whether requests can be served", answers.Ready, scope=None, unusable=503
    ),
    "docs.description": Operation("This document"),
    "docs.page": Operation("The same for people, in HTML", media="text/html"),
}


class _Untitled(GenerateJsonSchema):
    """Without a title for each field, which only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 # pydantic's
        return False


def described_rules(app: Flask) -> list[Rule]:
    """The rules of the API, and of the routes outside of it that have an entry."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") or rule.endpoint in OPERATIONS
    ]


def describe(app: Flask) -> dict[str, Any]:
    """The document of an app's API.

    Raises:
        ValueError: a route under /api has no entry in OPERATIONS.
    """
    components = _components()
    paths: dict[str, dict[str, Any]] = {}
    # In the order of the table, which is that of the story.
    order = list(OPERATIONS)
    for rule in sorted(described_rules(app), key=lambda one: order.index(one.endpoint)):
        path = "".join(_parts_of(rule))
        for method in sorted((rule.methods or set()) - AUTOMATIC):
            one = _operation(rule, method, OPERATIONS[rule.endpoint], components)
            paths.setdefault(path, {})[method.lower()] = one
    queries = {one.query.__name__ for one in OPERATIONS.values() if one.query}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mailbeat", "version": __version__, "description": ABOUT},
        "tags": [{"name": name, "description": text} for name, text in TAGS.values()],
        "paths": paths,
        "components": {
            "schemas": {k: v for k, v in components.items() if k not in queries},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "mailbeat",
                    "description": "Of a signed-in browser; `__Host-mailbeat` by "
                    "https. What changes something must come from a page of ours.",
                },
            },
        },
    }


def _components() -> dict[str, Any]:
    """The schemas of all models that the operations name, by the model's name."""
    models: set[type[BaseModel]] = {answers.Problem}
    for one in OPERATIONS.values():
        named = (one.answer, one.query, one.body)
        models |= {model for model in named if model is not None}
    _, found = models_json_schema(
        [(model, "validation") for model in sorted(models, key=str)],
        ref_template=REF,
        schema_generator=_Untitled,
    )
    return dict(sorted(found["$defs"].items()))


def _parts_of(rule: Rule) -> Iterator[str]:
    """The path as OpenAPI writes it."""
    for part in rule.rule.replace(">", "<").split("<"):
        name = part.rpartition(":")[2]
        yield f"{{{name}}}" if name in rule.arguments else part


def _operation(
    rule: Rule, method: str, one: Operation, components: Mapping[str, Any]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": [TAGS[rule.endpoint.partition(".")[0]][0]],
        "summary": one.summary,
        "parameters": [*_path_parameters(rule), *_query_parameters(one, components)],
        "responses": _responses(rule, method, one),
        "security": [] if one.scope is None else _security(one.scope),
    }
    if one.scope is not None:
        described["description"] = f"Needs the scope `{one.scope}`."
    if one.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {one.body_media: {"schema": _ref(one.body)}},
        }
    return described


def _security(scope: Scope) -> list[dict[str, list[str]]]:
    """One of these; the names of roles are our scopes (OpenAPI 3.1, 4.8.30)."""
    return [{name: [str(scope)]} for name in ("key", "bearer", "session")]


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in sorted(rule.arguments):
        schema, example = IN_PATHS[name]
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schema,
            "example": example,
        }


def _query_parameters(
    one: Operation, components: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    if one.query is None:
        return
    for name, found in components[one.query.__name__]["properties"].items():
        schema = dict(found)
        parameter = {"name": name, "in": "query"}
        if (text := schema.pop("description", None)) is not None:
            parameter["description"] = text
        yield {**parameter, "required": False, "schema": _never_null(schema)}


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without null: in a query what has no value is left out."""
    kinds: list[dict[str, Any]] | None = schema.pop("anyOf", None)
    if kinds is None:
        return schema
    schema.pop("default")
    (kind,) = (one for one in kinds if one != {"type": "null"})
    return schema | kind


def _responses(rule: Rule, method: str, one: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTP_STATUS_CODES[one.status]}
    if one.status != 204:  # noqa: PLR2004 # No Content
        schema = {} if one.answer is None else {"schema": _ref(one.answer)}
        good["content"] = {one.media: schema}
    if one.located:
        good["headers"] = {"Location": {"required": True, "schema": _TEXT}}
    found = {one.status: good}
    if one.unusable is not None:
        found[one.unusable] = good | {"description": HTTP_STATUS_CODES[one.unusable]}
    for status in _refusals(rule, method, one):
        found.setdefault(status, _problem(status))
    return {str(status): found[status] for status in sorted(found)}


def _refusals(rule: Rule, method: str, one: Operation) -> Iterator[int]:
    """Statuses of the problems that an operation can answer with."""
    yield from one.refusals
    yield from (400, 500)  # a NUL in the address is refused everywhere
    if one.scope is not None:
        yield from (401, 429, 503)  # 429: too many wrong keys came from there
    if one.scope not in {None, READ} or method in UNSAFE:
        yield 403
    if rule.arguments:
        yield 404
    if one.query is not None:
        yield 422
    if one.body is not None:
        yield from (413, 422)
    if method in UNSAFE:
        yield 415


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}
_HEADERS = {
    401: {"WWW-Authenticate": {"required": True, "schema": _TEXT}},
    429: {"Retry-After": {"required": True, "schema": _NUMBER}},
    503: {"Retry-After": {"required": True, "schema": _NUMBER}},
}


def _problem(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": HTTP_STATUS_CODES[status],
        "content": {PROBLEM: {"schema": _ref(answers.Problem)}},
    }
    if status in _HEADERS:
        described["headers"] = _HEADERS[status]
    return described


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
