"""How soon the list of tasks in a real Chromium shows what was told of them.

    python benchmarks/tasks_live.py [--rate 500] [--seconds 20]

50 tasks are on the page. Each event tells another attempt of one of them, which its row
then shows. From the moment before Celery's dispatcher publishes it, to the frame after
the one in whose drawing the row changed to that attempt, or to a later one of the same
task.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from celery import Celery
from playwright.sync_api import Page, sync_playwright

from benchmarks.ingest import wait_until_heard, without_limit
from benchmarks.live_servers import paced, redis_server, web
from benchmarks.machine import describe, load, percentile
from benchmarks.other_process import OtherProcess
from benchmarks.page import ARGUMENTS, sign_in

TASKS = 50
AIM = 150  # ms

WATCH = """
() => {
  window.painted = [];
  const seen = (changes) => {
    const rows = new Set(changes.map(({ target }) =>
      (target.closest ? target : target.parentElement).closest("tr")));
    requestAnimationFrame(() => {
      const at = performance.timeOrigin + performance.now();
      for (const row of rows) {
        const text = row?.cells[1].querySelector(".sub").textContent ?? "";
        const attempt = Number(text.replace(/\\D/g, ""));
        if (attempt) window.painted.push([row.dataset.task, attempt, at]);
      }
    });
  };
  const options = { subtree: true, childList: true, characterData: true };
  new MutationObserver(seen).observe(document.querySelector("#tasks tbody"), options);
}
"""


class Publisher:
    """Tells events of some tasks in turn, as a worker's dispatcher does."""

    def __init__(self, redis_url: str, ids: Sequence[str]) -> None:
        app = Celery("bench", broker=redis_url, set_as_current=False)
        self._dispatcher = app.events.Dispatcher(
            app.connection_for_write(),
            hostname="celery@bench",
            buffer_while_offline=False,
        )
        self._ids = ids

    def publish(self, number: int, rate: float) -> list[tuple[str, int, float]]:
        """Return the task, the attempt and the time (ms) of each event."""
        sent = []
        for k in paced(number, rate):
            task_id, attempt = self._ids[k % len(self._ids)], k // len(self._ids)
            sent.append((task_id, attempt, 1000 * time.time()))
            self._dispatcher.send(
                "task-received",
                uuid=task_id,
                name="shop.tasks.work",
                args="(7,)",
                kwargs="{}",
                retries=attempt,
            )
        return sent


def open_list(page: Page, url: str, publisher: OtherProcess) -> None:
    """Have the tasks written down, and on the page."""
    publisher.call("publish", TASKS, 100.0)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        page.goto(url)
        if page.locator("#tasks tbody tr").count() == TASKS:
            page.wait_for_selector("#task-feed[data-tone=good]")
            page.evaluate(WATCH)
            return
    raise SystemExit("the tasks are not on the page")


def latencies(
    sent: Sequence[tuple[str, int, float]], painted: Sequence[tuple[str, int, float]]
) -> tuple[list[float], int]:
    """Milliseconds of each event that was seen, or overtaken; and how many were not."""
    by_task: dict[str, list[tuple[int, float]]] = {}
    for task_id, attempt, at in painted:
        by_task.setdefault(task_id, []).append((attempt, at))
    took, unseen = [], 0
    for task_id, attempt, at in sent:
        shown = [when for which, when in by_task.get(task_id, []) if which >= attempt]
        if shown:
            took.append(min(shown) - at)
        else:
            unseen += 1
    return took, unseen


def main(rate: float, seconds: float) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("needs Chromium: Debian's package chromium")
    print(describe())
    ids = [str(uuid4()) for _ in range(TASKS)]
    options: dict[str, Any] = {"clients": 2, "count": 1, "run_ids": []}
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder)) as url,
        web(Path(folder), url, **options) as one,
        without_limit(url) as broker,
        sync_playwright() as playwright,
    ):
        wait_until_heard(broker)
        publisher = OtherProcess(Publisher, url, ids)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(storage_state=sign_in(browser, one))
        page = context.new_page()
        open_list(page, f"http://127.0.0.1:{one.port}/tasks", publisher)
        page.wait_for_timeout(1000)
        publisher.begin("publish", int(rate * seconds), rate)
        page.wait_for_timeout(1000 * seconds + 1000)
        sent = [event for event in publisher.finish() if event[1] > 0]
        page.wait_for_timeout(1000)
        took, unseen = latencies(sent, page.evaluate("window.painted"))
        publisher.end()
        browser.close()
    real = (len(sent) - 1) / (sent[-1][2] - sent[0][2]) * 1000
    print(f"{len(sent):,} events at {real:.0f}/s (of {rate:.0f}); {load()}")
    print(
        f"  event to frame: p50 {percentile(took, 0.5):.0f} ms, "
        f"p95 {percentile(took, 0.95):.0f} ms, most {max(took):.0f} ms; "
        f"{unseen} unseen   aim: p95 {AIM} ms"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    asked = parser.parse_args()
    main(asked.rate, asked.seconds)
