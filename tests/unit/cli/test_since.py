"""Since when."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from mailbeat.cli.since import Since, moment
from tests.factories import NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", timedelta(days=30)),
        (" 12H ", timedelta(hours=12)),
        ("400d", timedelta(days=400)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_span_or_a_day_is_understood(text, expected):
    assert Since().convert(text, None, None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "d",
        "0d",
        "-3d",
        "401d",
        "99999d",
        "3w",
        "2026-13-01",
        "1d2h",
        "x" * 99,
    ],
)
def test_anything_else_is_wrong_usage(text):
    with pytest.raises(click.BadParameter, match="30d, 12h or 2026-01-31"):
        Since().convert(text, None, None)


def test_a_span_counts_back_from_now():
    assert moment(timedelta(hours=8), NOW) == datetime(2026, 1, 5, tzinfo=UTC)
    assert moment(NOW, datetime.now(UTC)) == NOW
