"""One client and one limit for each endpoint of a batch, and one purse for all; knows no game and no suite."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..calls import worst_prompt
from ..models import ChatModel, Reply, Request, Usage
from ..models.prices import Price
from ..models.registry import ModelSpec, open_model
from ..purse import Caps, Purse

MOST = 64
"""Calls in flight at once at an endpoint, where no number was given."""
FIRST = 8
"""With how many it begins then."""
CUT = 0.7
"""What is left of the limit after a 429."""


class Limit:
    """How many calls an endpoint is sent at once: grows by one a limit of good calls, is cut when it says 429.

    A call that began before the last cut does not cut again. `most` given by the user is also where it begins.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most or MOST
        self.allowed = float(most or FIRST)
        self.in_flight = 0
        self.cuts = 0
        self._free = asyncio.Condition()

    async def acquire(self) -> int:
        """Wait for a place; returns how many cuts there had been."""
        async with self._free:
            await self._free.wait_for(lambda: self.in_flight < int(self.allowed))
            self.in_flight += 1
            return self.cuts

    async def release(self, before: int, throttled: bool) -> None:
        """Give the place back, with what was learnt."""
        if throttled and before == self.cuts:
            self.allowed, self.cuts = max(1.0, self.allowed * CUT), self.cuts + 1
        elif not throttled:
            self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
        self.in_flight -= 1
        async with self._free:
            self._free.notify(max(1, int(self.allowed) - self.in_flight))


class Shared:
    """A model that all games of a batch share; `close` is the batch's, not a game's."""

    def __init__(self, model: ChatModel, limit: Limit, purse: Purse, price: Price | None) -> None:
        self.model = model
        self.name = model.name
        self.context = getattr(model, "context", None)
        self._limit, self._purse, self._price = limit, purse, price

    async def complete(self, request: Request) -> Reply:
        """Call when the purse holds the worst case and the endpoint has a place; raises LimitReached."""
        worst = (worst_prompt(request), request.max_tokens) if self._purse.caps != Caps() else (0, 0)
        reserved = (sum(worst), self._cost(Usage(worst[0], 0, worst[1])))
        await self._purse.hold(*reserved)
        usage = Usage()
        try:
            reply = await self._placed(request)
            usage = reply.usage
            return reply
        finally:
            self._purse.settle(reserved, usage.prompt + usage.completion, self._cost(usage))

    async def _placed(self, request: Request) -> Reply:
        before = await self._limit.acquire()
        refused = getattr(self.model, "throttled", 0)
        try:
            return await self.model.complete(request)
        finally:
            await self._limit.release(before, getattr(self.model, "throttled", 0) > refused)

    async def close(self) -> None:
        """Stay open: other games use it."""

    def _cost(self, usage: Usage) -> float:
        return self._price.cost(usage) if self._price else 0.0


@dataclass
class Endpoints:
    """Every model of a batch, opened once."""

    purse: Purse
    prices: Mapping[str, Price]
    concurrency: int | None = None
    call_seconds: float = 300.0
    open: Callable[[ModelSpec], ChatModel] = open_model
    limits: dict[str, Limit] = field(default_factory=dict)
    """Endpoint -> its limit."""
    _models: dict[tuple[str, str | None], Shared] = field(default_factory=dict)

    def model(self, spec: ModelSpec) -> ChatModel:
        """The shared model of a spec; what a game opens and closes."""
        key = spec.model, spec.base_url
        if key not in self._models:
            limit = self.limits.setdefault(spec.base_url or spec.backend, Limit(self.concurrency))
            seconds = self.call_seconds  # The batch's own limits stand for the model's.
            patience = {"concurrency": None, "deadline": seconds, "timeout": min(spec.timeout, seconds)}
            model = self.open(spec.model_copy(update=patience))
            self._models[key] = Shared(model, limit, self.purse, self.prices.get(spec.model))
        return self._models[key]

    async def close(self) -> None:
        for shared in self._models.values():
            await shared.model.close()
