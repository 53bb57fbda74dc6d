"""Plays and scores the games of a batch that are not over yet, in one process, and goes on where it was stopped.

What breaks one game is that game's outcome; what stops all games (a cap, a dead endpoint, a full disk) stops the batch,
resumable. Knows nothing about statistics.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any, Protocol

from ..calls import REPAIRS
from ..errors import DamagedRun, DiskError, LimitReached, ProviderError, RoleplayError
from ..estimate import estimate
from ..game import Options, Run, create, discard, open_run, play_on
from ..journal import FILE, Journal
from ..models import ChatModel
from ..models.prices import Price
from ..models.registry import ModelSpec
from ..purse import Caps, Purse
from ..results import Result
from ..scoring.memory import MEMORY, paid
from ..scoring.rubrics import rubric_files
from ..setup import Setup, resolve
from .batch import RUNS, Batch, Bucket, Row
from .endpoints import FIRST, MOST, Endpoints
from .figures import kept
from .matrix import GameKey, Matrix

SECONDS_A_CALL = 3.0
"""Assumed where nothing was played yet that would tell."""


Opener = Callable[[ModelSpec], ChatModel]


class Scorer(Protocol):
    """What makes a scorecard of a run; games scored under another `id` are scored again, and not played again."""

    @property
    def id(self) -> str: ...

    async def score(self, run: Run, open_model: Opener) -> Mapping[str, Any]:
        """A scorecard; models that judge are opened with what the batch opens all its models with."""
        ...


@dataclass
class Progress:
    """What is done, for a table that somebody watches; small however many games there are."""

    planned: int
    reused: int = 0
    rescored: int = 0
    buckets: dict[str, dict[str, int]] = field(default_factory=dict)
    """Arm -> bucket -> games."""
    running: set[str] = field(default_factory=set)
    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    cost: float | None = 0.0
    """What is not known of one game is not known of their sum."""
    sums: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Arm -> sum of the primary outcome and its number of games; shown only where somebody asked to peek."""
    began: float = field(default_factory=time.monotonic)
    fresh: int = 0
    """Games that this session finished."""

    @property
    def done(self) -> int:
        return sum(n for arm in self.buckets.values() for n in arm.values())

    def count(self, row: Row, primary: float | None = None) -> None:
        """Take in a game that is over."""
        arm = self.buckets.setdefault(row.key.arm, {})
        arm[row.bucket or ""] = arm.get(row.bucket or "", 0) + 1
        if primary is not None:
            total, n = self.sums.get(row.key.arm, (0.0, 0))
            self.sums[row.key.arm] = total + primary, n + 1

    def spend(self, row: Row) -> None:
        """Take in what this session paid for a game."""
        self.calls += row.calls
        self.prompt, self.cached = self.prompt + row.prompt, self.cached + row.cached
        self.completion += row.completion
        if row.calls and row.cost is None:
            self.cost = None
        elif self.cost is not None:
            self.cost += row.cost or 0.0

    def eta(self) -> float | None:
        """Seconds to go at the pace so far; None before there is one."""
        return (time.monotonic() - self.began) / self.fresh * (self.planned - self.done) if self.fresh else None


@dataclass(frozen=True)
class Orders:
    """How a batch is played; nothing here changes what is played."""

    options: Options
    scorer: Scorer
    at_once: int = 1
    """Games in flight."""
    watch: Callable[[Progress], None] = lambda progress: None
    elsewhere: Callable[[Setup, Path, Caps], Awaitable[None]] | None = None
    """Has a game played on another machine, within caps of its own, and its finished journal put into a folder."""
    worst: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """Arm -> tokens and USD that one game may come to; set aside before it is played elsewhere."""


# --- before -----------------------------------------------------------------------------------------------------------


def forecast(matrix: Matrix, options: Options, concurrency: int | None = None) -> dict[str, Any]:
    """Calls, tokens, cost range, critical path and time of a suite, from one game an arm played without a model."""
    arms: dict[str, Any] = {}
    for arm in matrix.arms:
        guess = estimate(matrix.setups[arm.name], options)
        games = sum(game.arm == arm.name for game in matrix.games)
        arms[arm.name] = {
            "games": games, "path_calls": guess.path_calls, "calls": guess.calls * games,
            **{name: n * games for name, n in guess.tokens.items()},
            "cost_usd": {end: c * games for end, c in guess.cost_usd.items()} if guess.cost_usd else None,
        }  # fmt: skip
    total = {k: sum(a[k] for a in arms.values()) for k in ("games", "calls", "prompt", "completion")}
    priced = [a["cost_usd"] for a in arms.values() if a["calls"]]
    cost = {end: round(sum(c[end] for c in priced), 4) for end in ("low", "high")} if all(priced) else None
    suite = matrix.suite
    asked = len(suite.judging) * suite.judge_samples * len(suite.rubrics or rubric_files())
    path = max((a["path_calls"] for a in arms.values()), default=0)
    abreast = min(at_once(matrix, concurrency), concurrency or FIRST)
    seconds = max(total["calls"] / abreast, path) * SECONDS_A_CALL
    return {
        **total, "judge_calls_at_most": total["calls"] * asked, "cost_usd": cost, "path_calls": path,
        "seconds": round(seconds), "seconds_a_call": SECONDS_A_CALL, "arms": arms,
    }  # fmt: skip


