"""Whether the sender is who the message wants to be from.

A forged sender gives itself away by what the receiving server found, by a name that
holds somebody else's address or brand, or by a domain that looks like a brand's.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import takewhile

from mailbeat.labeling.senders import AMBIGUOUS_BRANDS, BRANDS, ERRANDS, SERVICE_WORDS
from mailbeat.labeling.words import without_accents
from mailbeat.mail.message import Message

# What a forged sender wants to be taken for.
TRUSTED_ONLY = frozenset({"receipts", "finance", "security", "calendar", "personal"})
MOST_NAME = 200  # characters of a display name that are looked at
SHORTEST = 4  # letters of a brand that exchanged letters are looked for in
SIMILAR = 6  # letters; shorter brands have honest neighbours one letter away
LONG = 7  # letters from which a letter more or less is looked for, too
HONEST_NEIGHBOURS = frozenset({"finance"})  # one letter from a brand, and a word

_DOMAIN = re.compile(
    r"(?<![\w.-])[\w-]{2,}(?:\.[\w-]{2,}){0,3}"
    r"\.(?:com|net|org|info|io|eu|de|at|ch|fr|es|it|nl|be|pl|pt|br|uk|us|example)"
    r"\b"
)
_FAILED = re.compile(r"\b(?:spf|compauth)=fail\b")
_SECOND_LEVEL = frozenset({"co", "com", "net", "org", "gov", "ac", "edu"})
_BRAND_ENDINGS = (
    *(".com", ".net", ".org", ".co.uk", ".com.br"),
    *(".de", ".fr", ".es", ".it", ".nl", ".pl", ".pt"),
)
# Digits, and Cyrillic and Greek letters by their names, for the Latin ones that they
# look like.
_CONFUSABLE = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "5": "s", "$": "s", "|": "l"}
    | {
        "\N{CYRILLIC SMALL LETTER A}": "a",
        "\N{CYRILLIC SMALL LETTER IE}": "e",
        "\N{CYRILLIC SMALL LETTER O}": "o",
        "\N{CYRILLIC SMALL LETTER ER}": "p",
        "\N{CYRILLIC SMALL LETTER ES}": "c",
        "\N{CYRILLIC SMALL LETTER U}": "y",
        "\N{CYRILLIC SMALL LETTER HA}": "x",
        "\N{GREEK SMALL LETTER ALPHA}": "a",
        "\N{GREEK SMALL LETTER OMICRON}": "o",
        "\N{GREEK SMALL LETTER RHO}": "p",
        "\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}": "i",
    }
)
_PART = re.compile(r"[^\W_]+")


def reason_for_distrust(message: Message) -> str:
    """Return what speaks against the sender, as the end of a sentence, or nothing."""
    return (
        _by_the_server(message)
        or ("it names several senders" if message.has_several_senders else "")
        or _by_the_name(_name_of(message), message.sender_domain)
        or _by_the_address(message.sender_domain)
    )


def _name_of(message: Message) -> str:
    """Return the sender's name; Exchange cancels appointments in its own."""
    name = message.sender_name[:MOST_NAME]
    is_exchange = name.casefold() == "microsoft outlook"
    return "" if is_exchange and "text/calendar" in message.attachments else name


def _by_the_server(message: Message) -> str:
    # Only the topmost is by the server that received it.
    results = message.header("authentication-results").lower()
    if "dmarc=fail" in results:
        return "the sender's domain says that it did not send it (DMARC)"
    if "dmarc=pass" not in results and _FAILED.search(results):
        return "the receiving server could not verify the sender"
    if message.header("x-spam-flag").lower().startswith("yes"):
        return "the receiving server calls it spam"
    return ""


