"""The blueprint `pages` with all its routes.

Every page is read from the database and the board, true as served; forms post to the
routes of `actions.py`, so that all but the liveness works without JavaScript.
"""

from webapp.dashboard import (  # noqa: F401 # each registers its routes
    access_actions,
    account_changes,
    account_pages,
    accounts_page,
    actions,
    alert_page,
    audit_page,
    category_pages,
    corrections,
    digest_pages,
    export_page,
    find_page,
    insight_pages,
    installed,
    live_page,
    message_pages,
    new_account_pages,
    oauth_pages,
    one_run_page,
    rule_actions,
    rule_pages,
    run_pages,
    settings_pages,
    setup_pages,
    shortcuts_page,
    task_pages,
    worker_pages,
    zone_choice,
)
from webapp.dashboard.blueprint import pages

__all__ = ["pages"]
