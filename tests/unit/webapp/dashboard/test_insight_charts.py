from datetime import UTC, datetime

import pytest

from mailbeat.db.deciders import LayerCount
from mailbeat.db.stats import Point
from webapp.dashboard.insight_charts import (
    against_the_first,
    category_series,
    layer_word,
    percent,
    run_series,
    saved,
)

NOW = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
MONDAY = Point(
    NOW, messages=3, categories={"receipts": 1, "uncategorized": 2}, runs_ok=4
)
TUESDAY = Point(NOW, runs_failed=1)


def test_each_category_is_a_series_the_most_frequent_first():
    names = [
        ("receipts", "Receipts", "green"),
        ("uncategorized", "Uncategorized", "none"),
    ]

    series = category_series([MONDAY, TUESDAY], names)

    assert [(one.name, one.color, one.values) for one in series] == [
        ("Uncategorized", "none", [2, 0]),
        ("Receipts", "green", [1, 0]),
    ]


def test_runs_are_good_or_failed():
    good, failed = run_series([MONDAY, TUESDAY])

    assert (good.values, failed.values) == ([4, 0], [0, 1])


def test_senders_are_measured_against_the_most_frequent():
    shares = against_the_first([("shop.example", 8), ("list.example", 2)])

    assert [(one.name, one.percent) for one in shares] == [
        ("shop.example", 100.0),
        ("list.example", 25.0),
    ]
    assert against_the_first([]) == []


def test_a_part_of_nothing_is_unknown():
    assert (percent(1, 3), percent(0, 0)) == (33.3, None)


@pytest.mark.parametrize(("layer", "seconds"), [("rule", 20), ("none", 20), ("you", 0)])
def test_each_label_saves_some_seconds_but_a_persons_own(layer, seconds):
    assert saved(LayerCount(layer, messages=9, labeled=4), 5) == seconds


def test_a_layer_of_a_newer_release_has_its_own_name():
    assert (layer_word("rule"), layer_word("oracle")) == ("Your rule", "oracle")
