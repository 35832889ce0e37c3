"""Trying the ways out."""

import pytest

from mailbeat.alerts.trial import NoWayOut, begin_test
from mailbeat.alerts.watch import Watching
from mailbeat.db import outbox
from mailbeat.db.session import transaction
from tests.factories import NOW


class Way:
    key, shown = "way", "A way"

    def send(self, note):
        raise NotImplementedError  # the courier sends, not who asks for a test


def test_a_test_is_put_on_every_way(sessions):
    with transaction(sessions) as session:
        message_id, names = begin_test(session, Watching(channels=[Way()]), now=NOW)
        (row,) = outbox.deliveries_of(session, message_id)

    assert names == ["A way"]
    assert (row.kind, row.state) == ("test", "waiting")


def test_without_a_way_out_one_is_told_what_to_set(sessions):
    with transaction(sessions) as session, pytest.raises(NoWayOut, match="ALERT_TO"):
        begin_test(session, Watching(), now=NOW)
