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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from ..errors import DamagedRun, DiskError, LimitReached, ProviderError, RoleplayError
from ..estimate import Estimate, estimate
from ..game import Options, Result, Run, create, discard, open_run, play_on
from ..journal import FILE, Journal
from ..models.registry import ModelSpec
from ..purse import Caps, Purse
from ..setup import Setup, resolve
from .batch import RUNS, Batch, Row
from .endpoints import MOST, Endpoints
from .figures import kept
from .matrix import GameKey, Matrix

SECONDS_A_CALL = 3.0
"""Assumed where nothing was played yet that would tell."""


class Scorer(Protocol):
    """What makes a scorecard of a run; games scored under another `id` are scored again, and not played again."""

    @property
    def id(self) -> str: ...

    async def score(self, run: Run) -> Mapping[str, Any]: ...

    async def close(self) -> None: ...


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
    cost: float | None = None
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
        if row.cost is not None:
            self.cost = (self.cost or 0.0) + row.cost

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
    elsewhere: Callable[[Setup, Path], Awaitable[None]] | None = None
    """Has a game played on another machine and its finished journal put into a folder."""


# --- before -----------------------------------------------------------------------------------------------------------


def forecast(matrix: Matrix, options: Options, concurrency: int | None = None) -> dict[str, Any]:
    """Calls, tokens, cost range, critical path and time of a suite, from one game an arm played without a model."""
    arms: dict[str, Any] = {}
    for arm in matrix.arms:
        guess = estimate(matrix.setups[arm.name], options)
        games = sum(game.arm == arm.name for game in matrix.games)
        arms[arm.name] = {"games": games, "path_calls": guess.path_calls, **_times(guess, games)}
    total = {k: sum(a[k] for a in arms.values()) for k in ("games", "calls", "prompt", "completion")}
    priced = [a["cost_usd"] for a in arms.values() if a["calls"]]
    cost = None
    if all(priced):
        cost = {end: round(sum(c[end] for c in priced), 4) for end in ("low", "high")}
    path = max((a["path_calls"] for a in arms.values()), default=0)
    seconds = max(total["calls"] / (concurrency or 8), path) * SECONDS_A_CALL
    return {
        **total,
        "cost_usd": cost,
        "path_calls": path,
        "seconds": round(seconds),
        "seconds_a_call": SECONDS_A_CALL,
        "arms": arms,
    }


def _times(guess: Estimate, games: int) -> dict[str, Any]:
    cost = {end: c * games for end, c in guess.cost_usd.items()} if guess.cost_usd else None
    tokens = {name: n * games for name, n in guess.tokens.items()}
    return {"calls": guess.calls * games, **tokens, "cost_usd": cost}


def at_once(matrix: Matrix, concurrency: int | None) -> int:
    """Games in flight: enough to fill an endpoint; one where nothing waits, or where one embedded model does it all."""
    waits = {
        ModelSpec(model=p.model, base_url=p.base_url).backend
        for setup in matrix.setups.values() for p in setup.plans.values() if p.model
    } - {"embedded"}  # fmt: skip
    return (concurrency or MOST) if waits else 1


def material_of(setup: Setup) -> str:
    """Hash of what a game is played with beside its settings: prompts, crisis, program."""
    parts = {"templates": setup.templates, "crisis": setup.crisis, "program": setup.versions.get("crisis-roleplay")}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:12]


# --- playing ----------------------------------------------------------------------------------------------------------


async def play_batch(batch: Batch, matrix: Matrix, orders: Orders) -> Progress:
    """Play what is missing, score what another scorer scored; raises what stopped it, when all that ran has ended."""
    try:
        return await _play(batch, matrix, orders)
    finally:
        await orders.scorer.close()


async def _play(batch: Batch, matrix: Matrix, orders: Orders) -> Progress:
    batch.ask_for(matrix)
    wanted = set(matrix.games)
    rows = {row.key: row for row in batch.rows() if row.key in wanted}
    progress = Progress(planned=len(rows))
    stale = []
    for row in rows.values():
        if row.bucket is not None:
            progress.reused += 1
            progress.count(row)
            if row.bucket != "broken" and row.scorer != orders.scorer.id:
                stale.append(row)
    orders.watch(progress)
    for row in stale:
        await _again(batch, row, orders)
        progress.rescored += 1
    waiting = [game for game in matrix.games if rows[game].bucket is None]
    if waiting:
        await _Session(batch, matrix, orders, progress).play(waiting)
    return progress


async def _again(batch: Batch, row: Row, orders: Orders) -> None:
    """Score a game anew; nothing is played."""
    run = open_run(batch.run_folder(row))
    card = await orders.scorer.score(run)
    why = card["unscorable"] or ""
    fresh = replace(row, bucket="unscorable" if why else "scored", why=why, scorer=orders.scorer.id)
    batch.record(fresh, kept(run, card, batch.suite.outcomes))


