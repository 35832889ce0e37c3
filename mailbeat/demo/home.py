"""The folder D of an installation on one machine: its database and its keys."""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from cryptography.fernet import Fernet

from mailbeat.demo.private_files import private_directory, write_private

FILE = "keys.env"
DEFAULT = Path("var")


@dataclass(frozen=True, slots=True)
class Home:
    """Where `mailbeat up`, `demo` and the commands keep what they were not told."""

    directory: Path
    secret_keys: str
    api_key: str
    is_new: bool  # the keys were made just now

    @property
    def database_url(self) -> str:
        return f"sqlite:///{(self.directory / 'mailbeat.db').resolve()}"


def open_home(directory: Path) -> Home:
    """Return the folder with its keys, made (mode 700 and 600) where they are missing.

    Back this folder up as a whole: stored passwords cannot be read without the keys.
    """
    private_directory(directory)
    file = directory / FILE
    known = _read(file)
    secret_keys = known.get("MAILBEAT_SECRET_KEYS") or Fernet.generate_key().decode()
    api_key = known.get("MAILBEAT_API_KEY") or token_urlsafe(32)
    home = Home(directory, secret_keys, api_key, is_new=not known)
    if home.is_new:
        write_private(
            file,
            "# Keep this file with mailbeat.db; without it passwords are lost.\n"
            f"MAILBEAT_SECRET_KEYS={secret_keys}\nMAILBEAT_API_KEY={api_key}\n",
        )
    return home


def _read(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line[1:])
