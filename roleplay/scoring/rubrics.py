"""Rubrics: Markdown files whose head says what is judged, by which scale and from what; `evals/rubrics/README.md`.

Knows nothing about judges, nor about how units are found in a run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from ..errors import AuthorError, Problem
from ..frozen import Frozen, Id
from ..loading import MAX_BYTES, parse_document, validate
from ..resources import find_files, meant, unknown
from .labels import Words

UNITS = {
    "public_line": ("line", "government", "post"),
    "line": ("line", "government", "post", "ring"),
    "public_pair": ("first", "second", "government"),
    "secret_line": ("line", "secrets", "government"),
    "turn": ("line", "thought", "government"),
    "broken_promise": ("promise", "thought", "intent", "government"),
    "text": ("text",),
}
"""What one verdict may be about, and the parts that a judge may be shown of it."""

Values = Annotated[tuple[str, ...], BeforeValidator(lambda v: [str(i) for i in v] if isinstance(v, list) else v)]


class Rubric(Frozen):
    """One dimension of the judged layer."""

    name: Id
    title: str
    unit: str
    shown: tuple[str, ...]
    scale: Annotated[dict[str, str], Field(min_length=2, max_length=9)]
    """Value -> what it means, in order."""
    ordered: bool = False
    prove: Values = ()
    """Values that need a quotation."""
    counts: Values = ()
    """Values whose share is the run's figure, where values have no order."""
    guard: Words = ()
    label: str | None = None
    crisis: Id | None = None
    map: tuple[str, ...] = ()
    src: tuple[str, ...] = ()
    body: str = ""

    @cached_property
    def hash(self) -> str:
        """Changes with anything that a judge could notice, and with what is made of its verdicts."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load_rubric(path: Path) -> Rubric:
    """Read one rubric; raises AuthorError with every problem of its head."""
    raw = path.read_bytes()[:MAX_BYTES]
    head, body = _split(raw.decode("utf-8", "replace"), path)
    document = parse_document(b"\n" + head.encode(), str(path.name))
    rubric = validate(document, Rubric).model_copy(update={"body": body.strip()})
    problems = []
    if rubric.name != path.stem:
        problems.append(document.problem(("name",), f"'{rubric.name}'", path.stem, "it is named like its file"))
    if rubric.unit not in UNITS:
        problems.append(document.problem(("unit",), f"'{rubric.unit}'", UNITS, meant(rubric.unit, UNITS)))
    for key, values, allowed in (
        ("shown", rubric.shown, UNITS.get(rubric.unit, rubric.shown)),
        ("prove", rubric.prove, rubric.scale), ("counts", rubric.counts, rubric.scale),
    ):  # fmt: skip
        problems += [document.problem((key,), f"'{value}'", allowed) for value in values if value not in allowed]
    if problems:
        raise AuthorError(problems)
    return rubric


def _split(text: str, path: Path) -> tuple[str, str]:
    found = re.match(r"---\r?\n(.*?)^---\r?\n(.*)", text, re.DOTALL | re.MULTILINE)
    if not found:
        hint = "begin with '---', the head, '---'; see evals/rubrics/README.md"
        raise AuthorError([Problem(path.name, 1, "", "a rubric without a head", hint=hint)])
    return found[1], found[2]


def rubric_files() -> dict[str, Path]:
    """Every rubric by name, by name sorted; a user's own come before ours."""
    files = find_files("evals", "rubrics/*.md")
    return {name: files[name] for name in sorted(files.keys() - {"README"})}


def load_rubrics(names: Iterable[str] = (), crisis: str | None = None) -> list[Rubric]:
    """The rubrics of these names, else all for `crisis`; raises UsageError, or AuthorError for one that is wrong."""
    files, wanted = rubric_files(), list(names)
    if strangers := [name for name in wanted if name not in files]:
        raise unknown("rubric", strangers[0], files)
    found = [load_rubric(files[name]) for name in wanted or files]
    return [r for r in found if wanted or crisis is None or r.crisis in (None, crisis)]
