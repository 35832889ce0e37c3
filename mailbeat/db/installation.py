"""What holds for a whole installation at the moment when a run begins."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.categories import CATEGORIES, COLUMNS, IS_ENABLED
from mailbeat.db.clock import CLOCK
from mailbeat.db.models import Installation, table_of
from mailbeat.labeling.category import Category

_INSTALLATION = table_of(Installation)
# One round trip for all of it. Without a category there still is a row.
_STANDING = (
    select(CLOCK, _INSTALLATION.c.paused_at, *COLUMNS)
    .select_from(_INSTALLATION.outerjoin(CATEGORIES, IS_ENABLED))
    .order_by(CATEGORIES.c.position, CATEGORIES.c.id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    now: datetime  # the database's time
    paused_at: datetime | None  # since when everything is paused
    categories: list[Category]  # the enabled ones, in the user's order


def standing(session: Session) -> Standing:
    rows = session.execute(_STANDING).all()
    now, paused_at, *_ = rows[0]
    categories = [Category(*row[2:]) for row in rows if row[2] is not None]
    return Standing(now, paused_at, categories)
