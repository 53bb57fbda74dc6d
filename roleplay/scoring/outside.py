"""Texts that the harness did not produce: plain text, and other tools' transcripts line by line.

A transcript is JSONL, {"speaker": ..., "audience": ..., "text": ...} a line; audience 'public' or 'all' is everyone.
Knows nothing about what is made of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from ..errors import AuthorError, NotMeasurable, Problem, UsageError
from ..events import PUBLIC
from ..moves import Frozen
from .units import Line, Material

MOST = 1_000_000
"""Bytes of a text that are read."""
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
        text = path.read_bytes()[:MOST].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text ({type(error).__name__})", hint="save it as UTF-8") from None
    said = READERS[path.suffix.lower()](text, path.name) if path.suffix.lower() in READERS else []
    lines = tuple(u.line(n) for n, u in enumerate(said, 1))
    whole = "\n".join(map(str, said)) if path.suffix.lower() in READERS else text
    if not whole.strip():
        raise NotMeasurable(f"{path}: the text is empty, so there is nothing to score")
    return Material(lines, text=whole)


def _transcript(text: str, name: str) -> list[Utterance]:
    rows = ((n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip())
    return _checked(rows, name, Utterance.model_validate_json)


def _saved_game(text: str, name: str) -> list[Utterance]:
    """A saved game of the `diplomacy` package, as AI_Diplomacy writes it: the messages of all phases."""
    try:
        phases = json.loads(text)["phases"]
        messages = [m for phase in phases for m in _messages(phase.get("messages") or ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "a saved game has phases with messages; other transcripts are JSONL"
        raise AuthorError([Problem(name, None, "", "is no saved game", hint=hint)]) from None
    keys = {"sender": "speaker", "recipient": "audience", "message": "text"}
    rows = ((n, {keys.get(k, k): v for k, v in message.items()}) for n, message in enumerate(messages, 1))
    return _checked(rows, name, Utterance.model_validate)


def _messages(given: Any) -> Iterator[dict[str, Any]]:
    yield from given.values() if isinstance(given, Mapping) else given


def _checked(rows: Iterator[tuple[int, Any]], name: str, read: Callable[[Any], Utterance]) -> list[Utterance]:
    found, problems = [], []
    for number, row in rows:
        try:
            found.append(read(row))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            problems.append(Problem(name, number, where, first["msg"], "speaker, audience, text"))
    if problems:
        raise AuthorError(problems)
    return found


READERS: Mapping[str, Callable[[str, str], list[Utterance]]] = {".jsonl": _transcript, ".json": _saved_game}
"""Ending of a file -> who reads it; another tool's transcript is one function and one line here."""
