"""What was decided about messages, as a page tells it: rows of the ledger in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.categories import (
    effective_categories,
    living_categories,
    those_read_as,
)
from mailbeat.db.labels_there import label_state
from mailbeat.db.ledger import FAILED
from mailbeat.db.models import CategoryRow, Correction, MessageRow
from mailbeat.labeling.categorizer import (
    FACTS,
    LEARNED,
    LLM,
    MEMORY,
    NONE,
    RULE,
    YOU,
    Opinion,
)
from mailbeat.labeling.details import considered_from_text
from webapp.dashboard.words import Mark
from webapp.language import N_, _

# Who decided, in the user's words; the evidence beside it says why.
LAYERS: Mapping[str, Mark] = {
    YOU: Mark(N_("You"), "you", "work"),
    RULE: Mark(N_("Your rule"), "rule", "work"),
    MEMORY: Mark(N_("What you filed before"), "book", "work"),
    FACTS: Mark(N_("What the mail shows"), "list", "quiet"),
    LEARNED: Mark(N_("Learned from your corrections"), "spark", "work"),
    LLM: Mark(N_("Model"), "cpu", "quiet"),
    NONE: Mark(N_("Not sure"), "ask", "warn"),
}
LABELS = {
    "waits": N_("label follows in the next run"),
    "planned": N_("being labelled"),
    "refused": N_("not labelled: the server refused"),
}
UNREADABLE = N_("could not be read")
SOURCES = {
    "dashboard": N_("here"),
    "api": N_("by a program"),
    "cli": N_("on the command line"),
    "mailbox": N_("in the mailbox"),
    "relabel": N_("when mail was decided again"),
}


def layer_of(layer: str) -> Mark:
    """Who decided, as the page says it."""
    return LAYERS.get(layer, Mark(layer, "ask", "quiet")).spoken()


@dataclass(frozen=True, slots=True)
class Told:
    """A message on a page. `suggestion` is to be confirmed, where no layer was sure.

    `note` says how the label on the server is, unless that is as expected. `undoable`
    is the correction that can be taken back.
    """

    row: MessageRow
    category: CategoryRow | None
    suggestion: CategoryRow | None
    who: Mark
    note: str
    undoable: int | None

    @property
    def percent(self) -> int:
        return round(self.row.confidence * 100)


class Verdicts:
    """Tells of messages, with the categories as they are now."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._living = {row.id: row for row in living_categories(session)}
        self._read_as = effective_categories(session)

    @property
    def categories(self) -> list[CategoryRow]:
        """Those that a message can be given, in the user's order."""
        return [row for row in self._living.values() if row.enabled]

    @property
    def all_categories(self) -> list[CategoryRow]:
        return [*self._living.values()]

    def category(self, category_id: int | None) -> CategoryRow | None:
        """As what a row's category is read."""
        return self._living.get(self._read_as.get(category_id or 0) or 0)

    def read_as(self, category_id: int) -> list[int | None]:
        """The categories that are read as one; of 0, those read as none."""
        return those_read_as(category_id, self._read_as)

    def tell(self, rows: Sequence[MessageRow]) -> list[Told]:
        corrections = self._corrections([row.id for row in rows])
        return [self.told(row, corrections.get(row.id, [])) for row in rows]

    def told(self, row: MessageRow, corrections: Sequence[Correction]) -> Told:
        """Tell of one; its corrections are the newest first."""
        suggestion = self.category(row.suggested_id) if row.layer == NONE else None
        standing = (one.id for one in corrections if one.undone_at is None)
        return Told(
            row=row,
            category=self.category(row.category_id),
            suggestion=suggestion,
            who=layer_of(row.layer),
            note=_note(row, corrections),
            undoable=next(standing, None),
        )

    def opinions(self, row: MessageRow) -> list[dict[str, Any]]:
        """What was also considered, the surest first."""
        return [self._opinion(one) for one in considered_from_text(row.considered)]

    def _opinion(self, one: Opinion) -> dict[str, Any]:
        return {
            "category": self.category(one.category_id),
            "percent": round(one.confidence * 100),
            "who": layer_of(one.layer),
            "evidence": one.evidence,
        }

    def _corrections(self, ids: Sequence[int]) -> dict[int, list[Correction]]:
        of_them = select(Correction).where(Correction.message_id.in_(ids))
        found: dict[int, list[Correction]] = {}
        for one in self._session.scalars(of_them.order_by(Correction.id.desc())):
            found.setdefault(one.message_id, []).append(one)
        return found


def _note(row: MessageRow, corrections: Sequence[Correction]) -> str:
    if row.state == FAILED and row.label is None:
        return _(UNREADABLE)
    return _(LABELS.get(label_state(row, corrections), ""))
