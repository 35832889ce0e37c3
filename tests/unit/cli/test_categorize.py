"""`mailbeat categorize`"""

import json

from tests.unit.test_run import invoice


def test_each_file_is_one_object_and_broken_ones_too(mailbeat, tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "a.eml").write_bytes(invoice(1))
    (folder / "b.eml").write_bytes(b"\x00\xff not mail at all")
    (folder / "c.eml").write_bytes(b"")

    done = mailbeat("categorize", folder, "--json")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [row["path"][-5:] for row in rows] == ["a.eml", "b.eml", "c.eml"]
    assert rows[0]["category"] == "Receipts"
    assert all(
        set(row) == {"path", "category", "confidence", "layer", "reason"}
        for row in rows
    )
    assert all(row["reason"] for row in rows)
    assert rows[2]["category"] is None


def test_it_needs_neither_settings_nor_a_database(mailbeat, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    file = tmp_path / "one.eml"
    file.write_bytes(invoice(1))

    done = mailbeat("categorize", file)

    assert done.exit_code == 0
    assert "Receipts" in done.stdout
    assert not (tmp_path / "var").exists()


def test_a_path_that_is_not_there_is_wrong_usage(mailbeat):
    assert mailbeat("categorize", "nowhere.eml").exit_code == 2


def mail_of(sender, subject):
    return (
        f"From: {sender}\nTo: me@example.org\nSubject: {subject}\n"
        f"Message-ID: <{subject.replace(' ', '.')}@example.org>\n\n{subject}.\n"
    ).encode()


def folder_of(tmp_path, name, **files):
    folder = tmp_path / "examples" / name
    folder.mkdir(parents=True)
    for file, raw in files.items():
        (folder / f"{file}.eml").write_bytes(raw)
    return tmp_path / "examples"


def decided(mailbeat, tmp_path, raw, *arguments):
    file = tmp_path / "one.eml"
    file.write_bytes(raw)
    done = mailbeat("categorize", file, "--json", *arguments)
    assert done.exit_code == 0
    return json.loads(done.stdout), done.stderr


def test_it_learns_from_a_folder_of_examples_first(mailbeat, tmp_path):
    examples = folder_of(tmp_path, "PROMOTIONS", a=mail_of("x@shop.example", "Hello"))

    row, _ = decided(
        mailbeat, tmp_path, mail_of("x@shop.example", "News"), "--examples", examples
    )

    assert (row["category"], row["layer"]) == ("Promotions", "memory")
    assert "x@shop.example" in row["reason"]


def test_a_folder_of_another_name_is_a_category_of_its_own(mailbeat, tmp_path):
    examples = folder_of(tmp_path, "Garten", a=mail_of("x@garten.example", "Hello"))

    row, _ = decided(
        mailbeat, tmp_path, mail_of("x@garten.example", "Hm"), "--examples", examples
    )

    assert row["category"] == "Garten"


def test_of_a_senders_examples_no_folder_is_newer_than_the_others(mailbeat, tmp_path):
    for name, number in (("Garten", 32), ("Werkzeug", 8)):
        mails = {f"m{i}": mail_of("x@s.example", f"{name} {i}") for i in range(number)}
        examples = folder_of(tmp_path, name, **mails)

    row, _ = decided(
        mailbeat, tmp_path, mail_of("x@s.example", "Hm"), "--examples", examples
    )

    assert "16 of 20" in row["reason"]
    assert row["category"] == "Garten"


def test_broken_examples_are_left_out_and_named(mailbeat, tmp_path):
    examples = folder_of(
        tmp_path,
        "Garten",
        a=mail_of("x@garten.example", "Hello"),
        broken=b"\x00\xff no mail",
        empty=b"",
    )
    (examples / "stray.txt").write_text("not in a folder")

    row, notes = decided(
        mailbeat, tmp_path, mail_of("x@garten.example", "Hm"), "--examples", examples
    )

    assert row["category"] == "Garten"
    assert "broken.eml is left out." in notes
    assert "empty.eml is left out." in notes
    assert "a.eml" not in notes


def test_a_folder_of_examples_that_is_not_there_is_wrong_usage(mailbeat, tmp_path):
    (tmp_path / "one.eml").write_bytes(mail_of("x@y.example", "Hm"))

    done = mailbeat("categorize", tmp_path / "one.eml", "--examples", "nowhere")

    assert done.exit_code == 2
