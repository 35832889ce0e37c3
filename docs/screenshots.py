"""Screenshots of every page of a demo with weeks of history: two widths, both themes.

`make screenshots` puts them into docs/images; those that documents show are committed.
`ARGS="live run"` takes these only, `ARGS="--whole"` pages down to their ends.
"""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright  # noqa: A004 # its own
from screenshots_history import tell_history

IMAGES = Path(__file__).parent / "images"
PORT = 8399
WITHIN = 180  # seconds, for the demo to have something to show
ENOUGH = 400  # messages that it labelled
SIZES = {"desktop": (1440, 900), "phone": (360, 780)}
THEMES = ("light", "dark")
PAGES = {
    "live": "/",
    "find": "/find?q=ada",
    "shortcuts": "/shortcuts",
    "accounts": "/accounts",
    "account": "/accounts/1",
    "account-in-need": "/accounts/8",
    "account-paused": "/accounts/6",
    "new-account": "/accounts/new",
    "runs": "/runs",
    "runs-none": "/runs?account=nobody",
    "run": "/runs/{run}",
    "run-failed": "/runs/{failed}",
    "failures": "/runs/failures",
    "messages": "/messages",
    "message": "/messages/{unsure}",
    "message-corrected": "/messages/{corrected}",
    "rules": "/rules",
    "rule": "/rules/1",
    "new-rule": "/rules/new",
    "categories": "/categories",
    "category": "/categories/2",
    "insights": "/insights",
    "workers": "/workers",
    "tasks": "/tasks",
    "task": "/tasks/{task}",
    "task-failures": "/tasks/failures",
    "alerts": "/alerts",
    "settings": "/settings",
    "audit": "/settings/audit",
    "digest": "/settings/digest",
    "digest-letter": "/settings/digest/preview?frequency=weekly",
    "api": "/api/docs",
    "not-found": "/no-such-page",
}
# What is opened on the live page by a key.
OPENED = {"palette": "Control+k", "keys": "?"}
EXAMPLES = {
    "run": "SELECT run_id FROM messages GROUP BY run_id ORDER BY count(*) DESC",
    "failed": "SELECT run_id FROM processing_runs WHERE outcome = 'failed'"
    " ORDER BY start_time DESC",
    "unsure": "SELECT id FROM messages WHERE suggested_id IS NOT NULL"
    " AND category_id IS NULL ORDER BY decided_at DESC",
    "corrected": "SELECT id FROM messages WHERE corrected_at IS NOT NULL"
    " ORDER BY decided_at DESC",
    "task": "SELECT task_id FROM tasks WHERE state = 'failed' ORDER BY id DESC",
}


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """Yield the address of a demo that has labelled something, and long did."""
    program = Path(sys.executable).with_name("mailbeat")
    options = f"--port {PORT} --accounts 8 --interval 10 --dir {folder}"
    with (folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen(  # noqa: S603 # our own program
            [program, "demo", *options.split()], stdout=log, stderr=log
        )
        try:
            end = time.monotonic() + WITHIN
            while not has_labelled(folder):
                if demo.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"The demo did not start: {folder}/demo.log")
                time.sleep(1)
            tell_history(folder)
            yield f"http://127.0.0.1:{PORT}"
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=30)


def has_labelled(folder: Path) -> bool:
    if not (folder / "api.key").exists():
        return False
    try:
        return one_of(folder, "SELECT count(*) FROM messages") >= ENOUGH
    except sqlite3.OperationalError:  # its tables are being made
        return False


def one_of(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{folder}/mailbeat.db?mode=ro", uri=True)) as it:
        return (it.execute(f"{query} LIMIT 1").fetchone() or [0])[0]


def take(page: Page, name: str, *, whole: bool) -> None:
    page.wait_for_timeout(600)  # its script draws, and the feed is live
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)
    print(f"docs/images/{name}.png")


def take_all(page: Page, address: str, folder: Path, asked: argparse.Namespace) -> None:
    """Every page that is asked for, as wide as this one is and in its theme."""
    wanted = asked.names or [*PAGES, *OPENED]
    examples = {name: one_of(folder, query) for name, query in EXAMPLES.items()}
    for name, where in PAGES.items():
        if name in wanted:
            page.goto(address + where.format(**examples))
            if name == "live":  # with a run to be seen, if there is one soon
                working = page.locator(".card[data-tone=work] progress:not(.unused)")
                with suppress(TimeoutError):
                    working.first.wait_for(timeout=15_000)
            take(page, f"{name}-{asked.way}", whole=asked.whole)
    for name, key in OPENED.items():
        if name in wanted:
            page.goto(address)
            page.wait_for_timeout(600)
            page.keyboard.press(key)
            take(page, f"{name}-{asked.way}", whole=False)


def visit(
    chromium: Browser, address: str, folder: Path, asked: argparse.Namespace
) -> None:
    key = (folder / "api.key").read_text().strip()
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            asked.way = f"{size}-{theme}"
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,
                reduced_motion="reduce",
                is_mobile=size == "phone",  # whose scroll bars take no room
            )
            page = context.new_page()
            page.goto(f"{address}/login")
            if not asked.names or "login" in asked.names:
                take(page, f"login-{asked.way}", whole=False)
            page.fill("input[type=password]", key)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/")
            take_all(page, address, folder, asked)
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of pages; all of them unless told")
    parser.add_argument("--whole", action="store_true", help="down to their ends")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "chromium"))
    asked = parser.parse_args()
    path = asked.chromium
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=path if "/" in path else f"/usr/bin/{path}",
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        visit(chromium, address, Path(folder), asked)


if __name__ == "__main__":
    main()
