"""`/shortcuts`: the keys of the pages, as a page; `static/help.js` shows them too."""

from typing import NamedTuple

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from webapp.dashboard.blueprint import GO, NAVIGATION, pages


class Shortcut(NamedTuple):
    """`keys` are pressed one after the other; `together` at once."""

    keys: tuple[str, ...]
    text: str
    together: bool = False


class Table(NamedTuple):
    title: str
    rows: list[Shortcut]


def tables() -> list[Table]:
    """All keys that a page listens to, by where they do something."""
    everywhere = [
        Shortcut(("Ctrl", "K"), "Find anything, do anything", together=True),
        Shortcut(("?",), "Show these keys"),
        Shortcut(("/",), "Search or filter the list of this page"),
        Shortcut(("j",), "Next in a list"),
        Shortcut(("k",), "Previous in a list"),
        Shortcut(("Enter",), "Open it"),
        Shortcut(("z",), "Undo what was done last"),
        Shortcut(("Esc",), "Close what is open"),
    ]
    go = [
        Shortcut(("g", GO[name]), label) for name, label, _ in NAVIGATION if name in GO
    ]
    messages = [
        Shortcut(("y",), "Yes, it is what is supposed"),
        Shortcut(("c",), "Choose another category"),
        Shortcut(("1 … 9",), "File it under that category of the list"),
        Shortcut(("0",), "No category"),
        Shortcut(("x",), "Tick it"),
        Shortcut(("o",), "Open it"),
    ]
    return [
        Table("Everywhere", everywhere),
        Table("Go to", go),
        Table("A message of a list", messages),
    ]


@pages.get("/shortcuts")
def shortcuts() -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(
            tables=[
                {"title": one.title, "rows": [row._asdict() for row in one.rows]}
                for one in tables()
            ]
        )
    return render_template("shortcuts.html", tables=tables())
