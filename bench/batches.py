"""Batches at size: how full an endpoint is kept, what a game leaves in memory, how long resuming and reporting take.

uv run --no-sync python -m bench.batches [--games 100] [--concurrency 50] [--baselines 360] [--rows 10000]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.endpoint import endpoint
from bench.speed import Shared, bare, game, loaded, plan, stats
from roleplay.cli import SELDOM
from roleplay.experiments.batch import Batch
from roleplay.experiments.matrix import Matrix, lay_out
from roleplay.experiments.runner import Orders, Progress, at_once, forecast, play_batch
from roleplay.experiments.scorers import scorer_of
from roleplay.experiments.suites import Suite, load_suite, read_suite
from roleplay.game import Options
from roleplay.loading import parse_document


def play(folder: Path, suite: Suite, matrix: Matrix, options: Options, watch: Any = lambda progress: None) -> Progress:
    """Play or resume a batch, as `roleplay eval` does."""
    return asyncio.run(aplay(folder, suite, matrix, options, watch))


async def aplay(
    folder: Path, suite: Suite, matrix: Matrix, options: Options, watch: Any = lambda progress: None
) -> Progress:
    with Batch.start(folder, suite, "") as batch:
        orders = Orders(options, scorer_of(matrix), at_once(matrix, options.concurrency), watch)
        return await play_batch(batch, matrix, orders)


async def throughput(folder: Path, games: int, concurrency: int, url: str) -> None:
    """The suite `throughput` against the loopback endpoint, beside the bare client and beside games without a batch."""
    suite = load_suite("throughput").model_copy(update={"variants": max(1, games // 4)})
    matrix = lay_out(suite, {"model": "bench", "base_url": url})
    shared = Shared(url, concurrency)
    await game(folder / "first", plan(url), shared)  # Loads what plays a game, and opens connections.
    asked: list[tuple[str, Callable[[], Awaitable[object]]]] = [("bare client", lambda: bare(shared, 20 * concurrency))]
    setups = [plan(url, seed) for seed in range(1, max(1, games // 4) + 1)]
    many = [game(folder / "engine", setup, shared) for setup in setups]
    asked.append((f"{len(many)} games without a batch", lambda: asyncio.gather(*many)))
    asked.append((f"throughput, {len(matrix.games)} games (>= 70 %)",
                  lambda: aplay(folder / "batch", suite, matrix, Options(concurrency=concurrency))))  # fmt: skip
    for name, work in asked:
        print(f"{name}: {(await loaded(url, work)).in_words(concurrency)}", flush=True)
    before, began = stats(url), time.perf_counter()
    again = await aplay(folder / "batch", suite, matrix, Options(concurrency=concurrency))
    print(f"again: {again.reused} reused, {stats(url)['calls'] - before['calls']:.0f} calls, "
          f"{time.perf_counter() - began:.2f} s")  # fmt: skip


SMALL = b"""
id: small
title: Small
question: How much does a game leave in memory?
scenario: back-channel
variants: 6
base: {seats: {us: baseline:steady, dprk: baseline:defiant}, rounds: 1}
factors: {play: {plain: {}, hawkish: {seats: {us: baseline:hawk}}}}
control: plain
outcomes: {composite: {of: composite, low: -200, high: 100}}
primary: composite
smallest_effect: 5
gates: [composite >= -1000]
"""


def small(games: int) -> Suite:
    """A suite of so many games of one round, three arms on six variants each."""
    suite = read_suite(parse_document(SMALL, "small.yaml"))
    return suite.model_copy(update={"seeds": tuple(range(max(1, games // 18)))})


def resident() -> float:
    """Resident memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def memory(folder: Path, games: int) -> None:
    """Resident memory while baselines play one game after another, at tenths of the way."""
    suite = small(games)
    matrix = lay_out(suite)
    tenths = {max(1, len(matrix.games) * n // 10) for n in (1, 2, 4, 6, 8, 10)}
    seen: dict[int, float] = {}

    def watch(progress: Progress) -> None:
        if progress.fresh in tenths:
            seen.setdefault(progress.fresh, resident())

    began, busy = time.perf_counter(), time.process_time()
    progress = play(folder, suite, matrix, Options(), watch)
    took, each = time.perf_counter() - began, (time.process_time() - busy) / progress.done
    print(f"memory: {progress.done} games in {took:.0f} s ({each * 1000:.0f} ms of processor a game); resident after "
          + ", ".join(f"{n} games {size:.0f} MB" for n, size in seen.items()), flush=True)  # fmt: skip


def command(*words: str) -> float:
    """Seconds that a command takes, its start included."""
    program = [sys.executable, "-c", "from roleplay.cli import main; main()", *words]
    began = time.perf_counter()
    subprocess.run(program, check=True, capture_output=True)
    return time.perf_counter() - began


def at_size(folder: Path, rows: int) -> None:
    """The commands eval and report on a finished batch of so many games: a few, whose cards are written many times."""
    few, suite = small(1), small(rows)
    play(folder / "few", few, lay_out(few), Options())
    with Batch.read(folder / "few") as batch:
        cards = dict(batch.cards())
        rows_of = {row.key.arm: row for row in batch.rows()}
    file, there = folder / "many.yaml", str(folder / "many")
    file.write_text(suite.model_dump_json(exclude_unset=True), "utf-8")
    with Batch.start(Path(there), load_suite(str(file)), "") as batch:
        batch.ask_for(lay_out(suite))
        batch.note("forecast", json.dumps(forecast(lay_out(suite), Options())))
        for row in batch.rows():
            like = rows_of[row.key.arm]
            card: Mapping[str, Any] = cards[like.folder]
            jitter = {n: v + (row.key.variant * 7 + row.key.seed * 3) % 11 for n, v in card["figures"].items()}
            batch.record(replace(like, key=row.key, folder=row.folder), {**card, "figures": jitter})
    took = command("eval", str(file), "--out", there)
    print(f"resume of {len(lay_out(suite).games)} finished games: {took:.2f} s (< 3), start of the program included")
    took = command("report", there, "--out", str(folder / "report.html"))
    size = (folder / "report.html").stat().st_size / 1e6
    print(f"report over them: {took:.1f} s (< 60), {size:.1f} MB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--median", type=float, default=0.2)
    parser.add_argument("--baselines", type=int, default=360, help="10000 is the full form: it takes 15 minutes")
    parser.add_argument("--rows", type=int, default=10_000)
    a = parser.parse_args()
    gc.set_threshold(*SELDOM)
    with tempfile.TemporaryDirectory() as place:
        if a.rows:
            at_size(Path(place), a.rows)
        if a.baselines:
            memory(Path(place) / "memory", a.baselines)
        if a.games:
            with endpoint(a.median) as address:
                asyncio.run(throughput(Path(place) / "throughput", a.games, a.concurrency, address))
