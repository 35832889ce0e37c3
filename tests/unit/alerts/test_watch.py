"""The watch of one process, and of several."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from mailbeat.alerts.watch import Watch, Watching, channels_of, watching_of
from mailbeat.db import alerts, outbox, watchers
from mailbeat.db.session import transaction
from mailbeat.logs import scrub
from mailbeat.settings import Settings
from tests.factories import NOW, make_account
from tests.waiting import wait_for

SECOND = timedelta(seconds=1)


class Way:
    key, shown = "way", "A way"

    def __init__(self):
        self.sent = []

    def send(self, note):
        self.sent.append(note.title)


@pytest.fixture
def way():
    return Way()


@pytest.fixture
def watch(sessions, way):
    def watch(kind="web", **options):
        return Watch(sessions, kind, Watching(channels=[way]), **options)

    return watch


def test_one_has_the_lead_and_a_web_rather_than_others(watch, sessions):
    web, worker = watch("web"), watch("worker")
    for seconds in (0, 5, 10):
        web.turn(now=NOW + seconds * SECOND)
        worker.turn(now=NOW + seconds * SECOND)
    assert (web.has_lead, worker.has_lead) == (True, False)

    worker.turn(now=NOW + 40 * SECOND)
    web.turn(now=NOW + 41 * SECOND)

    assert (web.has_lead, worker.has_lead) == (False, True)
    with sessions() as session:
        kinds = {one.kind for one in watchers.list_watchers(session)}
    assert kinds == {"web", "worker"}


def test_who_stood_still_does_not_blame_the_others_for_it(watch, sessions):
    make_account(sessions)
    web = watch("web")
    web.turn(now=NOW)
    web.turn(now=NOW + 600 * SECOND)  # a laptop that slept

    with sessions() as session:
        assert alerts.open_alerts(session) == []

    for seconds in range(605, 660, 5):
        web.turn(now=NOW + seconds * SECOND)
    with sessions() as session:
        found = {one.rule for one in alerts.open_alerts(session)}
    assert found == {"no_worker", "no_beat"}


def test_it_says_since_when_it_is_deaf(watch, sessions):
    web = watch("web", deaf_since=lambda: NOW - 20 * SECOND)
    web.turn(now=NOW)

    with sessions() as session:
        (alert,) = alerts.open_alerts(session)
    assert alert.rule == "feed_deaf"


def test_a_database_that_fails_is_told_without_it_and_written_down_later(
    watch, sessions, way
):
    web = watch("web", database_fails=0)
    web.turn()
    with transaction(sessions) as session:
        session.execute(text("ALTER TABLE watchers RENAME TO away"))
    with pytest.raises(SQLAlchemyError) as error:
        web.turn()

    for _ in range(3):
        web.note_failing(error.value, began=0)
    wait_for(lambda: way.sent == ["Mailbeat: The database fails"])

    with transaction(sessions) as session:
        session.execute(text("ALTER TABLE away RENAME TO watchers"))
    web.turn()
    with sessions() as session:
        (alert,) = alerts.open_alerts(session)
        assert (alert.rule, alert.last_notified_at is None) == (
            "database_failing",
            False,
        )
        wait_for(lambda: outbox.newest_deliveries(session)[0].state == "sent")
    web.turn()
    assert way.sent == ["Mailbeat: The database fails"]


def test_the_thread_looks_and_carries_out_by_itself(watch, sessions, way):
    web = watch("web", look_every=0, deaf_since=lambda: NOW)
    web.start()

    wait_for(lambda: way.sent == ["Mailbeat: The broker cannot be reached"])
    web.stop()


def test_it_goes_on_while_the_database_is_away(tmp_path, watch, way):
    from mailbeat.db.session import create_engine, create_sessions

    nowhere = create_sessions(create_engine(f"sqlite:///{tmp_path}/empty.db"))
    web = Watch(nowhere, "web", Watching(channels=[way]), database_fails=0)
    web.start()

    wait_for(lambda: way.sent == ["Mailbeat: The database fails"])
    web.stop()


def test_what_is_secret_in_the_settings_is_in_no_log(tmp_path):
    settings = Settings(
        DATABASE_URL=f"sqlite:///{tmp_path}/x.db",
        SMTP_URL="smtps://u:a%20smtp%20password@mail.x.org",
        ALERT_TO="ops@x.org",
        ALERT_WEBHOOK_URL="https://hooks.x.org/a-token-of-the-hook",
        ALERT_WEBHOOK_SECRET="a-secret-of-the-hook",
        NOTIFY_URLS="slack://token-a/token-b/token-c\nntfy://x.org/topic",
    )

    watching = watching_of(settings)

    assert len(watching.channels) == len(channels_of(settings)) == 4
    assert watching.disk == tmp_path.resolve()
    for secret in (
        "a smtp password",
        "a%20smtp%20password",
        "https://hooks.x.org/a-token-of-the-hook",
        "a-secret-of-the-hook",
        "slack://token-a/token-b/token-c",
    ):
        assert secret not in scrub(f"it was {secret}.")
