"""The house stays as it is described: names, layout, settings, processes."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mailbeat.settings import Settings

ROOT = Path(__file__).parents[1]
ROOMS = ("mailbeat", "tasks", "webapp")
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "services", "manager"}

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")

# Modules that only declare: their tests are those of what uses them.
NO_MIRROR = {
    "mailbeat/mail/errors.py",
    "mailbeat/mail/mailbox.py",
    "mailbeat/mail/message.py",
    "mailbeat/db/models.py",
    *(f"mailbeat/labeling/genre/{two}.py" for two in LANGUAGES),
}


def modules() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found)


def mirror(module: Path) -> Path:
    """`mailbeat/db/runs.py` -> `tests/unit/db/test_runs.py`."""
    parts = module.parts[1:] if module.parts[0] == "mailbeat" else module.parts
    return Path("tests/unit", *parts[:-1], f"test_{parts[-1]}")


def test_every_module_has_its_mirror_test():
    missing = [
        f"{module}: {mirror(module)}"
        for module in modules()
        if module.name != "__init__.py"
        and str(module) not in NO_MIRROR
        and not (ROOT / mirror(module)).exists()
    ]

    assert missing == []


def test_no_module_has_a_name_that_says_nothing():
    assert [m for m in modules() if m.stem in VAGUE or VAGUE & set(m.parts)] == []


def test_every_module_says_what_it_is_for():
    silent = [m for m in modules() if not (ROOT / m).read_text().startswith('"""')]

    assert silent == []


def test_alembic_is_never_a_package():
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_the_example_environment_is_the_settings():
    text = (ROOT / ".env.example").read_text()
    names = re.findall(r"^# ?([A-Z_]+)=", text, re.MULTILINE)

    expected = [str(f.validation_alias) for f in Settings.model_fields.values()]

    assert names == expected
    assert not re.findall(r"^[A-Z_]+=", text, re.MULTILINE), "all are commented out"


def test_the_readme_lists_every_variable():
    text = (ROOT / "README.md").read_text()

    for field in Settings.model_fields.values():
        assert f"`{field.validation_alias}`" in text


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if line.strip())


def test_the_procfile_names_the_four_processes():
    assert set(procfile()) == {"release", "web", "worker", "beat"}


@pytest.mark.parametrize("name", ["release", "web", "worker", "beat"])
def test_a_procfile_line_names_a_program_that_starts(name):
    """Each program can be loaded; tests/e2e starts them for good."""
    program = shlex.split(procfile()[name].removeprefix("exec "))[0]

    found = shutil.which(program)
    assert found, f"{program} is not on the PATH"
    done = subprocess.run(
        [found, "--help"],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()


def test_every_relative_link_of_the_documents_leads_somewhere():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []
