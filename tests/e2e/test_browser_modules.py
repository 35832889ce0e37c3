"""The pure parts of the page's script, run in the browser they are written for."""

import json
import threading
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask
from werkzeug.serving import make_server

from webapp.dashboard import assets
from webapp.dashboard.words import rate_of


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Our static files, and an empty page to import them from."""
    app, blueprint = Flask("test", static_folder=None), Blueprint("pages", "test")
    assets.register(blueprint)
    app.register_blueprint(blueprint)
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>Empty</title>")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(page, origin):
    """Evaluate a function of the modules `store`, `socket`, `words`, `cards`."""
    page.goto(origin)

    def evaluate(body: str):
        return page.evaluate(
            f"""async () => {{
              const load = (name) => import(`/static/test/${{name}}.js`);
              const [store, socket, words, cards] = await Promise.all(
                ["store", "socket", "words", "cards"].map(load));
              {SETTING}
              {body}
            }}"""
        )

    return evaluate


SETTING = """
  const status = (id, more = {}) => ({
    account_id: id, email_address: `a${id}@example.org`, state: "idle", run_id: null,
    error_code: null, error_message: null, progress: null, paused: false, ...more });
  const snapshot = (more = {}) => ({
    accounts: [status(1), status(2)], recent_runs: [], paused: false,
    workers: { online: 1 }, epoch: "e", seq: 10, ...more });
  const finished = (id, n, more = {}) => ({
    run_id: `r${n}`, account_id: id, email_address: `a${id}@example.org`,
    outcome: "succeeded", emails_found: 3, emails_labeled: 3, emails_processed: 3,
    error_code: null, phases: [], start_time: "2026-01-05T08:00:00Z",
    end_time: `2026-01-05T08:00:${String(n).padStart(2, "0")}Z`, ...more });
  const begin = () => store.begin({
    snapshot: snapshot(), runs: [], last_runs: {}, labeled_today: 40 });
  const update = (seq, id, more) =>
    ({ type: "status_update", seq, data: status(id, more) });
  const reduce = (state, ...frames) => frames.reduce(store.reduce, state);
"""


def test_a_newer_status_replaces_one_account_and_leaves_the_others(run):
    assert run("""
      const before = begin();
      const after = reduce(before, update(11, 1, { state: "labeling" }));
      return [after.accounts.get(1).status.state,
              after.accounts.get(2) === before.accounts.get(2),
              before.accounts.get(1).status.state];
    """) == ["labeling", True, "idle"]


def test_a_status_that_is_not_newer_is_ignored(run):
    assert run("""
      const before = begin();
      const now = reduce(before, update(12, 1, { state: "labeling" }));
      return [reduce(now, update(12, 1, { state: "idle" })) === now,
              reduce(now, update(11, 1, { state: "idle" })) === now,
              reduce(before, update(10, 2, { state: "error" })) === before];
    """) == [True, True, True]


def test_an_older_snapshot_of_the_same_epoch_is_ignored(run):
    assert run("""
      const now = reduce(begin(), update(12, 1, { state: "labeling" }));
      return reduce(now, { type: "snapshot", data: snapshot({ seq: 11 }) }) === now;
    """)


def test_after_a_restart_of_the_server_smaller_numbers_are_news(run):
    assert run("""
      const now = reduce(begin(),
        { type: "hello", data: { epoch: "f" }, seq: 1 },
        update(2, 1, { state: "fetching" }),
        { type: "snapshot", data: snapshot({
            epoch: "f", seq: 2, accounts: [status(1, { state: "fetching" })] }) });
      return [now.epoch, now.seq, now.accounts.size,
              now.accounts.get(1).status.state];
    """) == ["f", 2, 1, "fetching"]


def test_a_run_is_counted_once_however_often_it_is_told(run):
    assert run("""
      const told = { type: "run_finished", seq: 11, data: finished(1, 1) };
      const now = reduce(begin(), told, told,
        { type: "recent_runs", data: [finished(1, 1), finished(2, 2)] },
        { type: "snapshot", data: snapshot({
            seq: 12, recent_runs: [finished(2, 2)] }) });
      return [now.labeled, now.runs.map((one) => one.run_id),
              now.accounts.get(1).last.run_id];
    """) == [46, ["r2", "r1"], "r1"]


def test_an_account_can_come_and_go(run):
    assert run("""
      const now = reduce(begin(), update(11, 3, {}),
        { type: "account_removed", seq: 12, data: { account_id: 1 } });
      return [...now.accounts.keys()];
    """) == [2, 3]


def test_what_the_page_does_not_know_changes_nothing(run):
    assert run("""
      const now = begin();
      return [{ type: "heartbeat", data: {} }, { type: "news", data: 1 },
              { type: "status_update", data: null, seq: 99 }]
        .map((frame) => store.reduce(now, frame) === now);
    """) == [True, True, True]


def test_a_failed_run_shows_the_step_it_had_reached(run):
    assert run("""
      const now = reduce(begin(),
        update(11, 1, { state: "fetching", run_id: "r" }),
        update(12, 1, { state: "error", run_id: "r", error_code: "server_busy" }));
      return words.stepsOf(now.accounts.get(1));
    """) == ["done", "bad", "todo", "todo", "todo"]


def test_the_delay_grows_to_half_a_minute_and_is_drawn_by_lot(run):
    assert run("""
      const most = [0, 1, 2, 4, 5, 9, 40].map((n) => socket.delay(n, () => 1));
      return [most, socket.delay(40, () => 0)];
    """) == [[1000, 2000, 4000, 16000, 30000, 30000, 30000], 0]


ORDER = """
  // Accounts by id; a letter says how each is: working, idle, or paused.
  const accounts = (text) => new Map([...text].map((letter, i) => [i + 1, {
    status: status(i + 1, {
      state: letter === "w" ? "labeling" : "idle", paused: letter === "p" }),
    last: null }]));
  const settle = (order, text, kind, inView) => cards.settle(
    order, accounts(text), cards.matcher({ kind, text: "" }, false), inView);
