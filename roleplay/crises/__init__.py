"""A crisis as one object: its files read, indexed by id and checked against each other; what holds on an opening day.

Knows nothing about how a crisis is played.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from ..errors import AuthorError, Problem
from ..loading import Document, collecting, load_document, validate_most
from ..moves import Parameter
from ..personas import dossier_files, load_personas
from ..personas.models import Persona
from ..resources import check_name, shown_path, unknown
from ..world import Bounds
from .mask import Mask
from .means import CommitmentType, Indicator, Indicators, Instrument, Instruments, ObjectRow, Param, Vocabulary
from .models import CrisisFile, Line, RingRow, SeatRow, Source, Sources, TextMap
from .patterns import Matcher
from .places import CRISIS, PARTS, SAFE, crisis_folder, dossier_folders, files_of, places, strays, told_of
from .places import find_crises as find_crises
from .policies import PolicyRule, Rules, Strategy
from .scenarios import Scenario, Standing, StandingFile
from .scenarios import changes as changes
from .scenarios import variant as variant
from .scenarios import variant_count as variant_count
from .scoresheet import GovernmentsFile, ScoreFile, ScoreSheet
from .worlds import EffectTable

SCORE, GOVERNMENTS = "score.yaml", "governments.yaml"


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
    mask: Mask | None = None
    sheet: ScoreSheet | None = None
    """How its games are scored; no part of a run's set-up, since a run is scored by what holds now."""

    @cached_property
    def matcher(self) -> Matcher:
        """Matches this crisis's patterns."""
        council = self.file.council
        permanent = {*council.permanent, *(o.state for o in council.others if o.permanent)} if council else ()

        def family(instrument: str) -> str:
            return self.instruments[instrument].family if instrument in self.instruments else ""

        def default(instrument: str, parameter: str) -> Parameter | None:
            found = self.instruments.get(instrument)
            return found.params[parameter].default if found and parameter in found.params else None

        return Matcher(family, frozenset(permanent), default)

    @cached_property
    def bounds(self) -> Mapping[str, Bounds]:
        """Range and start of every indicator."""
        return {i.id: Bounds(i.low, i.high, i.start) for i in self.indicators.values()}


class _Named(Protocol):
    @property
    def id(self) -> str: ...


ModelT = TypeVar("ModelT", bound=BaseModel)
NamedT = TypeVar("NamedT", EffectTable, Scenario, Strategy)
RowT = TypeVar("RowT", bound=_Named)


def _by_id(items: Iterable[RowT]) -> dict[str, RowT]:
    return {item.id: item for item in items}


# --- finding and loading ---------------------------------------------------------------------------------------------


def load_crisis(name: str | Path) -> Crisis:
    """Read a crisis by name, folder or zip; raises UsageError, or AuthorError with every problem of every file."""
    from .validation import check

    problems: list[Problem] = []
    found = read_crisis(crisis_folder(name), problems)
    if found is not None:
        problems += check(*found)
    if found is None or problems:
        raise AuthorError(told_of(Path(name), problems))
    return found[0]


@dataclass(frozen=True)
class Files:
    """The files of a crisis as they were read, by name; rows and files with problems are left out."""

    documents: dict[str, Document] = field(default_factory=dict)
    models: dict[str, BaseModel] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """Kinds of things whose file could not be read."""
    lost: set[str] = field(default_factory=set)
    """Names of things that were left out."""
    strays: set[Path] = field(default_factory=set)
    """Files that are not read, which is told already."""

    def read(self, path: Path, model: type[ModelT], problems: list[Problem], *kinds: str) -> ModelT | None:
        """As much of a file as can be read; `kinds` are those of the things in it. Tells what is wrong."""
        with collecting(problems):
            if path in self.strays:
                raise AuthorError([])
            whole = load_document(path)
            document, found = validate_most(whole, model, problems)
            name, id = path.name, getattr(found, "id", None)
            if path.parent.name in PARTS:
                name = f"{path.parent.name}/{name}"
                if id != path.stem:
                    raise AuthorError([document.problem(("id",), f"'{id}'", path.stem, "it is named like its file")])
            self.documents[name], self.models[name] = document, found
            self.lost.update(whole.ids - document.ids)
            return found
        self.unread.update(kinds)
        self.lost.add(path.stem)
        return None


