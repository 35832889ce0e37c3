"""Names are looked up in time or not at all."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailbeat.mail import names
from mailbeat.mail.deadline import Deadline, Stopped
from mailbeat.mail.errors import ConnectFailed, DeadlineExceeded
from mailbeat.mail.names import Names

HOST = "imap.example.org"


class Resolver:
    """Answers once `open` is set, as one does whose name server is away for a while."""

    def __init__(self):
        self.open = threading.Event()
        self.asked = threading.Semaphore(0)
        self.hosts = []

    def __call__(self, host, port, **options):
        self.hosts.append(host)
        self.asked.release()
        assert self.open.wait(30)
        return [(host, port, options)]


@pytest.fixture
def resolver():
    resolver = Resolver()
    yield resolver
    resolver.open.set()


def test_a_name_is_looked_up():
    (*_, address), *_ = Names().look_up("127.0.0.1", 993, Deadline(5))

    assert address == ("127.0.0.1", 993)


def test_a_name_that_nobody_has_fails_as_the_resolver_says():
    with pytest.raises(socket.gaierror):
        Names().look_up("nowhere.invalid", 993, Deadline(20))


def test_a_resolver_that_hangs_is_waited_for_until_the_deadline(resolver):
    with pytest.raises(DeadlineExceeded):
        Names(resolver).look_up(HOST, 993, Deadline(0.2))


def test_a_resolver_that_hangs_is_waited_for_no_longer_than_a_look_up_may_take(
    resolver, monkeypatch
):
    monkeypatch.setattr(names, "LOOK_UP_SECONDS", 0.1)

    with pytest.raises(ConnectFailed, match="could not be looked up in time"):
        Names(resolver).look_up(HOST, 993, Deadline(30))


def test_a_stop_is_seen_while_the_resolver_hangs(resolver):
    deadline = Deadline(600, is_stopped=lambda: bool(resolver.hosts))

    with pytest.raises(Stopped):
        Names(resolver).look_up(HOST, 993, deadline)


def test_all_who_want_a_name_share_one_look_up(resolver, monkeypatch):
    """A run every interval would leave a thread behind each time."""
    found = Names(resolver)
    with pytest.raises(DeadlineExceeded):
        found.look_up(HOST, 993, Deadline(0.1))

    with ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(found.look_up, HOST, 993, Deadline(20)) for _ in range(5)]
        resolver.open.set()
        answers = [one.result(20) for one in asking]

    assert answers == [[(HOST, 993, {"type": socket.SOCK_STREAM})]] * 5
    assert resolver.hosts == [HOST]


def test_an_answer_is_not_kept(resolver):
    """A host may move; the name servers know for how long an answer holds."""
    found = Names(resolver)
    resolver.open.set()

    for _ in range(2):
        found.look_up(HOST, 993, Deadline(5))

    assert resolver.hosts == [HOST, HOST]


def test_a_hanging_resolver_holds_few_threads(resolver):
    found = Names(resolver, at_once=2)
    hosts = [f"imap{number}.example.org" for number in range(4)]

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(found.look_up, host, 993, Deadline(20)) for host in hosts]
        for _ in range(2):
            assert resolver.asked.acquire(timeout=10)
        assert not resolver.asked.acquire(timeout=0.2)
        assert len(resolver.hosts) == 2
        resolver.open.set()
        answers = [one.result(20) for one in asking]

    assert [answer[0][0] for answer in answers] == hosts


def test_whoever_finds_no_free_thread_waits_no_longer_than_others(
    resolver, monkeypatch
):
    monkeypatch.setattr(names, "LOOK_UP_SECONDS", 0.1)
    found = Names(resolver, at_once=1)

    for host in ("one.example.org", "two.example.org"):
        with pytest.raises(ConnectFailed, match=f"{host} could not be looked up"):
            found.look_up(host, 993, Deadline(30))

    assert resolver.hosts == ["one.example.org"]
