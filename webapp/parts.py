"""What the web is made of, built once per app by `create_app`."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import Engine

from mailbeat.alerts.watch import Watch
from mailbeat.db.session import Sessions
from mailbeat.mail.providers import Server
from mailbeat.settings import Settings
from mailbeat.signing_in import Access
from webapp.live.feed import Live

_NAME = "mailbeat"


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    engine: Engine
    sessions: Sessions
    live: Live
    access: Access
    watch: Watch
    find_server: Callable[[str], Server | None]  # of an address


def put_parts(app: Flask, built: Parts) -> None:
    app.extensions[_NAME] = built


def parts() -> Parts:
    """The parts of the current app."""
    return parts_of(current_app)


def parts_of(app: Flask) -> Parts:
    found = app.extensions[_NAME]
    assert isinstance(found, Parts)  # noqa: S101 # extensions are untyped
    return found
