"""Examples to learn from: messages of which a person told what they are, or are not.

Rows are added and deleted, never changed: two who teach at once lose nothing, and an
undone correction leaves no trace.
"""

import base64
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mailbeat.db.models import LearnedExample, MessageRow
from mailbeat.labeling.details import details_from_text


def teach(
    session: Session,
    row: MessageRow,
    category_id: int,
    *,
    correction_id: int | None,
    is_negative: bool = False,
    now: datetime,
) -> LearnedExample:
    """Write down that a message is of a category or, `is_negative`, that it is not.

    Of a message whose details were forgotten already, its words teach nothing any
    more; its sender, list and thread do.
    """
    tokens = details_from_text(row.details).tokens
    example = LearnedExample(
        account_id=row.account_id,
        correction_id=correction_id,
        category_id=category_id,
        is_negative=is_negative,
        message_key=row.key,
        sender=row.sender,
        sender_domain=row.sender_domain,
        list_id=row.list_id,
        thread=row.thread,
        tokens=base64.b85encode(tokens).decode("ascii") if tokens else None,
        created_at=now,
    )
    session.add(example)
    return example


def forget(session: Session, correction_id: int) -> None:
    """Unlearn what a correction taught."""
    session.execute(
        delete(LearnedExample).where(LearnedExample.correction_id == correction_id),
        execution_options={"synchronize_session": False},
    )
