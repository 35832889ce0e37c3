"""The live page in a real Chromium: how soon it is seen, and what news cost it.

    python benchmarks/page.py [--accounts 50 1000] [--rate 20] [--seconds 15]

Real parts: Redis, Celery's event dispatcher as our reporter uses it, gunicorn with our
receiver, board and hub, Chromium. Each account has a run behind it; 50 of them run.

First paint is from the start of a navigation to the first text, of a page that is
signed in and whose scripts and sheets are not in the cache. Scripting is what callbacks
of sockets and animation frames take, added up from frame to frame; style and layout are
told beside it, of the whole time. An event is painted when the frame that has its count
on a card is drawn; only cards in the document can tell. Layout shifts are those that
the browser counts, from the first paint to the end.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import insert, select

from benchmarks.live_crowd import new_sent
from benchmarks.live_servers import (
    Publisher,
    Web,
    new_run_ids,
    redis_server,
    web,
)
from benchmarks.machine import describe, percentile
from benchmarks.other_process import OtherProcess
from mailbeat.db.models import Account, Run, RunPhase
from mailbeat.db.session import create_engine, create_sessions, transaction

RUNNING = 50  # accounts
LOADS = 7
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--no-first-run"]
PHASES = ("connecting", "fetching", "categorizing", "labeling")

# Before the scripts of the page: what it spends in callbacks, when counts are painted.
WATCH = """
(() => {
  const bench = (window.bench = { frames: [], painted: [], shifts: 0, complaints: [] });
  let spent = 0;
  const timed = (call) => function (...given) {
    const began = performance.now();
    try { return call.apply(this, given); }
    finally { spent += performance.now() - began; }
  };
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => ask(timed(call));
  const { set, get } =
    Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    get, set(call) { set.call(this, call && timed(call)); } });
  const frame = () => {
    // After the callbacks of this frame, which were asked for before.
    setTimeout(() => {
      if (spent > 0) bench.frames.push(spent);
      spent = 0;
    });
    ask(frame);
  };
  ask(frame);
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) bench.shifts += one.value;
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) =>
    bench.complaints.push(`${event.violatedDirective} ${event.blockedURI}`));
  bench.begin = () => {
    bench.frames.length = bench.painted.length = 0;
    new MutationObserver((changes) => {
      const told = [];
      for (const { target } of changes) {
        const element = target.nodeType === 1 ? target : target.parentElement;
        const count = element?.closest(".count");
        const card = count?.closest("[data-account]");
        const current = count?.textContent.split("/")[0];
        if (card) told.push([Number(card.dataset.account), Number(current)]);
      }
      if (!told.length) return;
      // It was made in the callback of a frame; a task after that is past its paint.
      setTimeout(() => {
        const at = performance.timeOrigin + performance.now();
        for (const one of told) bench.painted.push([...one, at]);
      });
    }).observe(document.getElementById("cards"),
      { subtree: true, childList: true, characterData: true });
  };
})();
"""
LOADED = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  html: performance.getEntriesByType("navigation")[0].decodedBodySize,
  answered: performance.getEntriesByType("navigation")[0].responseStart,
  code: performance.getEntriesByType("resource")
    .filter(({ name }) => /\\.(js|css)$/.test(name))
    .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
  nodes: document.querySelectorAll("*").length,
  cards: document.querySelectorAll("#cards > .card").length,
})"""


def have_run_before(database: str, secret: str) -> None:
    """Give every account a finished run of four phases."""
    engine = create_engine(database, secret_keys=[secret])
    now = datetime.now(UTC)
    with transaction(create_sessions(engine)) as session:
        accounts = session.execute(select(Account.id, Account.email_address)).all()
        session.execute(
            insert(Run),
            [
                {
                    "run_id": f"before-{account_id}",
                    "account_id": account_id,
                    "email_address": address,
                    "start_time": now - timedelta(minutes=5, seconds=account_id % 60),
                    "end_time": now - timedelta(minutes=4, seconds=account_id % 60),
                    "updated_at": now,
                    "created_at": now,
                    "state": "completed",
                    "outcome": "succeeded",
                    "emails_found": 12,
                    "emails_processed": 12,
                    "emails_labeled": 12,
                }
                for account_id, address in accounts
            ],
        )
        rows = session.execute(select(Run.id, Run.start_time, Run.end_time)).all()
        session.execute(
            insert(RunPhase),
            [
                {
                    "run_row_id": row.id,
                    "state": state,
                    "start_time": row.start_time + timedelta(seconds=10 * number),
                }
                for row in rows
                if row.end_time is not None
                for number, state in enumerate(PHASES)
            ],
        )
    engine.dispose()


