"""Conditions of rules in words, and words of a condition in another language.

What a rule said of a message is stored with it in English; of that only the parts that
held are told, so it is a few checks with `and` between.
"""

import re
from dataclasses import replace

from mailbeat.labeling.conditions import (
    CONTAINS,
    ENDS,
    EXISTS,
    IS,
    OVER,
    STARTS,
    YES,
    All,
    AnyOf,
    Check,
    Condition,
    Not,
    compiled,
)
from mailbeat.labeling.rule_facts import Known
from mailbeat.language import IN_ENGLISH, N_, Tongue

MOST_SHOWN = 60  # characters of a value, in a sentence
MOST_PARTS = 20  # that are read again
_FIELDS = {
    "sender": N_("sender"),
    "domain": N_("sender's domain"),
    "recipient": N_("a recipient"),
    "list": N_("its list"),
    "subject": N_("subject"),
    "attachment": N_("type of an attachment"),
    "account": N_("account"),
}
_HEADER = N_("header %(name)s")
_SAYS = {
    IS: N_("%(what)s is %(values)s"),
    CONTAINS: N_("%(what)s contains %(values)s"),
    STARTS: N_("%(what)s starts with %(values)s"),
    ENDS: N_("%(what)s ends with %(values)s"),
}
_SAYS_NOT = {
    IS: N_("%(what)s is not %(values)s"),
    CONTAINS: N_("%(what)s does not contain %(values)s"),
    STARTS: N_("%(what)s does not start with %(values)s"),
    ENDS: N_("%(what)s does not end with %(values)s"),
}
_EXISTS = {
    ("list", True): N_("it is from a list"),
    ("list", False): N_("it is from no list"),
    ("attachment", True): N_("it has an attachment"),
    ("attachment", False): N_("it has no attachment"),
    ("header", True): N_("it has a header %(name)s"),
    ("header", False): N_("it has no header %(name)s"),
}
# Whether it is larger than that, and whether it may be exactly that.
_SIZES = {
    (True, False): N_("it is larger than %(values)s"),
    (False, False): N_("it is smaller than %(values)s"),
    (True, True): N_("it is at least %(values)s"),
    (False, True): N_("it is at most %(values)s"),
}
_NOT = N_("not (%(words)s)")
_AND, _OR = N_("and"), N_("or")


def in_words(condition: Condition, tongue: Tongue = IN_ENGLISH) -> str:
    """Say a condition as the end of a sentence: "sender's domain is lufthansa.com"."""
    match condition:
        case Check():
            return _check_in_words(condition, tongue)
        case Not(Check() as check):
            return _check_in_words(check, tongue, is_negated=True)
        case Not(part):
            return tongue.gettext(_NOT, words=in_words(part, tongue))
        case All(parts):
            return _joined([_inner(one, AnyOf, tongue) for one in parts], _AND, tongue)
        case AnyOf(parts):
            return _joined([_inner(one, All, tongue) for one in parts], _OR, tongue)


def _joined(parts: list[str], by: str, tongue: Tongue) -> str:
    return f" {tongue.gettext(by)} ".join(parts)


def _inner(condition: Condition, bracketed: type[All | AnyOf], tongue: Tongue) -> str:
    words = in_words(condition, tongue)
    return f"({words})" if isinstance(condition, bracketed) else words


def _check_in_words(check: Check, tongue: Tongue, *, is_negated: bool = False) -> str:
    values = _joined([_shown(one) for one in check.values], _OR, tongue)
    if check.field == "size":
        larger = (check.operator == OVER) is not is_negated
        return tongue.gettext(_SIZES[larger, is_negated], values=values)
    if check.operator == EXISTS:
        has = (YES in check.values) is not is_negated
        return tongue.gettext(_EXISTS[check.field, has], name=check.name)
    what = (
        tongue.gettext(_HEADER, name=check.name)
        if check.name
        else tongue.gettext(_FIELDS[check.field])
    )
    says = (_SAYS_NOT if is_negated else _SAYS)[check.operator]
    return tongue.gettext(says, what=what, values=values)


def _shown(value: str) -> str:
    return value if len(value) <= MOST_SHOWN else f"{value[: MOST_SHOWN - 1]}…"


def reason(condition: Condition, known: Known) -> str:
    """Say which parts of a condition hold for a message for which it holds."""
    match condition:
        case Check():
            for one in condition.values:
                single = replace(condition, values=(one,))
                if compiled(single)(known):
                    return in_words(single)
            return in_words(condition)
        case All(parts):
            return " and ".join(reason(one, known) for one in parts)
        case AnyOf(parts):
            true_ones = (one for one in parts if compiled(one)(known))
            return reason(next(true_ones, parts[0]), known)
        case Not():
            return in_words(condition)


# Words again


_WORDS_OF_HEADER = re.compile(r"header ([A-Za-z0-9-]+)")
_FIELDS_AGAIN = "|".join(map(re.escape, _FIELDS.values()))
_WHAT = rf"{_WORDS_OF_HEADER.pattern.replace('(', '(?:')}|{_FIELDS_AGAIN}"


def _pattern(text: str) -> re.Pattern[str]:
    values = {"what": _WHAT, "name": "[A-Za-z0-9-]+", "values": ".+"}
    parts = re.split(r"%\((\w+)\)s", text)
    return re.compile(
        "".join(
            f"(?P<{part}>{values[part]})" if odd % 2 else re.escape(part)
            for odd, part in enumerate(parts)
        ),
        re.DOTALL,
    )


# What is not said first, for "is not x" may also be read as "is" and "not x".
_AGAIN = [
    (text, _pattern(text))
    for text in (
        *_SAYS_NOT.values(),
        *_SAYS.values(),
        *_SIZES.values(),
        *_EXISTS.values(),
    )
]


def words_again(words: str, tongue: Tongue) -> str:
    """Words of a reason in another language; nothing unless all of them are known.

    A value may have an `and` in it: what stands on both sides of one is then read as
    one check.
    """
    parts = words.split(" and ")
    if len(parts) > MOST_PARTS:
        return ""
    checks: list[str] = []
    for part in parts:
        if _AGAIN_ANY.match(part) or not checks:
            checks.append(part)
        else:
            checks[-1] += f" and {part}"
    told = [_check_again(one, tongue) for one in checks]
    return _joined(told, _AND, tongue) if all(told) else ""


_AGAIN_ANY = re.compile(rf"(?i:(?:{_WHAT}) )|[iI]t (?:is|has) ")


def _check_again(words: str, tongue: Tongue) -> str:
    words = f"{words[:1].lower()}{words[1:]}"
    for text, pattern in _AGAIN:
        if (found := pattern.fullmatch(words)) is not None:
            values = found.groupdict()
            if "what" in values:
                values["what"] = _what_again(values["what"], tongue)
            if "values" in values:
                either = f" {tongue.gettext(_OR)} "
                values["values"] = values["values"].replace(" or ", either)
            return tongue.gettext(text, **values)
    return ""


def _what_again(what: str, tongue: Tongue) -> str:
    header = _WORDS_OF_HEADER.fullmatch(what)
    return tongue.gettext(_HEADER, name=header[1]) if header else tongue.gettext(what)
