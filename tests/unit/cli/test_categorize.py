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
