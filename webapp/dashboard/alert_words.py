"""What the rules of alerts say, marked for the catalogue; the core says it in English.

A test holds these against `mailbeat/alerts/rules.py`.
"""

from typing import NamedTuple

from mailbeat.alerts.words import rule_of
from mailbeat.db.models import Alert
from webapp.dashboard.words import Mark
from webapp.language import N_, _

TITLES = (
    N_("The database fails"),
    N_("The broker cannot be reached"),
    N_("Celery beat does not run"),
    N_("Celery beat sends nothing"),
    N_("No worker runs"),
    N_("A disk is almost full"),
    N_("An account needs you"),
    N_("An account keeps failing"),
    N_("An account was not run"),
    N_("The queue grows"),
    N_("Many runs fail"),
    N_("Something is wrong"),
)
REMEDIES = (
    N_(
        "Check that the database runs and that its disk has room. Nothing is lost: "
        "runs go on by themselves when it is back. `mailbeat doctor` says more."
    ),
    N_(
        "Check that Redis (or RabbitMQ) runs, and REDIS_URL or BROKER_URL. No run "
        "starts until it is back; what was due then runs by itself."
    ),
    N_(
        "Start it: `celery -A tasks beat`, or the Procfile's beat. What was due "
        "meanwhile runs then."
    ),
    N_(
        "Beat lives, and cannot send. Check that the broker runs and takes messages; "
        "beat's log says which error it meets."
    ),
    N_(
        "Start one: `celery -A tasks worker`, or the Procfile's worker. What waits is "
        "then done at once."
    ),
    N_("Make room there, or lower RUN_DAYS and MESSAGE_DAYS."),
    N_(
        "Open the account's page and store a new password, or correct what it names. "
        "It does not run until then."
    ),
    N_(
        "It is tried again by itself, less and less often. When it stays like this, "
        "check the server and the account's settings."
    ),
    N_(
        "Look at /workers: are there workers enough, and does one hang? A worker that "
        "is started again takes over what another left."
    ),
    N_(
        "More is due than the workers do. Start another worker, raise "
        "WORKER_CONCURRENCY, or lengthen the interval."
    ),
    N_(
        "Several accounts began to fail together: is it one mail server, or this "
        "machine's network? /runs?outcome=failed shows the errors."
    ),
    N_("See the page."),
)
# How a message fared on its way out.
DELIVERED = {
    "waiting": Mark(N_("Waiting"), "clock", "quiet"),
    "sending": Mark(N_("Sending"), "clock", "work"),
    "sent": Mark(N_("Sent"), "check", "good"),
    "failed": Mark(N_("Failed"), "alert", "bad"),
    "unclear": Mark(N_("Unclear"), "ask", "warn"),
}


class Told(NamedTuple):
    title: str
    todo: str
    tone: str


def told(alert: Alert) -> Told:
    """The rule of an alert, in the language of the page."""
    rule = rule_of(alert)
    return Told(_(rule.one), _(rule.todo), "bad" if rule.is_severe else "warn")
