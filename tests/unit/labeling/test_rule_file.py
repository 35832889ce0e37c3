"""Rules as a file: read with lines, refused whole, written so that it is read again."""

import time
from pathlib import Path

import pytest

from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.rule_file import (
    MAX_FILE,
    MOST_FAULTS,
    FileRefused,
    WrittenRule,
    read_rules,
    write_rules,
)

GOOD = """\
# What people write.
rules:
  - name: Airlines
    if:
      domain: [lufthansa.com, klm.com]
    category: Receipts

  - name: "Builds: no"
    account: ada@example.org
    if:
      all:
        - list: {contains: builds}
        - not: {subject: {starts: "Re:"}}
    category: Notifications
    enabled: no

  - {name: No, if: {attachment: no}, category: None, catch_all: yes}
"""


def refused(text):
    with pytest.raises(FileRefused) as error:
        read_rules(text.encode() if isinstance(text, str) else text)
    return error.value.faults


def test_a_file_is_read():
    first, second, last = read_rules(GOOD.encode()).rules

    assert first == WrittenRule(
        "Airlines",
        read_condition({"domain": ["lufthansa.com", "klm.com"]}),
        "Receipts",
    )
    assert (second.name, second.account) == ("Builds: no", "ada@example.org")
    assert (second.enabled, second.is_catch_all) == (False, False)
    assert (last.name, last.category, last.is_catch_all) == ("No", None, True)
    assert last.condition == read_condition({"attachment": False})


def test_what_is_written_is_read_the_same_again():
    rules = read_rules(GOOD.encode()).rules

    assert read_rules(write_rules(rules).encode()).rules == rules


@pytest.mark.parametrize(
    "name",
    ["no", "7", "null", "~", "a: b", "- a", "#a", "'\"", "&a", "*a", "!a", "é✓", "0x1"],
)
def test_names_that_mean_something_in_yaml_stay_names(name):
    rule = WrittenRule(name, read_condition({"subject": name}), "Receipts")

    assert read_rules(write_rules([rule]).encode()).rules == (rule,)


def test_a_file_may_be_empty_of_rules_and_begin_with_a_mark():
    assert read_rules(b"\xef\xbb\xbfrules: []\n").rules == ()
    assert write_rules([]) == "rules: []\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "must begin with `rules:`"),
        ("rules", 1, "must begin with `rules:`"),
        ("- name: x", 1, "must begin with `rules:`"),
        ("rules:\n  name: x", 1, "must begin with `rules:`"),
        ("rules: []\nrule: []", 2, "only `rules` is"),
        ("rules:\n- x", 2, "A rule has: name, if"),
        ("rules:\n- name: x\n  when: y", 3, "Accepted are: name, if, category"),
        ("rules:\n- name: x\n  category: y", 2, "no `if`"),
        ("rules:\n- name: x\n  name: y", 3, "twice"),
        ("rules: [\n", 2, "no YAML"),
        ("rules:\n- name: 'x", 2, "no YAML"),
        ("rules:\n\t- x", 2, "no YAML"),
        ("rules: []\n---\nrules: []", 2, "second document"),
        ("rules:\n- &a x\n- *a", 2, "Anchors"),
        ("rules:\n- <<: *a", 2, "Anchors"),
        ("rules:\n- !!python/object:os.system x", 2, "Tags"),
        ("rules:\n- !x y", 2, "Tags"),
        ("rules:\n- ? [a]\n  : b", 2, "before a colon"),
        ("rules:\n- name: \x07", 2, "cannot have"),
        (b"rules:\n- name: \xff", 2, "UTF-8"),
        ("rules:\n- " + "[" * 30, 2, "nested"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(text, line, says):
    ((at, message), *_) = refused(text)

    assert says in message
    assert at == line or "cannot have" in message


@pytest.mark.parametrize(
    ("condition", "line", "says"),
    [
        ("\n      sendr: x", 4, "There are: sender, domain"),
        ("\n      subject:\n        matches: x", 5, "contains, starts, ends"),
        ("\n      any:\n      - domain: x.org\n      - size: {over: x}", 6, "5 MB"),
        ("\n      header: {name: X-Foo, is: x}", 4, "X-Mailer"),
        ("\n      domain:\n      - x.org\n      - ''", 6, "empty"),
    ],
)
def test_a_bad_condition_is_refused_with_the_line(condition, line, says):
    text = f"rules:\n  - name: x\n    if:{condition}\n    category: none\n"

    ((at, message),) = refused(text)

    assert at == line
    assert says in message


def test_everything_wrong_is_told_at_once_but_not_without_end():
    text = "rules:\n" + "- {name: x}\n" * 100

    faults = refused(text)

    assert len(faults) == MOST_FAULTS
    assert [line for line, _ in faults[:3]] == [2, 3, 4]


def test_two_rules_have_two_names():
    one = "- {{name: {}, if: {{list: yes}}, category: none}}\n"

    ((line, message),) = refused("rules:\n" + one.format("Mine") + one.format("MINE"))

    assert line == 3
    assert "MINE" in message


BIG = MAX_FILE - 100


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n" + "- {name: x, if: {list: yes}, category: none}\n" * 10_000,
        "rules:\n" + "- {name: x, if: {list: yes}, category: none}\n" * 5_000,
        "x" * (1024 * 1024),
        "rules:\n- " + "[" * BIG,
        "rules:\n- " + "{a: " * (BIG // 4),
        "rules:\n" + "".join(f"{'  ' * n}- \n" for n in range(450)),
        "rules: " + "x" * BIG,
        'rules: "' + "\\n" * (BIG // 2) + '"',
        "rules: '" + "''" * (BIG // 2),
        "rules:\n- " + "? " * (BIG // 2),
        "rules:\n" + "- a\n" * (BIG // 4),
        "rules:\n- {" + "a: b, " * (BIG // 6) + "}",
        "rules: |\n" + " x\n" * (BIG // 3),
        "rules: [" + "a," * (BIG // 2),
        "#" * BIG,
        "\n" * BIG,
        "%TAG ! x\n" * (BIG // 10),
        "rules: [" + '"' * BIG,
        "rules: " + "&a " * (BIG // 3),
    ],
)
def test_hostile_files_are_refused_soon(text):
    began = time.thread_time()

    faults = refused(text)

    assert time.thread_time() - began < 3
    assert all(len(message) < 500 for _, message in faults)


def test_the_example_of_the_documents_is_read():
    document = Path("docs/rules.md").read_text(encoding="utf-8")
    example = document.partition("```yaml\n")[2].partition("```")[0]

    rules = read_rules(example.encode()).rules

    assert [one.name for one in rules][:2] == ["Airlines", "Builds"]
    assert [one.is_catch_all for one in rules] == [False, False, False, True]
