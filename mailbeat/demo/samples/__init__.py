"""Mail that we wrote ourselves: people of reserved domains, in many languages.

The texts are TOML files, one per language; `writing` fills their blanks from a seed,
`mime` makes bytes of them, `broken` spoils a few.
"""

from mailbeat.demo.samples.history import arriving, history
from mailbeat.demo.samples.people import Person, people

__all__ = ["Person", "arriving", "history", "people"]
