"""Mail of today in eight languages, of which the tables know nothing.

`unseen/` holds it in the format of the shipped examples. It was written before genre
words, weights and shipped examples were changed in the same sitting, by somebody who
had read the English and German tables; how it was decided is printed by
`benchmarks/decisions.py`. It is not to be edited to please them. Its traps, `phishing`
and `pitch`, want to be taken for what they are not.
"""

from pathlib import Path

from mailbeat.labeling.shipped import LANGUAGES, read_examples
from tests.unit.labeling.modern_mail import Mail

_FOLDER = Path(__file__).parent / "unseen"
_TRAPS = ("phishing", "pitch")


def _read() -> tuple[Mail, ...]:
    return tuple(
        Mail(
            None if one.slug in _TRAPS else one.slug.capitalize(),
            language,
            one.sender,
            one.sender_name,
            one.subject,
            one.text,
            one.headers,
        )
        for language in LANGUAGES
        for one in read_examples(
            (_FOLDER / f"{language}.txt").read_text(encoding="utf-8")
        )
    )


_ALL = _read()
MAIL_OF_2026 = tuple(mail for mail in _ALL if mail.category)
TRAPS_OF_2026 = tuple(mail for mail in _ALL if not mail.category)
