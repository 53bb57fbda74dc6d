"""A crisis as one object: its files read, indexed by id and checked against each other; and the variants of a scenario.

Knows nothing about how a crisis is played.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Protocol, TypeVar

from ..errors import AuthorError, Problem, UsageError
from ..loading import check_name, closest, collecting, find_resources, load_document, load_model, validate
from ..personas import Persona, load_personas, persona_folders
from ..world import Bounds
from .models import (
    Change, CommitmentType, CrisisFile, EffectTable, Indicator, Indicators, InjectRow, Instrument, Instruments, Line,
    ObjectRow, PolicyRule, RingRow, Rules, Scenario, SeatRow, Source, Sources, Standing, StandingFile, Strategy,
    Vocabulary,
)  # fmt: skip
from .patterns import Matcher

CRISIS = "crisis.yaml"


@dataclass(frozen=True)
class Crisis:
    """Everything that a crisis's folder says."""

    folder: Path
    file: CrisisFile
    seats: dict[str, SeatRow]
    rings: dict[str, RingRow]
    instruments: dict[str, Instrument]
    types: dict[str, CommitmentType]
    objects: dict[str, ObjectRow]
    indicators: dict[str, Indicator]
    worlds: dict[str, EffectTable]
    rules: dict[str, PolicyRule]
    scenarios: dict[str, Scenario]
    strategies: dict[str, Strategy]
    lines: dict[str, Line]
    sources: dict[str, Source]
    standing: tuple[Standing, ...]
    personas: dict[str, Persona]

    @cached_property
    def matcher(self) -> Matcher:
        """Matches this crisis's patterns."""
        council = self.file.council
        permanent = {*council.permanent, *(o.state for o in council.others if o.permanent)} if council else ()
        families = {i.id: i.family for i in self.instruments.values()}
        return Matcher(lambda instrument: families.get(instrument, ""), frozenset(permanent))

    @cached_property
    def bounds(self) -> Mapping[str, Bounds]:
        """Range and start of every indicator."""
        return {i.id: Bounds(i.low, i.high, i.start) for i in self.indicators.values()}


class _Named(Protocol):
    @property
    def id(self) -> str: ...


NamedT = TypeVar("NamedT", bound=_Named)


def _by_id(items: Iterable[NamedT]) -> dict[str, NamedT]:
    return {item.id: item for item in items}


# --- finding and loading ---------------------------------------------------------------------------------------------


def find_crises() -> dict[str, Path]:
    """Every crisis by name: the user's ./crises first, then those that ship."""
    found: dict[str, Path] = {}
    for resource in find_resources("crises"):
        for folder in sorted(p for p in resource.path.iterdir() if (p / CRISIS).is_file()):
            found.setdefault(folder.name, folder)
    return found


def load_crisis(name: str | Path) -> Crisis:
    """Read a crisis by name or folder; raises UsageError, or AuthorError with every problem of every file."""
    from .validation import check

    folder = _folder(name)
    problems: list[Problem] = []
    crisis = read_crisis(folder, problems)
    if crisis is None:
        raise AuthorError(problems)
    problems += check(crisis)
    if problems:
        raise AuthorError(problems)
    return crisis


def _folder(name: str | Path) -> Path:
    if (Path(name) / CRISIS).is_file():
        return Path(name)
    known = find_crises()
    if str(name) in known:
        return known[str(name)]
    near = closest(str(name), known)
    raise UsageError(
        f"crisis '{name}' does not exist; there is {', '.join(known) or 'none'}",
        hint=f"did you mean '{near}'?" if near else f"a crisis is a folder with {CRISIS}",
    )


