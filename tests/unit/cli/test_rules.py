"""`mailbeat rules`"""

import json

import pytest

FILE = """\
rules:
- name: Airlines
  if: {domain: lufthansa.com}
  category: Receipts
- name: Rest
  if: {recipient: me@example.org}
  category: none
  catch_all: yes
- name: Off
  if: {list: no}
  category: Forums
  enabled: no
"""
MAIL = (
    b"From: Service <info@mail.lufthansa.com>\r\nTo: me@example.org\r\n"
    b"Subject: Your flight\r\n\r\nIt is late.\r\n"
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(FILE)
    return path


@pytest.fixture
def mail(tmp_path):
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    return path


def test_a_file_is_imported_and_listed(mailbeat, file):
    done = mailbeat("rules", "import", file)
    lines = mailbeat("rules", "list").stdout.splitlines()

    assert (done.exit_code, done.stdout[:8]) == (0, "3 rules ")
    assert lines == [
        "   1  Airlines: if sender's domain is lufthansa.com -> Receipts",
        "   2  Rest: if a recipient is me@example.org -> no category  [catch-all]",
        "   3  Off: if it is from no list -> Forums  [off]",
    ]


def test_programs_get_one_object_for_each(mailbeat, file):
    mailbeat("rules", "import", file)

    first, *_ = map(json.loads, mailbeat("rules", "list", "--json").stdout.splitlines())

    assert first["if"] == {"domain": {"is": "lufthansa.com"}}
    assert (first["name"], first["category"]) == ("Airlines", "Receipts")


def test_an_export_is_imported_again(mailbeat, file, tmp_path):
    mailbeat("rules", "import", file)
    path = tmp_path / "export.yaml"

    assert mailbeat("rules", "export", path).exit_code == 0
    again = mailbeat("rules", "import", "--replace", path)

    assert again.exit_code == 0, again.output
    assert mailbeat("rules", "export").stdout == path.read_text()


def test_what_is_wrong_is_told_with_its_line_and_nothing_is_taken(mailbeat):
    done = mailbeat("rules", "import", "-", stdin=FILE.replace("Forums", "Froums"))

    assert done.exit_code == 1
    assert 'line 11: There is no category "Froums"' in done.stderr
    assert mailbeat("rules", "list").stdout == ""


def test_a_huge_file_is_refused(mailbeat):
    done = mailbeat("rules", "import", "-", stdin="#" * 1024 * 1024)

    assert done.exit_code == 1
    assert "larger than 256 KB" in done.stderr


def test_an_import_is_in_the_audit_log(mailbeat, file):
    mailbeat("rules", "import", file)

    (line,) = mailbeat("audit", "--json").stdout.splitlines()

    assert json.loads(line)["detail"] == "3 rules, add"


def test_a_message_is_told_which_rules_hold(mailbeat, file, mail):
    mailbeat("rules", "import", file)

    lines = mailbeat("rules", "test", mail).stdout.splitlines()

    assert lines == [
        'Receipts: Your rule "Airlines": sender\'s domain is lufthansa.com',
        'no category: Your catch-all rule "Rest": a recipient is me@example.org',
    ]


def test_a_message_may_meet_no_rule(mailbeat, mail):
    assert mailbeat("rules", "test", mail).stdout == "No rule holds for this message.\n"


def test_rules_of_an_account_hold_for_its_mail_only(mailbeat, account, mail):
    text = f"""\
rules:
- {{name: Mine, account: {account}, if: {{domain: lufthansa.com}}, category: none}}
- {{name: Asks, if: {{account: {account}}}, category: none}}
"""
    assert mailbeat("rules", "import", "-", stdin=text).exit_code == 0

    assert mailbeat("rules", "test", mail).stdout.startswith("No rule")
    lines = mailbeat("rules", "test", "--account", account, mail).stdout.splitlines()
    assert ["Mine" in lines[0], "Asks" in lines[1]] == [True, True]


@pytest.mark.parametrize("content", [None, b""])
def test_what_is_no_message_fails_in_a_sentence(mailbeat, tmp_path, content):
    path = tmp_path / "odd.eml"
    if content is not None:
        path.write_bytes(content)

    done = mailbeat("rules", "test", path)

    assert done.exit_code == 1
    assert str(path) in done.stderr
