"""A cost is known where the user gave a price, and None elsewhere."""

from __future__ import annotations

import pytest

from roleplay.errors import UsageError
from roleplay.models import Usage
from roleplay.models.prices import Price, cost, read_prices


def test_cached_tokens_cost_their_own_price() -> None:
    price = Price(prompt=2.0, cached=0.5, completion=10.0)
    assert cost(Usage(prompt=1_000_000, cached=400_000, completion=100_000), price) == pytest.approx(1.2 + 0.2 + 1.0)


def test_an_unknown_price_is_no_price() -> None:
    prices = read_prices({"m-1": {"prompt": 1, "cached": 1, "completion": 1}})
    assert cost(Usage(prompt=10), prices.get("m-2")) is None


@pytest.mark.parametrize(
    "price",
    [{"prompt": 1}, {"prompt": -1, "cached": 0, "completion": 0}, {"prompt": "nan", "cached": 0, "completion": 0}, 3],
)
def test_a_wrong_price_is_named(price: object) -> None:
    with pytest.raises(UsageError, match="m-1"):
        read_prices({"m-1": price})
