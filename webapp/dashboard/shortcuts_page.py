"""`/shortcuts`: the keys of the pages, as a page; `static/help.js` shows them too."""

from typing import NamedTuple

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from webapp.dashboard.blueprint import GO, NAVIGATION, pages
from webapp.language import _


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
        Shortcut((_("Ctrl"), "K"), _("Find anything, do anything"), together=True),
        Shortcut(("?",), _("Show these keys")),
        Shortcut(("/",), _("Search or filter the list of this page")),
        Shortcut(("j",), _("Next in a list")),
        Shortcut(("k",), _("Previous in a list")),
        Shortcut(("Enter",), _("Open it")),
        Shortcut(("z",), _("Undo what was done last")),
        Shortcut(("Esc",), _("Close what is open")),
    ]
    go = [
        Shortcut(("g", GO[name]), _(label))
        for name, label, _icon in NAVIGATION
        if name in GO
    ]
    messages = [
        Shortcut(("y",), _("Yes, it is what is supposed")),
        Shortcut(("c",), _("Choose another category")),
        Shortcut(("1 … 9",), _("File it under that category of the list")),
        Shortcut(("0",), _("No category")),
        Shortcut(("x",), _("Tick it")),
        Shortcut(("o",), _("Open it")),
    ]
    return [
        Table(_("Everywhere"), everywhere),
        Table(_("Go to"), go),
        Table(_("A message of a list"), messages),
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
