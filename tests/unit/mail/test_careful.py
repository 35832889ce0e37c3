"""Hosts that are told one thing at a time."""

from mailbeat.mail.careful import CAREFUL_SECONDS, MAX_HOSTS, CarefulHosts


def test_a_host_is_remembered_for_a_while():
    now = [0.0]
    hosts = CarefulHosts(lambda: now[0])

    hosts.add("imap.example.org")

    assert hosts.has("imap.example.org")
    assert not hosts.has("other.example.org")
    now[0] = CAREFUL_SECONDS + 1
    assert not hosts.has("imap.example.org")


def test_no_more_are_remembered_than_fit_and_old_ones_make_room():
    now = [0.0]
    hosts = CarefulHosts(lambda: now[0])
    for number in range(MAX_HOSTS + 1):
        hosts.add(f"{number}.example.org")
    assert not hosts.has(f"{MAX_HOSTS}.example.org")

    now[0] = CAREFUL_SECONDS + 1
    hosts.add("late.example.org")

    assert hosts.has("late.example.org")
