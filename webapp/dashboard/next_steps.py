"""What to do about a run that did not go well: one link or one button."""

from typing import NamedTuple

from flask import url_for

from mailbeat.db.health import NEEDS_A_PERSON
from mailbeat.db.models import Account
from webapp.language import _


class Step(NamedTuple):
    """Where it leads; or, of a button, where its form `posts`, and its wish."""

    label: str
    to: str
    icon: str = "next"
    posts: bool = False


def step_for(error_code: str | None, account: Account | None) -> Step | None:
    """The one thing to do; None when the account was removed."""
    if account is None:
        return None
    page = url_for("pages.account", account_id=account.id)
    if error_code == "auth_failed":
        if account.oauth_provider:
            return Step(_("Sign in again"), page)
        return Step(_("Enter a new password"), f"{page}#password", "key")
    if error_code in NEEDS_A_PERSON:
        return Step(_("Look at its settings"), page, "gear")
    if account.paused_at is not None:
        to = url_for("pages.account_resume", account_id=account.id)
        return Step(_("Resume the account"), to, "play", posts=True)
    return None


def can_run(account: Account | None, *, all_paused: bool) -> bool:
    """Whether a run of an account can be asked for at this moment."""
    return account is not None and account.paused_at is None and not all_paused
