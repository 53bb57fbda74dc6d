"""How close play comes to its critical path and to the endpoint's capacity; ratios within one run.

uv run --no-sync python -m bench.speed [--games 100] [--concurrency 50] [--median 0.2]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.endpoint import endpoint
from roleplay.cli import SELDOM
from roleplay.game import Options, Run, create, play_on
from roleplay.journal import Journal
from roleplay.models import ChatModel, Message, Reply, Request
from roleplay.models.registry import ModelSpec, open_model
from roleplay.setup import Settings, Setup, resolve

Stats = Mapping[str, float]
LONG = 12
"""Rounds of the game that shows how prompts grow; the scenario that ships has fewer."""


class Shared:
    """One client for all games, so that the limit on calls in flight is one for all of them."""

    def __init__(self, url: str, concurrency: int) -> None:
        self.model = open_model(ModelSpec(model="bench", base_url=url, concurrency=concurrency))
        self.name = "bench"

    async def complete(self, request: Request) -> Reply:
        return await self.model.complete(request)

    async def close(self) -> None:
        """Stays open: other games use it."""


def stats(url: str) -> Stats:
    """The endpoint's counts so far."""
    with urllib.request.urlopen(url.replace("/v1", "/stats")) as answer:
        found: Stats = json.load(answer)
    return found


def plan(url: str, seed: int = 0, rounds: int | None = None) -> Setup:
    """A game in which every seat is a model; `rounds` may be more than the scenario has."""
    setup = resolve(Settings(scenario="august-2017", model="bench", base_url=url, decide=True, seed=seed))
    if rounds is None:
        return setup
    scenario = setup.scenario.model_copy(update={"rounds": rounds})
    return setup.model_copy(update={"scenario": scenario, "rounds": rounds})


async def game(folder: Path, setup: Setup, model: ChatModel) -> Run:
    """Play one game from start to end."""
    options = Options(out=folder, open_model=lambda spec: model)
    return await play_on(create(setup, options, folder=folder / f"game-{setup.settings.seed}"), options, setup)


async def bare(model: ChatModel, calls: int) -> None:
    """So many calls by the client alone, without a game."""
    message: Message = {"role": "user", "content": "x" * 8000}
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    request = Request([message], schema, "us", 64)
    await asyncio.gather(*(model.complete(request) for _ in range(calls)))


def tokens_of_round(run: Run, number: int) -> float:
    """Prompt tokens a turn in one round, as the endpoint counted them."""
    with Journal.open(run.folder) as journal:
        sizes = [reply.prompt_tokens for key, reply in journal.replies.items() if key.round == number]
    return sum(sizes) / max(1, len(sizes))


async def alone(folder: Path, url: str) -> None:
    """One game by itself, and a long one for its prompts."""
    run = await game(folder / "one", plan(url), Shared(url, 50))
    r, seen = run.result, stats(url)
    ratio = r.seconds / r.critical_path_seconds
    print(f"one game: {r.turns} turns, {r.calls} calls in {r.seconds:.2f} s; critical path "
          f"{r.critical_path_seconds:.2f} s; ratio {ratio:.3f} (<= 1.15)")  # fmt: skip
    print(f"against one by one: {r.model_seconds / r.seconds:.2f} x faster (>= 2)")
    print(f"repeated prefix: {seen['repeated'] / seen['prompt']:.1%} of prompt tokens, schema counted (>= 85 %)")
    print(f"calls a turn: {r.calls / r.turns:.3f}; repairs {r.repairs}, failed turns {r.failed_turns}")
    run = await game(folder / "long", plan(url, rounds=LONG), Shared(url, 50))
    early, late = tokens_of_round(run, 3), tokens_of_round(run, run.result.rounds)
    print(f"prompt tokens a turn: round 3 {early:.0f}, round {run.result.rounds} {late:.0f}; "
          f"ratio {late / early:.2f} (<= 1.5)")  # fmt: skip


@dataclass(frozen=True)
class Load:
    """What the endpoint was sent in some seconds, and what that cost this process."""

    calls: int
    seconds: float
    processor: float
    latency: float
    """Mean of a call, in seconds."""

    def share(self, concurrency: int) -> float:
        """Calls done, as a share of `concurrency` calls in each mean latency."""
        return self.calls / self.seconds * self.latency / concurrency

    def reach(self, concurrency: int) -> float:
        """The share that one core of its own could reach: other jobs take processor time, and the share with it."""
        return min(1.0, self.calls / self.processor * self.latency / concurrency)

    def in_words(self, concurrency: int) -> str:
        return (f"{self.calls} calls in {self.seconds:.1f} s, {self.processor / self.calls * 1000:.1f} ms of processor "
                f"a call; {self.share(concurrency):.1%} of {concurrency} calls per mean latency, "
                f"{self.reach(concurrency):.1%} were a core its own")  # fmt: skip


async def loaded(url: str, work: Callable[[], Awaitable[object]]) -> Load:
    """Do some work and see what it asked of the endpoint."""
    before, clock, busy = stats(url), time.perf_counter(), time.process_time()
    await work()
    seconds, busy, after = time.perf_counter() - clock, time.process_time() - busy, stats(url)
    calls = int(after["calls"] - before["calls"])
    return Load(calls, seconds, busy, (after["latency"] - before["latency"]) / calls)


async def together(folder: Path, url: str, games: int, concurrency: int) -> None:
    """Many games in this process, against the client alone."""
    one = Shared(url, concurrency)
    found = await loaded(url, lambda: bare(one, 20 * concurrency))
    print(f"bare client: {found.in_words(concurrency)}")
    many, setups = Shared(url, concurrency), [plan(url, seed) for seed in range(1, games + 1)]
    found = await loaded(url, lambda: asyncio.gather(*(game(folder, setup, many) for setup in setups)))
    print(f"{games} games at once: {found.in_words(concurrency)} (>= 70 %)")


async def measure(games: int, concurrency: int, median: float) -> None:
    with endpoint(median) as url, tempfile.TemporaryDirectory() as folder:
        await alone(Path(folder), url)
        if games:
            await together(Path(folder) / "many", url, games, concurrency)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--median", type=float, default=0.2)
    a = parser.parse_args()
    gc.set_threshold(*SELDOM)
    asyncio.run(measure(a.games, a.concurrency, a.median))
