"""Every page, in both themes, held against axe-core's rules for accessibility."""

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import ErrorCode
from tests.e2e.conftest import settle

PAGES = (
    "/",
    "/?state=working",
    "/accounts",
    "/accounts/1",
    "/accounts/new",
    "/runs",
    "/runs?account=a&outcome=failed",
    "/runs/failures",
    "/runs/RUN",
    "/messages",
    "/rules",
    "/rules/new",
    "/categories",
    "/categories/1",
    "/insights",
    "/workers",
    "/tasks",
    "/tasks/failures",
    "/find?q=a",
    "/shortcuts",
    "/alerts",
    "/settings",
    "/settings/audit",
    "/settings/digest",
    "/api/docs",
    "/no-such-page",
)
FAILED = """
  async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))
"""


@pytest.fixture
def barriers(page):
    """What axe finds on the page as it stands."""

    def barriers() -> list[str]:
        settle(page)
        # The debugger's channel, which the page's own policy does not bind.
        page.evaluate(AXE_FILE_PATH.read_text() + ";undefined")
        return page.evaluate(FAILED)

    return barriers


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(  # noqa: PLR0917 # fixtures
    scheme, page, dashboard, account, worker, sign_in, barriers
):
    for number in range(1, 6):
        account(f"a{number}@example.org")
    worker.begin(1).fail(ErrorCode.AUTH_FAILED, "The login was refused. Change it.")
    worker.begin(2).step(RunState.LABELING, 7)
    worker.begin(3).fail(ErrorCode.SERVER_BUSY, "The server was busy.")
    ended = worker.begin(4)
    ended.end()
    sign_in(dashboard)
    # What blinks and fades is measured in the middle of it otherwise.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    found = {}
    for path in PAGES:
        page.goto(dashboard.url + path.replace("RUN", ended.run_id))
        if here := barriers():
            found[path] = here

    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_stranger_and_of_the_first_day_have_none(
    scheme, page, dashboard, sign_in, barriers
):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{dashboard.url}/login")
    assert barriers() == []

    sign_in(dashboard)
    page.goto(dashboard.url)
    assert barriers() == []
