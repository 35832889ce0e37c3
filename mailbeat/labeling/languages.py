"""In which languages a message is probably written, by its most common words.

Genre words of other languages are not looked up: "place" is a seat on a French ticket,
and "room" cream in Dutch.
"""

from collections import Counter
from collections.abc import Iterable

ENOUGH = 2  # common words that are needed to say anything
CLOSE = 0.6  # of the most common words: mail is mixed, and neighbours share words
ALWAYS = "en"  # its words are in mail of all languages

_COMMON = {
    "en": """
        the and you your we our is are of to for with this that it from have has was
        will at by be or if not been can when they what as on an i me my""",
    "de": """
        der die das und ist sie ihr ihre ihnen ihren wir uns unser nicht mit für auf
        ein eine einen einem einer dem den des von zu zum zur im bei aus wird werden
        hat haben sind wurde noch auch oder wenn dass bitte du dein deine dir ich am
        um nach über bis""",
    "fr": """
        le la les des du un une et est vous votre vos nous notre pour avec dans sur
        par pas ne ce cette ces qui que il elle sont été avez à au aux je tu ta ton
        votre bonjour merci chez plus ou""",
    "es": """
        el la los las del un una y es en con por para que no tu tus te su sus se lo
        le nos nuestra nuestro hola gracias ha has está hemos este esta si más pero al
        ya o usted como""",
    "it": """
        il lo la gli le del della dei delle di un una e è che per con non tuo tua tuoi
        suo sua ti si ci nostro nostra ciao grazie hai ha abbiamo questo questa sono
        al alla nel nella dal da in se più anche o""",
    "nl": """
        de het een en is van je jouw u uw we wij ons onze voor met op dat dit niet
        aan bij of als er zijn heeft hebben wordt worden naar ook nog om tot te door
        kun kunt jullie hoi ik""",
    "pl": """
        i w z na do nie się jest to że za od po dla o twoje twój twoja pani pana
        państwa nasz nasze jak czy już jeśli są został została być może tylko lub
        przez ten ta dzień dziękujemy cię ci masz""",
    "pt": """
        o a os as do da dos das em no na um uma e é que para com por não seu sua seus
        suas se te nos nossa nosso olá obrigado obrigada você está foi este esta ao à
        mais pelo pela ou já""",
}

_LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
for _code, _words in _COMMON.items():
    for _word in _words.split():
        if _code not in _LANGUAGES_OF.get(_word, ()):
            _LANGUAGES_OF[_word] = (*_LANGUAGES_OF.get(_word, ()), _code)


def languages_of(words: Iterable[str]) -> frozenset[str]:
    """Return codes of languages, English always among them; nothing where it is open.

    `words` are in lower case, in any order.
    """
    counts: Counter[str] = Counter()
    for word in words:
        for code in _LANGUAGES_OF.get(word, ()):
            counts[code] += 1
    most = max(counts.values(), default=0)
    if most < ENOUGH:
        return frozenset()
    close = {code for code, count in counts.items() if count >= CLOSE * most}
    return frozenset(close | {ALWAYS})
