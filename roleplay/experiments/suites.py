"""Suites: what is compared with what, on which variants, judged by which outcome, as data; and the games they ask for.

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
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ..crises import Crisis, load_scenario, variant, variant_count
from ..crises.language import Language
from ..crises.models import Prose
from ..crises.patterns import Pattern
from ..crises.report import Place, Report
from ..crises.scenarios import Scenario
from ..errors import AuthorError, Problem, UsageError
from ..loading import Document, load_document, validate
from ..moves import Frozen, Id, Note
from ..resources import check_name, closest, find_resources
from ..seats.drivers import parse_driver
from ..setup import Settings, Setup, idle_strategies, resolve
from .expressions import Expression, parse
from .statistics import Scale

FLOOR, CEILING = "floor", "ceiling"
RANDOM = "baseline:random-legal"
BY_SEAT = ("seats", "strategies", "models", "base_urls", "personas")
"""Settings that say something of a seat each."""
TESTS_HARNESS = "policies: this tests the harness, not a model"


class Treatment(Settings):
    """Settings of a run that a suite fixes; what is left out is as `roleplay run` would have it."""

    scenario: str = ""
    """The suite's, where empty."""

    @model_validator(mode="after")
    def _no_draws(self) -> Treatment:
        if taken := self.model_fields_set & {"variant", "seed"}:
            raise ValueError(f"{', '.join(sorted(taken))} cannot be set here: variants and seeds are the suite's own")
        return self

    def over(self, below: Mapping[str, Any]) -> dict[str, Any]:
        """What is set here, laid over `below`; mappings (seats, strategies) are joined."""
        mine = self.model_dump(exclude_unset=True)
        joined = {
            k: {**below[k], **v} for k, v in mine.items() if isinstance(v, dict) and isinstance(below.get(k), dict)
        }
        return {**below, **mine, **joined}


class Outcome(Frozen):
    """A number that every game yields: a figure of its scorecard, a count of events, or the round of the first one."""

    title: Note = ""
    of: Note | None = None
    """composite, lens:NAME, item:NAME, metric:NAME, judged:NAME, government:SEAT:NAME, run:NAME."""
    count: Pattern | None = None
    """How many events match."""
    first: Pattern | None = None
    """The round of the first event that matches; the last round where none does (a restricted mean)."""
    from_round: Annotated[int, Field(ge=1)] = 1
    """Events before it do not count."""
    scale: Scale = "continuous"
    better: Literal["higher", "lower"] = "higher"
    low: float | None = None
    high: float | None = None
    """Ends of the scale, for what missing games could change; those seen, where none are given."""

    @model_validator(mode="after")
    def _one_source(self) -> Outcome:
        if sum(x is not None for x in (self.of, self.count, self.first)) != 1:
            raise ValueError("give one of 'of', 'count' and 'first'")
        return self

    @property
    def sign(self) -> int:
        return 1 if self.better == "higher" else -1


class Reference(Frozen):
    """Play that shows where the scale begins or ends; never compared."""

    settings: Treatment
    variants: tuple[int, ...] | None = None
    """None: the suite's."""


class SuiteCaps(Frozen):
    """Limits of a batch; reaching one stops it, resumable."""

    cost_usd: float | None = None
    tokens: int | None = None
    minutes: float | None = None
    run_minutes: Annotated[float, Field(gt=0)] = 120
    """A game that takes longer is broken."""
    call_seconds: Annotated[float, Field(gt=0)] = 300
    """A call that takes longer has failed, retries included."""


class Claim(Frozen):
    """A claim of the crisis's source, and what would speak for and against it."""

    id: Note
    says: Prose
    confirm: Note
    disconfirm: Note
    """Expressions over outcomes, as gates are."""


