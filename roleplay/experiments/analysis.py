"""From the games of a batch to findings: estimates, planned comparisons, what else could have produced them.

Recipe and sources: docs/statistics.md. Knows nothing about how findings are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from ..transcripts.words import say
from . import statistics as st
from .batch import Batch
from .findings import Arm, Comparison, Estimate, VariantDifference, Verdict
from .grid import Grid, read_grid
from .matrix import Arm as Cell
from .statistics import Floats, Scale
from .suites import Outcome, Suite

COMPOSITE = (-200.0, 100.0)
"""Ends of a lens's composite."""
SCALES = ("metric:goldstein:mean", "metric:rivera:rate", "metric:kahn")
"""The three escalation scales."""
LOWER_IS_BETTER = ("metric:rivera", "metric:kahn")


@dataclass(frozen=True)
class Context:
    """Where levels are compared: the other factors' levels, and the model where an arm was played with several."""

    name: str
    model: str


@dataclass
class Analysis:
    """A batch under analysis."""

    suite: Suite
    cells: Sequence[Cell]
    grid: Grid

    def __post_init__(self) -> None:
        self.compared = [c for c in self.cells if not c.reference]
        several = {m for c in self.compared for m in self.grid.models(c.name) if len(self.grid.models(c.name)) > 1}
        names = dict.fromkeys(c.context for c in self.compared if c.level == self.suite.control)
        self.contexts = [Context(name, model) for name in names for model in sorted(several) or [""]]

    # --- arms --------------------------------------------------------------------------------------------------------

    def model_in(self, cell: Cell, context: Context) -> str:
        models = self.grid.models(cell.name)
        return context.model if context.model in models else (models or [""])[0]

    def cell(self, level: str, context: Context) -> Cell | None:
        return next((c for c in self.compared if c.level == level and c.context == context.name), None)

    def scores(self, cell: Cell, context: Context, figure: str, *, unscorable: bool = False) -> Floats:
        return self.grid.scores(cell.name, self.model_in(cell, context), figure, unscorable=unscorable)

    def arms(self) -> Iterator[Arm]:
        """Every arm in every context, floor and ceiling last."""
        for cell in self.cells:
            for model in self.grid.models(cell.name):
                yield self._arm(cell, model)

    def _arm(self, cell: Cell, model: str) -> Arm:
        here = self.grid.games(cell.name, model)
        rows = [self.grid.rows[n] for n in here]
        buckets = Counter(row.bucket for row in rows)
        primary = self.suite.primary

        def estimate(name: str, unscorable: bool = False) -> Estimate:
            figure = f"outcome:{name}"
            scores, ends = self.grid.scores(cell.name, model, figure, unscorable=unscorable), self.ends(figure)
            made = estimate_of(scores, self.suite.outcomes[name].scale, *ends, len(rows))
            return _inside(made, *ends) if self.scale(figure) else made

        failed = self.grid.columns.get("run:failed_share")
        shares = failed[here] if failed is not None else np.array([])
        costs = [row.cost for row in rows if row.bucket]
        return Arm(
            name=cell.name, level=cell.level, context=cell.context, model=model, reference=cell.reference,
            planned=len(rows), scored=buckets["scored"], unscorable=buckets["unscorable"], broken=buckets["broken"],
            missing=buckets[None], outcomes={name: estimate(name) for name in self.suite.outcomes},
            with_unscorable=estimate(primary, True), figures=self._figures(here),
            endings=dict(Counter(self.grid.cards[n]["ending"] for n in here if self.grid.cards[n])),
            tension=self._tension(here), failed_turns=_mean(shares), calls=sum(r.calls for r in rows),
            tokens=sum(r.tokens for r in rows),
            cost_usd=sum(c for c in costs if c is not None) if costs and None not in costs else None,
        )  # fmt: skip

    def _figures(self, here: Sequence[int]) -> dict[str, Estimate]:
        found = {}
        scored = [n for n in here if self.grid.rows[n].bucket == "scored"]
        for name in sorted(self.grid.columns):
            values = self.grid.columns[name][scored]
            if not name.startswith("outcome:") and np.any(~np.isnan(values)):
                found[name] = Estimate(mean=_mean(values), games=int(np.sum(~np.isnan(values))), variants=0)
        return found

    def _tension(self, here: Sequence[int]) -> tuple[Estimate, ...]:
        rounds = max((len(self.grid.tension[n]) for n in here), default=0)
        found = []
        for r in range(rounds):
            variants: dict[int, list[float]] = {}
            for n in here:
                if r < len(self.grid.tension[n]):
                    variants.setdefault(self.grid.rows[n].key.variant, []).append(self.grid.tension[n][r])
            found.append(over_variants(variants))
        return tuple(found)

    def scale(self, figure: str) -> tuple[float, float] | None:
        """Ends of a figure's scale, where it has any: those given, those of a composite, those of a rate."""
        outcome = self.suite.outcomes.get(figure.removeprefix("outcome:"))
        if outcome and outcome.low is not None and outcome.high is not None:
            return outcome.low, outcome.high
        if (outcome.of if outcome and outcome.of else figure).startswith(("composite", "lens:")):
            return COMPOSITE
        return (0.0, 1.0) if outcome and outcome.scale == "binary" else None

    def ends(self, figure: str) -> tuple[float, float]:
        """Between what a game's figure lies: the ends of its scale, and beyond them what was seen."""
        column = self.grid.columns.get(figure, np.array([]))
        reached = np.concatenate([self.scale(figure) or (), column[~np.isnan(column)]])
        return (float(reached.min()), float(reached.max())) if len(reached) else (0.0, 1.0)

    # --- comparisons -------------------------------------------------------------------------------------------------

    @property
    def planned(self) -> list[str]:
        """Levels whose comparison with the control was planned."""
        played = {c.level for c in self.compared}
        return [level for level in self.suite.comparisons if level in played]

    def outcome(self, name: str) -> Outcome:
        """An outcome of the suite; a figure that is none is compared like the one of which it is a judge's view."""
        if name in self.suite.outcomes:
            return self.suite.outcomes[name]
        whole = next((o for o in self.suite.outcomes.values() if o.of and o.of == name.partition("@")[0]), None)
        lower = name.startswith(LOWER_IS_BETTER) if whole is None else whole.better == "lower"
        return Outcome(of=name, title=name.replace(":", " "), better="lower" if lower else "higher")

    def headline(self) -> list[Comparison]:
        """The planned comparisons in the first context, adjusted for one another, then all other pairs and outcomes."""
        here = self.contexts[0]
        control = self.suite.control
        planned = self._adjusted([self.compare(level, control, here, self.suite.primary) for level in self.planned])
        levels = list(dict.fromkeys(c.level for c in self.compared if c.context == here.name))
        pairs = [(a, b) for n, a in enumerate(levels) for b in levels[:n]]
        done = {(c.level, c.against) for c in planned}
        others = [p for p in pairs if p not in done and p[::-1] not in done]
        more = [self.compare(a, b, here, self.suite.primary, exploratory=True) for a, b in others]
        for name in self.suite.outcomes:
            if name != self.suite.primary:
                more += [self.compare(level, control, here, name, exploratory=True) for level in self.planned]
        return [c for c in [*planned, *more] if c]

    def _adjusted(self, found: Iterable[Comparison | None]) -> list[Comparison]:
        comparisons = [c for c in found if c]
        held = st.holm(np.array([np.nan if c.p is None else c.p for c in comparisons]))
        return [
            self._judged(c.model_copy(update={"p_holm": None if isnan(p) else float(p)}))
            for c, p in zip(comparisons, held, strict=True)
        ]

    def elsewhere(self) -> list[Comparison]:
        """The planned comparisons by every other lens, scale and judge, and in every other context and model."""
        found: list[Comparison | None] = []
        judged = {o.of for o in self.suite.outcomes.values() if o.of}
        names = [
            n for n in sorted(self.grid.columns)
            if n.startswith("lens:") or n in SCALES or ("@" in n and n.partition("@")[0] in judged)
        ]  # fmt: skip
        for level in self.planned:
            for name in names:
                found.append(self.compare(level, self.suite.control, self.contexts[0], name, exploratory=True))
            for context in self.contexts[1:]:
                found.append(self.compare(level, self.suite.control, context, self.suite.primary, exploratory=True))
        return [c for c in found if c]

    def compare(
        self, level: str, against: str, context: Context, name: str, *, exploratory: bool = False
    ) -> Comparison | None:
        """One comparison over games that share variant and seed; None where one of the arms is not played here."""
        a, b = self.cell(level, context), self.cell(against, context)
        if a is None or b is None:
            return None
        outcome = self.outcome(name)
        figure = f"outcome:{name}" if name in self.suite.outcomes else name
        x, y = self.scores(a, context, figure), self.scores(b, context, figure)
        paired = np.round(x - y, 9)  # A tie is one, whatever binary fractions leave.
        means = st.means_of(paired)
        band = st.difference(means, outcome.scale)
        pairs = np.sum(~np.isnan(paired), axis=1)
        n = int(band.n)
        low, high = self.ends(figure)
        better = np.where(np.isnan(paired), np.nan, (np.sign(paired) * outcome.sign + 1) / 2)
        planned = [len(self.grid.games(cell.name, self.model_in(cell, context))) for cell in (a, b)]
        mine, other = (st.bounds(s, n, low, high) for s, n in zip((x, y), planned, strict=True))
        ends = {"worst": _round(mine[0] - other[1]), "best": _round(mine[1] - other[0])}
        difference = _estimate(band, int(pairs.sum())).model_copy(update=ends)
        few_rates = outcome.scale == "binary" and n < st.FEWEST_FOR_RATES
        if few_rates:
            note = f"rates over {n} variants: no interval keeps its level, so none is given"
            difference = difference.model_copy(update={"low": None, "high": None, "note": note})
        flip = st.sign_flip(means) if n >= st.FEWEST_FOR_P else None
        tested = n >= st.FEWEST_FOR_P and not few_rates
        comparison = Comparison(
            outcome=name, level=level, against=against, context=context.name, model=context.model,
            planned=not exploratory, difference=difference,
            p=(float(band.p) if st.spread_of(means) > 1e-9 else flip) if tested else None, p_sign_flip=flip,
            in_sd=_round(st.standardised(float(band.mean), x, y)) if n else None,
            superiority=_estimate(st.superiority(st.means_of(better)), int(pairs.sum())) if n else None,
            detectable=st.detectable(st.spread_of(means), n) if n > 1 else None,
            verdict="not enough data", words="",
            by_variant=tuple(
                VariantDifference(variant=v, difference=round(float(means[i]), 6), pairs=int(pairs[i]))
                for v, i in self.grid.axes[0].items() if pairs[i]
            ),
        )  # fmt: skip
        return self._judged(comparison)

    def _judged(self, c: Comparison) -> Comparison:
        outcome = self.outcome(c.outcome)
        means = np.array([row.difference for row in c.by_variant])
        smallest = self.suite.smallest_effect if c.outcome == self.suite.primary else None
        verdict = _verdict(c, outcome, means, smallest)
        small = verdict in ("better", "worse") and smallest and bool(st.within(means, outcome.scale, smallest))
        meant = say("verdicts", "smaller" if small else verdict, verdict=verdict, smallest=smallest)
        words = say("report", "comparison", c=c, d=c.difference, verdict=meant)
        return c.model_copy(update={"verdict": verdict, "words": words})


