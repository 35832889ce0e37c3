"""The keys of an installation: made once, kept in files that only the owner reads."""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from cryptography.fernet import Fernet

from mailbeat.demo.private_files import write_private


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret, and whether it was made just now."""

    value: str
    is_new: bool


def secret_keys(directory: Path) -> Kept:
    """Return what MAILBEAT_SECRET_KEYS is set to: what encrypts stored passwords."""
    return _keep(directory / "secret.keys", Fernet.generate_key().decode())


def api_key(directory: Path) -> Kept:
    """Return what MAILBEAT_API_KEY is set to."""
    return _keep(directory / "api.key", token_urlsafe(32))


def _keep(path: Path, made: str) -> Kept:
    try:
        kept = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        kept = ""
    if kept:
        return Kept(kept, is_new=False)
    write_private(path, made + "\n")
    return Kept(made, is_new=True)
