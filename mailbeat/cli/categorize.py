"""`mailbeat categorize`: decide about messages in files; no database, no network."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

MAX_FILE = 25 * 1024 * 1024  # bytes of a file that are read at most


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def categorize(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Decide for .eml files, or for all files below a folder; broken ones too."""
    from mailbeat.labeling.category import STARTING_CATEGORIES
    from mailbeat.labeling.layers import build_categorizer

    categorizer = build_categorizer(STARTING_CATEGORIES)
    names = {category.id: category.name for category in STARTING_CATEGORIES}
    for path in _files(paths):
        row = _decide(path, categorizer, names)
        if as_json:
            click.echo(json.dumps(row))
        else:
            click.echo(f"{row['category'] or '-':14} {row['path']}: {row['reason']}")


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file())
        else:
            yield path


def _decide(path: Path, categorizer: Any, names: dict[int, str]) -> dict[str, Any]:
    from mailbeat.mail.parse import message_from_bytes

    row: dict[str, Any] = {
        # A file's name may hold bytes that are no text.
        "path": str(path).encode(errors="replace").decode(),
        "category": None,
        "confidence": 0.0,
        "layer": "none",
    }
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE)
    except OSError as error:
        return row | {"reason": f"The file could not be read ({error.strerror})."}
    message = message_from_bytes(raw)
    if not message.readable:
        return row | {"reason": "Nothing could be made of the message."}
    (decision,) = categorizer.decide([message])
    return row | {
        "category": names.get(decision.category_id),
        "confidence": round(decision.confidence, 3),
        "layer": decision.layer,
        "reason": decision.evidence,
    }