def analyse(batch: Batch) -> Analysis:
    """Read a batch for analysis."""
    return Analysis(batch.suite, batch.arms, read_grid(batch))


def estimate_of(scores: Floats, scale: Scale, low: float, high: float, planned: int) -> Estimate:
    """An arm's mean: its interval, and what the games that gave no score could have made of it."""
    games = int(np.sum(~np.isnan(scores)))
    means = st.means_of(scores)
    most = int(np.max(np.sum(~np.isnan(scores), axis=1), initial=0))
    found = _estimate(st.arm(means, scale, low, high, most), games)
    worst, best = st.bounds(scores, planned, low, high)
    return found.model_copy(
        update={"worst": _round(worst), "best": _round(best), "note": found.note or _skew(means, scale)}
    )


def _inside(e: Estimate, low: float, high: float) -> Estimate:
    """The interval without what lies beyond the scale: no mean is there."""
    if e.low is None or e.high is None:
        return e
    return e.model_copy(update={"low": max(e.low, low), "high": min(e.high, high)})


def _skew(means: Floats, scale: Scale) -> str:
    x = means[~np.isnan(means)]
    if scale in ("binary", "ordinal") or not 2 < len(x) < 25 or x.std() == 0:
        return ""
    skewness = float(np.mean((x - x.mean()) ** 3) / x.std() ** 3)
    return "skewed: the interval covers a little less than 95 %" if abs(skewness) > 1 else ""


