from datetime import UTC, datetime, timedelta

from mailbeat.db.deciders import LayerCount, by_layer, corrections_over_time
from mailbeat.db.models import Correction
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_each_layer_has_what_it_decided_and_what_was_labelled(any_sessions, decided):
    decided(HOUR)
    decided(HOUR, layer="rule")
    decided(HOUR, layer="rule", state="planned")
    decided(HOUR, None, layer="none")
    decided(HOUR, state="failed")
    decided(2 * DAY)

    with any_sessions() as session:
        found = by_layer(session, since=NOW - DAY)

    assert found == [
        LayerCount("rule", 2, 1),
        LayerCount("facts", 1, 1),
        LayerCount("none", 1, 0),
    ]


def test_the_layers_of_one_account_leave_the_others_out(any_sessions, two, decided):
    decided(HOUR)

    with any_sessions() as session:
        assert by_layer(session, since=NOW - DAY, account_id=two[1]) == []


def correct(sessions, message_id, account_id, ago, **changes):
    values = {
        "from_category_id": 2,
        "to_category_id": 3,
        "former": "{}",
        "source": "dashboard",
        "actor": "key",
        "created_at": NOW - ago,
    } | changes
    with transaction(sessions) as session:
        session.add(Correction(account_id=account_id, message_id=message_id, **values))


def test_corrections_are_counted_but_those_taken_back(any_sessions, two, decided):
    decided(3 * DAY)
    correct(any_sessions, 1, two[0], HOUR)
    correct(any_sessions, 1, two[0], 2 * DAY, source="mailbox")
    correct(any_sessions, 1, two[0], 2 * DAY, undone_at=NOW)
    correct(any_sessions, 1, two[0], HOUR, source="relabel")
    correct(any_sessions, 1, two[0], 9 * DAY)

    with any_sessions() as session:
        found = corrections_over_time(
            session, since=NOW - 2 * DAY, until=NOW, step="day"
        )
        others = corrections_over_time(
            session, since=NOW - DAY, until=NOW, step="day", account_id=two[1]
        )

    assert (found, others) == ([1, 0, 1], [0, 0])
