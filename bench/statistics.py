"""Simulated batches with a known truth: do the intervals cover it, how often is something found that is not there?

uv run --no-sync python -m bench.statistics [--batches 4000] [--write]     (into docs/statistics.md)
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import norm

from roleplay.experiments.statistics import Floats, Scale, arm, difference, holm, means_of

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SHARED, INTERACTION, GAME = 0.3, 0.3, 0.4
"""Shares of a game's variance: the variant's own (which pairs cancel), arm x variant, the rest."""
JUDGE, SAMPLES = 0.3, 3
"""SD of a judge's sample around the game's score, and samples a game."""
DESIGNS = ((6, 2), (10, 1), (10, 2), (10, 5), (20, 1), (25, 2), (50, 1))
"""(variants, seeds): 10 to 50 games an arm."""
LOST = 0.1
ARMS = 5


@dataclass(frozen=True)
class Truth:
    """A kind of outcome: probabilities of its levels in the control and in the other arm, or a shift in SD."""

    name: str
    scale: Scale
    control: tuple[float, ...] = ()
    other: tuple[float, ...] = ()
    shift: float = 0.0

    def cut(self, latent: Floats, levels: tuple[float, ...]) -> Floats:
        return np.searchsorted(norm.ppf(np.cumsum(levels)[:-1]), latent).astype(float)

    def mean(self, levels: tuple[float, ...]) -> float:
        return sum(n * p for n, p in enumerate(levels))


TRUTHS = (
    Truth("continuous, no difference", "continuous"),
    Truth("continuous, 0.8 SD", "continuous", shift=0.8),
    Truth("skewed, 0.8 SD", "rounds", shift=0.8),
    Truth("ordinal 0-2, even, no difference", "ordinal", (0.5, 0.3, 0.2), (0.5, 0.3, 0.2)),
    Truth("ordinal 0-2, even, higher", "ordinal", (0.5, 0.3, 0.2), (0.2, 0.3, 0.5)),
    Truth("ordinal 0-2, rare, higher", "ordinal", (0.9, 0.08, 0.02), (0.6, 0.3, 0.1)),
    Truth("binary .5 / .5", "binary", (0.5, 0.5), (0.5, 0.5)),
    Truth("binary .5 / .8", "binary", (0.5, 0.5), (0.2, 0.8)),
    Truth("binary .1 / .3", "binary", (0.9, 0.1), (0.7, 0.3)),
)


def latent(draw: np.random.Generator, batches: int, arms: int, variants: int, seeds: int) -> Floats:
    """Standard normal scores of games, correlated within variants."""
    shared = draw.normal(0, SHARED**0.5, (batches, 1, variants, 1))
    mixed = draw.normal(0, INTERACTION**0.5, (batches, arms, variants, 1))
    return np.asarray(shared + mixed + draw.normal(0, GAME**0.5, (batches, arms, variants, seeds)))


def play(draw: np.random.Generator, truth: Truth, shape: tuple[int, int, int, int], shifts: Floats) -> Floats:
    """Scores of whole batches: judged by a few samples each, and some games lost."""
    x = latent(draw, *shape)
    if truth.control:
        levels = [truth.other if s else truth.control for s in shifts]
        x = np.stack([truth.cut(x[:, n], row) for n, row in enumerate(levels)], axis=1)
    else:
        x = x + shifts.reshape(1, -1, 1, 1)
        if truth.name.startswith("skewed"):
            x = np.exp(x / 2)
        x = x + draw.normal(0, JUDGE, (*x.shape, SAMPLES)).mean(axis=-1)
    x[draw.random(x.shape) < LOST] = np.nan
    return x


def true_means(truth: Truth) -> tuple[float, float]:
    """The control's mean and the other arm's."""
    if truth.control:
        return truth.mean(truth.control), truth.mean(truth.other)
    if truth.name.startswith("skewed"):
        return float(np.exp(1 / 8)), float(np.exp(truth.shift / 2 + 1 / 8))
    return 0.0, truth.shift


def covered(low: Floats, high: Floats, true: float) -> float:
    return float(np.mean((low <= true + 1e-9) & (high >= true - 1e-9)))


def coverage(batches: int, draw: np.random.Generator) -> Iterator[str]:
    """One row a kind of outcome and design."""
    yield "| outcome | variants x seeds | arm's interval | difference's interval | wide on purpose | found at 5 % |"
    yield "|---|---|---|---|---|---|"
    for truth in TRUTHS:
        a, b = true_means(truth)
        shifts = np.array([0.0, truth.shift or float(bool(truth.control))])
        for variants, seeds in DESIGNS:
            y = play(draw, truth, (batches, 2, variants, seeds), shifts)
            one = arm(means_of(y[:, 1]), truth.scale, 0, 2 if truth.scale == "ordinal" else 1, seeds)
            two = difference(means_of(y[:, 1] - y[:, 0]), truth.scale)
            yield (
                f"| {truth.name} | {variants} x {seeds} | {covered(one.low, one.high, b):.3f} "
                f"| {covered(two.low, two.high, b - a):.3f} | {two.wide.mean():.2f} | {np.mean(two.p < 0.05):.3f} |"
            )


def families(batches: int, draw: np.random.Generator) -> Iterator[str]:
    """How often at least one of the planned comparisons is called different though none is."""
    yield f"| outcome, {ARMS} arms, {ARMS - 1} comparisons with the control | variants x seeds | unadjusted | Holm |"
    yield "|---|---|---|---|"
    for truth in (t for t in TRUTHS if not t.shift and t.control == t.other):
        for variants, seeds in DESIGNS:
            y = play(draw, truth, (batches, ARMS, variants, seeds), np.zeros(ARMS))
            p = difference(means_of(y[:, 1:] - y[:, :1]), truth.scale).p
            raw, held = np.any(p < 0.05, axis=1).mean(), np.any(holm(p) < 0.05, axis=1).mean()
            yield f"| {truth.name} | {variants} x {seeds} | {raw:.3f} | {held:.3f} |"


def main(batches: int, write: bool) -> None:
    began = time.perf_counter()
    draw = np.random.default_rng(20170823)
    text = "\n".join([f"{batches} batches a row, {LOST:.0%} of the games lost.\n", *coverage(batches, draw), "",
                      *families(batches, draw)])  # fmt: skip
    print(text)
    print(f"\n{time.perf_counter() - began:.0f} s")
    if write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=4000)
    parser.add_argument("--write", action="store_true")
    a = parser.parse_args()
    main(a.batches, a.write)
