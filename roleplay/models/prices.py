"""What a call cost, from prices that the user gave; knows nothing about any provider's price list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ..errors import UsageError
from . import Usage

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(BaseModel):
    """US dollars per million tokens: computed prompt, prompt from the provider's cache, completion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


def cost(usage: Usage, price: Price | None) -> float | None:
    """Return dollars, or None where no price is known."""
    return price.cost(usage) if price else None
