"""The audit log in words: what was done, to what, and the rest of it.

Stored is what programs read, `account.pause` of `account 7`; an entry of an older or
newer version that is not known here stays as it is.
"""

import re
from collections.abc import Mapping
from functools import cache

from mailbeat.db.models import AuditEntry
from mailbeat.digest.letter import CAUSES
from webapp.language import N_, _

ACTIONS: Mapping[str, str] = {
    "account.add": N_("Added an account"),
    "account.change": N_("Changed an account"),
    "account.pause": N_("Paused an account"),
    "account.relabel": N_("Had mail decided again"),
    "account.remove": N_("Removed an account"),
    "account.resume": N_("Resumed an account"),
    "account.set-password": N_("Stored a password"),
    "account.sign-in": N_("Signed in at a provider"),
    "account.start": N_("Finished a set-up"),
    "alert.acknowledge": N_("Took note of an alert"),
    "alert.end-silence": N_("Had alerts told again"),
    "alert.silence": N_("Silenced alerts"),
    "alert.test": N_("Sent a test of the alerts"),
    "all.pause": N_("Paused everything"),
    "all.resume": N_("Resumed everything"),
    "category.add": N_("Added a category"),
    "category.change": N_("Changed a category"),
    "category.merge": N_("Merged a category"),
    "category.order": N_("Ordered the categories"),
    "category.preset": N_("Added a set of categories"),
    "category.remove": N_("Removed a category"),
    "category.restore": N_("Restored a category"),
    "digest.add": N_("Added a digest"),
    "digest.change": N_("Changed a digest"),
    "digest.remove": N_("Removed a digest"),
    "digest.send": N_("Sent a digest at once"),
    "digest.unsubscribe": N_("Unsubscribed from a digest"),
    "export": N_("Exported everything"),
    "key.issue": N_("Issued a key"),
    "key.revoke": N_("Revoked a key"),
    "message.correct": N_("Corrected a message"),
    "message.undo": N_("Undid a correction"),
    "recommendation.dismiss": N_("Dismissed a suggestion"),
    "rule.add": N_("Added a rule"),
    "rule.change": N_("Changed a rule"),
    "rule.import": N_("Imported rules"),
    "rule.order": N_("Ordered the rules"),
    "rule.remove": N_("Removed a rule"),
    "run.cancel": N_("Cancelled a run"),
    "run.want": N_("Wanted a run"),
    "session.begin": N_("Signed in"),
    "session.end": N_("Signed out"),
    "worker.resize": N_("Changed a worker's threads"),
    "worker.stop": N_("Stopped a worker"),
}
# Targets and details by their shape; a value may be anything.
SHAPES: tuple[str, ...] = (
    N_("account %(id)s"),
    N_("alert %(id)s"),
    N_("category %(id)s"),
    N_("into category %(id)s"),
    N_("correction %(id)s"),
    N_("digest %(id)s"),
    N_("key %(id)s"),
    N_("message %(id)s"),
    N_("rule %(id)s"),
    N_("recommendation %(id)s"),
    N_("run %(id)s"),
    N_("session %(id)s"),
    N_("worker %(id)s"),
    N_("categories"),
    N_("rules"),
    N_("everything"),
    N_("all"),
    N_("browser"),
    N_("other sessions"),
    N_("no category"),
    N_("%(n)s messages"),
    N_("%(n)s rules, add"),
    N_("%(n)s rules, replace"),
    N_("%(n)s sessions"),
    N_("%(n)s threads"),
    N_("all, %(n)s min"),
)
_VALUES = {"id": r"(?P<id>\S+)", "n": r"(?P<n>[0-9]+)"}
# A worker says by its code why it paused an account.
BY_CODE = frozenset({"account.pause"})


def action_words(action: str) -> str:
    known = ACTIONS.get(action)
    return _(known) if known else action


def target_words(target: str) -> str:
    """What it was done to, or how much of it, in the language of the page."""
    for shape, pattern in _patterns():
        if (found := pattern.fullmatch(target)) is not None:
            return _(shape, **found.groupdict())
    return target


def target_of(words: str) -> str:
    """What is stored for words as the page shows them; what is stored stays."""
    for shape, _pattern in _patterns():
        pattern = _pattern_of(_(shape, id="%(id)s", n="%(n)s"))
        if (found := pattern.fullmatch(words)) is not None:
            return shape % found.groupdict()
    return words


def detail_words(deed: AuditEntry) -> str:
    if deed.action in BY_CODE and deed.detail in CAUSES:
        return _(CAUSES[deed.detail])
    return target_words(deed.detail)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((shape, _pattern_of(shape)) for shape in SHAPES)


@cache
def _pattern_of(shape: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", shape)
    pattern = "".join(
        _VALUES[part] if odd % 2 else re.escape(part) for odd, part in enumerate(parts)
    )
    return re.compile(pattern)
