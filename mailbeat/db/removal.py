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
from mailbeat.language import IN_ENGLISH, Tongue


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


def removed_with_it(gone: Removal, tongue: Tongue = IN_ENGLISH) -> list[str]:
    """What is deleted, each in a few words."""
    _, ngettext = tongue.gettext, tongue.ngettext
    told = (
        ngettext(
            "%(num)s decision about a message",
            "%(num)s decisions about messages",
            gone.messages,
        ),
        ngettext("%(num)s correction", "%(num)s corrections", gone.corrections),
        ngettext("%(num)s thing it learned", "%(num)s things it learned", gone.lessons),
        ngettext(
            "%(num)s rule for this account only",
            "%(num)s rules for this account only",
            gone.rules,
        ),
    )
    counts = (gone.messages, gone.corrections, gone.lessons, gone.rules)
    return [
        _("its sign-in, with the stored password or permission"),
        _("how far its mailbox was read"),
        *(words for words, count in zip(told, counts, strict=True) if count),
    ]
