"""The servers of the tests do what the tests rely on."""

import redis
import sqlalchemy as sa
from kombu import Connection

from mailbeat.db.models import CategoryRow
from mailbeat.db.session import transaction


def test_a_keyword_sticks_to_a_message(imap_server):
    imap_server.add_user("keyword@example.org")
    imap_server.append("keyword@example.org", b"Message-ID: <1@x>\r\n\r\nhi\r\n")

    with imap_server.client("keyword@example.org") as client:
        client.select_folder("INBOX")
        client.add_flags([101], ["Receipts"])
        client.add_flags(client.search("ALL"), ["Receipts"])

    assert imap_server.keywords("keyword@example.org") == {"<1@x>": {"Receipts"}}


def test_a_migrated_database_has_the_categories(any_sessions):
    with transaction(any_sessions) as session:
        names = session.scalars(sa.select(CategoryRow.name).order_by(CategoryRow.id))

        assert list(names)[:2] == ["Personal", "Receipts"]


def test_redis_comes_back_empty(redis_server):
    client = redis.Redis.from_url(redis_server.url)
    client.set("a", 1)

    redis_server.kill()
    redis_server.start()

    assert client.keys() == []
    client.close()


def test_rabbitmq_keeps_what_it_has_confirmed(rabbitmq):
    confirmed = {"confirm_publish": True}
    with Connection(rabbitmq.url, transport_options=confirmed) as connection:
        queue = connection.SimpleQueue("celery")
        queue.put({"a": 1})
        queue.close()

    rabbitmq.kill()
    rabbitmq.start()

    assert [message.body for message in rabbitmq.waiting()] == ['{"a": 1}']
    assert rabbitmq.queues()["celery"] == 1
