"""What Prometheus gets to see."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mailbeat.db import accounts
from mailbeat.db.processes import Kind, Who, say
from mailbeat.db.queues import record_samples
from mailbeat.db.session import transaction
from mailbeat.db.totals import add_totals
from webapp import metrics
from webapp.metrics import _kept

TOKEN = "a token of the tests 1"
DEPLOY = Path(__file__).parents[3] / "deploy"
# What a histogram's name has in a query.
OF_HISTOGRAMS = ("_bucket", "_sum", "_count")


@pytest.fixture(autouse=True)
def _nothing_kept():
    _kept.at = float("-inf")


@pytest.fixture
def full(sessions, add, now):
    """An installation in which something was counted everywhere."""
    add()
    amounts = {
        ("runs", ("failed",)): 2,
        ("run_seconds_bucket", ("5.0",)): 3,
        ("run_seconds_bucket", ("+Inf",)): 1,
        ("run_seconds_sum", ()): 2000,
        ("phase_seconds_bucket", ("labeling", "1.0")): 1,
        ("phase_seconds_sum", ("labeling",)): 0.7,
        ("messages", ("receipts", "labeled")): 7,
        ("mail_errors", ("auth_failed", "imap.gmail.com")): 1,
        ("llm_calls", ()): 4,
        ("llm_cost", ("EUR",)): 0.25,
    }
    with transaction(sessions) as session:
        add_totals(session, amounts)
        for kind, n, facts in (
            (Kind.WORKER, "1", {"size": 50, "active": 3, "rss_bytes": 10}),
            (Kind.WEB, "2", {"sockets": 4, "deaf_seconds": None}),
            (Kind.WEB, "3", {"sockets": 5, "deaf_seconds": 9.0}),
        ):
            who = Who(kind, f"{kind}@{n}", n, host=n, pid=7, version="0.1")
            say(session, who, facts, now=now)
        record_samples(session, {"celery": 8}, {}, now=now)
        accounts.tick(session, now=now)


def read(client):
    text = client.get("/metrics").get_data(as_text=True)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_everything_is_counted_over_all_processes(admin, full):
    found = read(admin)

    assert found["mailbeat_runs_total", "failed"] == 2
    assert found["mailbeat_runs_total", "interrupted"] == 0
    assert found["mailbeat_messages_total", "labeled", "receipts"] == 7
    assert found["mailbeat_accounts", "waiting"] == 1
    assert found["mailbeat_workers", "online"] == 1
    assert found["mailbeat_worker_threads",] == 50
    assert found["mailbeat_websockets",] == 9  # of two web processes
    assert (found["mailbeat_feed_up",], found["mailbeat_feed_silence_seconds",]) == (
        0,
        9,
    )
    assert found["mailbeat_queue_messages", "celery"] == 8
    assert found["mailbeat_llm_calls_total",] == 4
    assert found["mailbeat_llm_cost_total", "EUR"] == 0.25


def test_buckets_add_up(admin, full):
    found = read(admin)

    name = "mailbeat_run_duration_seconds"
    assert found[f"{name}_bucket", "2.5"] == 0
    assert found[f"{name}_bucket", "5.0"] == 3
    assert found[f"{name}_bucket", "1800.0"] == 3
    assert (found[f"{name}_count",], found[f"{name}_sum",]) == (4, 2000)


def test_an_empty_installation_has_metrics_too(admin):
    found = read(admin)

    assert found["mailbeat_workers", "online"] == 0
    assert found["mailbeat_runs_total", "succeeded"] == 0


def test_no_label_names_an_account(admin, full):
    text = admin.get("/metrics").get_data(as_text=True)

    assert "@example" not in text


def test_the_token_opens_the_metrics_and_nothing_else(make_app):
    client = make_app(metrics_token=TOKEN).test_client()
    headers = {"Authorization": f"Bearer {TOKEN}"}

    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/api/health", headers=headers).status_code == 401
    assert client.get("/metrics/", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "sent", ["", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer \xff"]
)
def test_with_another_token_they_stay_closed(make_app, sent):
    client = make_app(metrics_token=TOKEN).test_client()

    found = client.get("/metrics", headers={"Authorization": sent})

    assert found.status_code == 401


def test_without_a_token_a_key_is_needed(nobody, admin):
    headers = {"Authorization": "Bearer "}

    assert nobody.get("/metrics", headers=headers).status_code == 401
    assert admin.get("/metrics").status_code == 200


def test_several_scrapes_ask_the_database_once(admin, full, sessions, monkeypatch):
    before = admin.get("/metrics").data
    with transaction(sessions) as session:
        add_totals(session, {("runs", ("failed",)): 1})

    assert admin.get("/metrics").data == before
    monkeypatch.setattr(metrics, "KEPT", 0.0)
    assert read(admin)["mailbeat_runs_total", "failed"] == 3


def test_promtool_has_nothing_to_say(admin, full):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool: Debian's package prometheus")

    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=admin.get("/metrics").data,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_promtool_takes_the_rules_of_alerts():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool: Debian's package prometheus")

    done = subprocess.run(
        [promtool, "check", "rules", DEPLOY / "prometheus-rules.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", ["grafana-dashboard.json", "prometheus-rules.yml"])
def test_every_metric_that_is_used_exists(admin, full, file):
    text = (DEPLOY / file).read_text()
    names = {name for name, *_ in read(admin)}

    used = set(metrics.NAMES.findall(text))

    assert used
    assert used - names == set()


def test_the_dashboard_is_one():
    board = json.loads((DEPLOY / "grafana-dashboard.json").read_text())

    panels = [one for one in board["panels"] if one["type"] != "row"]
    places = [tuple(one["gridPos"].values()) for one in board["panels"]]
    assert len({one["id"] for one in board["panels"]}) == len(board["panels"])
    assert len(set(places)) == len(places)
    assert all(one["targets"] and one["title"] for one in panels)
