"""The games of a batch as arrays: a column a figure, an arm's scores by variant and seed. Knows no statistics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .batch import Batch, Row
from .statistics import Floats

SMALL = ("fails", "verdict", "ending", "failed_by_seat")
"""Parts of a card that are kept as they stand."""


@dataclass
class Grid:
    """Every game of a batch, read once."""

    rows: list[Row]
    cards: list[dict[str, Any]]
    """What is small of each game's card, in the order of the rows; empty where there is none."""
    columns: dict[str, Floats]
    """Figure -> its value in every game; NaN where it has none."""
    tension: list[list[float]]
    versions: dict[str, set[str]]
    """What games were played with: world, model, prompts, packages."""
    agreement: dict[str, float] = field(default_factory=dict)
    """Judged dimension -> mean agreement of its samples."""
    _places: dict[tuple[str, str], dict[tuple[int, int, int], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for n, row in enumerate(self.rows):
            arm = self._places.setdefault((row.key.arm, row.key.model), {})
            arm[row.key.variant, row.key.seed, row.key.repeat] = n

    def games(self, arm: str, model: str) -> list[int]:
        """Places of an arm's games."""
        return list(self._places.get((arm, model), {}).values())

    def models(self, arm: str) -> list[str]:
        """Models with which an arm was played or is to be."""
        return sorted(model for name, model in self._places if name == arm)

    def scores(self, arm: str, model: str, figure: str, *, unscorable: bool = False) -> Floats:
        """(variant, seed and repeat) of an arm: the same shape and order for every arm of the batch."""
        variants, draws = self.axes
        found = np.full((len(variants), len(draws)), np.nan)
        column = self.columns.get(figure)
        allowed = ("scored", "unscorable") if unscorable else ("scored",)
        for (variant, *draw), n in self._places.get((arm, model), {}).items():
            if column is not None and self.rows[n].bucket in allowed:
                found[variants[variant], draws[tuple(draw)]] = column[n]
        return found

    @cached_property
    def axes(self) -> tuple[dict[int, int], dict[tuple[int, ...], int]]:
        """Variant -> row, (seed, repeat) -> column."""
        variants = sorted({row.key.variant for row in self.rows})
        draws = sorted({(row.key.seed, row.key.repeat) for row in self.rows})
        return {v: n for n, v in enumerate(variants)}, {d: n for n, d in enumerate(draws)}


def read_grid(batch: Batch) -> Grid:
    """Read every game, one at a time, into columns."""
    rows = batch.rows()
    place = {row.folder: n for n, row in enumerate(rows)}
    cards: list[dict[str, Any]] = [{} for _ in rows]
    tension: list[list[float]] = [[] for _ in rows]
    columns: dict[str, Floats] = {}
    versions: dict[str, set[str]] = {}
    agreement: dict[str, list[float]] = {}
    for folder, card in batch.cards():
        if not card:
            continue
        n = place[folder]
        for name, value in card["figures"].items():
            if name not in columns:
                columns[name] = np.full(len(rows), np.nan)
            columns[name][n] = value
        tension[n] = card["tension"]
        cards[n] = {part: card[part] for part in SMALL} | {"proofs": _proofs(card["proofs"])}
        for part, found in _versions(card):
            versions.setdefault(part, set()).add(found)
        for name, value in card["agreement"].items():
            agreement.setdefault(name, []).append(value)
    means = {name: float(np.mean(values)) for name, values in agreement.items()}
    return Grid(rows, cards, columns, tension, versions, means)


def _proofs(proofs: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(ids) for name, ids in proofs.items() if name.startswith(("outcome:", "item:"))}


def _versions(card: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield from card["versions"].items()
    yield from (("model", model) for model in card["models"])
    yield from (("world", card["world"]), ("mode", card["mode"]), ("prompts", card["prompts"]))
