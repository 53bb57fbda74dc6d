"""Typed commitments from a file, checked against a crisis's vocabulary; knows nothing about scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..crises import Crisis
from ..errors import AuthorError, NotMeasurable, Problem
from ..loading import Document, load_document, validate
from ..moves import Commitment, Frozen, Note
from ..resources import meant


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
