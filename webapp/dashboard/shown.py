"""Which accounts the live page shows: those that were asked for, a part at a time.

`static/cards.js` does the same in the browser: whoever changes a rule here changes it
there; a browser test compares both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.dashboard import words
from webapp.dashboard.words import RunDict, Status
from webapp.language import N_

# Cards that are served at once. More would be slow to draw and to look through.
BATCH = 60
LONGEST = 200  # characters of a search that are looked at
STATES = (
    ("all", N_("All")),
    ("working", N_("Working")),
    ("needs", N_("Needs you")),
    ("paused", N_("Paused")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`state` is one of STATES, `text` is looked for in addresses."""

    state: str = "all"
    text: str = ""
    start: int = 0

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Asked":
        """Read a query string; what it does not understand is left out."""
        state, start = values.get("state", ""), values.get("from", "")
        known = state in dict(STATES)
        number = int(start) if re.fullmatch("[0-9]{1,7}", start) else 0
        return cls(
            state if known else "all",
            values.get("q", "").strip()[:LONGEST],
            number,
        )

    def query(self, **changes: Any) -> dict[str, Any]:
        """The query string that asks for this, without what goes without saying."""
        values = {"state": self.state, "q": self.text, "from": self.start} | changes
        return {
            name: value for name, value in values.items() if value not in {"all", "", 0}
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """`counts` are those of each state, whatever is looked for; `total` match."""

    statuses: list[dict[str, Any]]
    counts: dict[str, int]
    total: int
    asked: Asked

    @property
    def end(self) -> int:
        return self.asked.start + len(self.statuses)


def shown(
    statuses: list[dict[str, Any]],
    last: Mapping[int, RunDict],
    asked: Asked,
    *,
    all_paused: bool,
) -> Shown:
    kinds = {
        status["account_id"]: kinds_of(
            status, last.get(status["account_id"]), all_paused=all_paused
        )
        for status in statuses
    }
    wanted = [
        status
        for status in in_order(statuses)
        if asked.state in kinds[status["account_id"]]
        and asked.text.lower() in status["email_address"].lower()
    ]
    start = min(asked.start, len(wanted))
    return Shown(
        wanted[start : start + BATCH],
        {state: sum(state in found for found in kinds.values()) for state, _ in STATES},
        len(wanted),
        Asked(asked.state, asked.text, start),
    )


def kinds_of(status: Status, last: RunDict | None, *, all_paused: bool) -> set[str]:
    """The states that an account counts under: one that tries again may have two."""
    kinds = {"all"}
    if words.is_running(status):
        kinds.add("working")
    if words.need_of(status, last) is not None:
        kinds.add("needs")
    elif (status["paused"] or all_paused) and not (
        kinds & {"working"} or status["setting_up"]
    ):
        kinds.add("paused")
    return kinds


def in_order(statuses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Working accounts first; inside each half the order never changes."""
    return sorted(statuses, key=lambda status: not words.is_running(status))
