"""A run from start to end: create, play, resume, and what came of it. Knows nothing about front ends."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from .calls import Calls
from .crises.mask import Mask
from .errors import DamagedRun, DiskError
from .events import Ending, Event, everyone
from .events import Run as RunEvent
from .journal import FILE, Journal
from .models import ChatModel
from .models.fetch import DEFAULT
from .models.prices import FREE, Price, refuse_unpriced
from .models.registry import ModelSpec, open_model
from .purse import Caps, Purse
from .results import Result, result
from .seats import AnySeat, AskingSeat
from .seats.adjudicator import Adjudicator
from .seats.drivers import Makings, build_driver, check_driver, parse_driver
from .setup import Settings, Setup, opening_drafts, resolve
from .table import Table
from .transcripts.record import RunRecord, record_of

RUNS = Path("transcripts")
"""Where runs go, under the working directory, unless the caller says otherwise."""

Watch = Callable[[Event], None]
BuildSeat = Callable[[str, str], AnySeat]


@dataclass(frozen=True)
class Options:
    """How a run is played; nothing here changes what is played."""

    out: Path = RUNS
    caps: Caps = field(default_factory=Caps)
    prices: Mapping[str, Price] = field(default_factory=dict)
    concurrency: int | None = None
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable that holds the key of every endpoint that is not among `keys`."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Endpoint -> environment variable that holds its key."""
    seats: Mapping[str, AnySeat] = field(default_factory=dict)
    """Seats played by objects of the caller's."""
    watch: Watch = lambda event: None
    seated: Callable[[Table, BuildSeat], AbstractAsyncContextManager[None]] = lambda table, build: nullcontext()
    """Entered with the table before its game goes on, and what builds a seat's driver from a driver's name; left before
    the models are closed."""
    open_model: Callable[[ModelSpec], ChatModel] = open_model


@dataclass(frozen=True)
class Run:
    """A run on the disk."""

    folder: Path
    setup: Setup = field(repr=False)
    record: RunRecord = field(repr=False)
    """Not in its repr, which asyncio makes of what a finished task returned."""
    result: Result

    @property
    def events(self) -> tuple[Event, ...]:
        return self.record.events

    @property
    def name(self) -> str:
        return self.folder.name


# --- playing ---------------------------------------------------------------------------------------------------------


def create(setup: Setup, options: Options, *, folder: Path | None = None) -> Path:
    """Write a new run's round 0 and return its folder; where that fails, nothing is left of it."""
    check_drivers(setup, options)
    folder = folder or options.out.resolve() / name_of(setup)
    try:
        with ExitStack() as begun:
            with Journal.create(folder) as journal:
                begun.callback(discard, folder)
                crisis, hash = setup.load_crisis(), journal.put_blob(setup.model_dump_json())
                run, *roles = opening_drafts(setup, crisis, hash, everyone(tuple(setup.plans)))
                _table(journal, setup, {}, options).open_game(run, roles)
            begun.pop_all()
    except DiskError as error:
        raise DiskError(error.message, hint=f"no run was begun: see that {folder.parent} has space") from error
    return folder


def check_drivers(setup: Setup, options: Options) -> None:
    """Raise UsageError, or AuthorError, for a seat's program or script that cannot be had, before anything is begun."""
    for seat, plan in setup.plans.items():
        if seat not in options.seats:
            check_driver(parse_driver(plan.driver), seat)


