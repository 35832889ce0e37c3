"""The pages of runs in a real Chromium, while runs go on."""

import pytest
from playwright.sync_api import expect

from mailbeat.labeling.progress import RunState

SHIFTS = """
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def open_page(page, dashboard, sign_in):
    sign_in(dashboard)
    page.add_init_script(SHIFTS)

    def open_page(path):
        page.goto(dashboard.url + path)
        return page

    return open_page


def test_what_came_since_is_counted_above_a_list_that_stays_as_it_is(
    account, open_page, worker
):
    account()
    worker.begin(1).end()
    page = open_page("/runs?account=ada")
    rows, newer = page.locator("#runs tbody tr"), page.locator("#newer")

    worker.begin(1).end()
    expect(newer).to_have_text("1 newer run")
    running = worker.begin(1)
    expect(newer).to_have_text("2 newer runs")
    expect(rows).to_have_count(1)
    assert page.evaluate("window.shifts") < 0.001

    newer.click()
    expect(rows).to_have_count(3)
    running.step(RunState.LABELING, 7)
    expect(rows.first).to_contain_text("Labeling 7 of 20")
    running.end()
    expect(rows.first).to_contain_text("20 labelled")
    expect(newer).to_be_hidden()


def test_the_page_of_a_run_goes_on_with_it_to_its_end(account, open_page, worker):
    account()
    run = worker.begin(1)
    page = open_page(f"/runs/{run.run_id}")

    run.step(RunState.CATEGORIZING, 7)
    expect(page.locator("#step")).to_have_text("Categorizing 7 of 20")
    expect(page.locator("[data-count=emails_processed]")).to_have_text("7")
    expect(page.locator("#lanes li").last).to_contain_text("categorizing")
    run.end()

    expect(page.locator(".top .pill")).to_have_text("Done")
    expect(page.locator("#meter")).to_have_count(0)
    expect(page.locator(".top")).to_contain_text("20 labelled")
