"""Dossiers of delegations: finds their files, reads them, and refuses what does not hold together.

Knows nothing about the crisis they belong to: the crisis checks the types, objects, instruments and rings in `policy`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..crosschecks import Place, Report, parts
from ..errors import AuthorError, Problem
from ..loading import collecting, load_document, load_model, validate_most
from ..resources import check_name, find_resources, unknown
from .models import Item, Leaning, Offer, Persona, Post, Source, Sources, Value

SOURCES = "sources.yaml"


def load_persona(crisis: str, name: str) -> Persona:
    """The dossier `name` of a crisis, a user's before ours; raises UsageError, or AuthorError with all problems."""
    folders = persona_folders(crisis)
    known = dossier_files(*folders)
    if check_name(name.lower(), "persona") not in known:
        raise unknown("persona", name, known)
    path = known[name.lower()]
    return _load(path, sources_of(folders[folders.index(path.parent) :]))


def load_personas(*folders: Path, problems: list[Problem] | None = None) -> dict[str, Persona]:
    """Every dossier of these folders by its id, that of an earlier folder first, with the sources of all of them.

    What is wrong goes to `problems`, or all of it is raised as AuthorError.
    """
    told: list[Problem] = []
    found: dict[str, Persona] = {}
    sources: dict[str, Source] | None = None
    with collecting(told):
        sources = sources_of(folders)
    for name, path in dossier_files(*folders).items():
        with collecting(told):
            found[name] = _load(path, sources)
    if problems is None and told:
        raise AuthorError(told)
    if problems is not None:
        problems += told
    return found


def dossier_files(*folders: Path) -> dict[str, Path]:
    """The file of each dossier by its id, that of an earlier folder first."""
    paths = (path for folder in reversed(folders) for path in folder.glob("*.yaml") if path.name != SOURCES)
    return {path.stem: path for path in sorted(paths, key=lambda path: path.stem)}


def sources_of(folders: Sequence[Path]) -> dict[str, Source]:
    """The sources of several folders by key, those of an earlier one first."""
    return {key: row for folder in reversed(folders) for key, row in load_sources(folder).items()}


def load_sources(folder: Path) -> dict[str, Source]:
    """The sources of a folder of dossiers by key; empty where it has no sources.yaml."""
    path = folder / SOURCES
    return load_model(path, Sources).sources if path.is_file() else {}


def persona_folders(crisis: str) -> list[Path]:
    """Folders with dossiers of a crisis, first come first: the crisis's own, or one in a `personas` folder."""
    check_name(crisis, "crisis")
    own = [r.path / crisis / "personas" for r in find_resources("crises")]
    shared = [r.path / crisis for r in find_resources("personas")]
    return [folder for folder in (*own, *shared) if folder.is_dir()]


def _load(path: Path, sources: Mapping[str, Source] | None) -> Persona:
    """One dossier; without `sources`, because their own file is broken, the keys are not looked up."""
    whole, problems = load_document(path), list[Problem]()
    with collecting(problems):
        document, persona = validate_most(whole, Persona, problems)
        unread = ("source",) if sources is None else ()
        report = Report({path.stem: document}, unread=unread, lost=whole.ids - document.ids, problems=problems)
        _loose_ends(report, Place(path.stem), persona, sources or {})
        if not problems:
            return persona
    raise AuthorError(sorted(problems, key=lambda p: p.line or 0))


def _loose_ends(report: Report, place: Place, persona: Persona, sources: Mapping[str, Source]) -> None:
    """What no single field shows: its name, ids that stand twice, sources, and what its policy rests on."""
    if persona.id != place.file:
        report.add(place.to("id"), f"'{persona.id}'", place.file, "a dossier is named like its file")
    report.unique(place, persona, together=True)
    items = [item.id for item in persona.items()]
    for here, part in parts(persona, place):
        if isinstance(part, Value | Offer | Leaning):
            report.each(here.to("basis"), "item", part.basis, items)
        if isinstance(part, Item | Post):
            report.each(here.to("src"), "source", part.src, sources, f"add it to {SOURCES}")
        if isinstance(part, Item) and part.status in (None, "verified") and _general(part.src, sources):
            found = f"{part.status or 'no status'}, on general knowledge alone"
            report.add(here.to("status"), found, ("unverified", "inferred"))


def _general(keys: Sequence[str], sources: Mapping[str, Source]) -> bool:
    """Whether all of these sources are general knowledge, which verifies nothing."""
    return all(key in sources and sources[key].status == "general" for key in keys)
