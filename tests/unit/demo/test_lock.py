import pytest

from mailbeat.demo.lock import DirectoryBusy, only_one


def test_a_second_start_in_the_same_directory_is_refused(tmp_path):
    with (
        only_one(tmp_path),
        pytest.raises(DirectoryBusy, match=str(tmp_path)),
        only_one(tmp_path),
    ):
        pass


def test_the_directory_is_free_again_afterwards(tmp_path):
    for _ in range(2):
        with only_one(tmp_path):
            pass
