"""Sentences of the core in the language of the page.

The core speaks English: its sentences are stored with runs and messages, and go to
programs as they are. A page translates those that it knows by their shape. What it does
not know stays as it is, so that a new sentence is never lost, only English.
"""

import re
from functools import cache

from webapp.language import ENGLISH, N_, gettext, language

# Each as the core makes it; a value may be anything.
SHAPES: tuple[str, ...] = (
    N_("There is no account %(id)s."),
    # What a run does now: labeling/progress.py.
    N_("Waiting for the next run"),
    N_("Connecting to the mail server"),
    N_("Looking for new messages"),
    N_("Found 1 new message"),
    N_("Found %(n)s new messages"),
    N_("Categorizing %(n)s of %(all)s"),
    N_("Labeling %(n)s of %(all)s"),
    N_("Completed"),
    N_("Stopped by an error"),
    N_("Its worker stopped; another takes over"),
    # What alerts say, in mailbeat/alerts/rules.py
    N_("No event was heard since %(since)s: the broker is silent."),
    N_("It sent nothing since %(since)s."),
    N_("It sent nothing ever."),
    N_("It gave no sign of life since %(since)s."),
    N_("It gave no sign of life ever."),
    N_("None gave a sign of life since %(since)s."),
    N_("None gave a sign of life yet."),
    N_("%(free)s MiB are free on %(host)s (%(share)s of the disk)."),
    N_("%(address)s is paused and needs you. %(error)s"),
    N_("%(address)s is paused and needs you."),
    N_("%(address)s failed %(times)s times in a row. %(error)s"),
    N_("%(address)s failed %(times)s times in a row."),
    N_("%(address)s was not run since %(since)s."),
    N_("%(now)s accounts wait for a worker; %(before)s did at %(since)s."),
    N_(
        "%(failed)s of the last %(runs)s runs failed, of %(accounts)s accounts. "
        "Before it were %(share)s."
    ),
    N_(
        "It could not be written since %(since)s (%(error)s), as seen from the "
        "%(kind)s on %(host)s."
    ),
    # And what ways out answer, in mailbeat/notify
    N_("%(host)s answered %(status)s."),
    N_("%(host)s port %(port)s did not answer, or hung up. Check SMTP_URL."),
    N_(
        "%(host)s did not answer, or its certificate is not to be trusted. Check "
        "ALERT_WEBHOOK_URL."
    ),
    N_("%(host)s refused the user or the password of SMTP_URL."),
    N_("%(host)s takes no mail for %(to)s."),
    N_("%(host)s did not take the mail (SMTP %(code)s)."),
    N_("This way out is not configured any more."),
    N_("The process that sent it died meanwhile. It may have arrived."),
    N_("There are %(most)s digests already. Remove one first."),
    N_(
        "There is no way out for alerts yet. Set SMTP_URL and ALERT_TO, "
        "ALERT_WEBHOOK_URL, or NOTIFY_URLS, and start Mailbeat again."
    ),
)
LONGEST = 2_000  # characters that are looked at
_VALUE = re.compile(r"%\((\w+)\)s")


def said(text: str | None) -> str:
    """The sentence in the language of the page, or as it is."""
    if language() == ENGLISH or not text or len(text) > LONGEST:
        return text or ""
    known = gettext(text.replace("%", "%%"))
    if known != text:
        return known
    for shape, pattern in _patterns():
        if (found := pattern.fullmatch(text)) is not None:
            values = {name: value or "" for name, value in found.groupdict().items()}
            return gettext(shape, **values)
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((shape, pattern_of(shape)) for shape in SHAPES)


def pattern_of(shape: str) -> re.Pattern[str]:
    """What a sentence of this shape looks like, its values as groups."""
    parts = _VALUE.split(shape)
    pattern = "".join(
        f"(?P<{part}>.+?)" if odd % 2 else re.escape(part.replace("%%", "%"))
        for odd, part in enumerate(parts)
    )
    return re.compile(pattern, re.DOTALL)
