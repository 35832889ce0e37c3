"""Who reads a page: the time zone of their clock, as their browser tells it."""

from datetime import UTC, tzinfo

from flask import g, has_request_context, request

from mailbeat.db.busy_hours import zone_named

# page.js puts the browser's zone there, or the one that was chosen in the settings.
ZONE_COOKIE = "zone"


def reader_zone() -> tzinfo:
    """The zone of the reader's clock; UTC where none, or no real one, is told."""
    if not has_request_context():
        return UTC
    if "zone" not in g:
        g.zone = _told_zone()
    zone: tzinfo = g.zone
    return zone


def _told_zone() -> tzinfo:
    try:
        return zone_named(request.cookies.get(ZONE_COOKIE, "UTC"))
    except ValueError:
        return UTC
