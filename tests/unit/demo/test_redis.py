import stat

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mailbeat.demo.redis import RedisServer


@pytest.fixture
def server(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


def test_it_answers_on_its_url(server, tmp_path):
    assert (tmp_path / "redis.url").read_text() == server.url + "\n"

    with redis.Redis.from_url(server.url) as client:
        assert client.ping()


def test_it_answers_nobody_without_the_password(server):
    once = Retry(NoBackoff(), 0)
    with (
        redis.Redis(host="127.0.0.1", port=server.port, retry=once) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_the_password_is_in_no_command_line_and_in_private_files(server, tmp_path):
    password = server.url.split(":")[2].split("@")[0]

    assert password not in " ".join(server.command)
    for name in ("redis.url", "redis/redis.conf"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_next_start_takes_the_same_port_when_it_is_free(tmp_path):
    first = RedisServer(tmp_path)
    first.prepare()

    assert RedisServer(tmp_path).port == first.port


def test_a_directory_with_a_blank_in_its_name_works(tmp_path):
    server = RedisServer(tmp_path / "my mail")

    server.start()
    server.stop()
