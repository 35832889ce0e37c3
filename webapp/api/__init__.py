"""JSON in and out, for programs and for the pages."""

from flask import Flask


def register_api(app: Flask) -> None:
    from webapp.api import (
        accounts,
        audit,
        categories,
        docs,
        keys,
        messages,
        processing,
        stats,
        workers,
    )

    for room in (
        accounts,
        audit,
        categories,
        docs,
        keys,
        messages,
        processing,
        stats,
        workers,
    ):
        app.register_blueprint(room.blueprint)
