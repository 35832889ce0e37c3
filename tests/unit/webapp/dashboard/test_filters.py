import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Blueprint, Flask, render_template_string

from mailbeat.db.health import Kind
from mailbeat.health_sentence import Sentence
from webapp import language
from webapp.dashboard import filters


def test_a_template_can_use_our_words():
    app, blueprint = Flask("test"), Blueprint("pages", "test")
    language.speak(app)
    filters.register(blueprint)
    app.register_blueprint(blueprint)

    with app.app_context():
        said = render_template_string("{{ 65|duration }}, {{ 300|span }}")

    assert said == "1 min 5 s, 5 min"


def test_a_time_reads_as_on_the_wire():
    at = datetime(2026, 1, 5, 8, 0, 0, 123456, tzinfo=UTC)

    assert filters.iso(at) == "2026-01-05T08:00:00.123Z"
    assert filters.iso("2026-01-05T08:00:00.123Z") == "2026-01-05T08:00:00.123Z"


def test_a_long_address_goes_on_after_its_at():
    assert filters.breakable("ada@<b>.org") == "ada@<wbr>&lt;b&gt;.org"


@pytest.mark.parametrize(
    ("seconds", "said"), [(2, "5 s"), (12, "15 s"), (59, "60 s"), (95, "2 min")]
)
def test_a_guess_is_said_as_one(seconds, said):
    assert filters.about(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(15, "15 s"), (90, "90 s"), (300, "5 min"), (7200, "2 h"), (86_400, "1 d")],
)
def test_an_interval_is_said_in_its_largest_whole_unit(seconds, said):
    assert filters.span(seconds) == said


def test_a_small_run_is_still_seen_beside_a_large_one():
    runs = [{"emails_processed": number} for number in (0, 1, 400)]

    heights = [filters.height(run, runs) for run in runs]

    assert heights[0] > 0
    assert heights[0] < heights[1] < heights[2] == 100


def test_a_run_without_an_error_code_has_its_outcome_for_a_cause():
    run = {"error_code": None, "outcome": "interrupted", "state": "error"}

    assert filters.cause(run) == "Interrupted"
    assert filters.cause({**run, "error_code": "tls_failed"}) == (
        "Certificate not trusted"
    )


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        (None, ""),
        ("Use `mailbeat up` now.", "Use <code>mailbeat up</code> now."),
        ("<b> `<i>`", "&lt;b&gt; <code>&lt;i&gt;</code>"),
        ("a lone ` stays", "a lone ` stays"),
    ],
)
def test_what_stands_between_backticks_is_code(text, markup):
    assert filters.prose(text) == markup


def test_a_sentence_has_times_that_stay_true_and_no_markup_of_others():
    then = datetime.now(UTC) - timedelta(minutes=3)
    values = {"last": then, "next": then, "labeled": 4000, "cause": "<b>&"}
    sentence = Sentence(Kind.WORKING, "{last}, {next}, {labeled}, {cause}", values)

    told = str(filters.told(sentence))

    assert re.sub("<[^>]*>", "", told) == "3 min ago, now, 4,000, &lt;b&gt;&amp;"
    assert told.count(f'datetime="{filters.iso(then)}"') == 2
    assert told.count('class="due"') == 1
