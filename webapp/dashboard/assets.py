"""Static files under a path that names their content, to be cached for ever.

The modules import each other by relative paths, so the version is one for all files
and stands in the path: `/static/<version>/live.js`. Scripts and style sheets are sent
without their comments and needless space, which is a quarter of them.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import rjsmin  # type: ignore[import-untyped] # it has no types
from babel.messages.catalog import Catalog
from flask import Blueprint, Response, make_response, send_from_directory, url_for

from mailbeat import language
from mailbeat.sentences import SHAPES, pattern_of

FOLDER = Path(__file__).parents[1] / "static"
A_YEAR = 31_536_000  # seconds


def version_of(*folders: Path) -> str:
    """A name for the content of folders: it changes when any file does."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


VERSION = version_of(FOLDER, language.FOLDER)
# Languages whose texts the scripts have to fetch.
TRANSLATED = {f"{two}.js": two for two in language.LANGUAGES if two != language.ENGLISH}


def lean_script(text: str) -> str:
    """A script without comments and needless space; names stay as they are."""
    return str(rjsmin.jsmin(text))


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


@cache
def script_of(two: str) -> str:
    """What `translated.js` fetches: texts of the scripts, and sentences by shape."""
    texts = _strings(language.catalogue("browser", two))
    said = _strings(language.catalogue("messages", two))
    # As JavaScript names groups.
    shapes = [
        (pattern_of(shape).pattern.replace("(?P<", "(?<"), said[shape])
        for shape in SHAPES
        if said.get(shape)
    ]
    return (
        f"export const texts = {json.dumps(texts, ensure_ascii=False)};\n"
        f"export const shapes = {json.dumps(shapes, ensure_ascii=False)};"
    )


def _strings(catalogue: Catalog) -> dict[str, Any]:
    """Translations by their text; of a text with plural forms, by the first one."""
    return {
        one.id if isinstance(one.id, str) else one.id[0]: one.string
        for one in catalogue
        if one.id and one.string and all(one.string)
    }


def register(blueprint: Blueprint) -> None:
    """Serve the files, and give every template `asset("name")`."""
    current, sent = VERSION, lean(FOLDER)

    @blueprint.get("/static/<version>/<path:filename>")
    def asset(version: str, filename: str) -> Response:
        # A page of an older release gets what there is, but nobody keeps it for long.
        known = version == current
        if (two := TRANSLATED.get(filename)) is not None:
            # Read when the first page in this language is shown.
            sent[filename] = "text/javascript", script_of(two)
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
