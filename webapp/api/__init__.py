"""JSON in and out, for programs and for the pages."""

from flask import Flask


def register_api(app: Flask) -> None:
    from webapp.api import (
        accounts,
        audit,
        categories,
        keys,
        messages,
        processing,
        stats,
        workers,
    )

    rooms = (accounts, audit, categories, keys, messages, processing, stats, workers)
    for room in rooms:
        app.register_blueprint(room.blueprint)
