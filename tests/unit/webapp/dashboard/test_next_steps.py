from types import SimpleNamespace

import pytest

from webapp.dashboard.next_steps import can_run, step_for


def account(**values):
    return SimpleNamespace(
        **({"id": 7, "oauth_provider": None, "paused_at": None} | values)
    )


@pytest.mark.parametrize(
    ("code", "values", "label", "to"),
    [
        ("auth_failed", {}, "Enter a new password", "/accounts/7#password"),
        ("auth_failed", {"oauth_provider": "google"}, "Sign in again", "/accounts/7"),
        ("tls_failed", {"paused_at": 1}, "Look at its settings", "/accounts/7"),
        ("server_busy", {"paused_at": 1}, "Resume the account", "/accounts/7/resume"),
    ],
)
def test_an_error_has_one_thing_to_do(app, code, values, label, to):
    with app.test_request_context():
        step = step_for(code, account(**values))

    assert (step.label, step.to) == (label, to)


def test_what_the_next_run_may_mend_needs_nothing(app):
    with app.test_request_context():
        assert step_for("server_busy", account()) is None
        assert step_for(None, account()) is None


def test_for_an_account_that_was_removed_there_is_nothing_to_do(app):
    assert step_for("auth_failed", None) is None
    assert not can_run(None, all_paused=False)


def test_an_account_runs_unless_it_or_everything_is_paused():
    assert can_run(account(), all_paused=False)
    assert not can_run(account(paused_at=1), all_paused=False)
    assert not can_run(account(), all_paused=True)
