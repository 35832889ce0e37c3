from datetime import UTC, datetime
from email import message_from_bytes

from mailbeat.demo.samples.broken import broken_messages
from mailbeat.demo.samples.people import people

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_something_is_wrong_in_each_way_that_we_know():
    mail = [message_from_bytes(raw) for raw in broken_messages(people(1)[0], NOON)]

    assert any(message["From"] is None for message in mail)
    assert any(message["Date"] is None for message in mail)
    assert any(message.defects for message in mail)
    assert any(
        defect for message in mail for part in message.walk() for defect in part.defects
    )
