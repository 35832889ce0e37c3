"""What is known of providers, and what follows from it."""

from urllib.parse import urlsplit

import pytest

from mailbeat.mail import oauth
from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import (
    PROVIDERS,
    Needs,
    Server,
    chosen,
    known_server,
    meant_password,
    provider_of,
    provider_of_host,
    provider_of_mx,
)

FOUND = Server("mail.example.org", 143, Security.STARTTLS)


@pytest.mark.parametrize(
    ("address", "host", "needs"),
    [
        ("ada@gmail.com", "imap.gmail.com", Needs.APP_PASSWORD),
        ("ada@googlemail.com", "imap.gmail.com", Needs.APP_PASSWORD),
        ("ada@outlook.com", "outlook.office365.com", Needs.OAUTH),
        ("ada@yahoo.com", "imap.mail.yahoo.com", Needs.APP_PASSWORD),
        ("ada@aol.com", "imap.aol.com", Needs.APP_PASSWORD),
        ("ada@icloud.com", "imap.mail.me.com", Needs.APP_PASSWORD),
        ("ada@fastmail.com", "imap.fastmail.com", Needs.APP_PASSWORD),
        ("Ada@GMX.de", "imap.gmx.net", Needs.PASSWORD),
        ("ada@web.de ", "imap.web.de", Needs.PASSWORD),
        ("ada@t-online.de", "secureimap.t-online.de", Needs.APP_PASSWORD),
        ("ada@zoho.com", "imap.zoho.com", Needs.APP_PASSWORD),
        ("ada@zohomail.eu", "imap.zoho.eu", Needs.APP_PASSWORD),
        ("ada@mailbox.org", "imap.mailbox.org", Needs.PASSWORD),
        ("ada@posteo.de", "posteo.de", Needs.PASSWORD),
    ],
)
def test_a_provider_follows_from_its_domain(address, host, needs):
    assert known_server(address) == (host, 993, Security.TLS)
    assert provider_of(address).needs is needs


def test_another_domain_is_nobodys():
    assert known_server("ada@example.org") is None
    assert provider_of("ada@mygmail.com") is None


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (["aspmx.l.google.com.", "alt1.aspmx.l.google.com."], "Google"),
        (["smtp.google.com"], "Google"),
        (["example-org.mail.protection.outlook.com."], "Microsoft"),
        (["in1-smtp.messagingengine.com."], "Fastmail"),
        (["mx.zoho.eu."], "Zoho"),
        (["MXEXT1.mailbox.ORG."], "mailbox.org"),
        (["filter.example.net.", "aspmx.l.google.com."], "Google"),
    ],
)
def test_a_domain_of_ones_own_is_known_by_who_takes_its_mail_in(names, name):
    assert provider_of_mx(names).name == name


def test_a_mail_server_that_only_sounds_like_one_is_unknown():
    names = ["evilaspmx.l.google.com.example.net", "notmailbox.org", "mx.example.org"]

    assert provider_of_mx(names) is None


@pytest.mark.parametrize("one", PROVIDERS, ids=lambda one: one.host)
def test_every_provider_is_described_whole(one):
    assert one.how.endswith(".")
    assert urlsplit(one.page).scheme == "https"
    assert one.security is Security.TLS
    assert one.oauth is None or one.oauth in oauth.PROVIDERS
    assert provider_of_host(one.host.upper() + ".") is one
    assert one.needs is not Needs.OAUTH or one.oauth


def test_no_domain_has_two_providers():
    domains = [domain for one in PROVIDERS for domain in one.domains]

    assert len(domains) == len(set(domains))


@pytest.mark.parametrize("name", oauth.PROVIDERS)
def test_whoever_signs_in_by_oauth_has_a_server(name):
    assert sum(one.oauth == name for one in PROVIDERS) == 1


@pytest.mark.parametrize(
    ("said", "server"),
    [
        ({}, FOUND),
        ({"port": 1143}, FOUND._replace(port=1143)),
        ({"security": Security.STARTTLS}, FOUND),
        ({"security": Security.TLS}, Server("mail.example.org", 993, Security.TLS)),
        ({"host": "h"}, Server("h", 993, Security.TLS)),
        ({"host": "h", "security": Security.NONE}, Server("h", 143, Security.NONE)),
        ({"host": "h", "port": 7}, Server("h", 7, Security.TLS)),
    ],
)
def test_what_a_person_says_wins_over_what_was_found(said, server):
    assert chosen(FOUND, **said) == server


@pytest.mark.parametrize(
    ("host", "typed", "meant"),
    [
        ("imap.gmail.com", "abcd efgh ijkl mnop", "abcdefghijklmnop"),
        ("imap.gmail.com", " abcd\xa0efgh\xa0ijkl\xa0mnop\n", "abcdefghijklmnop"),
        ("imap.gmail.com", "a pass phrase", "a pass phrase"),
        ("imap.gmail.com", "ABCD efgh ijkl mnop", "ABCD efgh ijkl mnop"),
        ("imap.example.org", "abcd efgh ijkl mnop", "abcd efgh ijkl mnop"),
    ],
)
def test_an_app_password_of_google_is_meant_without_its_spaces(host, typed, meant):
    assert meant_password(host, typed) == meant
