"""The texts: one TOML file per language, read once and checked."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "ja", "ru")
KINDS = frozenset(
    {
        "personal",
        "receipt",
        "bank",
        "invitation",
        "security",
        "notification",
        "newsletter",
        "promotion",
        "social",
        "forum",
    }
)


@dataclass(frozen=True, slots=True)
class Template:
    """One message with blanks like `{item}` in its sender, subject and text."""

    language: str
    kind: str
    sender: str  # "Name <address>"
    subject: str
    text: str
    charset: str = "utf-8"
    encoding: str = "quoted-printable"
    html: str = "no"  # "no", "also" or "only"
    attach: str = ""  # "pdf", "csv" or "ics"
    headers: Mapping[str, str] | None = None

    @property
    def blanks(self) -> set[str]:
        text = f"{self.sender}{self.subject}{self.text}"
        return {name for _, name, _, _ in Formatter().parse(text) if name}


@dataclass(frozen=True, slots=True)
class Language:
    templates: Sequence[Template]
    words: Mapping[str, Sequence[str]]  # what fills a blank


@cache
def language(code: str) -> Language:
    path = Path(__file__).with_name(f"{code}.toml")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    defaults = content.get("defaults", {})
    templates = [
        Template(language=code, **{**defaults, **entry, "kind": kind})
        for kind in sorted(KINDS)
        for entry in content.get(kind, [])
    ]
    return Language(templates, content["words"])
