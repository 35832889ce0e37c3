"""Logs: one line per event, readable on a terminal, JSON elsewhere, without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

import structlog

RUN = "tasks.account.process_account"
_ONE_NUMBER = re.compile(r"[\[(]([0-9]{1,9}),?[\])]")
MAX_TEXT = 4000  # characters of one value

_secrets: set[str] = set()
# user:password@ in an address, and what programs send to sign in.
_PATTERNS = (
    (re.compile(r"(?<=://)([^/\s:@]{0,100}):[^/\s@]{1,200}@"), r"\1:***@"),
    (
        re.compile(r"(?i)\b(authorization|x-api-key)(['\"]?\s*[:=]\s*)\S+( \S+)?"),
        r"\1\2***",
    ),
    (re.compile(r"(?i)\b(LOGIN|AUTHENTICATE) .*"), r"\1 ***"),
    (re.compile(r"\bmb_[A-Za-z0-9]{4,32}_[A-Za-z0-9_-]{20,}"), "mb_***"),
)


def register_secret(secret: str) -> None:
    """Never let this value into a log line."""
    if len(secret) >= 4:  # noqa: PLR2004 # a shorter one would blank out ordinary words
        _secrets.add(secret)


def scrub(text: str) -> str:
    """Return text without the secrets that we know of or that look like some."""
    text = without_known_secrets(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _cut(text)


def without_known_secrets(text: str) -> str:
    """Return text without the values that `register_secret` was given."""
    for secret in _secrets:
        text = text.replace(secret, "***")
    return text


def _cut(text: str) -> str:
    """Leave out the middle: a traceback says at its end what happened."""
    half = MAX_TEXT // 2
    return text if len(text) <= MAX_TEXT else f"{text[:half]} ... {text[-half:]}"


def _scrub_event(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, datetime):
            event[name] = value.isoformat()
        elif isinstance(value, str):
            event[name] = scrub(value)
        elif not isinstance(value, int | float | bool | type(None)):
            event[name] = scrub(repr(value)) if name != "exc_info" else value
    return event


def _of_a_task(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Name the run and the account in what Celery itself says of a task.

    It says so outside of the task, where ours are not bound; what it knows comes with
    the record. A task of ours has an account's id and nothing else.
    """
    told = getattr(event.get("_record"), "data", None)
    if isinstance(told, Mapping) and isinstance(told.get("id"), str):
        is_run = told.get("name") == RUN
        event.setdefault("run_id" if is_run else "task_id", told["id"])
        only = _ONE_NUMBER.fullmatch(str(told.get("args"))) if is_run else None
        if only is not None:
            event.setdefault("account_id", int(only[1]))
    return event


def _without_locals(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Turn `exc_info` into a traceback's text, which the scrubber then sees."""
    return structlog.processors.format_exc_info(_logger, _method, event)


def log_to_a_person() -> None:
    """Print our own lines on stderr: what a command in the foreground needs.

    What structlog does unless it is told is not for us: it prints on stdout, and below
    an exception the local variables of every function, passwords among them.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _without_locals,
            _scrub_event,
            _plain_renderer(colors=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _plain_renderer(*, colors: bool) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )


def configure_logging(level: str = "info", fmt: str = "auto") -> None:
    """Send our lines and those of every library to stderr in one shape.

    `fmt` is `json`, `console`, or `auto`: readable on a terminal, JSON elsewhere.
    """
    terminal = sys.stderr.isatty()
    readable = fmt == "console" or (fmt == "auto" and terminal)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _of_a_task,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_locals,
        _scrub_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        _plain_renderer(colors=terminal)
        if readable
        else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
