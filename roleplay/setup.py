"""Everything that fixes a run before it starts, resolved from names into one frozen record.

Kept whole in the journal, so that a run is resumed and branched from what it was set up with and not from files that
may have changed since. Knows nothing about playing.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, TypeAdapter

from .crises import Crisis, load_scenario, opened, variant
from .crises.models import RingRow
from .crises.policies import Mode, Strategy
from .crises.premises import CONTROL
from .crises.scenarios import Scenario
from .crises.worlds import EffectTable
from .drafts import Draft
from .errors import UsageError
from .events import ADJUDICATOR, VERSION
from .frozen import Frozen, Id, Note
from .journal import FORMAT
from .loading import load_model
from .models import place_of
from .models.fetch import DEFAULT
from .personas.models import Persona
from .prompting.templates import Templates, load_templates
from .resources import unknown
from .rules.policy import bound, withheld
from .seats.delegation import Delegation
from .seats.drivers import OUTSIDE, parse_driver
from .seats.profiles import load_profile
from .views import RoleSheet

DISTRIBUTION = "crisis-roleplay"
FREE_PLAY = CONTROL
ALL = "all"
"""Stands for every ring that it may be."""

_CRISIS: TypeAdapter[Crisis] = TypeAdapter(Crisis)


class SeatPlan(Frozen):
    """Who plays a seat: its driver as on the command line, and the model and endpoint where it needs one."""

    driver: Note
    model: str | None = None
    base_url: str | None = None
    strategy: Id = FREE_PLAY


class Settings(Frozen):
    """What the caller asks for; names and numbers, nothing resolved."""

    scenario: str
    crisis: str | None = None
    """Folder or name of the crisis, where it is not the one that has the scenario."""
    seats: dict[str, str] = {}
    """Seat -> driver."""
    strategies: dict[str, str] = {}
    """Seat -> strategy; '' is the protagonist."""
    mode: Mode = "block"
    world: str | None = None
    claims: dict[str, float] = {}
    """Claim or row of the world -> factor on all that its rows do; 0 takes them out, -1 turns them round."""
    bind: tuple[str, ...] = ()
    """Policy rules, by id or by strength, that follow the mode whatever their strength ('SHOULD' for all of those)."""
    force: bool = False
    delegations: dict[str, Delegation] = {}
    """Seat -> the people who sit there together; the first is their head."""
    open_floor: tuple[str, ...] = ()
    """Rings whose members speak in any order, besides those that the crisis names; 'all' for each that has several."""
    rounds: int | None = None
    variant: int = 0
    seed: int = 0
    model: str | None = None
    base_url: str | None = None
    models: dict[str, str] = {}
    """Seat -> model name, where a seat has its own; a model for `adjudicator` gives the run one."""
    base_urls: dict[str, str] = {}
    """Seat -> endpoint, likewise."""
    decide: bool = False
    """Whether seats without a driver are played by the model itself (one was named, or a key is there)."""
    trust_templates: bool = False
    templates: str | None = None
    """Folder that holds a `prompts` folder, taken instead of the working directory's; they must be trusted."""
    personas: dict[str, str] = {}
    """Seat -> file of a dossier that takes the place of the crisis's own."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """Of seats that models play; None: the usual one."""
    mask: bool = False
    """Whether models are shown other names for the crisis's countries, places and days."""

    def prompts(self) -> Templates:
        """The prompt templates that these settings name."""
        return load_templates(trusted=self.trust_templates, cwd=Path(self.templates) if self.templates else None)


