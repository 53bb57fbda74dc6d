"""Checks of a crisis's files against each other: every problem at once, each with its file and line.

What a single file says wrong is found when it is read; here is what only shows where two of them meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import AuthorError, Problem
from ..loading import Document, load_document
from . import CRISIS, Crisis, find_crises, persona_folder, read_crisis
from .language import Language
from .openings import check_openings, dossier
from .patterns import Condition, Pattern
from .premises import check_premises
from .report import Place, Report, parts

LISTS = (
    (CRISIS, ("seats",)), (CRISIS, ("rings",)), (CRISIS, ("lines",)), (CRISIS, ("endings",)),
    ("instruments.yaml", ("instruments",)), ("commitments.yaml", ("types",)), ("commitments.yaml", ("objects",)),
    ("indicators.yaml", ("indicators",)), ("rules.yaml", ("rules",)), ("standing.yaml", ("standing",)),
)  # fmt: skip
"""Lists whose rows have an id of their own."""


def check(crisis: Crisis, documents: Mapping[str, Document]) -> list[Problem]:
    """Every problem between the files of a crisis; `documents` are its files as they were read, by name."""
    folder = persona_folder(crisis.folder)
    dossiers = {dossier(name): folder / f"{name}.yaml" for name in crisis.personas} if folder else {}
    report = Report(documents, dossiers)
    language = Language(crisis, report)
    _twice(crisis, report)
    _sources(crisis, report)
    check_premises(crisis, report, language)
    check_openings(crisis, report, language)
    _sentences(crisis, report, language)
    return sorted(report.problems, key=lambda p: (p.file, p.line or 0))


def validate_path(path: Path) -> list[Problem]:
    """Every problem of a crisis (its folder), or of one file of a crisis or of its dossiers."""
    if path.is_dir() and not (path / CRISIS).is_file() and not _crisis_of(path):
        inner = sorted(p.parent for p in path.glob(f"*/{CRISIS}"))
        hint = f"a crisis is a folder with {CRISIS}"
        return [p for i in inner for p in validate_path(i)] or ([] if inner else [_lone(path, "is no crisis", hint)])
    folder = _crisis_of(path)
    if folder is None:
        return _alone(path)
    problems: list[Problem] = []
    found = read_crisis(folder, problems)
    if found is not None:
        problems += check(*found)
    if path.is_dir():
        return problems
    own = [p for p in problems if Path(p.file).resolve() == path.resolve()]
    return own or (problems if found is None else [])


def _crisis_of(path: Path) -> Path | None:
    """The crisis to which a file or folder belongs, by where it lies."""
    for folder in (path.resolve(), *path.resolve().parents):
        if (folder / CRISIS).is_file():
            return folder
    place = path.resolve() if path.is_dir() else path.resolve().parent
    return next((c for c in find_crises().values() if (f := persona_folder(c)) and f.resolve() == place), None)


def _alone(path: Path) -> list[Problem]:
    try:
        load_document(path)
    except AuthorError as error:
        return error.problems
    return [_lone(path, "belongs to no crisis", f"files of a crisis lie beside its {CRISIS}")]


def _lone(path: Path, found: str, hint: str) -> Problem:
    return Problem(str(path), None, "", found, hint=hint)


# --- what concerns every file ----------------------------------------------------------------------------------------


def _twice(crisis: Crisis, report: Report) -> None:
    """Ids that stand twice in a list; the second would silently take the place of the first."""
    lists = [Place(file, path) for file, path in LISTS]
    lists += [Place(f"scenarios/{s}.yaml", (part,)) for s in crisis.scenarios for part in ("injects", "variations")]
    for place in lists:
        _ids(report, [place])
    for world in crisis.worlds:
        _ids(report, [Place(f"worlds/{world}.yaml", ("rows",)), Place(f"worlds/{world}.yaml", ("chances",))])
    chances = {row.id for world in crisis.worlds.values() for row in world.chances}
    for name, scenario in crisis.scenarios.items():
        for n, row in enumerate(scenario.injects):
            if row.id in chances:
                here = Place(f"scenarios/{name}.yaml", ("injects", n, "id"))
                report.add(here, f"'{row.id}' is the name of a chance too", hint="rename one of them")


def _ids(report: Report, lists: list[Place]) -> None:
    first: dict[str, int | None] = {}
    for place in lists:
        document = report.documents.get(place.file)
        for n, row in enumerate(_at(document, place)):
            key = "id" if "id" in row else "name"
            here, name = place.to(n, key), str(row.get(key))
            if name in first:
                report.add(here, f"id '{name}' stands twice", hint=f"it is on line {first[name]} too")
            elif document:
                first[name] = document.line(here.path)


def _at(document: Document | None, place: Place) -> list[Any]:
    data = document.data if document else None
    for key in place.path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, list) else []


def _sources(crisis: Crisis, report: Report) -> None:
    """Keys in `src` that sources.yaml does not have."""
    for file, document in report.documents.items():
        for place, key in _cited(document.data, Place(file)):
            report.exists(place, "source", key, crisis.sources)


def _cited(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "src" and isinstance(value, list):
                yield from ((place.to(key, n), str(item)) for n, item in enumerate(value))
            else:
                yield from _cited(value, place.to(key))
    elif isinstance(data, list):
        for n, item in enumerate(data):
            yield from _cited(item, place.to(n))


def _sentences(crisis: Crisis, report: Report, language: Language) -> None:
    """Every pattern and condition, wherever it stands."""
    files = {
        CRISIS: crisis.file,
        **{f"worlds/{w.id}.yaml": w for w in crisis.worlds.values()},
        **{f"scenarios/{s.id}.yaml": s for s in crisis.scenarios.values()},
    }
    found = [part for file, model in files.items() for part in parts(model, Place(file))]
    tables: dict[tuple[str, str], Mapping[str, object]] = {
        ("commitments.yaml", "types"): crisis.types, ("commitments.yaml", "objects"): crisis.objects,
        ("rules.yaml", "rules"): crisis.rules,
    }  # fmt: skip
    for (file, section), table in tables.items():
        for name, place in report.rows(file, section).items():
            found += parts(table[name], place)
    for place, model in found:
        match model:
            case Pattern():
                language.pattern(place, model)
            case Condition():
                language.condition(place, model)
            case _:
                pass
