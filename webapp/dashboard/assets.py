"""Static files under a path that names their content, to be cached for ever.

The modules import each other by relative paths, so the version is one for all files
and stands in the path: `/static/<version>/live.js`. Scripts and style sheets are sent
without their comments and indentation, which is a fifth of them.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, make_response, send_from_directory, url_for

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


def lean_script(text: str) -> str:
    """A script line by line, without indentation and without lines of comment.

    No string goes on in another line: a test looks that ours keep to this.
    """
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def lean_sheet(text: str) -> str:
    """A style sheet without comments, and without space where none is needed."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()
    return text.replace(";}", "}").replace(": ", ":")


_LEAN: dict[str, tuple[str, Callable[[str], str]]] = {
    ".js": ("text/javascript", lean_script),
    ".css": ("text/css", lean_sheet),
}


def lean(folder: Path) -> dict[str, tuple[str, str]]:
    """The scripts and style sheets of a folder as they are sent, with their types."""
    return {
        path.name: (_LEAN[path.suffix][0], _LEAN[path.suffix][1](path.read_text()))
        for path in folder.iterdir()
        if path.suffix in _LEAN
    }


def register(blueprint: Blueprint) -> None:
    """Serve the files, and give every template `asset("name")`."""
    current, sent = VERSION, lean(FOLDER)

    @blueprint.get("/static/<version>/<path:filename>")
    def asset(version: str, filename: str) -> Response:
        # A page of an older release gets what there is, but nobody keeps it for long.
        known = version == current
        if filename in sent:
            media_type, text = sent[filename]
            response = make_response(text)
            response.content_type = f"{media_type}; charset=utf-8"
            response.cache_control.max_age = A_YEAR if known else 0
        else:
            max_age = A_YEAR if known else 0
            response = send_from_directory(FOLDER, filename, max_age=max_age)
        if known:
            response.cache_control.immutable = True
        return response

    def address(filename: str) -> str:
        return url_for("pages.asset", version=current, filename=filename)

    blueprint.add_app_template_global(address, "asset")