class Setup(Frozen):
    """A run's set-up, resolved."""

    settings: Settings
    crisis: dict[str, object]
    """The whole crisis as data."""
    scenario: Scenario
    effects: EffectTable
    rounds: int
    plans: dict[Id, SeatPlan]
    sheets: dict[Id, RoleSheet]
    adjudicator: SeatPlan | None = None
    """Who says which arguable effects of the world follow; None: all do."""
    templates: dict[str, str]
    """Prompt template -> SHA-256 of its source."""
    versions: dict[str, str]
    _crisis: Crisis | None = PrivateAttr(None)

    @property
    def called(self) -> tuple[tuple[str, str | None], ...]:
        """Model and endpoint of each seat, and of the adjudicator, for which a model is called."""
        plans = (*self.plans.values(), *([self.adjudicator] if self.adjudicator else []))
        return tuple((plan.model, plan.base_url) for plan in plans if plan.model)

    def model_of(self, seat: str) -> tuple[str, str | None] | None:
        """Model and endpoint for whatever a seat needs one for: its own, else the first of the game's; None: none."""
        plan = self.plans[seat]
        return (plan.model, plan.base_url) if plan.model else next(iter(self.called), None)

    @property
    def models(self) -> set[str]:
        """Names of the models that a run calls."""
        return {name for name, _ in self.called}

    @property
    def data(self) -> dict[str, object]:
        """The same as plain data, as a journal holds it."""
        return {**self.model_dump(mode="json", exclude={"crisis"}), "crisis": self.crisis}

    def load_crisis(self) -> Crisis:
        """The crisis as it was when the run was set up."""
        if self._crisis is None:
            self._crisis = _CRISIS.validate_python(self.crisis)
        return self._crisis


def resolve(settings: Settings, crisis: Crisis | None = None) -> Setup:
    """Look up every name in `settings`, in `crisis` where a run has brought its own.

    Raises UsageError that says what exists, or AuthorError for broken files.
    """
    if crisis is None:
        crisis, written = load_scenario(settings.scenario, settings.crisis)
    else:
        written = crisis.scenarios[settings.scenario]
    crisis, scenario = opened(crisis, variant(written, settings.variant))
    rings = _floors(crisis.rings, scenario, settings.open_floor)
    crisis = replace(crisis, rings=rings, personas=crisis.personas | dict(_dossiers(settings.personas, crisis)))
    if settings.templates and not (settings.trust_templates and (Path(settings.templates) / "prompts").is_dir()):
        raise UsageError(
            f"templates: {settings.templates} holds no trusted prompts", hint="set trust_templates as well"
        )
    rounds = settings.rounds or scenario.rounds
    if not 1 <= rounds <= scenario.rounds:
        raise UsageError(f"--rounds {rounds}: {scenario.id} has {scenario.rounds} rounds")
    effects = _world(crisis, settings.world or scenario.world, settings.claims)
    for name in settings.bind:
        if name not in {*crisis.rules, *(r.strength for r in crisis.rules.values())}:
            raise unknown("rule", name, crisis.rules)
    seats = [s for s, row in crisis.seats.items() if row.plays and s in scenario.seats]
    if settings.mask and crisis.mask is None:
        raise UsageError(f"--mask: crisis '{crisis.file.id}' has no mask.yaml")
    strategies = _strategies(crisis, scenario, seats, settings)
    drivers = {seat: driver for name, driver in settings.seats.items() for seat in [_seat(name, seats)]}
    for name in {*settings.models, *settings.base_urls} - {ADJUDICATOR, *seats}:
        if name == "judge":
            raise UsageError(
                "a run has no judge", hint="judges are asked afterwards: roleplay score RUN --judge NAME@URL"
            )
        raise unknown("seat or role", name, [*seats, ADJUDICATOR])
    plans = {seat: _plan(seat, drivers, strategies[seat], scenario, settings) for seat in seats}
    force = settings.force or scenario.force
    crisis = replace(crisis, rules=bound(crisis.rules, settings.bind))
    sheets = {seat: make_sheet(crisis, scenario, seat, strategies[seat], settings.mode, force, seats) for seat in seats}
    _delegations(settings.delegations, sheets)
    portable = replace(crisis, folder=Path(crisis.folder.name), sheet=None)
    setup = Setup(
        settings=settings, crisis=_CRISIS.dump_python(portable, mode="json"), scenario=scenario, effects=effects,
        rounds=rounds, plans=plans, sheets=sheets, adjudicator=_adjudicator(settings, effects),
        templates=settings.prompts().hashes, versions=versions(),
    )  # fmt: skip
    for place in filter(None, (url for _, url in setup.called)):
        place_of(place)
    setup._crisis = portable
    return setup


