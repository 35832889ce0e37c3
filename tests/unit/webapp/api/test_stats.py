"""What was done, in numbers."""

from datetime import UTC, datetime

import pytest

from mailbeat.db.llm import LLMNotes
from mailbeat.db.models import Run
from mailbeat.db.session import transaction
from mailbeat.labeling.llm.prices import Prices
from tests.factories import make_account, make_row

ROOT = "/api/statistics"


def test_the_totals_of_a_new_installation_are_zeros(admin):
    found = admin.get(ROOT).json

    assert found["accounts"] == {"total": 0, "running": 0, "paused": 0, "failing": 0}
    assert found["messages"]["labeled_today"] == 0
    assert found["runs"]["total"] == 0


def test_categories_have_their_counts(admin):
    items = admin.get(f"{ROOT}/categories").json["items"]

    assert set(items[0]) == {"category_id", "slug", "name", "color", "count"}
    assert len(items) == 11


@pytest.mark.parametrize(("days", "step"), [(1, "hour"), (2, "hour"), (3, "day")])
def test_a_short_trend_is_hourly(admin, days, step):
    found = admin.get(f"{ROOT}/trends?days={days}").json

    assert found["step"] == step
    assert len(found["items"]) in {days * 24 + 1, days + 1}
    assert found["items"][-1]["runs"] == {"ok": 0, "failed": 0}


@pytest.mark.parametrize("path", ["/senders", "/domains"])
def test_the_most_frequent_are_none_at_first(admin, path):
    assert admin.get(f"{ROOT}{path}?limit=5").json == {"items": [], "next_cursor": None}


def test_performance_is_unknown_at_first(admin):
    assert admin.get(f"{ROOT}/performance").json["median_seconds"] is None


def test_the_hours_of_a_week_are_all_there(admin):
    found = admin.get(f"{ROOT}/heatmap?days=7&zone=Europe/Berlin").json

    assert found["zone"] == "Europe/Berlin"
    assert len(found["items"]) == 168
    assert found["items"][-1] == {"weekday": 7, "hour": 23, "messages": 0}


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../../etc/passwd", "a" * 9999])
def test_an_unknown_zone_is_refused(admin, zone):
    answer = admin.get(f"{ROOT}/heatmap", query_string={"zone": zone})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "zone"


def test_layers_and_errors_are_counted(admin, sessions):
    account_id = make_account(sessions)
    now = datetime.now(UTC).replace(microsecond=0)
    make_row(sessions, account_id, layer="rule", decided_at=now)
    with transaction(sessions) as session:
        session.add(
            Run(
                run_id="r",
                email_address="ada@example.org",
                start_time=now,
                updated_at=now,
                state="error",
                outcome="failed",
                error_code="tls_failed",
            )
        )

    layers = admin.get(f"{ROOT}/layers").json
    errors = admin.get(f"{ROOT}/errors").json

    assert layers["items"] == [{"layer": "rule", "messages": 1, "labeled": 1}]
    (error,) = errors["items"]
    assert (error["error_code"], error["runs"]) == ("tls_failed", 1)


PATHS = [
    "",
    "/categories",
    "/trends",
    "/performance",
    "/heatmap",
    "/layers",
    "/errors",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("asked", ["days=0", "days=401", "days=x", "account_id=0"])
def test_odd_questions_are_refused(admin, path, asked):
    assert admin.get(f"{ROOT}{path}?{asked}").status_code == 422


def test_a_model_was_not_asked_at_first(admin):
    assert admin.get(f"{ROOT}/llm").json == {
        "model": None,
        "daily_messages": 1000,
        "currency": None,
        "cost_today": 0,
        "cost_this_month": 0,
        "items": [],
        "next_cursor": None,
    }


def test_how_much_a_model_was_asked_is_counted(admin, sessions):
    notes = LLMNotes(sessions, 100, Prices(1000, 3000))
    notes.take(3)
    notes.note(tokens=40, written=10)

    found = admin.get(f"{ROOT}/llm?days=1").json
    (day,) = found["items"]

    del day["day"]
    counts = {"questions": 1, "messages": 3, "failures": 0, "tokens": 40}
    assert day == {**counts, "cost": 0.06}
    assert (found["cost_today"], found["cost_this_month"]) == (0.06, 0.06)


@pytest.mark.parametrize("asked", ["days=0", "days=401", "account_id=1"])
def test_odd_questions_about_a_model_are_refused(admin, asked):
    assert admin.get(f"{ROOT}/llm?{asked}").status_code == 422


def test_the_last_hour_has_sixty_minutes(admin):
    found = admin.get(f"{ROOT}/last-hour").json

    assert found["minutes"] == [0] * 60
    assert (found["labeled"], found["categories"]) == (0, [])
