"""Rules to a file and back: all of them or none."""

import pytest
import sqlalchemy as sa

from mailbeat.db import rules
from mailbeat.db.models import CategoryRow
from mailbeat.db.rule_file import Mode, export_rules, import_rules
from mailbeat.db.session import transaction
from mailbeat.labeling.rule_file import MOST_RULES, FileRefused
from tests.factories import NOW, make_account

FILE = """\
rules:
- name: Airlines
  if: {domain: [lufthansa.com, klm.com], not: {subject: {contains: newsletter}}}
  category: receipts
- name: Mine
  if: {header: {name: X-Mailer, starts: Mailer}}
  category: none
  account: ADA@example.org
  catch_all: yes
  enabled: no
"""
LINE = "- {{name: {}, if: {{list: yes}}, category: none}}\n"


def take(sessions, text, mode=Mode.ADD):
    with transaction(sessions) as session:
        return import_rules(session, text.encode(), mode=mode, now=NOW)


def export(sessions):
    with sessions() as session:
        return export_rules(session)


def kept(sessions):
    with sessions() as session:
        return rules.list_rules(session)


@pytest.fixture
def account(any_sessions):
    return make_account(any_sessions)


def test_what_a_file_names_is_looked_up(any_sessions, account):
    assert take(any_sessions, FILE) == 2

    first, second = kept(any_sessions)
    assert (first.category_id, first.account_id, first.position) == (2, None, 1)
    assert (second.category_id, second.account_id) == (None, account)
    assert (second.is_catch_all, second.enabled) == (True, False)


def test_an_export_is_imported_as_the_same_rules(any_sessions, account):
    take(any_sessions, FILE)
    text = export(any_sessions)
    before = kept(any_sessions)

    take(any_sessions, text, Mode.REPLACE)

    assert export(any_sessions) == text
    told = ("name", "condition", "category_id", "account_id", "is_catch_all", "enabled")
    for one, other in zip(before, kept(any_sessions), strict=True):
        assert [getattr(one, name) for name in told] == [
            getattr(other, name) for name in told
        ]


def test_a_rule_of_a_removed_category_comes_back_as_it_was(any_sessions, account):
    take(any_sessions, FILE)
    with transaction(any_sessions) as session:
        change = sa.update(CategoryRow).where(CategoryRow.id == 2)
        session.execute(change.values(deleted_at=NOW))

    take(any_sessions, export(any_sessions), Mode.REPLACE)

    assert "was removed" in kept(any_sessions)[0].problem


def test_rules_are_added_after_those_that_are_there(any_sessions, account):
    take(any_sessions, "rules:\n" + LINE.format("A"))

    take(any_sessions, FILE)

    assert [one.name for one in kept(any_sessions)] == ["A", "Airlines", "Mine"]


def test_replacing_takes_the_old_ones_away(any_sessions, account):
    take(any_sessions, FILE)

    assert take(any_sessions, "rules:\n" + LINE.format("A"), Mode.REPLACE) == 1

    assert [one.name for one in kept(any_sessions)] == ["A"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (FILE.replace("receipts", "Reciepts"), 4, "There are: Personal, Receipts"),
        (FILE.replace("ADA", "bob"), 8, 'no account "bob@example.org"'),
        (FILE.replace("domain", "domian"), 3, "There are: sender"),
        (
            FILE + "- {name: mine, if: {list: yes}, category: none}\n",
            11,
            "another rule",
        ),
    ],
)
def test_one_bad_rule_and_nothing_is_taken(any_sessions, text, line, says, mode):
    make_account(any_sessions)
    take(any_sessions, "rules:\n" + LINE.format("A"))

    with pytest.raises(FileRefused) as refused:
        take(any_sessions, text, mode)

    ((at, message),) = refused.value.faults
    assert at == line
    assert says.casefold() in message.casefold()
    assert [one.name for one in kept(any_sessions)] == ["A"]


def test_a_name_that_is_there_already_is_refused_where_rules_are_added(
    any_sessions, account
):
    take(any_sessions, FILE)

    with pytest.raises(FileRefused, match=r"line 2: .*Airlines"):
        take(any_sessions, FILE)

    assert len(kept(any_sessions)) == 2


def test_together_there_are_not_too_many(sessions):
    half = MOST_RULES // 2 + 1
    first = "".join(LINE.format(f"A{n}") for n in range(half))
    second = "".join(LINE.format(f"B{n}") for n in range(half))
    take(sessions, "rules:\n" + first)

    with pytest.raises(FileRefused, match="more than 1000"):
        take(sessions, "rules:\n" + second)

    assert take(sessions, "rules:\n" + second, Mode.REPLACE) == half
