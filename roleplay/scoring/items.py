"""The crisis's rubric and its lexical fails, as its score.yaml has them; knows nothing about what they are."""

from __future__ import annotations

from collections.abc import Iterable

from ..crises.scoresheet import FailRow, ItemRow
from .card import ItemScore
from .case import Case

Failed = dict[str, tuple[FailRow, tuple[str, ...]]]
"""Fail -> the row that held, with what shows it."""


def find_fails(case: Case) -> Failed:
    """The lexical fails of a case, each once, in the sheet's order."""
    found: Failed = {}
    for row in case.rules.fails:
        held, evidence = case.all_hold(row.when)
        if held:
            found.setdefault(row.fail, (row, evidence))
    return found


def score_items(case: Case, rows: Iterable[ItemRow], fails: Failed) -> dict[str, ItemScore]:
    """Every item's score, what shows it and why."""
    return {row.id: _score(case, row, fails) for row in rows}


def _score(case: Case, row: ItemRow, fails: Failed) -> ItemScore:
    if row.fail in fails:
        fail, evidence = fails[row.fail]
        return ItemScore(title=row.title, score=0, evidence=evidence, explanation=fail.title)
    met, needed = case.all_hold(row.needs)
    if not met:
        return ItemScore(title=row.title, score=None, explanation=row.unmet)
    for level in row.levels:
        held, evidence = case.all_hold(level.when)
        if held:
            return ItemScore(title=row.title, score=level.score, evidence=evidence or needed, explanation=level.says)
    return ItemScore(title=row.title, score=0, explanation=row.otherwise)
