"""What questions to a model cost."""

import pytest

from mailbeat.labeling.llm.prices import Prices


@pytest.mark.parametrize(
    ("tokens", "written", "cost"),
    [
        (0, 0, 0),
        (1_000_000, 0, 2.5),
        (1_000_000, 1_000_000, 10),
        (1_000_000, 200_000, 4),
        (100, 200, 0.002),  # a model that counts oddly costs nothing less
    ],
)
def test_what_was_read_and_what_was_written_have_prices_of_their_own(
    tokens, written, cost
):
    assert Prices(2.5, 10).cost(tokens, written=written) == pytest.approx(cost)


def test_nothing_is_known_until_somebody_says_a_price():
    assert not Prices().are_known
    assert Prices(0, 1).are_known
    assert Prices().cost(500, written=100) == 0
