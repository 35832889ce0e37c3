"""`mailbeat audit`"""

import json


def test_the_newest_entries_come_first(mailbeat, account):
    mailbeat("account", "pause", account)

    lines = mailbeat("audit").stdout.splitlines()

    assert [line.split()[1:3] for line in lines] == [
        ["cli", "account.pause"],
        ["cli", "account.add"],
    ]


def test_programs_get_one_object_for_each(mailbeat, account):
    mailbeat("account", "pause", account)

    (line,) = mailbeat("audit", "--json", "--limit", "1").stdout.splitlines()

    facts = json.loads(line)
    assert set(facts) == {"at", "actor", "action", "target", "detail"}
    assert (facts["action"], facts["target"]) == ("account.pause", "account 1")