def _estimate(band: st.Band, games: int) -> Estimate:
    low, high = _round(float(band.low)), _round(float(band.high))
    note = ""
    if low == high and low is not None:
        low = high = None
        note = "the same in every variant: no interval"
    return Estimate(
        mean=_round(float(band.mean)), low=low, high=high, games=games, variants=int(band.n), note=note,
        at_least=bool(band.wide) and low is not None,
    )  # fmt: skip


def over_variants(values: Mapping[int, Sequence[float]]) -> Estimate:
    """Mean over variants, with its interval."""
    means = np.array([float(np.mean(of_variant)) for of_variant in values.values()])
    return _estimate(st.arm(means, "continuous"), sum(map(len, values.values())))


def _verdict(c: Comparison, outcome: Outcome, means: Floats, smallest: float | None) -> Verdict:
    p = c.p_holm if c.p_holm is not None else c.p
    if len(means) < st.FEWEST_FOR_P:
        return "these scenarios only"
    if p is not None and p < 0.05:
        return "better" if (c.difference.mean or 0) * outcome.sign > 0 else "worse"
    if smallest is not None and p is not None and bool(st.within(means, outcome.scale, smallest)):
        return "no difference that matters"
    return "not enough data"


def _mean(values: Floats) -> float | None:
    found = values[~np.isnan(values)]
    return _round(float(found.mean())) if len(found) else None


