"""Who of several tells, while the database is away."""

from mailbeat.alerts.once import Once


def test_one_of_those_with_a_redis_does_it(redis_url):
    first, second = Once(redis_url, alone=False), Once(redis_url, alone=True)

    assert first.claim("database", "a", seconds=60)
    assert not second.claim("database", "b", seconds=60)

    second.give_back("database", "b")  # it is not its own
    assert not second.claim("database", "b", seconds=60)
    first.give_back("database", "a")
    assert second.claim("database", "b", seconds=60)


def test_where_nobody_can_be_asked_a_web_does_it():
    for url in (None, "redis://127.0.0.1:1/0"):
        assert Once(url, alone=True).claim("database", "a", seconds=60)
        assert not Once(url, alone=False).claim("database", "a", seconds=60)
        Once(url, alone=True).give_back("database", "a")