class Suite(Frozen):
    """What a batch plays and what it is asked."""

    id: Id
    title: Note
    question: Prose
    scenario: Note
    variants: tuple[int, ...] | int
    """Their numbers, or how many, spread over all that the scenario has."""
    seeds: tuple[int, ...] = (0,)
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    base: Treatment = Treatment()
    factors: Annotated[dict[Id, dict[Id, Treatment]], Field(min_length=1)]
    """Factor -> level -> settings; every combination is a cell."""
    include: tuple[dict[Id, Id], ...] = ()
    """Cells to add again after `exclude`."""
    exclude: tuple[dict[Id, tuple[Id, ...] | Id], ...] = ()
    """Cells to leave out: those whose levels are all among these."""
    compare: Id | None = None
    """The factor whose levels are compared; the first, unless given. The others are contexts."""
    control: Id
    planned: tuple[Id, ...] | None = None
    """Levels whose comparison with the control was planned; all, unless given."""
    outcomes: Annotated[dict[Id, Outcome], Field(min_length=1)]
    primary: Id
    smallest_effect: Annotated[float, Field(gt=0)]
    """The smallest difference of the primary outcome that would matter."""
    lens: Id | None = None
    judges: tuple[Note, ...] = ()
    """MODEL or MODEL@URL each; none: the measured layer alone."""
    judge_samples: Annotated[int, Field(ge=1, le=20)] = 3
    rubrics: tuple[Id, ...] = ()
    """Of those in evals/rubrics; all, unless given."""
    references: dict[Id, Reference] = {}
    caps: SuiteCaps = SuiteCaps()
    gates: tuple[Note, ...] = ()
    claim: Claim | None = None

    @property
    def compared(self) -> str:
        return self.compare or next(iter(self.factors))

    @property
    def headline(self) -> Outcome:
        return self.outcomes[self.primary]

    def expressions(self) -> list[Expression]:
        return [parse(text) for text in self.gates]


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


@dataclass(frozen=True)
class Planned:
    """One game to play, by its key in the batch."""

    arm: str
    variant: int
    model: str
    seed: int
    repeat: int

    @property
    def key(self) -> tuple[str, int, str, int, int]:
        return self.arm, self.variant, self.model, self.seed, self.repeat

    @property
    def folder(self) -> str:
        """Its folder's name: the same for the same key."""
        tail = ""
        if self.model:
            word = re.sub(r"[^a-z0-9]+", "-", Path(self.model).name.lower()).strip("-")[:24]
            tail = f".{word}-{hashlib.sha256(self.model.encode()).hexdigest()[:4]}"
        return f"{self.arm}.v{self.variant}.s{self.seed}.r{self.repeat}{tail}"


# --- finding and reading ---------------------------------------------------------------------------------------------


