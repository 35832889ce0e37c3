"""What goes with an account when it is removed, and what stays."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db.models import (
    Correction,
    LearnedExample,
    MessageRow,
    RuleRow,
    Run,
)


@dataclass(frozen=True, slots=True)
class Removal:
    """Numbers of rows. All but the `runs` go with the account."""

    messages: int
    corrections: int
    lessons: int
    rules: int
    runs: int


def removal_of(session: Session, account_id: int) -> Removal:
    """Count what the foreign keys to `accounts` mean for an account."""

    def number(
        table: type[MessageRow | Correction | LearnedExample | RuleRow | Run],
    ) -> int:
        query = select(func.count()).where(table.account_id == account_id)
        return session.scalar(query) or 0

    return Removal(
        messages=number(MessageRow),
        corrections=number(Correction),
        lessons=number(LearnedExample),
        rules=number(RuleRow),
        runs=number(Run),
    )


def removed_with_it(gone: Removal) -> list[str]:
    """What is deleted, each in a few words."""
    told = (
        (gone.messages, "decision about a message", "decisions about messages"),
        (gone.corrections, "correction", "corrections"),
        (gone.lessons, "thing it learned", "things it learned"),
        (gone.rules, "rule for this account only", "rules for this account only"),
    )
    return [
        "its sign-in, with the stored password or permission",
        "how far its mailbox was read",
        *(f"{n:,} {one if n == 1 else many}" for n, one, many in told if n),
    ]
