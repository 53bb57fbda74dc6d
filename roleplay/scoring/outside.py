"""What the harness did not produce: typed commitments, plain text, and other tools' transcripts line by line.

A transcript is JSONL, {"speaker": ..., "audience": ..., "text": ...} a line; audience 'public' or 'all' is everyone.
Knows nothing about what is made of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from ..commitments import Commitment
from ..crises import Crisis
from ..errors import AuthorError, NotMeasurable, Problem, UsageError
from ..events import PUBLIC
from ..frozen import Frozen, Note
from ..loading import Document, load_document, validate
from ..resources import meant
from .units import Line, Material

MOST = 1_000_000
"""Bytes that a text may have."""
EVERYONE = {"public", "all", "everyone", "global", ""}


class Utterance(Frozen):
    """One line of another tool's transcript; further keys are left alone."""

    model_config = ConfigDict(extra="ignore")

    speaker: Annotated[str, Field(min_length=1, max_length=240)]
    audience: Annotated[tuple[str, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)] = ("public",)
    text: Annotated[str, Field(max_length=20_000)]

    @property
    def public(self) -> bool:
        return any(name.lower() in EVERYONE for name in self.audience)

    def line(self, number: int) -> Line:
        """As the judged layer has lines."""
        heard = {self.speaker, *(PUBLIC if name.lower() in EVERYONE else name for name in self.audience)}
        ring = "" if self.public else ", ".join(self.audience)
        return Line(f"line {number}", self.speaker, self.speaker, self.text, frozenset(heard), ring)

    def __str__(self) -> str:
        return f"{self.speaker} (to {', '.join(self.audience)}): {self.text}"


def read_outside(path: Path) -> Material:
    """A text as material to judge and to extract from, by its ending: .jsonl, .json (a saved game), else plain text.

    Raises UsageError, AuthorError with every bad line, or NotMeasurable where there is no word in it.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text", hint="save it as UTF-8") from None
    if len(raw) > MOST:
        raise UsageError(f"{path} has {len(raw):,} bytes; at most {MOST:,} are read", hint="split it")
    reader = READERS.get(path.suffix.lower())
    said = _utterances(reader(text), path.name) if reader else []
    whole = "\n".join(map(str, said)) if reader else text
    if not whole.strip():
        raise NotMeasurable(f"{path}: the text is empty, so there is nothing to score")
    return Material(tuple(u.line(n) for n, u in enumerate(said, 1)), text=whole)


def _utterances(rows: Iterator[tuple[int, Any]], name: str) -> list[Utterance]:
    found, problems = [], []
    for number, row in rows:
        try:
            found.append(Utterance.model_validate_json(row) if isinstance(row, str) else Utterance.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            problems.append(Problem(name, number, where, first["msg"], "speaker, audience, text"))
    if problems:
        raise AuthorError(problems)
    return found


def _saved_game(text: str) -> Iterator[tuple[int, Any]]:
    """A saved game of the `diplomacy` package, as AI_Diplomacy writes it: the messages of all phases."""
    keys = {"sender": "speaker", "recipient": "audience", "message": "text"}
    try:
        messages = [message for phase in json.loads(text)["phases"] for message in phase.get("messages", ())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        messages = [None]
    for n, message in enumerate(messages, 1):
        yield n, {keys.get(k, k): v for k, v in message.items()} if isinstance(message, dict) else "no saved game"


READERS: Mapping[str, Callable[[str], Iterator[tuple[int, Any]]]] = {
    ".jsonl": lambda text: ((n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()),
    ".json": _saved_game,
}
"""Ending of a file -> who reads its lines; another tool's transcript is one function and one line here."""


# --- typed commitments -----------------------------------------------------------------------------------------------


class CommitmentsFile(Frozen):
    """What `--commitments` reads: the clauses of one text."""

    title: Note = ""
    commitments: Annotated[tuple[Commitment, ...], Field(max_length=200)]


def read_commitments(path: Path, crisis: Crisis) -> CommitmentsFile:
    """The file's clauses; raises AuthorError with every problem, NotMeasurable where there is no clause."""
    document = load_document(path)
    found = validate(document, CommitmentsFile)
    problems = list(_unknown(document, found, crisis))
    if problems:
        raise AuthorError(problems)
    if not found.commitments:
        raise NotMeasurable(f"{path}: no commitment in it: nothing was agreed, so there is nothing to score")
    return found


def _unknown(document: Document, file: CommitmentsFile, crisis: Crisis) -> Iterator[Problem]:
    """Types that the vocabulary lacks; objects of outside texts may be anything."""
    for n, clause in enumerate(file.commitments):
        if clause.type not in crisis.types:
            hint = meant(clause.type, crisis.types, "roleplay list commitments")
            place = ("commitments", n, "type")
            yield document.problem(place, f"type '{clause.type}' does not exist", sorted(crisis.types), hint)
