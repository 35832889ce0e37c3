"""`mailbeat categorize`: decide about messages in files; no database, no network."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # it takes a while, and --help needs none of it
    from mailbeat.labeling.category import Category
    from mailbeat.labeling.example import Example
    from mailbeat.mail.message import Message

MAX_FILE = 25 * 1024 * 1024  # bytes of a file that are read at most
MOST_EXAMPLES = 20_000  # files
MOST_NAME = 64  # characters of a category's name


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@click.option(
    "--examples",
    "examples_in",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder to learn from first: in it one folder for each category, named for"
    " it, with .eml files. A name that is none of the ten is a category of its own.",
)
def categorize(
    paths: tuple[Path, ...], *, as_json: bool, examples_in: Path | None
) -> None:
    """Decide for .eml files, or for all files below a folder; broken ones too."""
    from mailbeat.labeling.layers import build_categorizer

    folders = _folders(examples_in) if examples_in else []
    categories, ids = _categories([folder.name for folder in folders])
    examples = _examples([(folder, ids[folder.name]) for folder in folders])
    categorizer = build_categorizer(categories, examples=examples)
    names = {category.id: category.name for category in categories}
    for path in _files(paths):
        row = _decide(path, categorizer, names)
        if as_json:
            click.echo(json.dumps(row))
        else:
            click.echo(f"{row['category'] or '-':14} {row['path']}: {row['reason']}")


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file())
        else:
            yield path


def _decide(path: Path, categorizer: Any, names: dict[int, str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": _printable(path),
        "category": None,
        "confidence": 0.0,
        "layer": "none",
    }
    message, reason = _read(path)
    if message is None:
        return row | {"reason": reason}
    (decision,) = categorizer.decide([message])
    return row | {
        "category": names.get(decision.category_id),
        "confidence": round(decision.confidence, 3),
        "layer": decision.layer,
        "reason": decision.evidence,
    }


def _read(path: Path) -> "tuple[Message | None, str]":
    """Read a message, or say why it cannot be read."""
    from mailbeat.mail.parse import message_from_bytes

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE)
    except OSError as error:
        return None, f"The file could not be read ({error.strerror})."
    message = message_from_bytes(raw)
    if not message.readable:
        return None, "Nothing could be made of the message."
    return message, ""


def _printable(path: Path) -> str:
    """A file's name may hold bytes that are no text."""
    return str(path).encode(errors="replace").decode()


# To learn from


def _folders(examples_in: Path) -> list[Path]:
    return sorted(
        one
        for one in examples_in.iterdir()
        if one.is_dir() and not one.name.startswith(".")
    )


def _categories(names: Sequence[str]) -> "tuple[list[Category], dict[str, int]]":
    """Return the ten and those of other names, and the id for each name."""
    from mailbeat.labeling.category import STARTING_CATEGORIES, Category

    categories = [*STARTING_CATEGORIES]
    known = {category.name.casefold(): category.id for category in categories}
    for name in names:
        if name.casefold() not in known:
            number = len(categories) + 1
            shown = name.encode(errors="replace").decode()[:MOST_NAME]
            categories.append(
                Category(number, f"own-{number}", shown, shown, "", "slate")
            )
            known[name.casefold()] = number
    return categories, {name: known[name.casefold()] for name in names}


def _examples(folders: "Sequence[tuple[Path, int]]") -> "list[Example]":
    """Read the messages to learn from, of all folders by turns.

    Of a sender the newest count, and folders have no order in time: one after another,
    those of the last folder alone would count.
    """
    placed = []
    for folder, category_id in folders:
        files = [*_files([folder])]
        share = 1 / max(len(files), 1)
        placed += [(n * share, one, category_id) for n, one in enumerate(files)]
    placed.sort(key=lambda one: one[0])
    read = (_example(path, category_id) for _, path, category_id in placed)
    return [*islice((one for one in read if one is not None), MOST_EXAMPLES)]


def _example(path: Path, category_id: int) -> "Example | None":
    """Read a message to learn from; what is none is named and left out."""
    from mailbeat.labeling.example import example_of

    message, reason = _read(path)
    if message is not None and not (message.sender or message.subject):
        message, reason = None, "It has neither a sender nor a subject."
    if message is None:
        click.echo(f"{_printable(path)} is left out. {reason}", err=True)
        return None
    # The same message may be in two folders: what it was last is not known.
    key = f"{category_id} {message.key}"
    return replace(example_of(message, category_id), message_key=key)
