"""The list of tasks in a browser: live, and still under the pointer."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.waiting import wait_for


def test_rows_change_in_place_and_new_ones_wait_for_a_click(
    page, dashboard, worker, sign_in
):
    send = worker._dispatcher.send
    old, new = str(uuid4()), str(uuid4())
    more = {"name": "shop.send", "args": "('<img>',)", "kwargs": "{}", "retries": 0}
    dashboard.start()
    sign_in(dashboard)
    row = page.locator(f"[data-task='{old}']")

    def is_there():
        send("task-received", uuid=old, **more)
        page.goto(f"{dashboard.url}/tasks")
        return row.count()

    wait_for(is_there, timeout=30)  # until the web listens, and has written it down
    expect(page.locator("#task-feed")).to_have_attribute("data-tone", "good")
    send("task-started", uuid=old)
    expect(row).to_contain_text("Running")
    send("task-succeeded", uuid=old, runtime=0.25)
    expect(row).to_contain_text("Done")

    send("task-received", uuid=new, **more)
    fresh = page.locator("#fresh")
    expect(fresh).to_have_text("1 new task")
    first = page.locator("#tasks tbody tr").first
    assert first.get_attribute("data-task") == old
    fresh.click()

    expect(first).to_have_attribute("data-task", new)
    expect(first).to_contain_text("('<img>',)")
    expect(fresh).to_be_hidden()
    wait_for(lambda: new in page.goto(f"{dashboard.url}/tasks").text())
