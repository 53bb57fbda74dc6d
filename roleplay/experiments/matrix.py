"""The games that a suite asks for: every combination of its factors as an arm, every arm's variants and seeds.

Knows nothing about playing, keeping or analysing those games.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import gcd
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..crises import Crisis, load_scenario, variant, variant_count
from ..crises.scenarios import Scenario
from ..errors import AuthorError, Problem, UsageError
from ..loading import collecting
from ..seats.drivers import parse_driver
from ..seats.script import scripts
from ..setup import Settings, Setup, idle_strategies, resolve
from .possible import impossible
from .statistics import FEWEST_FOR_P
from .suites import Reference, Suite, Treatment

FLOOR, CEILING = "floor", "ceiling"
RANDOM = "baseline:random-legal"
BY_HAND = "{}-by-hand"
"""Name of the script that is a scenario's ceiling."""
BY_SEAT = ("seats", "strategies", "models", "base_urls", "personas")
"""Settings that say something of a seat each."""


@dataclass(frozen=True)
class Arm:
    """A cell of the matrix: a level of the compared factor in a context (the other factors' levels)."""

    name: str
    level: str
    context: str
    settings: Mapping[str, Any]
    variants: tuple[int, ...]
    reference: bool = False

    def at(self, number: int, seed: int, crisis: Crisis) -> Settings:
        """One game's settings; what is said of governments that a variant leaves out is left out too."""
        written = crisis.scenarios[self.settings["scenario"]]
        left_out = written.seats.keys() - variant(written, number).seats.keys() if written.variations else set()
        said = {
            name: {seat: v for seat, v in value.items() if seat not in left_out} if name in BY_SEAT else value
            for name, value in self.settings.items()
        }
        return Settings.model_validate({**said, "variant": number, "seed": seed})


class GameKey(NamedTuple):
    """What makes a game: the same key is never played or counted twice."""

    arm: str
    variant: int
    model: str
    seed: int
    repeat: int

    @property
    def folder(self) -> str:
        """Its folder's name: the same for the same key."""
        tail = ""
        if self.model:
            word = re.sub(r"[^a-z0-9]+", "-", Path(self.model).name.lower()).strip("-")[:24]
            tail = f".{word}-{hashlib.sha256(self.model.encode()).hexdigest()[:4]}"
        return f"{self.arm}.v{self.variant}.s{self.seed}.r{self.repeat}{tail}"


@dataclass(frozen=True)
class Matrix:
    """A suite with every name in it looked up."""

    suite: Suite
    arms: tuple[Arm, ...]
    """The control's first context first, floor and ceiling last."""
    setups: Mapping[str, Setup]
    """Arm -> its set-up on its first variant."""
    crises: Mapping[str, Crisis]
    games: tuple[GameKey, ...]

    def settings(self, game: GameKey) -> Settings:
        """What a game is set up with."""
        arm = next(arm for arm in self.arms if arm.name == game.arm)
        return arm.at(game.variant, game.seed, self.crises[game.arm])

    @property
    def cautions(self) -> list[str]:
        """What the suite's numbers will not tell, known before a game is played."""
        suite, games = self.suite, len(self.suite.seeds) * self.suite.repeats
        variants = len(next(arm for arm in self.arms if not arm.reference).variants)
        told = []
        if variants * games == 1:
            told.append(("variants", "one game an arm: no mean gets an interval", "plan more variants"))
        elif variants < FEWEST_FOR_P:
            hint = f"plan {FEWEST_FOR_P} or more"
            told.append(("variants", f"{variants} variants: these scenarios only, no p value is given", hint))
        if games > variants:
            told.append(("seeds", f"{games} games a variant, {variants} variants", "variants buy power, seeds do not"))
        return [str(suite.document.problem((where,), found, hint=hint)) for where, found, hint in told]

    @property
    def tests_harness(self) -> bool:
        """Whether nothing but policies and scripts decides in the arms that are compared."""
        plans = [p for a in self.arms if not a.reference for p in self.setups[a.name].plans.values()]
        return all(parse_driver(p.driver).kind in ("baseline", "voice", "script") for p in plans)