def worst_games(foretold: Mapping[str, Any]) -> dict[str, tuple[int, float]]:
    """Arm -> tokens and USD of one game by a forecast, with every repair."""
    return {
        name: (
            ceil((a["prompt"] + a["completion"]) * (1 + REPAIRS) / a["games"]),
            (a["cost_usd"] or {"high": 0.0})["high"] / a["games"],
        )
        for name, a in foretold["arms"].items() if a["games"]
    }  # fmt: skip


def at_once(matrix: Matrix, concurrency: int | None) -> int:
    """Games in flight: enough to fill an endpoint; one where nothing waits, or where one embedded model does it all."""
    played = {called for setup in matrix.setups.values() for called in setup.called}
    asked = [*(ModelSpec(model=name, base_url=url) for name, url in played), *matrix.suite.judging]
    return (concurrency or MOST) if {spec.backend for spec in asked} - {"embedded"} else 1


def material_of(setup: Setup) -> str:
    """Hash of what a game is played with beside its settings: prompts, crisis, program."""
    parts = {"templates": setup.templates, "crisis": setup.crisis, "program": setup.versions.get("crisis-roleplay")}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:12]


# --- playing ----------------------------------------------------------------------------------------------------------


async def play_batch(batch: Batch, matrix: Matrix, orders: Orders) -> Progress:
    """Play what is missing, score what another scorer scored; raises what stopped it, when all that ran has ended."""
    batch.ask_for(matrix)
    wanted, rows = set(matrix.games), batch.rows()
    mine = {row.key: row for row in rows if row.key in wanted}
    progress, stale = Progress(planned=len(mine)), []
    for row in mine.values():
        if row.bucket is None:
            continue
        progress.reused += 1
        if row.bucket == "broken" or row.scorer == orders.scorer.id:
            progress.count(row)
        else:
            stale.append(row.key)
    orders.watch(progress)
    waiting = [game for game in matrix.games if mine[game].bucket is None]
    if stale or waiting:
        waiting.sort(key=lambda game: -_length(matrix.setups[game.arm]))
        await _Session(batch, matrix, orders, progress, rows).play([*stale, *waiting])
    return progress