@contextmanager
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("no chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def sign_in(browser: Browser, one: Web) -> dict[str, Any]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{one.port}/login")
    page.get_by_label("Your key").fill(one.key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#cards")
    state = context.storage_state()
    context.close()
    return state


def load(browser: Browser, one: Web, state: dict[str, Any]) -> tuple[Page, dict]:
    """Open the page with nothing in the cache, and wait until it is live and whole."""
    context = browser.new_context(
        storage_state=state, viewport={"width": 1440, "height": 900}
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"http://127.0.0.1:{one.port}/")
    page.wait_for_selector("#feed[data-state=live]")
    page.wait_for_timeout(1000)
    return page, page.evaluate(LOADED)


def measure(browser: Browser, folder: Path, count: int, options: Any) -> None:
    running, number = min(RUNNING, count), int(options.rate * options.seconds)
    run_ids, sent = new_run_ids(running), new_sent(number)
    with (
        redis_server(folder) as redis_url,
        web(folder, redis_url, clients=100, count=count, run_ids=run_ids) as one,
    ):
        have_run_before(one.database, one.secret)
        publisher = OtherProcess(Publisher, redis_url, run_ids, sent)
        time.sleep(4)  # the web reads its database anew
        state = sign_in(browser, one)
        loads = []
        for _ in range(LOADS):
            page, loaded = load(browser, one, state)
            loads.append(loaded)
            page.context.close()
        page, _ = load(browser, one, state)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        before = metrics(devtools)
        page.evaluate("bench.begin()")
        publisher.begin("publish", 0, number, options.rate)
        page.wait_for_timeout(1000 * options.seconds + 500)
        publisher.finish()
        used = {name: value - before[name] for name, value in metrics(devtools).items()}
        seen = page.evaluate("bench")
        page.context.close()
        publisher.end()
    print(
        f"\n{count} accounts, {running} of them run; {options.rate:.0f} events/s for "
        f"{options.seconds:.0f} s"
    )
    show_loads(loads)
    show_news(seen, latencies(seen, sent, running), used, options.seconds)
    print(
        f"  complaints             {json.dumps(page.complaints + seen['complaints'])}"
    )


def metrics(devtools: Any) -> dict[str, float]:
    told = devtools.send("Performance.getMetrics")["metrics"]
    wanted = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")
    return {one["name"]: one["value"] for one in told if one["name"] in wanted}


def latencies(seen: dict, sent: Any, running: int) -> list[float]:
    """Seconds from publishing an event to the paint of its count."""
    ahead = time.time() - time.perf_counter()
    taken = []
    for account_id, current, at in seen["painted"]:
        k = (current - 1) * running + account_id - 1
        if 0 <= k < len(sent) and sent[k]:
            taken.append(at / 1000 - ahead - sent[k])
    return taken


def show_loads(loads: list[dict]) -> None:
    loaded = loads[-1]
    paints = [one["paint"] for one in loads]
    answers = [one["answered"] for one in loads]
    print(
        f"  first paint            {statistics.median(paints):8.0f} ms   of {LOADS}: "
        f"{min(paints):.0f} to {max(paints):.0f}; answered after "
        f"{statistics.median(answers):.0f}   aim 300"
    )
    print(f"  scripts and sheets     {loaded['code']:8,} bytes   aim {60 * 1024:,}")
    print(f"  the page itself        {loaded['html']:8,} bytes")
    print(f"  elements, cards        {loaded['nodes']:8,} , {loaded['cards']}")


def show_news(
    seen: dict, taken: list[float], used: dict[str, float], seconds: float
) -> None:
    frames = seen["frames"]
    print(
        f"  scripting in a frame   {statistics.median(frames):8.2f} ms   p95 "
        f"{percentile(frames, 0.95):.2f}, of {len(frames)} frames   aim 4"
    )
    print(
        f"  event to painted       {1000 * percentile(taken, 0.5):8.0f} ms   p95 "
        f"{1000 * percentile(taken, 0.95):.0f}, of {len(taken)}   aim 150"
    )
    print(f"  layout shifts          {seen['shifts']:8.4f}      aim 0")
    print(
        "  of the time            "
        + ", ".join(
            f"{name.removesuffix('Duration').lower()} {100 * value / seconds:.1f} %"
            for name, value in used.items()
        )
    )


def main(options: Any) -> None:
    print(describe())
    print("Chromium, publisher, Redis and the web share its cores")
    with chromium() as browser:
        for count in options.accounts:
            with tempfile.TemporaryDirectory() as name:
                measure(browser, Path(name), count, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, nargs="+", default=[50, 1000])
    parser.add_argument("--rate", type=float, default=20, help="events a second")
    parser.add_argument("--seconds", type=float, default=15)
    main(parser.parse_args())
