"""Checks of a crisis's files against each other: every problem at once, each with its file and line.

What a single file says wrong is found when it is read; here is what only shows where two of them meet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..crosschecks import Place, Report, parts
from ..errors import AuthorError, Problem
from ..loading import collecting, load_document
from ..personas import dossier_files
from ..personas.models import Persona, Value
from . import (
    Crisis,
    Files,
    means,
    models,
    openings,
    patterns,
    policies,
    premises,
    read_crisis,
    scenarios,
    scoresheet,
    worlds,
)
from .language import Language
from .places import CRISIS, dossier_folders, find_crises, is_zip, places, told_of, unpacked

Check = Callable[[Language, Place, Any], None]

CHECKS: dict[type[BaseModel], Check] = {
    patterns.Pattern: Language.pattern,
    patterns.Condition: Language.condition,
    scoresheet.Clause: Language.pattern,
    scoresheet.Test: premises.test,
    scoresheet.ScoreFile: premises.score_file,
    scoresheet.GovernmentsFile: premises.governments_file,
    models.CrisisFile: premises.crisis_file,
    models.RingRow: premises.ring,
    models.Line: premises.line,
    models.Council: premises.council,
    models.OtherVote: premises.other_vote,
    means.Instrument: premises.instrument,
    means.Param: premises.param,
    means.ObjectRow: premises.object_row,
    means.Indicator: premises.indicator,
    worlds.WorldRow: premises.world_row,
    worlds.ChanceRow: premises.chance,
    policies.PolicyRule: premises.rule,
    scenarios.Scenario: openings.scenario,
    scenarios.InjectRow: openings.inject,
    scenarios.Standing: openings.standing,
    Persona: openings.persona,
    Value: openings.value,
}
"""What is checked of a kind of row, beyond that its words exist and that no two rows of a list have one id."""


def check(crisis: Crisis, files: Files, baselines: Collection[str] = ()) -> list[Problem]:
    """Every problem between the files of a crisis; `baselines` are those there are, where the caller knows."""
    files_by_name = dossier_files(*dossier_folders(crisis.folder))
    names = {f"personas/{name}.yaml": name for name in crisis.personas}
    dossiers = {file: files_by_name[name] for file, name in names.items()}
    report = Report(files.documents, dossiers, files.unread, files.lost)
    language = Language(crisis, report, baselines)
    wholes: Mapping[str, BaseModel] = {**files.models, **{file: crisis.personas[name] for file, name in names.items()}}
    for file, whole in wholes.items():
        for place, part in parts(whole, Place(file)):
            language.names(place, part)
            report.unique(place, part, together=isinstance(part, worlds.EffectTable))  # One world is one list.
            if type(part) in CHECKS:
                CHECKS[type(part)](language, place, part)
    return sorted(report.problems, key=lambda p: (p.file, p.line or 0))


# --- by path ---------------------------------------------------------------------------------------------------------


def validate_path(path: Path, baselines: Collection[str] = ()) -> list[Problem]:
    """Every problem of a crisis (its folder or zip), or of one file of a crisis or of its dossiers."""
    problems: list[Problem] = []
    if is_zip(path):
        with collecting(problems):
            problems += told_of(path, validate_path(unpacked(path.resolve()), baselines))
        return problems
    folder = _crisis_of(path)
    if folder is None and path.is_dir():
        inner = sorted(p.parent for p in path.glob(f"*/{CRISIS}"))
        hint = f"a crisis is a folder with {CRISIS}"
        return [p for i in inner for p in validate_path(i, baselines)] or (
            [] if inner else [_lone(path, "is no crisis", hint)]
        )
    if folder is None:
        return _alone(path)
    found = read_crisis(folder, problems)
    if found is not None:
        problems += check(*found, baselines)
    if path.is_dir():
        return problems
    own = [p for p in problems if Path(p.file).resolve() == path.resolve()]
    return own or (problems if found is None else [])


def _crisis_of(path: Path) -> Path | None:
    """The folder of the crisis to which a file or folder belongs, by where it lies."""
    above = (path.resolve(), *path.resolve().parents)
    if found := next((folder for folder in above if (folder / CRISIS).is_file()), None):
        return found
    homes = {
        place.resolve(): folder
        for folder in find_crises().values()
        for place in (*places(folder), *dossier_folders(folder))
    }
    return next((homes[folder] for folder in above if folder in homes), None)


def _alone(path: Path) -> list[Problem]:
    try:
        load_document(path)
    except AuthorError as error:
        return error.problems
    return [_lone(path, "belongs to no crisis", f"files of a crisis lie beside its {CRISIS}")]


def _lone(path: Path, found: str, hint: str) -> Problem:
    return Problem(str(path), None, "", found, hint=hint)