def read_crisis(folder: Path, problems: list[Problem]) -> tuple[Crisis, Files] | None:
    """Read the files of a crisis; returns what could be read of it, None where crisis.yaml itself could not.

    What is wrong inside a file goes to `problems`.
    """
    files = Files()
    for place in places(folder):
        with collecting(problems):
            files.strays.update(strays(place))
    named = (repr(shown_path(path)) for path in sorted(files.strays))
    problems += [Problem(name, None, "", "this name, or where the link leads, cannot be used", SAFE) for name in named]

    def rows(name: str, model: type[ModelT], *kinds: str) -> ModelT:
        empty: dict[str, Any] = {field: {} for field in model.model_fields}
        return files.read(folder / name, model, problems, *kinds) or model.model_construct(**empty)

    def maybe(name: str, model: type[ModelT]) -> ModelT | None:
        return files.read(folder / name, model, problems) if (folder / name).is_file() else None

    def each(part: str, model: type[NamedT]) -> dict[str, NamedT]:
        found = [files.read(path, model, problems) for path in files_of(folder, part).values()]
        return {item.id: item for item in found if item is not None}

    file = files.read(folder / CRISIS, CrisisFile, problems)
    instruments = rows("instruments.yaml", Instruments, "instrument", "family", "parameter")
    words = rows("commitments.yaml", Vocabulary, "type", "object")
    indicators = rows("indicators.yaml", Indicators, "indicator")
    rules = rows("rules.yaml", Rules, "rule")
    sources = rows("sources.yaml", Sources, "source")
    standing = rows("standing.yaml", StandingFile).standing if (folder / "standing.yaml").is_file() else ()
    maybe("article.yaml", TextMap)
    mask, score, stakes = maybe("mask.yaml", Mask), maybe(SCORE, ScoreFile), maybe(GOVERNMENTS, GovernmentsFile)
    sheet = ScoreSheet(score=score, governments=stakes.governments if stakes else {}) if score else None
    worlds, scenarios = each("worlds", EffectTable), each("scenarios", Scenario)
    strategies = each("strategies", Strategy)
    dossiers = dossier_files(*dossier_folders(folder))
    personas = load_personas(*dossier_folders(folder), problems=problems)
    files.lost.update(dossiers.keys() - personas.keys())
    if file is None:
        return None
    crisis = Crisis(
        folder=folder, file=file, seats=_by_id(file.seats), rings=_by_id(file.rings), lines=_by_id(file.lines),
        instruments=_by_id(instruments.instruments), types=_by_id(words.types), objects=_by_id(words.objects),
        indicators=_by_id(indicators.indicators), worlds=worlds, rules=_by_id(rules.rules), scenarios=scenarios,
        strategies=strategies, sources=sources.sources, standing=tuple(standing), personas=personas, mask=mask,
        sheet=sheet,
    )  # fmt: skip
    return crisis, files


def load_scenario(name: str, crisis: str | Path | None = None) -> tuple[Crisis, Scenario]:
    """The scenario `name` and the crisis that has it; raises UsageError that lists what there is."""
    check_name(name, "scenario")
    folders = [crisis_folder(crisis)] if crisis else list(find_crises().values())
    for folder in folders:
        if name in files_of(folder, "scenarios"):
            found = load_crisis(folder)
            return found, found.scenarios[name]
    raise unknown("scenario", name, [stem for folder in folders for stem in files_of(folder, "scenarios")])


# --- the opening day --------------------------------------------------------------------------------------------------


def opened(crisis: Crisis, scenario: Scenario) -> tuple[Crisis, Scenario]:
    """Crisis and scenario as they are on the opening day.

    Governments alone that take part; rooms, readers of news and what binds without the others; of resolutions and the
    like, those that history had brought by then.
    """
    here = scenario.seats
    rings = {
        ring.id: ring.model_copy(update={"members": tuple(m for m in ring.members if m in here), "title": ring.label})
        for ring in crisis.rings.values()
    }
    meets = [r for r in scenario.rooms if len(rings[r].members) > (0 if rings[r].kind == "own" else 1)]
    news = [
        row.model_copy(update={"readers": tuple(r for r in row.readers if r in here)})
        for row in scenario.injects if not row.readers or not here.keys().isdisjoint(row.readers)
    ]  # fmt: skip
    rooms = {"rooms": tuple(meets), "open_rings": tuple(r for r in scenario.open_rings if r in meets)}
    standing = [_bound(row, here) for row in crisis.standing if not row.since or row.since <= scenario.opens]
    binding = tuple(row for row in standing if row.commitments)
    known = replace(crisis, rings=rings, standing=binding, **_words_of(crisis, scenario.opens))
    return known, scenario.model_copy(update={**rooms, "injects": tuple(news)})


def _bound(row: Standing, seats: Iterable[str]) -> Standing:
    """What binds of it where these governments alone take part."""

    def here(parties: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(party for party in parties if party in seats)

    clauses = tuple(c.model_copy(update={"parties": here(c.parties)}) for c in row.commitments if here(c.parties))
    return row.model_copy(update={"parties": here(row.parties), "commitments": clauses})


def _words_of(crisis: Crisis, day: date) -> dict[str, Any]:
    """Objects, types and instruments of a day, without what came later in history."""
    objects = {o.id: o for o in crisis.objects.values() if not o.known_from or o.known_from <= day}
    types = {
        t.id: t.model_copy(update={"objects": tuple(o for o in t.objects if o in objects)})
        for t in crisis.types.values()
    }
    instruments = {
        i.id: i.model_copy(update={"params": {name: _values_of(param, day) for name, param in i.params.items()}})
        for i in crisis.instruments.values()
    }
    return {"objects": objects, "types": types, "instruments": instruments}


def _values_of(param: Param, day: date) -> Param:
    later = {value for value, known in param.known_from.items() if known > day}
    return param.model_copy(update={"values": tuple(v for v in param.values if v not in later)}) if later else param
