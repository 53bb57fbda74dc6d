"""Rehearsals of a crisis: many games between baselines, and what never came about in any of them.

Knows nothing about what ought to happen; that something never does is told, and its author judges.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..crises import Crisis, load_crisis, variant, variant_count
from ..events import Deal, Ending, Event, Inject, Moved
from ..game import Options, create, play_on
from ..moves import Use
from ..seats.profiles import profiles
from ..setup import Settings, resolve
from ..world import World

FORCED = 5
"""One game in so many allows uses of force, so that what only they bring about is seen too."""
STUCK = 0.9
"""Share of the games from which on an indicator that ends them at an edge of its range is called stuck there."""
PROCESSES, WORTHWHILE = 2, 8
"""Processes that share the games, and how many games are worth starting them."""


Values = dict[tuple[str, str], list[float]]
"""(indicator, of what) -> its last value in every game in which it moved."""


@dataclass(frozen=True)
class Played:
    """What one game showed: names of what happened in it, and the last value of every indicator."""

    injects: frozenset[str]
    ending: str
    values: dict[tuple[str, str], float]
    moved: frozenset[str]
    used: frozenset[str]
    deals: frozenset[str]


@dataclass(frozen=True)
class Rehearsal:
    """In how many of `games` games each thing happened; `warnings` are sentences about what never did."""

    games: int
    injects: dict[str, int]
    endings: dict[str, int]
    indicators: dict[str, dict[str, float]]
    """Lowest, highest and mean last value, and how many games ended at the low and the high edge."""
    seats: dict[str, int]
    instruments: dict[str, int]
    deals: dict[str, int]
    warnings: tuple[str, ...]


def rehearse(crisis: str | Path, games: int) -> Rehearsal:
    """Play so many games of a crisis with baselines, each with its own variant, seed and players, and count."""
    found = load_crisis(crisis)
    settings = [_settings(found, number) for number in range(games)]
    if games < WORTHWHILE:
        return _counted(found, _play_all(found.folder, settings))
    shares = [settings[n::PROCESSES] for n in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        played = [game for share in pool.map(partial(_play_all, found.folder), shares) for game in share]
    return _counted(found, played)


def _settings(crisis: Crisis, number: int) -> Settings:
    """Game `number`: scenarios and their variants in turn; every other game seats other baselines than are written."""
    scenarios = list(crisis.scenarios.values())
    scenario, turn = scenarios[number % len(scenarios)], number // len(scenarios)
    names, version = list(profiles()), turn % variant_count(scenario)
    here = variant(scenario, version).seats
    others = {seat: names[(turn // 2 + 3 * n) % len(names)] for n, seat in enumerate(here)}
    seats = others if turn % 2 else here
    return Settings(
        scenario=scenario.id, seats={seat: f"baseline:{name}" for seat, name in seats.items()},
        variant=version, seed=number, force=number % FORCED == FORCED - 1,
    )  # fmt: skip


def _play_all(folder: Path, settings: Iterable[Settings]) -> list[Played]:
    crisis = load_crisis(folder)
    return [_play(crisis, game) for game in settings]


def _play(crisis: Crisis, settings: Settings) -> Played:
    setup = resolve(settings, crisis)
    with tempfile.TemporaryDirectory() as folder:
        options = Options(out=Path(folder))
        run = asyncio.run(play_on(create(setup, options), options, setup))
    return _seen(crisis, run.events)


def _seen(crisis: Crisis, events: tuple[Event, ...]) -> Played:
    world = World(crisis.bounds)
    for event in events:
        world.apply(event)
    moves = [event for event in events if isinstance(event, Moved) and event.move.kind != "pass"]
    return Played(
        injects=frozenset(e.name for e in events if isinstance(e, Inject)),
        ending=next(e.name for e in events if isinstance(e, Ending)),
        values=dict(world.indicators),
        moved=frozenset(e.seat for e in moves if e.seat),
        used=frozenset(e.move.instrument for e in moves if isinstance(e.move, Use)),
        deals=frozenset(e.ring for e in events if isinstance(e, Deal) and e.round and e.ring),
    )


# --- counting --------------------------------------------------------------------------------------------------------


def _counted(crisis: Crisis, played: list[Played]) -> Rehearsal:
    scenarios = crisis.scenarios.values()
    seats = [seat for seat in crisis.seats if any(seat in s.seats for s in scenarios)]
    meeting = [r for r in crisis.rings.values() if r.kind != "own" and r.texts]
    rings = [r.id for r in meeting if any(r.id in s.rooms for s in scenarios)]
    injects = _tally((i.id for s in scenarios for i in s.injects), (g.injects for g in played))
    endings = _tally((e.id for e in crisis.file.endings), ([g.ending] for g in played))
    instruments = _tally(crisis.instruments, (g.used for g in played))
    moved, deals = _tally(seats, (g.moved for g in played)), _tally(rings, (g.deals for g in played))
    values: Values = {}
    for key, value in (pair for game in played for pair in game.values.items()):
        values.setdefault(key, []).append(value)
    warnings = [
        *_never(injects, "inject '{}' never fired"),
        *_never(endings, "ending '{}' was never reached"),
        *_stuck(crisis, values),
        *_never(moved, "seat '{}' never made a move"),
        *_never(deals, "no deal was ever made in ring '{}'"),
        *_never(instruments, "instrument '{}' was never used"),
    ]
    endings["last-round"] = sum(g.ending == "last-round" for g in played)
    return Rehearsal(
        len(played), injects, endings, _indicators(crisis, values), moved, instruments, deals, tuple(warnings)
    )


def _tally(names: Iterable[str], games: Iterable[Iterable[str]]) -> dict[str, int]:
    """In how many games each name stands, those in which it never does included."""
    counter = Counter(name for game in games for name in game)
    return {name: counter[name] for name in names}


def _never(tally: dict[str, int], sentence: str) -> Iterator[str]:
    return (sentence.format(name) for name, times in tally.items() if not times)


def _indicators(crisis: Crisis, values: Values) -> dict[str, dict[str, float]]:
    found = {}
    for name, row in crisis.indicators.items():
        if last := [value for (indicator, _), ends in values.items() if indicator == name for value in ends]:
            found[name] = {
                "lowest": round(min(last), 2), "highest": round(max(last), 2),
                "mean": round(sum(last) / len(last), 2), "at_low_edge": last.count(row.low),
                "at_high_edge": last.count(row.high), "values": len(last),
            }  # fmt: skip
    return found


def _stuck(crisis: Crisis, values: Values) -> Iterator[str]:
    for (name, of), last in values.items():
        row = crisis.indicators[name]
        for edge, side in ((row.low, "low"), (row.high, "high")):
            share = last.count(edge) / len(last)
            if share >= STUCK:
                which = f"'{name}'" + (f" of '{of}'" if of else "")
                yield f"indicator {which} ended {share:.0%} of the games at its {side} edge, {edge:g}"
    moved = {name for name, _ in values}
    yield from (f"indicator '{name}' never moved" for name in crisis.indicators if name not in moved)
