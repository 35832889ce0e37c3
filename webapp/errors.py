"""What goes wrong, as the client asked for it: RFC 9457 for programs, a page else.

The text is ours, always: never that of an exception nobody expected.
"""

from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import Conflict, HTTPException, InternalServerError
from werkzeug.http import HTTP_STATUS_CODES

from mailbeat.db.types import SecretUnreadable
from webapp.language import N_, _
from webapp.sentences import said

PROBLEM = "application/problem+json"
FOR_PROGRAMS = ("/api/", "/ws/", "/healthz", "/readyz", "/metrics")

# In place of what the library says of each.
SENTENCES = {
    400: N_("This request cannot be read."),
    404: N_("There is nothing at this address."),
    405: N_("This address takes no such request. `Allow` names those that it takes."),
    413: N_("This is more than the 64 KB that a request may hold."),
    415: N_("Send JSON, with Content-Type: application/json."),
}
# Titles of pages; programs get HTTP's own, which these are.
TITLES = (
    N_("Bad Request"),
    N_("Forbidden"),
    N_("Not Found"),
    N_("Method Not Allowed"),
    N_("Conflict"),
    N_("Request Entity Too Large"),
    N_("Unsupported Media Type"),
    N_("Unprocessable Entity"),
    N_("Too Many Requests"),
    N_("Internal Server Error"),
    N_("Service Unavailable"),
)

log = structlog.get_logger(__name__)


class Problem(HTTPException):
    """An answer with a code that programs can tell apart."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_after: int | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = status
        self.problem = code
        self.retry_after = retry_after
        self.field = field


def refused(code: str, error: Exception, *, field: str | None = None) -> Problem:
    """409: what is asked for does not go together with how things are."""
    assert Conflict.code is not None  # noqa: S101 # narrows werkzeug's optional
    return Problem(Conflict.code, code, str(error), field=field)


def handle_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def expected(error: HTTPException) -> Response:
        if error.response is not None:
            return error.get_response()  # type: ignore[return-value] # it is ours
        sentence = _sentence(error)
        field = getattr(error, "field", None)
        named = [] if field is None else [{"field": field, "message": sentence}]
        response = answer(
            error.code or InternalServerError.code,
            sentence,
            code=getattr(error, "problem", None),
            **({"errors": named} if named else {}),
        )
        retry_after = getattr(error, "retry_after", None)
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        for name, value in error.get_headers():
            if name in {"Allow", "WWW-Authenticate", "Retry-After", "Location"}:
                response.headers[name] = value
        return response

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        # Never the input: it may be a password.
        errors = [
            {"field": ".".join(map(str, one["loc"])), "message": one["msg"]}
            for one in error.errors(include_url=False, include_input=False)
        ]
        names = ", ".join(one["field"] for one in errors if one["field"])
        detail = _("Not accepted: %(names)s.", names=names or _("the body"))
        return answer(422, detail, code="invalid", errors=errors)

    @app.errorhandler(SecretUnreadable)
    def unreadable(error: SecretUnreadable) -> Response:
        return answer(500, str(error), code="secret_unreadable")

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(PoolTimeout)
    def database_away(error: Exception) -> Response:
        log.error("database_away", error=type(error).__name__)
        response = answer(
            503, _("The database cannot be reached. Try again."), code="database_away"
        )
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("request_failed", path=request.path, exc_info=error)
        return answer(
            500,
            _(
                "Something went wrong on our side. The log has more under this "
                "request's id: %(id)s",
                id=g.get("request_id", "unknown"),
            ),
            code="internal",
        )


def _sentence(error: HTTPException) -> str:
    if error.description == type(error).description:
        known = SENTENCES.get(error.code or 0)
        return _(known) if known else error.description or ""
    return error.description or ""


def for_programs() -> bool:
    return request.path.startswith(FOR_PROGRAMS)


def answer(
    status: int | None, detail: str, *, code: str | None = None, **more: Any
) -> Response:
    status = status or 500
    title = HTTP_STATUS_CODES.get(status, "Error")
    if for_programs():
        problem = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code or title.lower().replace(" ", "_"),
            "request_id": g.get("request_id"),
            **more,
        }
        response = jsonify(problem)
        response.content_type = PROBLEM
    else:
        response = make_response(_page(title, detail))
    response.status_code = status
    return response


def _page(title: str, detail: str) -> str | Response:
    try:
        return render_template("error.html", title=_(title), detail=said(detail))
    except Exception:  # noqa: BLE001 # what answers errors outlives all of them
        # Without the template, or with one that needs what just failed: no address
        # can be built for a page when the request's host is none.
        return Response(f"{title}\n\n{detail}\n", mimetype="text/plain")
