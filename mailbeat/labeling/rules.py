"""The user's rules: the first layer, and for catch-all rules the last one.

The first rule whose condition holds decides, and with certainty. A catch-all rule is
asked only where neither another rule nor any other layer was sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mailbeat.labeling.categorizer import RULE, Opinion
from mailbeat.labeling.condition_words import reason
from mailbeat.labeling.conditions import (
    Ask,
    Condition,
    compiled,
    keys_in,
    keys_of,
)
from mailbeat.labeling.details import MOST_EVIDENCE
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.rule_facts import Known, RuleFacts

CERTAIN = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a user wants of messages that meet a condition.

    `category_id` None: they get no category, and no label. `account_id` None: it is
    for the mail of every account.
    """

    id: int
    name: str
    condition: Condition
    category_id: int | None
    is_catch_all: bool = False
    account_id: int | None = None


class RuleLayer:
    """Asks rules in their order, and says what the first says whose condition holds.

    `account` is the address of the account whose mail it is.
    """

    def __init__(self, rules: Sequence[Rule], *, account: str = "") -> None:
        self._account = account
        self._rules = rules
        self._asks: list[Ask] = [compiled(rule.condition) for rule in rules]
        self._always: list[int] = []
        self._by_key: dict[str, list[int]] = {}
        for number, rule in enumerate(rules):
            keys = keys_of(rule.condition)
            if keys is None:
                self._always.append(number)
            for key in keys or ():
                self._by_key.setdefault(key, []).append(number)
        self._with_recipients = any(
            key.startswith("recipient ") for key in self._by_key
        )

    def consider(self, readings: Sequence[Reading]) -> list[list[Opinion]]:
        return [self._opinions(reading) for reading in readings]

    def _opinions(self, reading: Reading) -> list[Opinion]:
        known = RuleFacts(reading.message, self._account)
        rule = self.first(known)
        if rule is None:
            return []
        return [Opinion(rule.category_id, CERTAIN, RULE, evidence_of(rule, known))]

    def first(self, known: Known) -> Rule | None:
        """Return the first rule whose condition is known to hold."""
        for number in self._candidates(known):
            if self._asks[number](known):
                return self._rules[number]
        return None

    def _candidates(self, known: Known) -> list[int]:
        if not self._by_key:
            return self._always
        found: set[int] = set()
        for key in keys_in(known, with_recipients=self._with_recipients):
            found.update(self._by_key.get(key, ()))
        return sorted([*self._always, *found]) if found else self._always


def evidence_of(rule: Rule, known: Known) -> str:
    """Say in the user's words why a rule holds for a message."""
    kind = "catch-all rule" if rule.is_catch_all else "rule"
    text = f'Your {kind} "{rule.name}": {reason(rule.condition, known)}'
    return text if len(text) <= MOST_EVIDENCE else f"{text[: MOST_EVIDENCE - 1]}…"
