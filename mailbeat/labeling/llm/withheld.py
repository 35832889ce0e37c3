"""Which mail is never sent to a model, and which is asked about by itself.

Codes, statements and all that could open an account stay here. It is the facts of the
message that tell, whether or not the user has a category for it.
"""

import re
from collections.abc import Sequence

from mailbeat.labeling.categorizer import Opinion
from mailbeat.labeling.category import Category
from mailbeat.labeling.llm.question import told_of
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.senders import BRANDS, MONEY_HOUSES
from mailbeat.labeling.words import STRONG, Words, find_words, words_of

SECRET = frozenset({"security", "finance"})  # slugs
SUSPECTED = 0.25  # confidence from which mail may be of them
SUSPICIOUS_POINTS = 0.6  # of facts; a single weak word of the subject has 0.7
BEGINNING = 1500  # characters of the text whose words count whoever sent them

_MONEY_BRANDS = """
    paypal coinbase binance stripe klarna revolut wise mastercard visa americanexpress
    wellsfargo hsbc barclays santander commerzbank postbank sparkasse unicredit
    postepay rabobank elster
"""
_MONEY_OWNERS = frozenset[str]().union(
    *(BRANDS.get(one, ()) for one in _MONEY_BRANDS.split())
)

# Words that speak to a program that sorts, rather than to a reader. One of them costs
# no more than that the message is asked about by itself and gets no label.
_ORDERS = re.compile(
    r"\b(?:ignor\w*|disregard\w*|overrid\w*|overrul\w*|vergiss|forget|ignorez|oubliez"
    r"|olvid\w*|dimentic\w*|ignoreer|negeer|zignoruj|desconsider\w*|instru[ck]\w*"
    r"|istruzion\w*|anweisung\w*|prompts?|assistant|classif\w*|klassif\w*|categor\w*"
    r"|kategor\w*|language model|llms?|gpt|ai|ki|ia|json|"
    r"(?:file|mark|label|tag|sort|treat|answer|reply|respond|output)"
    r"(?: \w+){0,5} (?:as|with|under|into))\b"
)


# Words around what opens an account, in the languages of `genre/`.
_KEYS = re.compile(
    r"\b(?:passwor\w*|passwort\w*|kennwort\w*|passcodes?|mots? de passe|contraseñas?"
    r"|wachtwoord\w*|hasł\w*|senhas?|pin|pins|tan|otp|iban|\wfa)\b"
)


def reason_to_withhold(
    reading: Reading, heard: Sequence[Opinion], categories: Sequence[Category]
) -> str:
    """Return why a message is not sent, or nothing. `heard` said the layers before."""
    secret = {one.id: one.name for one in categories if one.slug in SECRET}
    for opinion in heard:
        if opinion.category_id in secret and opinion.confidence >= SUSPECTED:
            return f"it may be {secret[opinion.category_id]}"
    for slug in sorted(SECRET):
        case = reading.facts.cases.get(slug)
        if case and case.points >= SUSPICIOUS_POINTS:
            return f"it may be {slug.capitalize()}"
    if _is_of_money(reading.message.sender_domain):
        return "its sender may be a bank"
    if _KEYS.search(_words(reading)):
        return "it may hold a key to an account"
    if slug := _said_outright(reading):
        return f"its words are those of {slug.capitalize()}"
    return ""


def _is_of_money(domain: str) -> bool:
    if any(house in domain for house in MONEY_HOUSES):
        return True
    return not _MONEY_OWNERS.isdisjoint(domain.split("."))


def _said_outright(reading: Reading) -> str:
    """Who sent it counts not here: people forward statements and codes, too."""
    weights: dict[str, float] = {}
    for text in (reading.subject_words, Words(reading.message.text[:BEGINNING])):
        for found in find_words(text):
            for slug in SECRET & found.meanings.keys():
                weights[slug] = weights.get(slug, 0) + found.meanings[slug]
    return next((slug for slug in sorted(weights) if weights[slug] >= STRONG), "")


def speaks_to_a_program(reading: Reading) -> bool:
    """Whether it seems to tell whoever sorts it what to do."""
    return bool(_ORDERS.search(_words(reading)))


def names_a_category(reading: Reading, categories: Sequence[Category]) -> bool:
    words = f" {_words(reading)} "
    return any(
        f" {name} " in words
        for one in categories
        for name in (" ".join(words_of(one.name)),)
        if name
    )


def _words(reading: Reading) -> str:
    """All words that are sent, so that no sign and no line stands between them."""
    told = told_of(reading)
    return " ".join(words_of(f"{told['from']} {told['subject']} {told['text']}"))
