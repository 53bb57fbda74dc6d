"""Author files: strict YAML that keeps its lines, made into models, with errors that name those lines.

Knows nothing about what the files say: models come from the callers. This is less than YAML: aliases, anchors, tags,
duplicate keys and second documents are refused while the file is read, so nothing can expand; keys are text; words stay
words (`no`, `on` and `2017-08-23` are text, as in YAML 1.2).
"""

from __future__ import annotations

import codecs
import math
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .errors import AuthorError, Problem
from .explaining import NodePath, explained, follows
from .resources import shown_path

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_WIDTH = 1_000
MAX_DEPTH = 24
MAX_PROBLEMS = 50

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_CONTROL = bytes(n for n in range(128) if _UNSEEN.match(chr(n)))
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?([0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})([eE][-+]?[0-9]{1,4})?")
_NO_NUMBER = re.compile(r"[-+]?\.?(inf|nan|infinity)", re.IGNORECASE)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ModelT = TypeVar("ModelT", bound=BaseModel)


# --- documents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    """An author's file as plain data, with the line of every node; made by `load_document` or `parse_document`."""

    file: str
    data: Any
    lines: Mapping[NodePath, int]

    def line(self, path: NodePath) -> int | None:
        """Line (from 1) of the node at `path`, or of the nearest node above it that exists; None in an empty file."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def problem(self, path: NodePath, found: str, allowed: str | Iterable[str] = "", hint: str = "") -> Problem:
        """A problem at `path`; a list of allowed words is joined by commas."""
        words = allowed if isinstance(allowed, str) else ", ".join(allowed)
        return Problem(self.file, self.line(path), ".".join(map(str, path)), found, words, hint)

    @property
    def ids(self) -> set[str]:
        """What the rows of its lists are called."""
        lists = [value for value in self.data.values() if isinstance(value, list)]
        rows = [row for value in lists for row in value if isinstance(row, dict)]
        return {str(row[key]) for row in rows for key in ("id", "name") if key in row}

    def without(self, rows: Collection[tuple[str, int]]) -> Document:
        """The same document less these rows of its lists, each named by the list's key and its position in it."""
        lists = {key: value for key, value in self.data.items() if isinstance(value, list)}
        kept = {key: [n for n in range(len(value)) if (key, n) not in rows] for key, value in lists.items()}
        moved: dict[NodePath, NodePath] = {
            (key, n): (key, new) for key, numbers in kept.items() for new, n in enumerate(numbers)
        }
        data = {**self.data, **{key: [lists[key][n] for n in numbers] for key, numbers in kept.items()}}
        lines = {
            (*moved.get(path[:2], path[:2]), *path[2:]): line
            for path, line in self.lines.items() if path[:2] not in rows
        }  # fmt: skip
        return Document(self.file, data, lines)


