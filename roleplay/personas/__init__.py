"""Dossiers of delegations: finds their files, reads them, and refuses what does not hold together.

Knows nothing about the crisis they belong to: the crisis checks the types, objects, instruments and rings in `policy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import AuthorError, Problem
from ..explaining import NodePath
from ..loading import Document, collecting, load_document, load_model, validate
from ..resources import check_name, find_resources, meant, unknown
from .models import SECTIONS, Persona, Source, Sources

SOURCES = "sources.yaml"


def load_persona(crisis: str, name: str) -> Persona:
    """The dossier `name` of a crisis, a user's before ours; raises UsageError, or AuthorError with all problems."""
    folders = persona_folders(crisis)
    known = dossier_files(*folders)
    if check_name(name.lower(), "persona") not in known:
        raise unknown("persona", name, known)
    path = known[name.lower()]
    return _load(path, _sources(folders[folders.index(path.parent) :]))


def load_personas(*folders: Path, problems: list[Problem] | None = None) -> dict[str, Persona]:
    """Every dossier of these folders by its id, that of an earlier folder first, with the sources of all of them.

    What is wrong goes to `problems`, or all of it is raised as AuthorError.
    """
    told: list[Problem] = []
    found: dict[str, Persona] = {}
    sources: dict[str, Source] | None = None
    with collecting(told):
        sources = _sources(folders)
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
    found: dict[str, Path] = {}
    for path in sorted((path for folder in reversed(folders) for path in folder.glob("*.yaml")), key=lambda p: p.stem):
        found[path.stem] = path
    found.pop(Path(SOURCES).stem, None)
    return found


def _sources(folders: Sequence[Path]) -> dict[str, Source]:
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
    document = load_document(path)
    problems = list(_loose_ends(document, path.stem, sources))
    with collecting(problems):
        persona = validate(document, Persona)
    if problems:
        raise AuthorError(sorted(problems, key=lambda p: p.line or 0))
    return persona


# --- what no single field shows; on plain data, so that it is told together with what the model finds ----------------


def _loose_ends(document: Document, stem: str, sources: Mapping[str, Source] | None) -> Iterator[Problem]:
    name = _get(document.data, "id")
    if name is not None and name != stem:
        yield document.problem(("id",), f"'{name}'", stem, "a dossier is named like its file")
    items = [found for section in SECTIONS for found in _rows(document.data, (section,))]
    posts = list(_rows(document.data, ("posts",)))
    for rows in (items, posts):
        yield from _twice(document, rows)
    for path, row in (*items, *posts) if sources is not None else ():
        yield from _unknown(document, (*path, "src"), row, sources or {}, "source", f"add it to {SOURCES}")
    for path, row in items if sources is not None else ():
        yield from _ungrounded(document, path, row, sources or {})
    ids = [str(_get(row, "id")) for _, row in items]
    for part in ("values", "offers", "instruments"):
        for path, row in _rows(document.data, ("policy", part)):
            yield from _unknown(document, (*path, "basis"), row, ids, "item", "name items of this dossier")


def _rows(data: Any, path: NodePath) -> Iterator[tuple[NodePath, Any]]:
    """(path, row) of each row in the list at `path`; nothing where there is no list."""
    for key in path:
        data = _get(data, str(key))
    for n, row in enumerate(data if isinstance(data, list) else ()):
        yield (*path, n), row


def _get(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _twice(document: Document, rows: Iterable[tuple[NodePath, Any]]) -> Iterator[Problem]:
    first: dict[str, int | None] = {}
    for path, row in rows:
        if (id := _get(row, "id")) is None:
            continue
        if (name := str(id)) in first:
            yield document.problem((*path, "id"), f"id '{name}' stands twice", hint=f"it is on line {first[name]} too")
        first.setdefault(name, document.line((*path, "id")))


def _unknown(
    document: Document, path: NodePath, row: Any, known: Iterable[str], what: str, hint: str
) -> Iterator[Problem]:
    """Words in the list at `path` that nothing bears as its name."""
    words = _get(row, str(path[-1]))
    for n, word in enumerate(words if isinstance(words, list) else ()):
        if str(word) not in known:
            found = f"{what} '{word}' does not exist"
            yield document.problem((*path, n), found, hint=meant(str(word), known, hint))


def _ungrounded(document: Document, path: NodePath, row: Any, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """General knowledge alone verifies nothing."""
    keys, status = _get(row, "src"), _get(row, "status")
    general = isinstance(keys, list) and all(str(k) in sources and sources[str(k)].status == "general" for k in keys)
    if general and status in (None, "verified"):
        found = f"{status or 'no status'}, on general knowledge alone"
        yield document.problem((*path, "status"), found, ("unverified", "inferred"))
