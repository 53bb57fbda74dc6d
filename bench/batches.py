"""Batches at size: how full an endpoint is kept, what a game leaves in memory, how long resuming and reporting take.

uv run --no-sync python -m bench.batches [--games 100] [--concurrency 50] [--baselines 200] [--rows 10000]
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.endpoint import endpoint
from bench.speed import Shared, bare, loaded, stats
from roleplay.experiments.batch import Batch
from roleplay.experiments.matrix import Matrix, lay_out
from roleplay.experiments.report import write_report
from roleplay.experiments.runner import Orders, Progress, at_once, play_batch
from roleplay.experiments.scorers import scorer_of
from roleplay.experiments.suites import Suite, load_suite
from roleplay.game import Options


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
    """The suite `throughput` against the loopback endpoint, beside the bare client."""
    suite = load_suite("throughput").model_copy(update={"variants": max(1, games // 4)})
    matrix = lay_out(suite, {"model": "bench", "base_url": url})
    alone = await loaded(url, lambda: bare(Shared(url, concurrency), 20 * concurrency))
    print(f"bare client: {alone.in_words(concurrency)}")
    load = await loaded(url, lambda: aplay(folder, suite, matrix, Options(concurrency=concurrency)))
    print(f"throughput, {len(matrix.games)} games: {load.in_words(concurrency)} (>= 70 %)")
    before, began = stats(url), time.perf_counter()
    again = await aplay(folder, suite, matrix, Options(concurrency=concurrency))
    print(f"again: {again.reused} reused, {stats(url)['calls'] - before['calls']:.0f} calls, "
          f"{time.perf_counter() - began:.2f} s")  # fmt: skip


def memory(folder: Path, games: int) -> None:
    """Resident memory while baselines play one game after another."""
    suite = load_suite("smoke")
    suite = suite.model_copy(update={"variants": (0, 1), "seeds": tuple(range(games // 6 + 1)), "references": {}})
    matrix = lay_out(suite)
    seen: dict[int, float] = {}

    def watch(progress: Progress) -> None:
        seen[progress.fresh] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    began = time.perf_counter()
    progress = play(folder, suite, matrix, Options(), watch)
    took, tenth = time.perf_counter() - began, max(1, progress.done // 10)
    print(f"memory: {progress.done} games in {took:.0f} s; peak after {tenth} games {seen[tenth]:.0f} MB, "
          f"after all {seen[progress.done]:.0f} MB (ratio {seen[progress.done] / seen[tenth]:.2f})")  # fmt: skip


def at_size(folder: Path, rows: int) -> None:
    """Resume and report of a finished batch with so many rows: a few games, whose cards are written again and again."""
    few = load_suite("smoke").model_copy(update={"variants": (0,), "references": {}})
    play(folder / "few", few, lay_out(few), Options())
    with Batch.read(folder / "few") as batch:
        cards = dict(batch.cards())
        rows_of = {row.key.arm: row for row in batch.rows()}
    many = few.model_copy(update={"variants": tuple(range(50)), "seeds": tuple(range(rows // 150))})
    matrix = lay_out(many)
    with Batch.start(folder / "many", many, "") as batch:
        batch.ask_for(matrix)
        for row in batch.rows():
            like = rows_of[row.key.arm]
            card: Mapping[str, Any] = cards[like.folder]
            jitter = {n: v + (row.key.variant * 7 + row.key.seed * 3) % 11 for n, v in card["figures"].items()}
            batch.record(replace(like, key=row.key, folder=row.folder), {**card, "figures": jitter})
    began = time.perf_counter()
    progress = play(folder / "many", many, lay_out(many), Options())
    print(f"resume: {progress.reused} finished games in {time.perf_counter() - began:.2f} s (< 3)")
    began = time.perf_counter()
    with Batch.read(folder / "many") as batch:
        paths = write_report(batch, folder / "report.html")
    size = paths["html"].stat().st_size / 1e6
    print(f"report: {progress.reused} games in {time.perf_counter() - began:.1f} s (< 60), {size:.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--median", type=float, default=0.2)
    parser.add_argument("--baselines", type=int, default=200)
    parser.add_argument("--rows", type=int, default=10_000)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if a.rows:
            at_size(Path(place), a.rows)
        if a.baselines:
            memory(Path(place) / "memory", a.baselines)
        if a.games:
            with endpoint(a.median) as address:
                asyncio.run(throughput(Path(place) / "throughput", a.games, a.concurrency, address))
