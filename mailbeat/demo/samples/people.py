"""The owners of the sample mailboxes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice


@dataclass(frozen=True, slots=True)
class Person:
    address: str
    name: str
    language: str


# The languages that a mailbox is mostly written in. The fifth is the one whose
# password is wrong in the demo.
_NAMES = (
    ("Ada Whitfield", "en"),
    ("Jonas Lindner", "de"),
    ("Camille Moreau", "fr"),
    ("Lucia Ortega", "es"),
    ("Marco Bellini", "it"),
    ("Sanne de Vries", "nl"),
    ("Zofia Nowak", "pl"),
    ("Haruka Sato", "ja"),
    ("Priya Raman", "en"),
    ("Miriam Vogel", "de"),
    ("Hugo Lefevre", "fr"),
    ("Diego Navarro", "es"),
    ("Chiara Fontana", "it"),
    ("Daan Bakker", "nl"),
    ("Tom Okafor", "en"),
    ("Emilia Brandt", "de"),
)
_DOMAINS = ("example.org", "example.net", "example.com")


def people(number: int) -> list[Person]:
    """Return that many people, the same ones each time."""
    return list(islice(_everybody(), number))


def person(address: str) -> Person:
    """Return the owner of an address; a stranger is an English reader."""
    local = address.partition("@")[0]
    for name, language in _NAMES:
        if local.rstrip("0123456789") == _local_part(name):
            return Person(address, name, language)
    return Person(address, local.replace(".", " ").title() or "You", "en")


def _everybody() -> Iterator[Person]:
    for round_ in count():
        number = str(round_ + 1) if round_ else ""
        for index, (name, language) in enumerate(_NAMES):
            domain = _DOMAINS[index % len(_DOMAINS)]
            yield Person(f"{_local_part(name)}{number}@{domain}", name, language)


def _local_part(name: str) -> str:
    return name.lower().replace(" ", ".")
