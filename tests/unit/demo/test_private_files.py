import stat

from mailbeat.demo.private_files import private_directory, write_private


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_directory_is_its_owners_alone_even_when_it_was_open(tmp_path):
    (tmp_path / "var").mkdir(mode=0o755)

    assert mode(private_directory(tmp_path / "var")) == 0o700


def test_a_file_is_replaced_whole_and_is_its_owners_alone(tmp_path):
    path = tmp_path / "keys"
    path.write_text("old")

    write_private(path, "new")

    assert path.read_text() == "new"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]
