"""Our web with one page more: the specification's own client, unchanged.

Only for the test: that client writes markup with `innerHTML` and styles in line, which
our own Content-Security-Policy forbids, so its page has a looser one.
"""

import os
from pathlib import Path

from flask import Flask, Response

from webapp import create_app as create_mailbeat

POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'"
PAGE = """<!doctype html><title>The specification's client</title>
<div id="connection-status"></div><div id="processing-status"></div>
<script src="/spec-client.js"></script>"""


def create_app() -> Flask:
    app = create_mailbeat()
    client = Path(os.environ["SPEC_CLIENT"]).read_text(encoding="utf-8")

    @app.get("/spec-client")
    def spec_page() -> Response:
        return Response(PAGE, headers={"Content-Security-Policy": POLICY})

    @app.get("/spec-client.js")
    def spec_script() -> Response:
        return Response(client, mimetype="text/javascript")

    return app
