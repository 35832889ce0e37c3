"""One spelling of each address, to tell by it whether two are the same."""

import unicodedata
from contextlib import suppress
from encodings.idna import ToUnicode

MAX_ADDRESS = 320  # characters: 64, @ and 255 (RFC 5321, 4.5.3.1)


def normal_address(typed: str) -> str:
    """Return an address in small letters, each letter composed (NFC).

    The part before the @ could tell capitals apart (RFC 5321, 2.4); no provider does.
    `casefold()` would go too far: it makes ss of the sharp s, and those are two domains
    (RFC 5894, 7.2). Dots and `+` stay: what they mean is each provider's own matter.
    A domain in the letters of DNS is spelled out. The result may be longer than what
    was typed.
    """
    composed = unicodedata.normalize("NFC", typed.strip())
    small = unicodedata.normalize("NFC", composed.lower())
    local, at, domain = small.rpartition("@")
    return local + at + ".".join(map(_spelled_out, domain.split(".")))


def _spelled_out(label: str) -> str:
    """`bücher` for `xn--bcher-kva`, which browsers send for it."""
    if label.startswith("xn--"):
        with suppress(UnicodeError):  # it is none, or holds what no name may
            return ToUnicode(label)
    return label
