import csv
import io

import pytest

from webapp.dashboard.insight_tables import Table, as_csv


def cells(text):
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",  # noqa: RUF001 # the wide form is meant
    ],
)
def test_a_cell_that_begins_a_formula_is_a_text(name):
    table = Table("senders", "Senders", ["Sender", "Messages"], [(name, 3)])

    text = as_csv(table)

    assert cells(text)[1] == [f"'{name}", "3"]


@pytest.mark.parametrize(
    "name", ["a@b.example", 'say "hi", all', "two\nlines", "", "ü"]
)
def test_any_other_text_stays_as_it_is(name):
    text = as_csv(Table("senders", "Senders", ["Sender", "Messages"], [(name, 3)]))

    assert cells(text) == [["Sender", "Messages"], [name, "3"]]


def test_numbers_are_for_programs_and_what_is_unknown_is_empty():
    text = as_csv(
        Table("runs", "Runs", ["Day", "a", "b"], [("2026-01-05", 1234567, None)])
    )

    assert text == "Day,a,b\r\n2026-01-05,1234567,\r\n"
