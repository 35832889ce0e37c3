"""What makes the pages an app: its manifest, and the worker that notifies."""

from flask import Response, jsonify, url_for

from webapp.dashboard import assets
from webapp.dashboard.blueprint import pages

# As mailbeat.css has them: --bg in dark, and what the icons are drawn on.
DARK = "#0c0e13"
ACCENT = "#4f56d8"
ICONS = (
    ("app.svg", "any", "image/svg+xml", "any"),
    ("app-192.png", "192x192", "image/png", "any"),
    ("app-512.png", "512x512", "image/png", "any"),
    ("maskable-512.png", "512x512", "image/png", "maskable"),
)


@pages.get("/manifest.webmanifest")
def manifest() -> Response:
    """The Web Application Manifest (W3C); it is open, and tells but our name."""
    response = jsonify(
        id="/",
        name="Mailbeat",
        short_name="Mailbeat",
        description="Whether your mail is being looked after, live.",
        lang="en",
        start_url="/",
        scope="/",
        display="standalone",
        background_color=DARK,
        theme_color=ACCENT,
        icons=[
            {"src": _icon(name), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in ICONS
        ],
        shortcuts=[
            {"name": "Runs", "url": url_for("pages.runs")},
            {"name": "Messages", "url": url_for("pages.messages")},
        ],
    )
    response.mimetype = "application/manifest+json"
    return response


@pages.get("/worker.js")
def worker() -> Response:
    """The service worker. It lies at the root, for its scope is all pages.

    Browsers look for a new one when it is registered and once a day.
    """
    script = (assets.FOLDER / "worker.js").read_bytes()
    return Response(script, mimetype="text/javascript")


def _icon(name: str) -> str:
    return url_for("pages.asset", version=assets.VERSION, filename=f"icons/{name}")