def _by_the_name(name: str, domain: str) -> str:
    name = unicodedata.normalize("NFKC", name).casefold()
    for shown in _DOMAIN.findall(name):
        if _owner_of(shown) != _owner_of(domain):
            return f"the sender's name says {shown} and the address does not"
    brand = brand_in_name(name)
    if brand and not _is_of(brand, domain):
        return f"the sender's name says {brand} and the address does not"
    return ""


def _by_the_address(domain: str) -> str:
    brand = look_alike(domain)
    return f"the address only looks like {brand}" if brand else ""


def errand_in(domain: str) -> int:
    """Count the words of a domain that name an errand, as no house would.

    `parcel-fee-update.example` says what one is to do, and not whose it is. One word
    alone is somebody's name.
    """
    parts = without_accents(_unpunycoded(_owner_of(domain))).split("-")
    return len(ERRANDS & {*parts}) if len(parts) > 1 else 0


def _owner_of(domain: str) -> str:
    """Return the label that somebody registered: `amazon` of www.amazon.co.uk."""
    labels = domain.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:  # noqa: PLR2004
        return labels[-3]
    return labels[-2] if len(labels) > 1 else domain


def _is_of(brand: str, domain: str) -> bool:
    return _owner_of(domain) in BRANDS[brand]


def is_brand(domain: str) -> bool:
    """Whether a brand sends from there, under an ending that brands see to own."""
    return _has_brand(domain) and domain.endswith(_BRAND_ENDINGS)


def _has_brand(domain: str) -> bool:
    owner = _owner_of(domain)
    return any(owner in owners for owners in BRANDS.values())


def brand_in_name(name: str) -> str:
    """Return the brand that a name claims: at its beginning, or as all that it says.

    "Ada via Dropbox" claims nothing, and of a brand that is also a word of the language
    ("Apple Tree Farm") only the name alone does.
    """
    words = _PART.findall(name)
    for start, word in enumerate(words):
        for count, one in ((1, word), (2, "".join(words[start : start + 2]))):
            brand = one if one in BRANDS else _plain(one)
            if brand not in BRANDS:
                continue
            others = {*words[:start], *words[start + count :]} - SERVICE_WORDS
            if not others or (start == 0 and brand not in AMBIGUOUS_BRANDS):
                return brand
    return ""


@lru_cache(maxsize=4096)
def look_alike(domain: str) -> str:
    """Return the brand that a foreign domain imitates, or nothing."""
    owner = _unpunycoded(_owner_of(domain))
    if not owner or _has_brand(domain):
        return ""
    parts = {part for label in domain.split(".")[:-1] for part in label.split("-")}
    return next((brand for brand in BRANDS if _imitates(brand, owner, parts)), "")


def _imitates(brand: str, owner: str, parts: set[str]) -> bool:
    words = {owner, *owner.split("-")} - HONEST_NEIGHBOURS
    if len(brand) >= SHORTEST and any(
        word != brand and _plain(word) == brand for word in words
    ):
        return True
    if brand in AMBIGUOUS_BRANDS:
        return brand in words and words - {owner, brand} <= SERVICE_WORDS
    if brand in parts:
        return True
    return len(brand) >= SIMILAR and any(
        brand in word or _is_one_off(word, brand) for word in words
    )


def _unpunycoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _plain(word: str) -> str:
    """Undo the exchange of letters for those that look alike."""
    letters = unicodedata.normalize("NFKD", word)
    letters = "".join(one for one in letters if not unicodedata.combining(one))
    return letters.translate(_CONFUSABLE).replace("rn", "m").replace("vv", "w")


def _is_one_off(word: str, brand: str) -> bool:
    """Another letter, two exchanged, or in a long word one more or less."""
    pairs = zip(word, brand, strict=False)
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    rest, wanted = word[start:], brand[start:]
    if len(word) == len(brand):
        exchanged = rest[2:] == wanted[2:] and rest[:2] == wanted[1::-1]
        return rest[1:] == wanted[1:] or exchanged
    return len(brand) >= LONG and (rest[1:] == wanted or rest == wanted[1:])