def _round(value: float) -> float | None:
    return None if isnan(value) else round(float(value), 6)


# --- power -----------------------------------------------------------------------------------------------------------


def power_rows(suite: Suite, seeds: int, variants: int, found: Analysis | None) -> list[dict[str, Any]]:
    """For each planned comparison: what these variants can find, and how many the smallest effect needs.

    Without a batch the spread is an assumption: an SD of a sixth of the outcome's scale, a third of it arm x variant.
    """
    outcome = suite.headline
    planned = suite.comparisons
    alpha = 0.05 / max(1, len(planned))
    low, high = (outcome.low, outcome.high) if outcome.low is not None and outcome.high is not None else COMPOSITE
    assumed = st.spread_planned(((high - low) / 6) ** 2, seeds)
    rows = []
    for level in planned:
        seen = found.compare(level, suite.control, found.contexts[0], suite.primary) if found else None
        means = np.array([v.difference for v in seen.by_variant]) if seen else np.array([])
        spread = st.spread_of(means) if len(means) > 1 else assumed
        n = len(means) if len(means) > 1 else variants
        rows.append({
            "level": level, "against": suite.control, "outcome": suite.primary, "variants": n,
            "spread": round(spread, 4), "spread_from": "batch" if len(means) > 1 else "assumed",
            "alpha": round(alpha, 5), "smallest_effect": suite.smallest_effect,
            "power": round(st.power(suite.smallest_effect, spread, n, alpha), 4),
            "detectable": _round(st.detectable(spread, n, alpha) or float("nan")),
            "variants_needed": st.variants_needed(suite.smallest_effect, spread, alpha),
            "in_sd": round(suite.smallest_effect * st.spread_planned(1, seeds) / spread, 3) if spread else None,
        })  # fmt: skip
    return rows