class _Session:
    """One sitting of a batch."""

    def __init__(self, batch: Batch, matrix: Matrix, orders: Orders, progress: Progress, rows: Sequence[Row]) -> None:
        caps, options = matrix.suite.caps, orders.options
        self.batch, self.matrix, self.orders, self.progress = batch, matrix, orders, progress
        self.over = {row.key: row for row in rows if row.bucket is not None}
        limits = _tightest(options.caps, Caps(caps.cost_usd, caps.tokens, caps.minutes))
        purse = _purse(batch, rows, limits, options.prices)
        self.endpoints = Endpoints(purse, options.prices, options.concurrency, caps.call_seconds, options.open_model)
        self.options = replace(
            options, caps=Caps(), out=batch.folder / RUNS, open_model=self.endpoints.model, watch=lambda event: None
        )
        self.material = {name: material_of(setup) for name, setup in matrix.setups.items()}
        self.stopped: RoleplayError | None = None
        self.silent: dict[str, RoleplayError] = {}
        """Arms whose endpoint does not answer, and what it said."""

    async def play(self, games: Iterable[GameKey]) -> None:
        """Score and play games, in this order, until all are over or something stops them all."""
        queue = deque(games)
        workers = [asyncio.create_task(self._work(queue)) for _ in range(min(self.orders.at_once, len(queue)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await self.endpoints.close()
        if self.stopped:
            raise self.stopped
        if self.silent:
            raise next(iter(self.silent.values()))

    async def _work(self, queue: deque[GameKey]) -> None:
        while queue and not self.stopped:
            game = queue.popleft()
            if game.arm in self.silent:
                continue
            self.progress.running.add(game.folder)
            try:
                self.endpoints.purse.reserve(0, 0.0)
                await self._one(game)
            except (LimitReached, DiskError) as error:
                self.stopped = error
            except ProviderError as error:
                self.silent[game.arm] = error
            finally:
                self.progress.running.discard(game.folder)
                self.orders.watch(self.progress)

    async def _one(self, game: GameKey) -> None:
        """Play a game and score it, or only score it anew; whatever breaks it is its outcome, and stays so."""
        over, run = self.over.get(game), None
        row = over or Row(game, game.folder, material=self.material[game.arm])
        card: dict[str, Any] = {}
        try:
            run = open_run(self.batch.run_folder(over)) if over else await self._played(game)
            row, card = await self._scored(row, run)
        except (LimitReached, DiskError, ProviderError):
            raise
        except Exception as error:  # noqa: BLE001 - one game of a batch is one of the three edges
            row = replace(row, bucket="broken", why=_words(error), scorer=self.orders.scorer.id)
        if over:
            self.progress.rescored += 1
        else:
            row = _paid(row, run.result) if run else self._paid_so_far(row)
            self.progress.spend(row)
            self.progress.fresh += 1
        self.batch.record(row, card)
        self.progress.count(row, card.get("figures", {}).get(f"outcome:{self.matrix.suite.primary}"))

    async def _scored(self, row: Row, run: Run) -> tuple[Row, dict[str, Any]]:
        """The row of a game that can be scored, or cannot, and what is kept of its scorecard."""
        scorer, outcomes = self.orders.scorer, self.matrix.suite.outcomes
        made = await scorer.score(run, self.endpoints.model)
        why = made["unscorable"] or ""
        bucket: Bucket = "unscorable" if why else "scored"
        return replace(row, bucket=bucket, why=why, scorer=scorer.id), kept(run, made, outcomes)

    async def _played(self, game: GameKey) -> Run:
        minutes = self.matrix.suite.caps.run_minutes
        try:
            async with asyncio.timeout(minutes * 60):
                return await self._on_disk(self.options.out / game.folder, game)
        except TimeoutError:
            raise TimeoutError(f"the game took longer than {minutes:g} minutes") from None

    async def _on_disk(self, folder: Path, game: GameKey) -> Run:
        setup = resolve(self.matrix.settings(game), self.matrix.crises[game.arm])
        if begun(folder):
            return await play_on(folder, self.options)
        if elsewhere := self.orders.elsewhere:
            worst, purse = self.orders.worst.get(game.arm, (0, 0.0)), self.endpoints.purse
            await purse.hold(*worst)
            spent = worst  # A game that does not come back may have spent all that was set aside.
            try:
                await elsewhere(setup, folder, purse.share(*worst))
                run = open_run(folder)
                spent = run.result.tokens["prompt"] + run.result.tokens["completion"], run.result.cost_usd or 0.0
                return run
            finally:
                purse.settle(worst, *spent)
        return await play_on(create(setup, self.options, folder=folder), self.options, setup)

    def _paid_so_far(self, row: Row) -> Row:
        """A broken game's calls, as far as its journal can be read."""
        try:
            return _paid(row, open_run(self.batch.run_folder(row)).result)
        except RoleplayError:
            return row


def _purse(batch: Batch, rows: Iterable[Row], limits: Caps, prices: Mapping[str, Price]) -> Purse:
    """What the batch may still spend: paid are games that are over, calls of those under way, and all that judged."""
    purse = Purse(limits)
    if limits == Caps():
        return purse
    for row in rows:
        purse.tokens, purse.cost = purse.tokens + row.tokens, purse.cost + (row.cost or 0.0)
        folder = batch.run_folder(row)
        for model, usage in paid(folder / MEMORY):
            purse.tokens += usage.prompt + usage.completion
            purse.cost += prices[model].cost(usage) if model in prices else 0.0
        if row.bucket is None and (folder / FILE).is_file():
            with Journal.open(folder) as journal:
                purse.tokens += sum(r.prompt_tokens + r.completion_tokens for r in journal.replies.values())
                purse.cost += sum(r.cost_usd or 0.0 for r in journal.replies.values())
    return purse


def begun(folder: Path) -> bool:
    """Whether a game's opening is on the disk; what a kill left of one that never began is removed."""
    if not (folder / FILE).is_file():
        return False
    with Journal.open(folder) as journal:
        there = bool(journal.events)
    if not there:
        discard(folder)
    return there


def _paid(row: Row, r: Result) -> Row:
    return replace(
        row, calls=r.calls, prompt=r.tokens["prompt"], cached=r.tokens["cached"], completion=r.tokens["completion"],
        cost=r.cost_usd, seconds=r.seconds,
    )  # fmt: skip


def _words(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return text if isinstance(error, (DamagedRun, TimeoutError)) else f"{type(error).__name__}: {text}"


def _tightest(a: Caps, b: Caps) -> Caps:
    limits: Any = zip(astuple(a), astuple(b), strict=True)
    return Caps(*(min((n for n in two if n is not None), default=None) for two in limits))


def _length(setup: Setup) -> int:
    """How long a game takes, roughly: rounds by seats that call a model."""
    return setup.rounds * (1 + len(setup.called))
