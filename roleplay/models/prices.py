"""What a call cost, from prices that the user gave; knows nothing about any provider's price list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from ..errors import UsageError
from ..frozen import Frozen
from . import Usage
from .fetch import CATALOGUE

Amount = Annotated[float, Field(ge=0)]


class Price(Frozen):
    """US dollars per million tokens: computed prompt, prompt from the provider's cache, completion."""

    prompt: Amount
    cached: Amount
    completion: Amount

    def cost(self, usage: Usage) -> float:
        """Return the dollars of one call, or of the sum of many."""
        computed = usage.prompt - usage.cached
        return (computed * self.prompt + usage.cached * self.cached + usage.completion * self.completion) / 1e6


def read_prices(setting: Mapping[str, object]) -> dict[str, Price]:
    """Read `{model name: {prompt, cached, completion}}`; a model that is not in it has no known price."""
    try:
        return TypeAdapter(dict[str, Price]).validate_python(dict(setting))
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(
            f"prices: {found}",
            hint="dollars per million tokens, as {NAME: {prompt: 2.5, cached: 1.25, completion: 10}}",
        ) from None


FREE = dict.fromkeys(CATALOGUE, Price(prompt=0, cached=0, completion=0))
"""Models that run on this machine."""


def refuse_unpriced(models: Iterable[str], prices: Mapping[str, Price]) -> None:
    """Raise UsageError where a cap on cost would cap nothing, since what a model costs is not known."""
    if unpriced := sorted(set(models) - prices.keys() - FREE.keys()):
        raise UsageError(
            f"a cap on cost needs the price of {', '.join(unpriced)}, and it is not known",
            hint=f'give it in roleplay.toml: [prices."{unpriced[0]}"] prompt = 1.0, cached = 0.1, completion = 4.0; '
            "or in Python: Options(prices={NAME: Price(...)})",
        )


def cost(usage: Usage, price: Price | None) -> float | None:
    """Return dollars, or None where no price is known."""
    return price.cost(usage) if price else None