def load_document(path: str | Path) -> Document:
    """Read one YAML file; raises AuthorError with everything in it that is refused."""
    path = Path(path)
    file = shown_path(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise AuthorError([Problem(file, None, "", "is not a file")])
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise AuthorError([Problem(file, None, "", f"cannot be read: {error.strerror}")]) from error
    return parse_document(raw, file)


def parse_document(raw: bytes, file: str) -> Document:
    """Read the bytes of a YAML file; `file` is what problems call it."""
    if len(raw) > MAX_BYTES:
        raise AuthorError([Problem(file, None, "", "is too large", f"at most {MAX_BYTES:,} bytes")])
    raw = raw.removeprefix(codecs.BOM_UTF8)
    _check_text(raw, file)
    reader = _Reader(raw, file)
    data = reader.read()
    if reader.problems:
        raise AuthorError(reader.problems)
    return Document(file, data, reader.lines)


def load_model(path: str | Path, model: type[ModelT]) -> ModelT:
    """Read one YAML file into `model`; raises AuthorError with all problems, each with its line."""
    return validate(load_document(path), model)


def validate(document: Document, model: type[ModelT]) -> ModelT:
    """Make a document's data into `model`; raises AuthorError with all problems, each with its line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = [document.problem(*explained(document.data, model, e)) for e in error.errors() if not follows(e)]
        raise AuthorError(sorted(problems, key=lambda p: p.line or 0)) from error


def validate_most(document: Document, model: type[ModelT], problems: list[Problem]) -> tuple[Document, ModelT]:
    """Make as much of a document as can be into `model`: list rows with problems, which are told, are left out.

    Returns what was taken, so that a row stands where the model has it; raises AuthorError where the rest is no model.
    """
    told: list[Problem] = []
    with collecting(told):
        return document, validate(document, model)
    places = [tuple(problem.where.split(".")[:2]) for problem in told]
    if not all(len(place) == 2 and isinstance(document.data.get(place[0]), list) for place in places):
        raise AuthorError(told)
    kept = document.without({(place[0], int(place[1])) for place in places})
    try:
        found = validate(kept, model)
    except AuthorError:
        raise AuthorError(told) from None
    problems += told
    return kept, found


@contextmanager
def collecting(problems: list[Problem]) -> Iterator[None]:
    """Add the problems of an AuthorError to `problems` and go on, so that several files can be checked at once."""
    try:
        yield
    except AuthorError as error:
        problems.extend(error.problems)


# --- reading ---------------------------------------------------------------------------------------------------------


class _Reader:
    """Builds plain data from YAML's events; what it refuses goes to `problems`, what could grow ends it at once."""

    def __init__(self, raw: bytes, file: str) -> None:
        self.file = file
        self.events: Iterator[Any] = yaml.parse(raw, Loader=_LOADER)
        self.lines: dict[NodePath, int] = {}
        self.problems: list[Problem] = []

    def read(self) -> Any:
        """The first and only document; None where the file is empty."""
        try:
            next(self.events)
            start = next(self.events)
            if isinstance(start, yaml.StreamEndEvent):
                return None
            data = self.node(next(self.events), (), None)
            next(self.events)
            if not isinstance(after := next(self.events), yaml.StreamEndEvent):
                self.refuse(after, (), "a second document begins here", "one document a file")
            return data
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            found = getattr(error, "problem", None) or str(error).splitlines()[0]
            line = mark.line + 1 if mark else None
            problem = Problem(self.file, line, "", f"is not YAML: {found}", hint="look at indents and quotes")
            raise AuthorError([*self.problems, problem]) from error

    def refuse(self, event: Any, path: NodePath, found: str, allowed: str = "", hint: str = "") -> None:
        where = ".".join(map(str, path))
        self.problems.append(Problem(self.file, _line(event), where, found, allowed, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            raise AuthorError(self.problems)

    def stop(self, event: Any, path: NodePath, found: str, allowed: str = "") -> NoReturn:
        self.refuse(event, path, found, allowed)
        raise AuthorError(self.problems)

    def node(self, event: Any, path: NodePath, line: int | None) -> Any:
        """The data of the node that `event` begins; `line` is its key's, where it has one."""
        self.lines[path] = line or _line(event)
        if len(self.lines) > MAX_NODES:
            self.stop(event, path, "holds too much", f"at most {MAX_NODES:,} values a file")
        if len(path) > MAX_DEPTH:
            self.stop(event, path[:3], "is nested too deeply", f"at most {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self.refuse(event, path, f"alias '*{event.anchor}'", "plain values", "write the value out again")
        self.check_plain(event, path)
        match event:
            case yaml.ScalarEvent():
                return self.scalar(event, path)
            case yaml.SequenceStartEvent():
                found = enumerate(self.until(yaml.SequenceEndEvent, path))
                return [self.node(item, (*path, n), None) for n, item in found]
            case _:
                return self.mapping(path)

    def until(self, end: type[yaml.Event], path: NodePath) -> Iterator[Any]:
        for n, event in enumerate(self.events):
            if isinstance(event, end):
                return
            if n == MAX_WIDTH:
                self.stop(event, path, "is too long", f"at most {MAX_WIDTH:,} entries a list or mapping")
            yield event

    def mapping(self, path: NodePath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.until(yaml.MappingEndEvent, path):
            if not isinstance(event, yaml.ScalarEvent):
                self.stop(event, path, "a key that is not a word", "plain text as a key")
            self.check_plain(event, path)
            key, line = event.value, _line(event)
            if key in found:
                first = self.lines[*path, key]
                self.refuse(event, (*path, key), f"key '{key}' stands twice", hint=f"it is already on line {first}")
            self.check_seen(event, path)
            found[key] = self.node(next(self.events), (*path, key), line)
        return found

    def check_plain(self, event: Any, path: NodePath) -> None:
        if event.anchor:
            self.refuse(event, path, f"anchor '&{event.anchor}'", "plain values", "write it out where it is used")
        if event.tag is not None:
            self.refuse(event, path, f"tag '{event.tag[:60]}'", "plain values")

    def check_seen(self, event: Any, path: NodePath) -> None:
        if hidden := _UNSEEN.search(event.value):
            self.refuse(event, path, f"hidden character U+{ord(hidden[0]):04X}", "characters that can be seen")

    def scalar(self, event: Any, path: NodePath) -> str | int | float | bool | None:
        self.check_seen(event, path)
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        if _FLOAT.fullmatch(text) or _NO_NUMBER.fullmatch(text):
            self.refuse(event, path, f"'{text[:60]}'", "a finite number", "put it in quotes if it is a word")
        return text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _check_text(raw: bytes, file: str) -> None:
    """Refuse what is not UTF-8, and characters that no editor shows; the whole file, before anything is parsed."""
    if raw.isascii() and len(raw.translate(None, _CONTROL)) == len(raw):
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = Problem(file, line, "", f"byte 0x{raw[error.start]:02x} is not UTF-8", hint="save the file as UTF-8")
        raise AuthorError([problem]) from error
    if hidden := _UNSEEN.search(text):
        line = text.count("\n", 0, hidden.start()) + 1
        found = f"hidden character U+{ord(hidden[0]):04X}"
        raise AuthorError([Problem(file, line, "", found, "characters that can be seen")])
