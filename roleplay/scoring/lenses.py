"""Named ways of adding up: composites of items, lexical fails first, and whether a ranking survives another lens.

Knows no item; weights and reasons are the crisis's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..crises.scoresheet import Lens
from .card import ItemScore, Scorecard, Span
from .case import Case
from .items import Failed, score_items

FULL = 100.0
SHIFT = {0: (1.0, 0.0), 1: (0.99, -100.0), 2: (0.99, -200.0)}
"""Rank of the worst fail -> factor and shift: no failed run, however good its sum, reaches one that did not fail."""


def composites(case: Case, items: Mapping[str, ItemScore], fails: Failed) -> dict[str, Span]:
    """Every lens's composite: 0-100 without a lexical fail, below 0 with one, below -100 after a war.

    The value is the weighted share of what the scored items could reach; low and high take every unscored item at its
    worst and at its best.
    """
    rank = max((row.rank for row, _ in fails.values()), default=0)
    return {
        lens.id: composite(lens, {**items, **score_items(case, lens.items, fails)}, rank) for lens in case.rules.lenses
    }


def composite(lens: Lens, items: Mapping[str, ItemScore], rank: int) -> Span:
    """One lens over scored items."""
    factor, shift = SHIFT[rank]
    scored = [(w.weight, items[w.item].score) for w in lens.weights]
    total = sum(weight for weight, _ in scored)
    reached = sum(weight * score / 2 for weight, score in scored if score is not None)
    open_ = sum(weight for weight, score in scored if score is None)
    known = total - open_

    def made(share: float) -> float:
        return round(FULL * share * factor + shift, 2)

    value = made(reached / known) if known else made(0.0)
    return Span(value=value, low=made(reached / total), high=made((reached + open_) / total))


def ranking(cards: Sequence[Scorecard], lens: str) -> list[int]:
    """Places of several runs under a lens, best first; ties keep their order."""
    return sorted(range(len(cards)), key=lambda n: -(cards[n].lenses[lens].value or 0.0))