"""


@pytest.mark.parametrize(
    ("order", "now", "kind", "in_view", "expected"),
    [
        ([1, 2, 3, 4], "iiii", "all", 2, [1, 2, 3, 4]),
        ([1, 2, 3, 4], "wiww", "all", 4, [1, 2, 3, 4]),  # all are seen
        ([1, 2, 3, 4], "iiiw", "all", 2, [1, 4, 3, 2]),
        ([1, 2, 3, 4], "wiww", "all", 2, [1, 3, 2, 4]),
        ([1, 2, 3, 4], "wwww", "all", 2, [1, 2, 3, 4]),  # no place is free
        ([3, 1], "iiiii", "all", 9, [3, 1, 2, 4, 5]),
        ([1, 2, 9], "ii", "all", 9, [1, 2]),  # 9 was removed
        ([1, 2], "iwwi", "working", 9, [3, 2]),
        ([1, 2, 3], "wiwi", "working", 9, [1, 2, 3]),  # 2 is over, and holds its place
        ([1, 2, 3], "wiii", "working", 9, [1]),
        ([], "ipip", "paused", 0, [2, 4]),
    ],
)
def test_news_take_the_places_of_what_is_over(  # noqa: PLR0917 # a table
    run, order, now, kind, in_view, expected
):
    assert (
        run(f"{ORDER} return settle({order}, {now!r}, {kind!r}, {in_view});")
        == expected
    )


def test_working_accounts_come_first_when_sorted(run):
    assert run(f"""{ORDER}
      const all = cards.matcher({{ kind: "all", text: "" }}, false);
      return cards.sorted(accounts("iwiw"), all);
    """) == [2, 4, 1, 3]


def test_the_script_says_the_rate_as_the_server_does(run):
    cases = [
        {"state": "labeling", "eta_seconds": left, "progress": progress}
        for left in (None, 1, 3, 7, 40, 900)
        for progress in (
            None,
            {"current": 3, "total": 20},
            {"current": 1, "total": 99},
            {"current": 0, "total": 5},
            {"current": 10, "total": 4000},
        )
    ]

    said = run(f"return {json.dumps(cases)}.map(words.rateOf);")

    assert said == [rate_of(one) for one in cases]


def test_accounts_that_the_page_was_not_served_with_are_whole_with_the_snapshot(run):
    assert run("""
      const served = store.begin({ snapshot: snapshot({ accounts: [status(1)] }),
        runs: [], last_runs: { 1: finished(1, 1) }, labeled_today: 0, whole: false });
      const told = reduce(served, { type: "snapshot", data: snapshot({ seq: 11 }) });
      const learned = reduce(told, { type: "last_runs", data: [finished(1, 1)] });
      return [served.isWhole, told.isWhole, told.accounts.get(2).last === undefined,
              learned.accounts.get(2).last, learned.accounts.get(1).last.run_id];
    """) == [False, True, True, None, "r1"]