def read_crisis(folder: Path, problems: list[Problem]) -> Crisis | None:
    """Read the files of a crisis, adding what is wrong in each; None where one of them cannot be read at all."""
    before = len(problems)
    with collecting(problems):
        file = load_model(folder / CRISIS, CrisisFile)
    with collecting(problems):
        instruments = load_model(folder / "instruments.yaml", Instruments).instruments
    with collecting(problems):
        words = load_model(folder / "commitments.yaml", Vocabulary)
    with collecting(problems):
        indicators = load_model(folder / "indicators.yaml", Indicators).indicators
    with collecting(problems):
        rules = load_model(folder / "rules.yaml", Rules).rules
    with collecting(problems):
        sources = load_model(folder / "sources.yaml", Sources).sources
    standing: tuple[Standing, ...] = ()
    if (folder / "standing.yaml").is_file():
        with collecting(problems):
            standing = load_model(folder / "standing.yaml", StandingFile).standing
    worlds = _each(folder / "worlds", EffectTable, problems)
    scenarios = _each(folder / "scenarios", Scenario, problems)
    strategies = _each(folder / "strategies", Strategy, problems)
    personas: dict[str, Persona] = {}
    for place in [folder / "personas", *persona_folders(folder.name)]:
        if place.is_dir() and not personas:
            with collecting(problems):
                personas = load_personas(place)
    if len(problems) > before:
        return None
    return Crisis(
        folder=folder, file=file, seats=_by_id(file.seats), rings=_by_id(file.rings), lines=_by_id(file.lines),
        instruments=_by_id(instruments), types=_by_id(words.types), objects=_by_id(words.objects),
        indicators=_by_id(indicators), worlds=worlds, rules=_by_id(rules), scenarios=scenarios,
        strategies=strategies, sources=sources, standing=standing, personas=personas,
    )  # fmt: skip


def _each(folder: Path, model: type[NamedT], problems: list[Problem]) -> dict[str, NamedT]:
    """Every file of a folder by its id, which is its name."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        with collecting(problems):
            document = load_document(path)
            item = validate(document, model)  # type: ignore[type-var]
            if item.id != path.stem:
                raise AuthorError([document.problem(("id",), f"'{item.id}'", path.stem, "it is named like its file")])
            found[item.id] = item
    return found


def load_scenario(name: str, crisis: str | Path | None = None) -> tuple[Crisis, Scenario]:
    """The scenario `name` and the crisis that has it; raises UsageError that lists what there is."""
    check_name(name, "scenario")
    folders = [_folder(crisis)] if crisis else list(find_crises().values())
    for folder in folders:
        if (folder / "scenarios" / f"{name}.yaml").is_file():
            found = load_crisis(folder)
            return found, found.scenarios[name]
    known = sorted(p.stem for folder in folders for p in (folder / "scenarios").glob("*.yaml"))
    near = closest(name, known)
    hint = f"did you mean '{near}'?" if near else ""
    raise UsageError(f"scenario '{name}' does not exist; there is {', '.join(known) or 'none'}", hint=hint)


# --- variants --------------------------------------------------------------------------------------------------------


def variant_count(scenario: Scenario) -> int:
    """How many variants a scenario has, the one as written included."""
    return prod(len(v.options) for v in scenario.variations)


def variant(scenario: Scenario, number: int) -> Scenario:
    """Variant `number`: 0 is as written, the last variation changes fastest. Raises UsageError outside the range."""
    count = variant_count(scenario)
    if not 0 <= number < count:
        raise UsageError(f"--variant {number}: {scenario.id} has variants 0 to {count - 1}")
    for change in changes(scenario, number):
        scenario = _changed(scenario, change)
    return scenario


def changes(scenario: Scenario, number: int) -> list[Change]:
    """The options that make up a variant, one a variation."""
    chosen = []
    for variation in reversed(scenario.variations):
        number, index = divmod(number, len(variation.options))
        chosen.append(variation.options[index])
    return chosen[::-1]


def _changed(scenario: Scenario, change: Change) -> Scenario:
    replaced = {(i.indicator, i.of) for i in change.initial}
    initial = [i for i in scenario.initial if (i.indicator, i.of) not in replaced]
    opened = [r for r in scenario.rooms if (r in scenario.open_rings and r not in change.closed) or r in change.opened]
    kept = [_moved(row, change.move.get(row.id, 0)) for row in scenario.injects if row.id not in change.drop]
    return scenario.model_copy(
        update={
            "initial": (*initial, *change.initial),
            "open_rings": tuple(opened),
            "injects": tuple(sorted(kept, key=lambda row: row.on)),
        }
    )


def _moved(row: InjectRow, days: int) -> InjectRow:
    return row.model_copy(update={"on": row.on + timedelta(days=days)}) if days else row
