"""What a model gets to see of a text: no numbers, no addresses, no tokens, no tricks.

Linear in the text, of which the beginning is looked at only.
"""

import re
import unicodedata

NUMBER = "#"  # stands for any run of digits
# Masked text is mostly shorter than what it was made of.
MOST_LABELS, MOST_LABEL = 4, 30  # parts of a domain, characters of each
LOOKED_AT = 4  # times as many characters as are wanted

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[\w.-]{1,255}")
# What no word is: keys, codes and numbers of orders.
_TOKEN = re.compile(r"[\w+/=.-]{16,}")
_DIGITS = re.compile(r"\d+(?:[ .,-]?\d+)*")


def masked(text: str, most: int) -> str:
    """Return the beginning of a text, one line of at most `most` characters.

    Digits in any script become `#`. What cannot be seen, and could hide an order to
    the model (zero width, tags, directions), is gone.
    """
    text = unicodedata.normalize("NFKC", text[: LOOKED_AT * most])
    text = "".join(map(_visible, text[: LOOKED_AT * most]))
    text = _LINK.sub("[link]", text)
    text = _ADDRESS.sub("[address]", text)
    text = _TOKEN.sub(_token, text)
    text = _DIGITS.sub(NUMBER, text)
    return " ".join(text.split())[:most]


def masked_domain(domain: str) -> str:
    """Return the end of a domain; each part of it is masked by itself."""
    labels = domain.split(".")[-MOST_LABELS:]
    return ".".join(masked(label, MOST_LABEL) for label in labels)


def plain(text: str, most: int) -> str:
    """Return the beginning of a text that the user wrote, as one line."""
    return " ".join("".join(map(_visible, text[: 2 * most])).split())[:most]


def _visible(character: str) -> str:
    return " " if unicodedata.category(character)[0] in "CZ" else character


def _token(found: re.Match[str]) -> str:
    """Mask it unless it could be a word: Rechtsschutzversicherung, well-being.now."""
    text = found[0]
    has_digit = any(character.isdigit() for character in text)
    is_mixed = text not in {text.lower(), text.upper(), text.capitalize()}
    return "[token]" if has_digit or (is_mixed and "-" not in text) else text
