"""docs/security.md lists what is checked, and nothing else."""

import re
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs/security.md"


def test_the_26_checks_are_the_tests():
    rows = re.findall(
        r"^\| (\d+) \| .* \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE
    )
    listed = [name for _, names in rows for name in re.findall(r"`(\w+)`", names)]
    written = [
        name
        for path in HERE.glob("test_*.py")
        for name in re.findall(r"^def (test_asvs_\w+)", path.read_text(), re.MULTILINE)
    ]

    assert [int(number) for number, _ in rows] == list(range(1, 27))
    assert sorted(listed) == sorted(written)
    assert all(re.findall(r"`(\w+)`", names) for _, names in rows)
