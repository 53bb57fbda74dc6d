"""What is wrong between rows and between files, and on which line; knows nothing about what is looked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from .errors import Problem
from .explaining import NodePath
from .loading import Document, load_document
from .naming import Names
from .resources import meant


class Place(NamedTuple):
    """A node of a file: the file's name within the crisis, and the path of keys and positions in it."""

    file: str
    path: NodePath = ()

    def to(self, *steps: str | int) -> Place:
        """A node further down."""
        return Place(self.file, (*self.path, *steps))


@dataclass
class Report:
    """Collects problems; `documents` are the crisis's files, `dossiers` are read only where a line of one is needed.

    What could not be read is told by its file and not again by those that name it: kinds of things in `unread`, single
    names in `lost`.
    """

    documents: Mapping[str, Document]
    dossiers: Mapping[str, Path] = field(default_factory=dict)
    unread: Collection[str] = ()
    lost: Collection[str] = ()
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Place, found: str, allowed: str | Iterable[str] = "", hint: str = "") -> None:
        """Something is wrong at `place`."""
        self.problems.append(self._document(place.file).problem(place.path, found, allowed, hint))

    def exists(self, place: Place, kind: str, name: str, known: Iterable[str], otherwise: str = "") -> bool:
        """Whether `name` is one of `known`; if not, that is a problem at `place`.

        `otherwise` is what to do where none is near.
        """
        words = list(known)
        if name in words:
            return True
        if name not in self.lost and not any(word in kind for word in self.unread):
            self.add(place, f"{kind} '{name}' does not exist", words or "none", meant(name, words, otherwise))
        return False

    def each(self, place: Place, kind: str, names: Iterable[str], known: Iterable[str], otherwise: str = "") -> None:
        """The same for a list of names, each of which stands once."""
        words, seen = list(known), set()
        for n, name in enumerate(names):
            if self.exists(place.to(n), kind, name, words, otherwise) and name in seen:
                self.add(place.to(n), f"{kind} '{name}' stands twice")
            seen.add(name)

    def unique(self, place: Place, part: BaseModel, *, together: bool = False) -> None:
        """No two rows of a list, or of all lists together, have one id: the second would take the place of the first.

        An id that names something elsewhere is no row's own.
        """
        first: dict[tuple[str, str], Place] = {}
        lists = {name: rows for name in type(part).model_fields if isinstance(rows := getattr(part, name), tuple)}
        for section, rows in lists.items():
            for n, row in enumerate(rows):
                model = type(row) if isinstance(row, BaseModel) else None
                key = next((k for k in ("id", "name") if model and k in model.model_fields), None)
                if model is None or key is None or key in named(model):
                    continue
                here, name = place.to(section, n, key), str(getattr(row, key))
                before = first.setdefault(("" if together else section, name), here)
                if before != here:
                    line = self._document(before.file).line(before.path)
                    self.add(here, f"id '{name}' stands twice", hint=f"it is on line {line} too")

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


@cache
def named(model: type[BaseModel]) -> dict[str, Names]:
    """The fields of a model whose words, or keys, name things that stand elsewhere."""
    marks = {name: [*field.metadata, *_marks(field.annotation)] for name, field in model.model_fields.items()}
    return {name: mark for name, found in marks.items() for mark in found if isinstance(mark, Names)}


def _marks(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
    for inner in get_args(annotation):
        yield from _marks(inner)
