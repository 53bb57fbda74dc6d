"""New files for authors: a crisis, a dossier, a scenario, a strategy or a suite, from a template or from one there is.

Knows nothing about what makes them good; what is written validates, and says in comments what goes where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path, PurePath
from string import Template

from ..crises import Crisis, read_crisis
from ..crises.places import PARTS, additions, crisis_folder, dossier_folders, files_of, find_crises
from ..errors import AuthorError, Problem, UsageError
from ..experiments.suites import suite_file
from ..resources import PACKAGE, check_name, unknown
from .schemas import FOLDER, SCHEMAS, modeline, schema_text

TEMPLATES = Path(__file__).parent / "new"
OPENS = date(2030, 1, 7)
"""When a new scenario opens where its crisis has none to follow."""


def start(kind: str, name: str, like: str | None = None, crisis: str | None = None) -> Path:
    """Write a new part called `name` under the working directory; returns its folder or file.

    `like` is what it is copied from, `crisis` the crisis that it is for. Raises UsageError that says what there is.
    """
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    return KINDS[kind](check_name(name, kind), like, crisis).resolve()


def _crisis(name: str, like: str | None, crisis: str | None) -> Path:
    source = crisis_folder(like) if like else TEMPLATES / "crisis"
    target = _fresh(additions(name))
    for path in sorted(source.glob("*.yaml")):
        _write(target, path.name, _renamed(path, name) if path.name == "crisis.yaml" else path.read_text("utf-8"))
    for part in PARTS:
        for stem, path in files_of(source, part).items():
            new = f"{name}-{stem}" if part == "scenarios" else stem
            _write(target, f"{part}/{new}.yaml", _renamed(path, new))
    for folder in reversed(dossier_folders(source)):
        for path in sorted(folder.glob("*.yaml")):
            _write(target, f"personas/{path.name}", path.read_text("utf-8"))
    return target


def _part(folder: str, template: str) -> Callable[[str, str | None, str | None], Path]:
    """What is one file in a folder of the crisis; of something that the crisis has, a copy that stands in its place."""

    def write(name: str, like: str | None, crisis: str | None) -> Path:
        found = _meant(crisis, folder, like)
        if folder == "personas" and name not in found.seats:
            raise UsageError(
                f"{found.file.id} has no seat '{name}'; there is {', '.join(found.seats)}",
                hint="a dossier is named like its seat; write a new seat into crisis.yaml first",
            )
        home, file = _home(found), f"{folder}/{name}.yaml"
        _fresh(home / file)
        model = files_of(found.folder, folder).get(like or name)
        return _write(home, file, _renamed(model, name) if model else _filled(template, found, name))

    return write


def _suite(name: str, like: str | None, crisis: str | None) -> Path:
    target = _fresh(Path("evals") / "suites" / f"{name}.yaml")
    return _write(target.parent, target.name, _renamed(suite_file(like or "smoke"), name))


KINDS: Mapping[str, Callable[[str, str | None, str | None], Path]] = {
    "crisis": _crisis,
    "persona": _part("personas", "persona"),
    "scenario": _part("scenarios", "scenario"),
    "strategy": _part("strategies", "strategy"),
    "suite": _suite,
}


# --- where it goes ---------------------------------------------------------------------------------------------------


def _meant(crisis: str | None, part: str, like: str | None) -> Crisis:
    """The crisis that a new part is for: the one named, the one that has what is copied, or the user's only one.

    It may be half finished: what is wrong in it is no matter here.
    """
    folders = {crisis: crisis_folder(crisis)} if crisis else find_crises()
    having = {name: folder for name, folder in folders.items() if like and like in files_of(folder, part)}
    if like and not having:
        every = sorted({stem for folder in folders.values() for stem in files_of(folder, part)})
        raise unknown("--from", like, every)
    found = having if like else folders if crisis else {n: f for n, f in folders.items() if not _ours(f)}
    if len(found) != 1:
        names = ", ".join(found or folders)
        raise UsageError(f"for which crisis? there is {names}", hint="say it with --crisis NAME")
    problems: list[Problem] = []
    read = read_crisis(next(iter(found.values())), problems)
    if read is None:
        raise AuthorError(problems)
    return read[0]


def _ours(folder: Path) -> bool:
    return folder.resolve().is_relative_to(PACKAGE)


def _home(crisis: Crisis) -> Path:
    """Where a user's own files of a crisis go: into it, or beside a crisis that ships."""
    return additions(crisis.file.id) if _ours(crisis.folder) else crisis.folder


def _fresh(path: Path) -> Path:
    if path.exists():
        raise UsageError(f"{path} exists already", hint="choose another name, or edit it")
    return path


def _write(home: Path, file: str, text: str) -> Path:
    """Write a file of a crisis, with a line that tells editors its schema, and the schemas beside it."""
    target, line = home / file, modeline(PurePath(file))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(line + text.removeprefix(line), "utf-8")
    if line and not (home / FOLDER).exists():
        (home / FOLDER).mkdir()
        for name in SCHEMAS:
            (home / FOLDER / f"{name}.json").write_text(schema_text(name), "utf-8")
    return target


# --- what it says ----------------------------------------------------------------------------------------------------


def _renamed(path: Path, name: str) -> str:
    """The text of a file with another id."""
    return re.sub(r"(?m)^id: .*$", f'id: "{name}"', path.read_text("utf-8"), count=1)


def _filled(template: str, crisis: Crisis, name: str) -> str:
    """A template with the words of a crisis put in; where `name` is a seat, with its own rings and instruments only."""
    seat = crisis.seats.get(name)
    first = next(iter(crisis.scenarios.values()), None)
    playing = [row.id for row in crisis.seats.values() if row.plays]
    rings = [row for row in crisis.rings.values() if seat is None or name in row.members]
    opens, written = (first.opens, first.seats) if first else (OPENS, {})
    sources = crisis.sources
    words: dict[str, str | Iterable[str]] = {
        "NAME": name,
        "TITLE": seat.name if seat else name,
        "OPENS": opens.isoformat(),
        "DAY": (opens + timedelta(days=8)).isoformat(),
        "PROTAGONIST": first.protagonist if first else playing[0],
        "SEATS": [f"{s}: {written.get(s, 'steady')}" for s in playing],
        "RINGS": [row.id for row in rings],
        "OPEN": [row.id for row in rings if row.confidentiality != "secret"],
        "WORLD": f'"{next(iter(crisis.worlds), "")}"',
        "SOURCE": next((key for key, row in sources.items() if row.status == "own"), next(iter(sources), "OWN")),
        "TYPES": crisis.types,
        "LINES": crisis.lines,
        "FAMILIES": dict.fromkeys(row.family for row in crisis.instruments.values()),
        "INSTRUMENTS": [row.id for row in crisis.instruments.values() if seat is None or name in row.seats],
    }
    text = (TEMPLATES / f"{template}.yaml").read_text("utf-8")
    return Template(text).substitute({k: v if isinstance(v, str) else ", ".join(v) for k, v in words.items()})
