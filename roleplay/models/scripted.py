"""A model that says what it was told to say, for tests and demonstrations; knows nothing about networks.

It runs through the same loop as a real model, so that a test of the loop patches nothing.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ..errors import UsageError
from . import Reply, Request

Line = str | Mapping[str, object] | Reply | Exception
"""One scripted answer: text, an object sent as JSON, a whole reply, or an error to raise."""


class ScriptedModel:
    """Gives its replies in the order of the calls, or asks a function; `requests` holds what it was asked.

    `delay` is seconds, or (least, most) drawn with `seed`. A script that runs out is a `UsageError`.
    """

    def __init__(
        self,
        replies: Iterable[Line] | Callable[[Request], Line],
        *,
        name: str = "scripted",
        delay: float | tuple[float, float] = 0.0,
        seed: int = 0,
        context: int | None = None,
    ) -> None:
        self.name = name
        self.context = context
        self.requests: list[Request] = []
        self._ask = replies if callable(replies) else None
        self._queue = deque(() if callable(replies) else replies)
        self._delay = delay if isinstance(delay, tuple) else (delay, delay)
        self._random = random.Random(seed)

    async def complete(self, request: Request) -> Reply:
        """Give the next reply, or raise the next error."""
        started = time.perf_counter()
        self.requests.append(request)
        line = self._next(request)
        await asyncio.sleep(self._random.uniform(*self._delay))  # As long as it was told to take.
        if isinstance(line, Exception):
            raise line
        reply = line if isinstance(line, Reply) else Reply(_text(line))
        return replace(reply, seconds=reply.seconds or time.perf_counter() - started)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _next(self, request: Request) -> Line:
        if self._ask:
            return self._ask(request)
        if not self._queue:
            given = len(self.requests) - 1
            raise UsageError(f"{self.name}: call {given + 1} has no scripted reply; the script holds {given}")
        return self._queue.popleft()


def _text(line: str | Mapping[str, object]) -> str:
    return line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
