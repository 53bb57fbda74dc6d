"""What a run may spend and has spent: a call is paid for, at its worst, before it is made. Knows no model."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from .errors import LimitReached


@dataclass(frozen=True)
class Caps:
    """Limits of a run; None where there is none."""

    cost_usd: float | None = None
    tokens: int | None = None
    minutes: float | None = None


@dataclass
class Purse:
    """What was spent and what calls in flight may still cost; a call is paid for, at its worst, before it is made."""

    caps: Caps
    tokens: int = 0
    cost: float = 0.0
    reserved_tokens: int = 0
    reserved_cost: float = 0.0
    started: float = field(default_factory=time.monotonic)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    def reserve(self, tokens: int, cost: float) -> None:
        """Set aside the worst case of a call; raises LimitReached where a cap does not hold it."""
        caps = self.caps
        if caps.minutes is not None and (time.monotonic() - self.started) / 60 >= caps.minutes:
            raise LimitReached(f"the cap of {caps.minutes:g} minutes is reached")
        if caps.tokens is not None and self.tokens + self.reserved_tokens + tokens > caps.tokens:
            raise LimitReached(f"the next call could pass the cap of {caps.tokens} tokens ({self.tokens} spent)")
        if caps.cost_usd is not None and self.cost + self.reserved_cost + cost > caps.cost_usd:
            raise LimitReached(f"the next call could pass the cap of {caps.cost_usd:g} USD ({self.cost:.4f} spent)")
        self.reserved_tokens += tokens
        self.reserved_cost += cost

    def share(self, tokens: int, cost: float) -> Caps:
        """Caps for somebody who may spend so much of it, where it has any, in the time that is left."""
        caps = self.caps
        left = None if caps.minutes is None else caps.minutes - (time.monotonic() - self.started) / 60
        return Caps(None if caps.cost_usd is None else cost, None if caps.tokens is None else tokens, left)

    async def hold(self, tokens: int, cost: float) -> None:
        """Set aside as `reserve` does, but refuse only when nothing is in flight that could come to less."""
        while True:
            try:
                return self.reserve(tokens, cost)
            except LimitReached:
                if not self.reserved_tokens:
                    raise
            await self._settled.wait()

    def settle(self, reserved: tuple[int, float], tokens: int, cost: float) -> None:
        """Replace a reservation by what the call did cost."""
        self.reserved_tokens -= reserved[0]
        self.reserved_cost -= reserved[1]
        self.tokens += tokens
        self.cost += cost
        self._settled.set()
        self._settled = asyncio.Event()
