"""pytest-celery's cluster over local processes: our Redis, our worker, no Docker."""

import sys

import pytest
import redis
from celery import Celery
from pytest_celery import (
    CeleryBackendCluster,
    CeleryBrokerCluster,
    CeleryWorkerContainer,
    RedisContainer,
)

from mailbeat.db.session import create_engine, create_sessions
from tests.servers.container import ProcessContainer
from tests.servers.imap import IMAPServer


class LocalRedis(RedisContainer):
    """The Redis of the tests, in the clothes of pytest-celery's container."""

    def __init__(self, server, container) -> None:
        super().__init__(container)
        self._server = server

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        return self._server.url

    host_url = url

    @property
    def client(self):
        return redis.Redis.from_url(self._server.url, decode_responses=True)

    def ready(self) -> bool:
        with self.client as client:
            return bool(client.ping())

    def teardown(self) -> None:
        """The fixture `redis_server` ends it."""


class LocalWorker(CeleryWorkerContainer):
    def ready(self) -> bool:
        return self._container.status == "running"

    def teardown(self) -> None:
        self._container.stop()


@pytest.fixture
def mail_server():
    """A mail server of this test's own."""
    server = IMAPServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cluster_database_url(request):
    """SQLite, unless a test asks for both by indirect parameters."""
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")


@pytest.fixture
def worker_environment(redis_server, cluster_database_url, secret_keys):
    return {
        "REDIS_URL": redis_server.url,
        "DATABASE_URL": cluster_database_url,
        "MAILBEAT_SECRET_KEYS": secret_keys[0],
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        "BACKGROUND_PROCESS_HOURS": "24",
        "LOG_FORMAT": "json",
        "PYTHONPATH": ".",
        "PYTHONWARNINGS": "default",
    }


@pytest.fixture
def cluster_sessions(cluster_database_url, secret_keys):
    engine = create_engine(cluster_database_url, secret_keys=secret_keys)
    yield create_sessions(engine)
    engine.dispose()


class _NoContainer:
    """What pytest-celery asks the container of a server that we started ourselves."""

    id = name = "redis"
    status = "running"
    attrs = {"Config": {"Hostname": "127.0.0.1", "Env": []}, "NetworkSettings": {}}

    def logs(self, **_):
        return b"Ready to accept connections"

    def reload(self):
        return None


@pytest.fixture
def default_redis_broker(redis_server):
    return LocalRedis(redis_server, _NoContainer())


@pytest.fixture
def default_redis_backend(redis_server):
    return LocalRedis(redis_server, _NoContainer())


@pytest.fixture
def celery_broker_cluster(celery_redis_broker):
    cluster = CeleryBrokerCluster(celery_redis_broker)
    yield cluster
    cluster.teardown()


@pytest.fixture
def celery_backend_cluster(celery_redis_backend):
    cluster = CeleryBackendCluster(celery_redis_backend)
    yield cluster
    cluster.teardown()


@pytest.fixture
def default_worker_container_cls():
    return LocalWorker


@pytest.fixture(scope="session")
def default_worker_container_session_cls():
    return LocalWorker


@pytest.fixture
def default_worker_container(worker_environment, tmp_path):
    container = ProcessContainer(
        [
            *(sys.executable, "-m", "celery", "-A", "tasks", "worker"),
            *("--without-mingle", "--without-gossip", "-E", "-c", "4"),
        ],
        env=worker_environment,
        directory=tmp_path,
        ready=" ready.",
    )
    yield LocalWorker(container)
    container.stop()


@pytest.fixture
def celery_setup_app(redis_server):
    """A client of the cluster; the product's own app runs in the worker."""
    url = redis_server.url
    app = Celery("client", broker=url, backend=url, set_as_current=False)
    yield app
    app.close()
