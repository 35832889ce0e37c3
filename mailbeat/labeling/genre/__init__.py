"""Words and short phrases that make the genre of a message, one file per language.

Each file maps a category's slug, or one of the three tones below, to its words. They
are written for people to read and correct: one to six words, separated by commas.
`termin-` also stands for every longer word that starts so, `-rechnung` for every one
that ends so. Case does not matter, nor do accents that a writer left out, nor hyphens
and apostrophes between words. A word of several genres counts less for each.
"""

from typing import NamedTuple

# Tones that are no category: told to many; pressing for a password, a code or a fee;
# a stranger who wants to sell.
BULK, BAIT, PITCH = "bulk", "bait", "pitch"


class Genre(NamedTuple):
    strong: str = ""
    weak: str = ""
    against: str = ""  # what the genre does not say