def lay_out(suite: Suite, overrides: Mapping[str, Any] | None = None) -> Matrix:
    """The games that a suite asks for; `overrides` are settings of the command line, which an arm's own go before.

    Raises AuthorError with every name that does not exist, arm that changes nothing and demand that no game can meet.
    """
    scenario = cache(load_scenario)
    base = suite.base.over({**(overrides or {}), "scenario": suite.scenario})
    try:
        written = scenario(base["scenario"], base.get("crisis"))[1]
    except UsageError as error:
        raise AuthorError([suite.document.problem(("scenario",), error.message, hint=error.hint)]) from error
    variants = _variants(suite, written)
    every = (dict(zip(suite.factors, levels, strict=True)) for levels in product(*suite.factors.values()))
    cells = [cell for cell in every if not any(_among(cell, row) for row in suite.exclude)]
    cells += [dict(row) for row in suite.include if dict(row) not in cells]
    arms = [_arm(suite, base, {f: cell[f] for f in suite.factors}, variants) for cell in cells]
    if not any(arm.level == suite.control for arm in arms):
        hint = "see exclude and include"
        raise AuthorError([suite.document.problem(("control",), f"no cell of '{suite.control}' is left", hint=hint)])
    for name, row in {**_references(written), **suite.references}.items():
        plain = {k: v for k, v in base.items() if k not in ("seats", "strategies", "decide")}
        arms.append(Arm(name, name, "", row.settings.over(plain), row.variants or variants, reference=True))
    crises = {arm.name: scenario(arm.settings["scenario"], arm.settings.get("crisis"))[0] for arm in arms}
    problems: list[Problem] = []
    setups: dict[str, Setup] = {}
    for arm in arms:
        with collecting(problems):
            setups[arm.name] = _resolved(suite, arm, crises[arm.name])
    if not problems:
        compared = [setups[arm.name] for arm in arms if not arm.reference]
        problems += impossible(suite, crises[arms[0].name], compared, len(variants))
    if problems:
        raise AuthorError(list(dict.fromkeys(problems)))
    return Matrix(suite, tuple(arms), setups, crises, tuple(_games(suite, arms, setups)))


def _references(written: Scenario) -> dict[str, Reference]:
    """Random legal play, and the best script by hand, in full and on the variant that it was written for, if any."""
    found = {FLOOR: Reference(settings=Treatment(seats=dict.fromkeys(written.seats, RANDOM)))}
    if (name := BY_HAND.format(written.id)) in scripts():
        seats = dict.fromkeys(written.seats, f"script:{name}")
        found[CEILING] = Reference(settings=Treatment(seats=seats, rounds=written.rounds), variants=(0,))
    return found


def _arm(suite: Suite, base: Mapping[str, Any], cell: Mapping[str, str], variants: tuple[int, ...]) -> Arm:
    settings = dict(base)
    for factor, level in cell.items():
        settings = suite.factors[factor][level].over(settings)
    context = ".".join(level for factor, level in cell.items() if factor != suite.compared)
    return Arm(".".join(cell.values()), cell[suite.compared], context, settings, variants)


def _among(cell: Mapping[str, str], row: Mapping[str, tuple[str, ...] | str]) -> bool:
    return all(cell[f] == chosen if isinstance(chosen, str) else cell[f] in chosen for f, chosen in row.items())


def _variants(suite: Suite, scenario: Scenario) -> tuple[int, ...]:
    count = variant_count(scenario)
    wanted = suite.variants
    wrong = [v for v in wanted if not 0 <= v < count] if isinstance(wanted, tuple) else [wanted] * (wanted > count)
    if wrong:
        allowed = f"{scenario.id} has {count}, 0 to {count - 1}"
        raise AuthorError([suite.document.problem(("variants",), ", ".join(map(str, wrong)), allowed)])
    return wanted if isinstance(wanted, tuple) else spread(wanted, count)


def spread(wanted: int, count: int) -> tuple[int, ...]:
    """So many of `count` numbers, well spread, 0 first; more of them only add to fewer."""
    stride = next(s for s in range(max(1, round(count * 0.618)), 2 * count + 2) if gcd(s, count) == 1)
    return tuple(n * stride % count for n in range(wanted))


def _games(suite: Suite, arms: Iterable[Arm], setups: Mapping[str, Setup]) -> Iterator[GameKey]:
    for arm in arms:
        model = ",".join(sorted(setups[arm.name].models))
        repeats = range(1 if arm.reference else suite.repeats)
        for number, seed, repeat in product(arm.variants, suite.seeds, repeats):
            yield GameKey(arm.name, number, model, seed, repeat)


def _resolved(suite: Suite, arm: Arm, crisis: Crisis) -> Setup:
    """The arm on its first variant; refuses a strategy without a policy half on a seat that decides by policy."""
    place = ("references", arm.name) if arm.reference else ("factors", suite.compared, arm.level)
    found = f"arm '{arm.name}'"
    try:
        setup = resolve(arm.at(arm.variants[0], suite.seeds[0], crisis), crisis)
    except ValidationError as error:
        raise AuthorError([suite.document.problem(place, f"{found}: {error.errors()[0]['msg']}")]) from error
    except UsageError as error:
        raise AuthorError([suite.document.problem(place, f"{found}: {error.message}", hint=error.hint)]) from error
    if idle := list(idle_strategies(setup)):
        hint = "give the seat to a model, or the strategy a 'policy'"
        raise AuthorError([suite.document.problem(place, f"{found}: {words}", hint=hint) for words in idle])
    return setup
