"""What a run would cost, found by playing it once without a model; knows nothing about prices but what it is given."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from .calls import REPAIRS
from .events import ADJUDICATOR
from .game import Options, create, play_on
from .models import Request, Usage
from .models.fetch import DEFAULT
from .models.registry import ModelSpec, context_of
from .models.scripted import ScriptedModel
from .moves import Turn
from .purse import Caps
from .seats import AnySeat, AskingSeat
from .seats.baseline import Baseline
from .seats.drivers import OUTSIDE, Makings, build_driver, parse_driver
from .seats.profiles import load_profile
from .setup import Setup
from .views import SeatView

CHARACTERS = 4
"""Characters a token, roughly, in English."""


@dataclass(frozen=True)
class Estimate:
    """Calls and tokens of a run, without repairs; cost from nothing computed twice to everything, with every repair."""

    calls: int
    tokens: dict[str, int]
    cost_usd: dict[str, float] | None
    models: tuple[str, ...]
    path_calls: int
    """Calls that follow one another however much is played at once."""


@dataclass
class Asked:
    """What a seat, or the adjudicator, would ask of its model."""

    model: str
    prompt: int = 0
    completion: int = 0
    lanes: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    """(round, phase, ring or who asks) -> calls, one after the other."""

    @property
    def calls(self) -> int:
        return self.lanes.total()

    def add(self, request: Request, round: int, phase: str, lane: str) -> None:
        """Count one call, its answer at its longest."""
        self.lanes[round, phase, lane] += 1
        self.prompt += sum(len(m["content"]) for m in request.messages) // CHARACTERS
        self.completion += request.max_tokens


@dataclass
class Rehearsed:
    """Plays a seat by its baseline and counts what its real driver would have asked of a model."""

    driver: AskingSeat
    stand_in: Baseline
    asked: Asked
    repeatable: bool = True

    def decide(self, view: SeatView) -> Turn:
        if request := self.driver.ask(view):
            self.asked.add(request, view.moment.round, view.moment.phase, view.moment.ring or view.seat)
        return self.stand_in.decide(view)


def estimate(setup: Setup, options: Options) -> Estimate:
    """Play the run once with baselines in place of models, in a folder that is thrown away."""
    asked: list[Asked] = []
    seats: dict[str, Rehearsed] = {}
    free: dict[str, AnySeat] = {}
    for seat, plan in setup.plans.items():
        spec = parse_driver(plan.driver)
        if spec.kind == "object":
            continue
        profile = load_profile(setup.scenario.seats[seat])
        baseline = Baseline(profile, setup.settings.seed, setup.settings.variant)
        driver = baseline if spec.kind in OUTSIDE else _driver(setup, seat)
        if isinstance(driver, AskingSeat):
            asked.append(Asked(driver.model.name))
            seats[seat] = Rehearsed(driver, baseline, asked[-1])
        elif spec.kind in OUTSIDE:
            free[seat] = baseline
    ruling = ScriptedModel(lambda request: {"reasoning": "", "set_aside": []})
    with tempfile.TemporaryDirectory() as folder:
        quiet = replace(
            options, out=Path(folder), seats={**free, **seats, **options.seats}, watch=lambda event: None,
            open_model=lambda spec: ruling, caps=Caps(),
        )  # fmt: skip
        asyncio.run(play_on(create(setup, quiet), quiet, setup))
    if setup.adjudicator:
        asked.append(Asked(setup.adjudicator.model or DEFAULT))
        for number, request in enumerate(ruling.requests):
            asked[-1].add(request, number, "settle", ADJUDICATOR)
    return _sum(asked, options)


def _driver(setup: Setup, seat: str) -> AnySeat:
    """The seat's own driver, with a model that is never called."""
    plan, settings = setup.plans[seat], setup.settings
    name = plan.model or DEFAULT
    stand_in = ScriptedModel([], name=name, context=context_of(ModelSpec(model=name, base_url=plan.base_url)))
    makings = Makings(seat, lambda: stand_in, settings.variant, settings.seed, settings.prompts())
    return build_driver(parse_driver(plan.driver), makings)


def _sum(asked: list[Asked], options: Options) -> Estimate:
    low = high = 0.0
    priced = True
    for a in asked:
        price = options.prices.get(a.model)
        priced = priced and price is not None
        if price:
            low += price.cost(Usage(a.prompt, a.prompt, a.completion // 2))
            high += price.cost(Usage(a.prompt, 0, a.completion)) * (1 + REPAIRS)
    return Estimate(
        calls=sum(a.calls for a in asked),
        tokens={"prompt": sum(a.prompt for a in asked), "completion": sum(a.completion for a in asked)},
        cost_usd={"low": round(low, 4), "high": round(high, 4)} if priced else None,
        models=tuple(sorted({a.model for a in asked})),
        path_calls=_path(sum((a.lanes for a in asked), Counter())),
    )


def _path(lanes: Counter[tuple[int, str, str]]) -> int:
    longest: dict[tuple[int, str], int] = {}
    for (round, phase, _), calls in lanes.items():
        longest[round, phase] = max(longest.get((round, phase), 0), calls)
    return sum(longest.values())
