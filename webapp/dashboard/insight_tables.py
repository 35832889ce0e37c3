"""Charts as tables: the same rows for the page and for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

Cell = str | int | float | None

# What a spreadsheet takes for the beginning of a formula, also in its wide forms.
# Senders choose their addresses: one called `=HYPERLINK(...)` must stay a text.
FORMULAS = "=+-@＝＋－＠"  # noqa: RUF001 # the wide forms are meant
BREAKS = "\t\r\n"


class Table(NamedTuple):
    """`name` is the chart's, as in the address of its CSV; the first column names rows.

    None is a value that is not known.
    """

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def as_csv(table: Table) -> str:
    """Write a table as RFC 4180 has it, so that no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_defused(cell) for cell in table.head])
    writer.writerows([_defused(cell) for cell in row] for row in table.rows)
    return text.getvalue()


def _defused(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    begins_one = cell.lstrip()[:1] in tuple(FORMULAS) or cell[:1] in tuple(BREAKS)
    return f"'{cell}" if begins_one else cell