def name_of(setup: Setup) -> str:
    """A name for a new run of this set-up, which no other has."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return f"{setup.scenario.id}-{stamp}-{secrets.token_hex(2)}"


def _table(
    journal: Journal, setup: Setup, drivers: Mapping[str, AnySeat], options: Options,
    adjudicator: Adjudicator | None = None,
) -> Table:  # fmt: skip
    settings, spent = setup.settings, journal.replies.values()
    tokens = sum(r.prompt_tokens + r.completion_tokens for r in spent)
    purse = Purse(options.caps, tokens, sum(r.cost_usd or 0.0 for r in spent))
    return Table(
        journal=journal, crisis=setup.load_crisis(), scenario=setup.scenario, effects=setup.effects,
        variant=settings.variant, seed=settings.seed, mode=settings.mode, rounds=setup.rounds,
        force=settings.force or setup.scenario.force, sheets=setup.sheets, drivers=drivers, adjudicator=adjudicator,
        on_event=options.watch, calls=Calls(journal, purse, {**FREE, **options.prices}),
    )  # fmt: skip


async def play_on(folder: Path, options: Options, setup: Setup | None = None) -> Run:
    """Play a run to its end from wherever its journal stops; a finished run returns its result.

    `setup` spares whoever has just created the run the reading of it.
    """
    with Journal.open(folder, write=True) as journal:
        setup = setup or load_setup(journal)
        if not any(isinstance(e, Ending) for e in journal.events):
            async with at_table(journal, setup, options) as table:
                await _play(table)
        elif "finished" not in journal.meta:
            journal.finish()
        return Run(folder.resolve(), setup, record_of(journal, setup=setup.data), result(folder, setup, journal))


@asynccontextmanager
async def at_table(journal: Journal, setup: Setup, options: Options) -> AsyncIterator[Table]:
    """The table of a run with its drivers, wherever its journal stops."""
    from .seats.masked import Masked

    settings, prompts = setup.settings, setup.settings.prompts()
    mask = Mask.model_validate(setup.crisis["mask"]) if settings.mask else None
    async with _models(options) as opened:

        def build(seat: str, driver: str) -> AnySeat:
            name, url = setup.model_of(seat) or (DEFAULT, None)
            made = build_driver(
                parse_driver(driver),
                Makings(
                    seat, lambda: opened(name, url), settings.variant, settings.seed, prompts, settings.temperature
                ),
            )
            return Masked(made, mask) if mask and isinstance(made, AskingSeat) else made

        drivers = {seat: options.seats.get(seat) or build(seat, plan.driver) for seat, plan in setup.plans.items()}
        adjudicator = None
        if setup.adjudicator and setup.adjudicator.model:
            model = opened(setup.adjudicator.model, setup.adjudicator.base_url)
            adjudicator = Adjudicator(model, prompts, _first(journal), setup.effects, mask)
        if options.caps.cost_usd is not None:
            asked = [d.model.name for d in drivers.values() if isinstance(d, AskingSeat)]
            refuse_unpriced([*asked, *([adjudicator.model.name] if adjudicator else [])], options.prices)
        table = _table(journal, setup, drivers, options, adjudicator)
        async with options.seated(table, build):
            yield table


async def _play(table: Table) -> None:
    from .graph import graph, limits

    began = time.perf_counter()
    try:
        await graph.ainvoke({}, config=limits(table), context=table)
        table.journal.finish()
    finally:
        before = float(table.journal.meta.get("seconds", "0"))
        table.journal.note("seconds", repr(before + time.perf_counter() - began))


def load_setup(journal: Journal) -> Setup:
    """The set-up that a journal's first event names."""
    return Setup.model_validate_json(journal.blob(_first(journal).setup))


def _first(journal: Journal) -> RunEvent:
    first = next((e for e in journal.events if isinstance(e, RunEvent)), None)
    if first is None:
        raise DamagedRun(f"{journal.folder.name}: the set-up event is missing", hint="the run never began")
    return first


async def aplay(
    scenario: str, *, seats: Mapping[str, str | AnySeat] | None = None, options: Options | None = None, **settings: Any
) -> Run:
    """Play a scenario; `seats` maps a seat to a driver's name or to an object with `decide(view) -> Turn`.

    Other keywords are those of `Settings` (mode, world, variant, seed, rounds, strategies, model, base_url ...).
    Raises UsageError for what does not exist, and the other errors of `roleplay.errors`.
    """
    options = options or Options()
    named = {s: d for s, d in (seats or {}).items() if isinstance(d, str)}
    objects = {s.lower(): d for s, d in (seats or {}).items() if not isinstance(d, str)}
    drivers = {**named, **{seat: f"object:{type(d).__name__}" for seat, d in objects.items()}}
    setup = resolve(Settings(scenario=scenario, seats=drivers, **settings))
    options = replace(options, seats={**options.seats, **objects})
    return await play_on(create(setup, options), options, setup)


def play(
    scenario: str, *, seats: Mapping[str, str | AnySeat] | None = None, options: Options | None = None, **settings: Any
) -> Run:
    """Play a scenario to its end and return the run; see `aplay`."""
    return asyncio.run(aplay(scenario, seats=seats, options=options, **settings))


@asynccontextmanager
async def _models(options: Options) -> AsyncIterator[Callable[[str, str | None], ChatModel]]:
    """What opens a model at an endpoint: each once, and all are closed at the end."""
    async with AsyncExitStack() as held:

        @cache
        def opened(name: str, url: str | None) -> ChatModel:
            key = options.keys.get(url or "", options.api_key_env)
            spec = ModelSpec(model=name, base_url=url, api_key_env=key, concurrency=options.concurrency)
            model = options.open_model(spec)
            held.push_async_callback(model.close)
            return model

        yield opened


# --- on the disk ------------------------------------------------------------------------------------------------------


def open_run(folder: Path) -> Run:
    """Read a run from its folder."""
    with Journal.open(folder) as journal:
        setup = load_setup(journal)
        return Run(folder.resolve(), setup, record_of(journal, setup=setup.data), result(folder, setup, journal))


def discard(folder: Path) -> None:
    """Remove a run that is not to be kept."""
    if (folder / FILE).is_file():
        shutil.rmtree(folder)
