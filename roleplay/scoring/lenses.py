"""The rubric, its lexical fails, and named ways of adding up: composites, and whether a ranking survives another lens.

Knows no item; what they are, weights and reasons are the crisis's data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..crises.scoresheet import FailRow, ItemRow, Lens
from ..errors import UsageError
from .card import ItemScore, Scorecard, Span
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


# --- adding up -------------------------------------------------------------------------------------------------------


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


def check_rulesets(cards: Sequence[Scorecard]) -> None:
    """Raise UsageError where cards are of different rulesets: such figures are not comparable."""
    rulesets = sorted({card.ruleset for card in cards})
    if len(rulesets) > 1:
        raise UsageError(
            f"scores of different rulesets are not comparable: {', '.join(rulesets)}",
            hint="score the games of one crisis at a time, and games scored earlier once more",
        )


def rankings(cards: Sequence[Scorecard]) -> dict[str, list[int]]:
    """Places of several runs, best first, by every lens and by calm on every scale; ties keep their order.

    Raises UsageError where the cards are not comparable.
    """
    check_rulesets(cards)
    keys: dict[str, list[float]] = {lens: [-(c.lenses[lens].value or 0.0) for c in cards] for lens in cards[0].lenses}
    for scale, key, sign in (("goldstein", "mean", -1), ("rivera", "rate", 1), ("kahn", "", 1)):
        keys[scale] = [sign * _figure(card, scale, key) for card in cards]
    return {by: sorted(range(len(cards)), key=values.__getitem__) for by, values in keys.items()}


def _figure(card: Scorecard, name: str, key: str) -> float:
    value = card.metrics[name].value if name in card.metrics else None
    found = value.get(key) if isinstance(value, dict) else value
    return float(found) if isinstance(found, int | float) else 0.0