def _floors(rings: Mapping[str, RingRow], scenario: Scenario, named: tuple[str, ...]) -> dict[str, RingRow]:
    """The rings, those that are named with an open floor."""
    several = [ring for ring in scenario.rooms if rings[ring].kind != "own"]
    for name in named:
        if name not in (*several, ALL):
            raise unknown("ring with several members", name, several)
    opened = several if ALL in named else named
    return {r.id: r.model_copy(update={"floor": "open"}) if r.id in opened else r for r in rings.values()}


def _dossiers(files: Mapping[str, str], crisis: Crisis) -> Iterator[tuple[str, Persona]]:
    for seat, file in files.items():
        if seat not in crisis.personas:
            raise unknown("seat", seat, crisis.personas)
        found = load_model(file, Persona)
        if found.id != seat:
            raise UsageError(f"{file} is the dossier of '{found.id}', not of '{seat}'")
        yield seat, found


def _delegations(delegations: Mapping[str, Delegation], sheets: Mapping[str, RoleSheet]) -> None:
    """Refuse delegations to seats and rings that are not there."""
    for name, delegation in delegations.items():
        rings = sheets[_seat(name, list(sheets))].rings
        for ring in (ring for member in delegation.members for ring in member.rings if ring not in rings):
            raise unknown(f"ring of {name}", ring, rings)


def _world(crisis: Crisis, name: str, claims: Mapping[str, float]) -> EffectTable:
    """The world of this name, with what its rows do multiplied by the factors of their claims."""
    world = crisis.worlds.get(name)
    if world is None:
        raise unknown("world", name, crisis.worlds)
    known = {row.claim for row in world.claimed}
    for claim in claims:
        if claim not in known and claim not in {row.id for row in world.claimed}:
            raise unknown(f"claim of world '{name}'", claim, known)
    return world.scaled(claims)


def _seat(name: str, seats: list[str]) -> str:
    if name.lower() not in seats:
        raise unknown("seat", name, seats)
    return name.lower()


def _adjudicator(settings: Settings, world: EffectTable) -> SeatPlan | None:
    if ADJUDICATOR not in settings.models:
        return None
    if not any(row.arguable for row in world.rows):
        raise UsageError(
            f"world '{world.id}' leaves nothing to an adjudicator: none of its rows is arguable",
            hint="choose another world, or mark rows of a world of yours with 'arguable: true'",
        )
    return SeatPlan(
        driver="model",
        model=settings.models[ADJUDICATOR],
        base_url=settings.base_urls.get(ADJUDICATOR) or settings.base_url,
    )


def _strategies(crisis: Crisis, scenario: Scenario, seats: list[str], settings: Settings) -> dict[str, Strategy]:
    chosen = dict.fromkeys(seats, FREE_PLAY)
    for seat, name in settings.strategies.items():
        chosen[_seat(seat, seats) if seat else scenario.protagonist] = name
    for name in chosen.values():
        if name not in crisis.strategies:
            raise unknown("strategy", name, crisis.strategies)
    return {seat: crisis.strategies[name] for seat, name in chosen.items()}


def _plan(
    seat: str, drivers: Mapping[str, str], strategy: Strategy, scenario: Scenario, settings: Settings
) -> SeatPlan:
    driver = drivers.get(seat) or ("model" if settings.decide else f"voice:{scenario.seats[seat]}")
    spec = parse_driver(driver)
    if spec.kind in ("baseline", "voice"):
        load_profile(spec.argument or "")
    model = settings.models.get(seat) or settings.model
    if spec.kind == "model" and spec.argument:
        model = spec.argument
    for file in (spec.argument if spec.kind == "script" else None, model):
        if file and file.endswith((".gguf", ".yaml", ".yml")) and not Path(file).is_file():
            raise UsageError(f"{seat}: the file {file} does not exist")
    if (spec.kind in OUTSIDE and not model) or spec.kind not in ("model", "voice", *OUTSIDE):
        return SeatPlan(driver=driver, strategy=strategy.id)
    base_url = settings.base_urls.get(seat) or settings.base_url
    return SeatPlan(driver=driver, model=model or DEFAULT, base_url=base_url, strategy=strategy.id)


