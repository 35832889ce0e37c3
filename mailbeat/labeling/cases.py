"""The points that each category has of a message, and the facts that gave them."""

from dataclasses import dataclass, field

from mailbeat.labeling.genre import BAIT, BULK, HALVES, PITCH

PRESSING = 3.6  # points of pressing words from which the sender is not believed
TONES = frozenset({BULK, BAIT, PITCH}) | HALVES


@dataclass(slots=True)
class Case:
    """The points of one category, and the facts that gave them."""

    points: float = 0.0
    facts: list[tuple[float, str]] = field(default_factory=list)

    def add(self, points: float, fact: str) -> None:
        self.points += points
        self.facts.append((points, fact))

    @property
    def evidence(self) -> str:
        best = sorted(self.facts, key=lambda fact: -fact[0])[:3]
        return ", ".join(fact for _, fact in best)


@dataclass(slots=True)
class Facts:
    """What was found out about one message."""

    cases: dict[str, Case] = field(default_factory=dict)
    tones: dict[str, Case] = field(default_factory=dict)
    pressing: float = PRESSING  # points from which it presses

    def case(self, slug: str) -> Case:
        table = self.tones if slug in TONES else self.cases
        return table.setdefault(slug, Case())

    def tone(self, name: str) -> float:
        return self.tones[name].points if name in self.tones else 0.0

    @property
    def pressure(self) -> str:
        """What speaks against believing the sender: how it presses."""
        if self.tone(BAIT) < self.pressing:
            return ""
        return f"it presses for an answer: {self.tones[BAIT].evidence}"