def find_suites() -> dict[str, Path]:
    """Every suite by name: the user's first, then those that ship."""
    found: dict[str, Path] = {}
    for resource in find_resources("evals"):
        for path in sorted((resource.path / "suites").glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def suite_file(name: str) -> Path:
    """The file that a suite's name or path means; raises UsageError that lists what there is."""
    if Path(name).suffix in (".yaml", ".yml"):
        return Path(name)
    known = find_suites()
    if check_name(name, "suite") not in known:
        near = closest(name, known)
        hint = f"did you mean '{near}'?" if near else ""
        raise UsageError(f"suite '{name}' does not exist; there is {', '.join(known) or 'none'}", hint=hint)
    return known[name]


def load_suite(name: str) -> Suite:
    """The suite in a file or of a name; raises UsageError, or AuthorError with every problem and its line."""
    return read_suite(load_document(suite_file(name)))


def read_suite(document: Document) -> Suite:
    """A document as a suite whose parts fit each other."""
    suite = validate(document, Suite)
    if problems := list(_problems(document, suite)):
        raise AuthorError(sorted(problems, key=lambda p: p.line or 0))
    return suite


def _problems(document: Document, suite: Suite) -> Iterator[Problem]:
    at = document.problem

    def known(path: tuple[str | int, ...], word: str, words: Iterable[str], what: str) -> Iterator[Problem]:
        listed = list(words)
        if word not in listed:
            near = closest(word, listed)
            yield at(path, f"{what} '{word}' does not exist", listed, f"did you mean '{near}'?" if near else "")

    yield from known(("compare",), suite.compared, suite.factors, "factor")
    levels = suite.factors.get(suite.compared, {})
    yield from known(("control",), suite.control, levels, "level")
    yield from known(("primary",), suite.primary, suite.outcomes, "outcome")
    for n, level in enumerate(suite.planned or ()):
        yield from known(("planned", n), level, [lv for lv in levels if lv != suite.control], "level")
    for part in ("include", "exclude"):
        for n, cell in enumerate(getattr(suite, part)):
            for factor, chosen in cell.items():
                yield from known((part, n, factor), factor, suite.factors, "factor")
                for level in (chosen,) if isinstance(chosen, str) else chosen:
                    yield from known((part, n, factor), level, suite.factors.get(factor, {}), "level")
    for n, cell in enumerate(suite.include):
        if missing := suite.factors.keys() - cell.keys():
            yield at(("include", n), f"says nothing of {', '.join(sorted(missing))}", hint="a cell names every factor")
    for name in ("seeds", "variants"):
        numbers = getattr(suite, name)
        if isinstance(numbers, tuple) and len(set(numbers)) < len(numbers):
            twice = ", ".join(str(n) for n in sorted({x for x in numbers if numbers.count(x) > 1}))
            hint = "the same game twice is no second game; use 'repeats' for a model that samples"
            yield at((name,), f"{twice} stands twice", hint=hint)
    if suite.variants in ((), 0) or not suite.seeds:
        yield at(("variants",), "no game would be played")
    for name, text in [(f"gates.{n}", g) for n, g in enumerate(suite.gates)] + _claim_texts(suite):
        path = tuple(int(p) if p.isdigit() else p for p in name.split("."))
        try:
            found = parse(text)
        except UsageError as error:
            yield at(path, f"'{text}'", error.message)
            continue
        if ":" not in found.name and found.name != "primary":
            yield from known(path, found.name, suite.outcomes, "outcome")


def _claim_texts(suite: Suite) -> list[tuple[str, str]]:
    return [("claim.confirm", suite.claim.confirm), ("claim.disconfirm", suite.claim.disconfirm)] if suite.claim else []


# --- the games that it asks for --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matrix:
    """A suite with every name in it looked up."""

    suite: Suite
    arms: tuple[Arm, ...]
    """The control's first context first, floor and ceiling last."""
    setups: Mapping[str, Setup]
    """Arm -> its set-up on its first variant."""
    crises: Mapping[str, Crisis]
    games: tuple[Planned, ...]

    def settings(self, game: Planned) -> Settings:
        """What a game is set up with."""
        arm = next(arm for arm in self.arms if arm.name == game.arm)
        return arm.at(game.variant, game.seed, self.crises[game.arm])

    @property
    def tests_harness(self) -> bool:
        """Whether nothing but policies and scripts decides in the arms that are compared."""
        plans = [p for a in self.arms if not a.reference for p in self.setups[a.name].plans.values()]
        return all(parse_driver(p.driver).kind in ("baseline", "voice", "script") for p in plans)


def lay_out(suite: Suite, overrides: Mapping[str, Any] | None = None) -> Matrix:
    """The games that a suite asks for; `overrides` are settings of the command line, which an arm's own go before.

    Raises UsageError for what does not exist, contradicts itself or changes nothing.
    """
    scenario = cache(load_scenario)
    base = suite.base.over({**(overrides or {}), "scenario": suite.scenario})
    written = scenario(base["scenario"], base.get("crisis"))[1]
    variants = _variants(suite, written)
    cells = [cell for cell in _cells(suite) if not any(_among(cell, row) for row in suite.exclude)]
    cells += [dict(row) for row in suite.include if dict(row) not in cells]
    arms = [_arm(suite, base, {f: cell[f] for f in suite.factors}, variants) for cell in cells]
    if not any(arm.level == suite.control for arm in arms):
        raise UsageError(f"{suite.id}: no cell of the control '{suite.control}' is left", hint="see exclude")
    floor = Reference(settings=Treatment(seats=dict.fromkeys(written.seats, RANDOM)))
    for name, row in {FLOOR: floor, **suite.references}.items():
        plain = {k: v for k, v in base.items() if k not in ("seats", "strategies", "decide")}
        arms.append(Arm(name, name, "", row.settings.over(plain), row.variants or variants, reference=True))
    crises = {arm.name: scenario(arm.settings["scenario"], arm.settings.get("crisis"))[0] for arm in arms}
    _check_words(suite, crises[arms[0].name])
    setups = {arm.name: _resolved(suite, arm, crises[arm.name]) for arm in arms}
    return Matrix(suite, tuple(arms), setups, crises, tuple(_games(suite, arms, setups)))


def _check_words(suite: Suite, crisis: Crisis) -> None:
    """Everything that outcomes name exists in the crisis; raises AuthorError with all that does not."""
    report = Report({suite.id: Document(f"{suite.id}.yaml", {}, {})}, {})
    language = Language(crisis, report)
    rules = crisis.sheet.score if crisis.sheet else None
    figures: dict[str, list[str]] = {"metric": list(language.figures)}
    if rules:
        figures |= {"item": [row.id for row in rules.items], "lens": [row.id for row in rules.lenses]}
    for name, outcome in suite.outcomes.items():
        place = Place(suite.id, ("outcomes", name))
        for part in ("count", "first"):
            if pattern := getattr(outcome, part):
                language.names(place.to(part), pattern)
                language.pattern(place.to(part), pattern)
        kind, _, rest = (outcome.of or "").partition(":")
        if rules and kind in figures:
            report.exists(place.to("of"), kind, rest.partition(":")[0], figures[kind])
    if report.problems:
        raise AuthorError(report.problems)


def _arm(suite: Suite, base: Mapping[str, Any], cell: Mapping[str, str], variants: tuple[int, ...]) -> Arm:
    settings = dict(base)
    for factor, level in cell.items():
        settings = suite.factors[factor][level].over(settings)
    context = ".".join(level for factor, level in cell.items() if factor != suite.compared)
    return Arm(".".join(cell.values()), cell[suite.compared], context, settings, variants)


def _cells(suite: Suite) -> Iterator[dict[str, str]]:
    for levels in product(*suite.factors.values()):
        yield dict(zip(suite.factors, levels, strict=True))


def _among(cell: Mapping[str, str], row: Mapping[str, tuple[str, ...] | str]) -> bool:
    return all(cell[f] == chosen if isinstance(chosen, str) else cell[f] in chosen for f, chosen in row.items())


def _variants(suite: Suite, scenario: Scenario) -> tuple[int, ...]:
    count = variant_count(scenario)
    if isinstance(suite.variants, tuple):
        if wrong := [v for v in suite.variants if not 0 <= v < count]:
            raise UsageError(f"{suite.id}: variants {wrong} do not exist; {scenario.id} has 0 to {count - 1}")
        return suite.variants
    if suite.variants > count:
        raise UsageError(f"{suite.id}: {suite.variants} variants asked for; {scenario.id} has {count}")
    return spread(suite.variants, count)


def spread(wanted: int, count: int) -> tuple[int, ...]:
    """So many of `count` numbers, well spread, 0 first; more of them only add to fewer."""
    stride = next(s for s in range(max(1, round(count * 0.618)), 2 * count + 2) if gcd(s, count) == 1)
    return tuple(n * stride % count for n in range(wanted))


def _games(suite: Suite, arms: Iterable[Arm], setups: Mapping[str, Setup]) -> Iterator[Planned]:
    for arm in arms:
        model = ",".join(sorted({p.model for p in setups[arm.name].plans.values() if p.model}))
        repeats = range(1 if arm.reference else suite.repeats)
        for number, seed, repeat in product(arm.variants, suite.seeds, repeats):
            yield Planned(arm.name, number, model, seed, repeat)


def _resolved(suite: Suite, arm: Arm, crisis: Crisis) -> Setup:
    try:
        setup = resolve(arm.at(arm.variants[0], suite.seeds[0], crisis), crisis)
        _honest(setup)
    except ValidationError as error:
        raise UsageError(f"{suite.id}: arm '{arm.name}': {error.errors()[0]['msg']}") from error
    except UsageError as error:
        raise UsageError(f"{suite.id}: arm '{arm.name}': {error.message}", hint=error.hint) from error
    return setup


def _honest(setup: Setup) -> None:
    """Refuse a strategy that changes nothing: one without a policy half, on a seat that decides by policy."""
    for words in idle_strategies(setup):
        raise UsageError(words, hint="give the seat to a model, or the strategy a 'policy'")
