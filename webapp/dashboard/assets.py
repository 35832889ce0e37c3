"""Static files under a path that names their content, to be cached for ever.

The modules import each other by relative paths, so the version is one for all files
and stands in the path: `/static/<version>/live.js`.
"""

import hashlib
from pathlib import Path

from flask import Blueprint, Response, send_from_directory, url_for

FOLDER = Path(__file__).parents[1] / "static"
A_YEAR = 31_536_000  # seconds


def version_of(folder: Path) -> str:
    """A name for the content of a folder: it changes when any file does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


VERSION = version_of(FOLDER)


def register(blueprint: Blueprint) -> None:
    """Serve the files, and give every template `asset("name")`."""
    current = VERSION

    @blueprint.get("/static/<version>/<path:filename>")
    def asset(version: str, filename: str) -> Response:
        # A page of an older release gets what there is, but nobody keeps it for long.
        known = version == current
        response = send_from_directory(FOLDER, filename, max_age=A_YEAR if known else 0)
        if known:
            response.cache_control.immutable = True
        return response

    def address(filename: str) -> str:
        return url_for("pages.asset", version=current, filename=filename)

    blueprint.add_app_template_global(address, "asset")
