"""JSON in and out, for programs and for the pages."""

from importlib import import_module

from flask import Flask

# Modules of this package that have a blueprint.
ROOMS = (
    "accounts",
    "alerts",
    "audit",
    "categories",
    "corrections",
    "digests",
    "docs",
    "keys",
    "messages",
    "processing",
    "queues",
    "recommendations",
    "rules",
    "stats",
    "tasks",
    "workers",
)


def register_api(app: Flask) -> None:
    for room in ROOMS:
        app.register_blueprint(import_module(f"{__name__}.{room}").blueprint)