def idle_strategies(setup: Setup) -> list[str]:
    """What to tell of seats whose strategy only a model that decides would follow, while a policy plays them."""
    return [
        f"{seat} is played by {plan.driver}; strategy '{plan.strategy}' has no policy half: it changes words at most"
        for seat, plan in setup.plans.items()
        if plan.strategy != FREE_PLAY and setup.sheets[seat].strategy.policy is None
        and parse_driver(plan.driver).kind in ("baseline", "voice")
    ]  # fmt: skip


def make_sheet(
    crisis: Crisis, scenario: Scenario, seat: str, strategy: Strategy, mode: Mode, force: bool, seats: list[str]
) -> RoleSheet:
    """What a seat is given at the opening: what was known then, its rights, the words it may use."""
    rooms = [crisis.rings[r] for r in scenario.rooms]
    last = scenario.opens + timedelta(days=scenario.rounds * scenario.days_per_round)
    mine = {row.id: row for row in rooms if seat in row.members}
    hidden = [row for row in mine.values() if row.confidentiality == "secret"]
    council = crisis.file.council
    return RoleSheet(
        seat=seat,
        persona=crisis.personas[seat].as_of(scenario.opens),
        strategy=strategy,
        rings=mine,
        confidants={row.id: tuple(s for s in seats if s not in row.members) for row in hidden},
        instruments={
            i.id: i for i in crisis.instruments.values()
            if seat in i.seats and (force or not i.force)
            and (i.available_from is None or i.available_from <= last)
        },
        types=crisis.types,
        objects=crisis.objects,
        withheld=withheld(crisis.rules, mode, seat),
        lines=crisis.lines,
        audiences=crisis.file.audiences,
        indicators={i.id: i for i in crisis.indicators.values() if i.readers != "nobody"},
        phases=crisis.seats[seat].phases,
        votes=council is not None and seat in council.members and council.ring in scenario.rooms,
        council=council.ring if council and council.ring in mine else None,
        baseline=scenario.seats[seat],
    )  # fmt: skip


def opening_drafts(setup: Setup, crisis: Crisis, setup_hash: str, readers: tuple[str, ...]) -> list[Draft]:
    """The set-up event that everybody may read, and each seat's role sheet for that seat alone."""
    scenario = setup.scenario
    known = [crisis.rings[r] for r in scenario.rooms]
    fields = {
        "scenario": scenario.id, "crisis": crisis.file.id, "title": scenario.title,
        "opens": scenario.opens.isoformat(), "rounds": setup.rounds, "brief": scenario.brief,
        "seats": {seat: crisis.seats[seat].name for seat in setup.plans},
        "rings": {r.id: r.title for r in known if r.confidentiality != "secret" and r.kind != "own"},
        "names": _titles(crisis),
        "versions": setup.versions, "setup": setup_hash,
    }  # fmt: skip
    roles = [
        Draft("role", seat, (seat,), {"role": sheet.model_dump(mode="json", exclude_defaults=True)})
        for seat, sheet in setup.sheets.items()
    ]
    return [Draft("run", None, readers, fields), *roles]


def _titles(crisis: Crisis) -> dict[str, dict[str, str]]:
    """What things are called, for everybody: a title says nothing of who has the right to it, or of its value."""
    seen = {i.id: i for i in crisis.indicators.values() if i.readers != "nobody"}
    rows: dict[str, Mapping[str, Any]] = {
        "instruments": crisis.instruments, "types": crisis.types, "objects": crisis.objects, "lines": crisis.lines,
        "indicators": seen,
    }  # fmt: skip
    return {kind: {id: row.title for id, row in found.items()} for kind, found in rows.items()}


@cache
def versions() -> dict[str, str]:
    """Versions of what a run depends on."""
    found = {"python": platform.python_version(), "journal": str(FORMAT), "events": str(VERSION)}
    for package in (DISTRIBUTION, "langgraph", "openai", "pydantic", "jinja2", "xllamacpp"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
