"""What the rules of alerts say, and how messages fared, in the language of the page."""

from typing import NamedTuple

from mailbeat.alerts.words import rule_of
from mailbeat.db.models import Alert
from webapp.dashboard.words import Mark
from webapp.language import N_, _

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
