"""`mailbeat statistics`"""

from datetime import UTC, datetime

import sqlalchemy as sa
from cryptography.fernet import Fernet

from mailbeat.db.models import DailyStatistic
from mailbeat.db.session import create_engine, create_sessions
from tests.factories import make_row


def test_rebuild_counts_every_day(mailbeat, account, tmp_path):
    keys = [Fernet.generate_key().decode()]
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db", secret_keys=keys)
    sessions = create_sessions(engine)
    make_row(sessions, 1, decided_at=datetime.now(UTC))

    done = mailbeat("statistics", "rebuild")

    assert done.exit_code == 0
    assert done.stdout == "Every day of 1 account was counted.\n"
    with sessions() as session:
        rows = session.execute(
            sa.select(DailyStatistic.kind, DailyStatistic.name, DailyStatistic.messages)
        ).all()
    assert {tuple(row) for row in rows} == {("category", "2", 1), ("layer", "facts", 1)}
    engine.dispose()
