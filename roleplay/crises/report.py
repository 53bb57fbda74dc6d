"""What is wrong between files, and on which line; knows nothing about what is looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from ..errors import Problem
from ..loading import Document, NodePath, closest, load_document


class Place(NamedTuple):
    """A node of a file: the file's name within the crisis, and the path of keys and positions in it."""

    file: str
    path: NodePath = ()

    def to(self, *steps: str | int) -> Place:
        """A node further down."""
        return Place(self.file, (*self.path, *steps))


@dataclass
class Report:
    """Collects problems; `documents` are the crisis's files, `dossiers` are read only where a line of one is needed."""

    documents: Mapping[str, Document]
    dossiers: Mapping[str, Path]
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Place, found: str, allowed: str | Iterable[str] = "", hint: str = "") -> None:
        """Something is wrong at `place`."""
        self.problems.append(self._document(place.file).problem(place.path, found, allowed, hint))

    def exists(self, place: Place, kind: str, name: str, known: Iterable[str]) -> bool:
        """Whether `name` is one of `known`; if not, that is a problem at `place`."""
        words = list(known)
        if name in words:
            return True
        near = closest(name, words)
        self.add(place, f"{kind} '{name}' does not exist", words or "none", f"did you mean '{near}'?" if near else "")
        return False

    def each(self, place: Place, kind: str, names: Iterable[str] | None, known: Iterable[str]) -> None:
        """The same for a list of names, each of which stands once."""
        words, seen = list(known), set()
        for n, name in enumerate(names or ()):
            if self.exists(place.to(n), kind, name, words) and name in seen:
                self.add(place.to(n), f"{kind} '{name}' stands twice")
            seen.add(name)

    def rows(self, file: str, section: str) -> dict[str, Place]:
        """The place of each row of a list by its id; of two with one id the later, which is the one that counts."""
        document = self.documents.get(file)
        data = document.data.get(section) if document and isinstance(document.data, dict) else None
        return {
            str(row.get("id", row.get("name"))): Place(file, (section, n))
            for n, row in enumerate(data or ()) if isinstance(row, dict)
        }  # fmt: skip

    def _document(self, file: str) -> Document:
        if file in self.documents:
            return self.documents[file]
        return load_document(self.dossiers[file])


def parts(value: Any, place: Place) -> Iterator[tuple[Place, BaseModel]]:
    """Every model in `value`, itself included, with its place."""
    if isinstance(value, BaseModel):
        yield place, value
        for name in type(value).model_fields:
            yield from parts(getattr(value, name), place.to(name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from parts(item, place.to(str(key)))
    elif isinstance(value, tuple):
        for n, item in enumerate(value):
            yield from parts(item, place.to(n))
