"""What questions to a model cost, where somebody said what its tokens do."""

from dataclasses import dataclass

MILLION = 1_000_000  # tokens, of which the prices are


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens each, in `currency` (ISO 4217); 0 where nobody said."""

    read: float = 0.0
    written: float = 0.0
    currency: str = "USD"

    @property
    def are_known(self) -> bool:
        return self.read > 0 or self.written > 0

    def cost(self, tokens: int, *, written: int) -> float:
        """What a question costs that took `tokens` in all, `written` by the model."""
        read = max(tokens - written, 0)
        return (read * self.read + written * self.written) / MILLION
