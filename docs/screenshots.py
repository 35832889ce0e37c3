"""Screenshots of every page of a running demo: two widths, both themes.

`make screenshots` puts them into docs/images; those that documents show are committed.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PORT = 8399
WITHIN = 120  # seconds, for the demo to have something to show
SIZES = {"desktop": (1360, 960), "phone": (360, 800)}
THEMES = ("light", "dark")
PAGES = {
    "live": "/",
    "accounts": "/accounts",
    "account": "/accounts/1",
    "new-account": "/accounts/new",
    "runs": "/runs",
    "messages": "/messages",
    "message": "/messages/1",
    "rules": "/rules",
    "new-rule": "/rules/new",
    "categories": "/categories",
    "insights": "/insights",
    "workers": "/workers",
    "settings": "/settings",
    "audit": "/settings/audit",
    "digest": "/settings/digest",
    "alerts": "/alerts",
    "api": "/api/docs",
}


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """Yield the address of a demo that has labelled something."""
    program = Path(sys.executable).with_name("mailbeat")
    options = f"--port {PORT} --accounts 6 --interval 10 --dir {folder}"
    with (folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen(  # noqa: S603 # our own program
            [program, "demo", *options.split()], stdout=log, stderr=log
        )
        try:
            end = time.monotonic() + WITHIN
            while not (folder / "api.key").exists():
                if demo.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"The demo did not start: {folder}/demo.log")
                time.sleep(0.5)
            time.sleep(30)  # some runs, so that there is something to see
            yield f"http://127.0.0.1:{PORT}"
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=30)


def take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_timeout(600)  # its script draws, and the feed is live
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "chromium"))
    path = parser.parse_args().chromium
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=path if "/" in path else f"/usr/bin/{path}",
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        key = (Path(folder) / "api.key").read_text().strip()
        for size, (width, height) in SIZES.items():
            for theme in THEMES:
                context = chromium.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme
                )
                page = context.new_page()
                take(page, f"{address}/login", f"login-{size}-{theme}")
                page.fill("input[type=password]", key)
                page.keyboard.press("Enter")
                page.wait_for_url(f"{address}/")
                for name, where in PAGES.items():
                    take(page, f"{address}{where}", f"{name}-{size}-{theme}")
                context.close()


if __name__ == "__main__":
    main()