class _Session:
    """One sitting of a batch."""

    def __init__(self, batch: Batch, matrix: Matrix, orders: Orders, progress: Progress) -> None:
        caps = matrix.suite.caps
        self.batch, self.matrix, self.orders, self.progress = batch, matrix, orders, progress
        self.limits = _tightest(orders.options.caps, Caps(caps.cost_usd, caps.tokens, caps.minutes))
        self.endpoints = Endpoints(
            self._purse(), orders.options.prices, orders.options.concurrency, caps.call_seconds,
            orders.options.open_model,
        )  # fmt: skip
        self.options = replace(
            orders.options, caps=Caps(), out=batch.folder / RUNS, open_model=self._model, watch=lambda event: None
        )
        self.material = {name: material_of(setup) for name, setup in matrix.setups.items()}
        self.stopped: RoleplayError | None = None
        self.silent: dict[str, RoleplayError] = {}
        """Arms whose endpoint does not answer, and what it said."""

    def _purse(self) -> Purse:
        rows = self.batch.rows()
        tokens, cost = sum(r.tokens for r in rows), sum(r.cost or 0.0 for r in rows)
        for row in rows:
            folder = self.batch.run_folder(row)
            if row.bucket is None and (folder / FILE).is_file():
                with Journal.open(folder) as journal:
                    tokens += sum(r.prompt_tokens + r.completion_tokens for r in journal.replies.values())
                    cost += sum(r.cost_usd or 0.0 for r in journal.replies.values())
        return Purse(self.limits, tokens=tokens, cost=cost)

    def _model(self, spec: ModelSpec) -> Any:
        return self.endpoints.model(spec)

    async def play(self, games: list[GameKey]) -> None:
        """Play games, the longest first, until all are over or something stops them all."""
        queue = deque(sorted(games, key=lambda g: -_length(self.matrix.setups[g.arm])))
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
        """Play and score one game; whatever breaks it is its outcome, and stays so."""
        row = Row(game, game.folder, material=self.material[game.arm], scorer=self.orders.scorer.id)
        card: dict[str, Any] = {}
        run: Run | None = None
        try:
            run = await self._played(game)
            made = await self.orders.scorer.score(run)
            card = kept(run, made, self.matrix.suite.outcomes)
            row = replace(row, bucket="unscorable" if made["unscorable"] else "scored", why=made["unscorable"] or "")
        except (LimitReached, DiskError, ProviderError):
            raise
        except Exception as error:  # noqa: BLE001 - one game of a batch is one of the three edges
            row = replace(row, bucket="broken", why=_words(error))
        row = _paid(row, run.result) if run else self._paid_so_far(row)
        self.batch.record(row, card)
        self.progress.count(row, card.get("figures", {}).get(f"outcome:{self.matrix.suite.primary}"))
        self.progress.spend(row)
        if self.orders.elsewhere:
            self.endpoints.purse.settle((0, 0.0), row.tokens, row.cost or 0.0)
        self.progress.fresh += 1

    async def _played(self, game: GameKey) -> Run:
        folder = self.options.out / game.folder
        setup = resolve(self.matrix.settings(game), self.matrix.crises[game.arm])
        if self.orders.elsewhere:
            await self.orders.elsewhere(setup, folder)
            return open_run(folder)
        begun = _begun(folder)
        if not begun:
            create(setup, self.options, folder=folder)
        minutes = self.matrix.suite.caps.run_minutes
        try:
            async with asyncio.timeout(minutes * 60):
                return await play_on(folder, self.options, None if begun else setup)
        except TimeoutError:
            raise TimeoutError(f"the game took longer than {minutes:g} minutes") from None

    def _paid_so_far(self, row: Row) -> Row:
        """A broken game's calls, as far as its journal can be read."""
        try:
            return _paid(row, open_run(self.batch.run_folder(row)).result)
        except RoleplayError:
            return row


def _begun(folder: Path) -> bool:
    """Whether a game's opening is on the disk; what a kill left of one that never began is removed."""
    if not (folder / FILE).is_file():
        return False
    with Journal.open(folder) as journal:
        begun = bool(journal.events)
    if not begun:
        discard(folder)
    return begun


def _paid(row: Row, r: Result) -> Row:
    return replace(
        row, calls=r.calls, prompt=r.tokens["prompt"], cached=r.tokens["cached"], completion=r.tokens["completion"],
        cost=r.cost_usd, seconds=r.seconds,
    )  # fmt: skip


def _words(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return text if isinstance(error, (DamagedRun, TimeoutError)) else f"{type(error).__name__}: {text}"


def _tightest(a: Caps, b: Caps) -> Caps:
    def least(x: float | None, y: float | None) -> Any:
        return min((v for v in (x, y) if v is not None), default=None)

    return Caps(least(a.cost_usd, b.cost_usd), least(a.tokens, b.tokens), least(a.minutes, b.minutes))


def _length(setup: Setup) -> int:
    """How long a game takes, roughly: rounds by seats that call a model."""
    return setup.rounds * (1 + sum(plan.model is not None for plan in setup.plans.values()))
