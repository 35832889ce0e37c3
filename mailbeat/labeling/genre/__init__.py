"""Words and short phrases that make the genre of a message, one file per language.

Each file maps a category's slug, or one of the tones below, to its words. They
are written for people to read and correct: one to six words, separated by commas.
`termin-` also stands for every longer word that starts so, `-rechnung` for every one
that ends so. Case does not matter, nor do accents that a writer left out, nor hyphens
and apostrophes between words. A word of several genres counts less for each.
"""

from typing import NamedTuple

# Tones that are no category: told to many; pressing for a password, a code or a fee;
# a stranger who wants to sell.
BULK, BAIT, PITCH = "bulk", "bait", "pitch"
# Half of a tone each: what is to be done, and what happens else, which together press;
# a wish for an answer, which beside an offer is a stranger's who wants to sell. They
# say nothing by themselves, and take nothing from a genre that has the same word.
DEMAND, THREAT, ASK = "demand", "threat", "ask"
HALVES = frozenset({DEMAND, THREAT, ASK})


class Genre(NamedTuple):
    strong: str = ""
    weak: str = ""
    against: str = ""  # what the genre does not say
