"""Intervals, tests and power for paired games, one row of numbers a scenario variant; knows no game and no report.

Every function takes arrays whose last axis is the variant (NaN: no game there was scored) and works on many batches at
once, so that `bench/statistics.py` measures this code and not a copy of it. Choices and sources: docs/statistics.md.
"""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scale = Literal["continuous", "ordinal", "binary", "rounds"]

LEVEL = 0.95
FEWEST_FOR_P = 6
"""Below so many variants an exact sign-flip cannot reach 5 %: differences are listed, no p value is given."""
FEWEST_FOR_RATES = 10
"""Below so many variants no interval of a difference of rates kept its level."""
FEWEST_CHANGES = 5
"""A discrete outcome that changes in fewer variants gets an interval that is wide on purpose."""
FEWEST_OFF_MODE = 10
"""Likewise an arm's mean, where fewer variants lie away from the commonest value."""
EXACT = 16
"""Up to so many variants every sign-flip is tried; above, 99,999 drawn ones."""


@dataclass(frozen=True)
class Band:
    """A mean with its interval; `wide` where the interval covers at least its level and often more."""

    mean: Floats
    low: Floats
    high: Floats
    p: Floats
    """Two-sided, against zero."""
    wide: NDArray[np.bool_]
    n: NDArray[np.int64]
    """Variants."""


def means_of(scores: Floats) -> Floats:
    """Mean of a variant's games; NaN where none was scored. `scores` has (..., variant, game)."""
    with _quiet():
        return np.asarray(np.nanmean(scores, axis=-1), dtype=float)


def arm(means: Floats, scale: Scale, low: float = 0.0, high: float = 1.0, games: int = 1) -> Band:
    """An arm's mean over variants: t on the variants' means, G - 1 degrees of freedom; Wilson for rates.

    `games` a variant at most; with one, Wilson's interval is taken as it stands, with more its number of games is the
    effective one that the spread of the variants' rates implies (Dean and Pagano 2015).
    """
    if scale == "binary":
        return _rates(means, games)
    if scale != "ordinal":
        return _student(means)
    few = _off_mode(means) < FEWEST_OFF_MODE
    return _either(few, _student(means, (low, high)), _student(means))


def difference(paired: Floats, scale: Scale, step: float = 1.0, level: float = LEVEL) -> Band:
    """Mean difference of two arms from each variant's mean difference over games with the same variant and seed.

    Where a discrete outcome changes in fewer than `FEWEST_CHANGES` variants, one made-up variant with a change of a
    `step` for better and one for worse are added (Bonett and Price 2012), and the band is `wide`.
    """
    plain = _student(paired, level=level)
    if scale not in ("ordinal", "binary"):
        return plain
    with _quiet():
        few = np.sum(np.abs(paired) > 1e-12, axis=-1) < FEWEST_CHANGES
    return _either(few, _student(paired, (step, -step), level), plain)


def superiority(shares: Floats) -> Band:
    """P(A better than B) from each variant's share of pairs in which A was better, ties half."""
    band = difference(2 * shares - 1, "ordinal")
    return replace(band, **{f: np.clip((getattr(band, f) + 1) / 2, 0, 1) for f in ("mean", "low", "high")})


def sign_flip(paired: Floats) -> float:
    """Exact two-sided p of one row of differences: the share of sign-flips with a mean as far from zero."""
    from scipy.stats import permutation_test

    values = paired[~np.isnan(paired)]
    if len(values) < 2 or not np.any(values):
        return 1.0
    draws = 2 ** len(values) if len(values) <= EXACT else 99_999
    found = permutation_test(
        (values,), lambda x, axis: np.mean(x, axis=axis), permutation_type="samples", vectorized=True,
        n_resamples=draws, rng=np.random.default_rng(0),
    )  # fmt: skip
    return float(found.pvalue)


def holm(p: Floats) -> Floats:
    """p values adjusted for all comparisons of the last axis (Holm 1979); NaN is no comparison."""
    order = np.argsort(p, axis=-1)
    counted = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    rank = np.arange(p.shape[-1])
    stepped = np.take_along_axis(p, order, -1) * np.maximum(counted - rank, 1)
    adjusted = np.minimum(np.maximum.accumulate(stepped, axis=-1), 1.0)
    back = np.empty_like(p)
    np.put_along_axis(back, order, adjusted, -1)
    return np.where(np.isnan(p), np.nan, back)


def within(paired: Floats, scale: Scale, smallest: float, step: float = 1.0) -> NDArray[np.bool_]:
    """Equivalence by two one-sided tests at 5 %: the 90 % interval lies inside plus or minus `smallest`."""
    band = difference(paired, scale, step, level=0.9)
    return (band.low > -smallest) & (band.high < smallest)


def bounds(scores: Floats, planned: int, low: float, high: float) -> tuple[float, float]:
    """Mean if every game that is missing had scored `low`, and if it had scored `high`."""
    found = scores[~np.isnan(scores)]
    missing = max(planned - len(found), 0)
    return tuple((found.sum() + missing * end) / max(planned, 1) for end in (low, high))


# --- power -----------------------------------------------------------------------------------------------------------


def power(effect: float, spread: float, variants: int, alpha: float = 0.05) -> float:
    """Chance that a true mean difference of `effect` is found; `spread` is the SD of the variants' differences."""
    from scipy.stats import nct, t

    if variants < 2:
        return 0.0
    if spread <= 0:
        return float(effect != 0)
    edge, shift = t.ppf(1 - alpha / 2, variants - 1), abs(effect) / spread * variants**0.5
    # Far from zero scipy gives NaN: what is found for sure, and no far tail.
    found = np.nan_to_num(nct.sf(edge, variants - 1, shift), nan=1.0)
    return float(found + np.nan_to_num(nct.cdf(-edge, variants - 1, shift)))


def variants_needed(effect: float, spread: float, alpha: float = 0.05, wanted: float = 0.8, most: int = 2000) -> int:
    """The fewest variants with which `effect` is found with the wanted power; `most` where even they are too few."""
    numbers = range(FEWEST_FOR_P, most)
    return FEWEST_FOR_P + bisect_left(numbers, wanted, key=lambda n: power(effect, spread, n, alpha))


def detectable(spread: float, variants: int, alpha: float = 0.05, wanted: float = 0.8) -> float | None:
    """The difference that so many variants find with the wanted power; None below two."""
    if variants < 2:
        return None
    low, high = 0.0, max(spread, 1e-9)
    while power(high, spread, variants, alpha) < wanted:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle, spread, variants, alpha) >= wanted else (middle, high)
    return high


def spread_of(values: Floats) -> float:
    """SD of the variants' differences, or of an arm's games; NaN below two."""
    with _quiet():
        return float(np.nanstd(values, ddof=1))


def standardised(difference: float, a: Floats, b: Floats) -> float:
    """A difference in standard deviations of a game's score within an arm; NaN where games of neither arm differ."""
    with _quiet():
        within = np.sqrt(np.nanmean([np.nanvar(x, ddof=1) for x in (a, b)]))
    return float(difference / within) if within > 0 else float("nan")


def spread_planned(variance: float, seeds: int, interaction: float = 0.3, shared: float = 0.3) -> float:
    """SD of a variant's mean difference before anything is played: the share of a game's variance that arm x variant
    has is assumed, the shared part cancels, the rest is averaged over seeds."""
    rest = 1 - interaction - shared
    return float((2 * variance * (interaction + rest / seeds)) ** 0.5)


# --- inside ----------------------------------------------------------------------------------------------------------


def _student(x: Floats, extra: Sequence[float] = (), level: float = LEVEL) -> Band:
    """t on variants' values; `extra` made-up variants count for mean and spread, not for the degrees of freedom."""
    from scipy.special import stdtr, stdtrit  # `scipy.stats` takes a second and a half to load, and calls these.

    n = np.sum(~np.isnan(x), axis=-1)
    made = np.broadcast_to(np.asarray(extra, dtype=float), (*x.shape[:-1], len(extra)))
    values = np.concatenate([x, made], axis=-1)
    with _quiet():
        mean = np.nanmean(values, axis=-1)
        error = np.nanstd(values, axis=-1, ddof=1) / np.sqrt(n + len(extra))
        half = np.where(n > 1, stdtrit(n - 1, (1 + level) / 2) * error, np.nan)
        ratio = np.where(error > 0, mean / error, np.where(mean == 0, 0.0, np.inf))
        p = np.where(n > 1, 2 * stdtr(n - 1, -np.abs(ratio)), np.nan)
        plain = np.nanmean(x, axis=-1)
    return Band(plain, mean - half, mean + half, p, np.full(n.shape, bool(extra)), n)


def _rates(means: Floats, games: int) -> Band:
    from scipy.special import ndtri, stdtrit

    n = np.sum(~np.isnan(means), axis=-1)
    with _quiet():
        rate = np.nanmean(means, axis=-1)
        variance = np.nanvar(means, axis=-1, ddof=1) / n
        z = ndtri((1 + LEVEL) / 2)
        size = n.astype(float)
        if games > 1:
            effective = np.where(variance > 0, rate * (1 - rate) / variance, n)
            size = np.minimum(effective, n * games) * (z / stdtrit(n - 1, (1 + LEVEL) / 2)) ** 2
        middle = (rate + z * z / (2 * size)) / (1 + z * z / size)
        half = z / (1 + z * z / size) * np.sqrt(rate * (1 - rate) / size + (z / (2 * size)) ** 2)
    nothing = np.full(n.shape, np.nan)
    return Band(rate, middle - half, middle + half, nothing, np.zeros(n.shape, dtype=bool), n)


def _off_mode(means: Floats) -> NDArray[np.int64]:
    """Variants whose mean is not the commonest one."""
    with _quiet():
        same = np.abs(means[..., :, None] - means[..., None, :]) < 1e-12
    return np.asarray(np.sum(~np.isnan(means), axis=-1) - np.max(np.sum(same, axis=-1), axis=-1))


def _either(which: NDArray[np.bool_], a: Band, b: Band) -> Band:
    """Band `a` where `which` holds, else `b`."""
    return replace(
        a, **{f: np.where(which, getattr(a, f), getattr(b, f)) for f in ("mean", "low", "high", "p", "wide")}
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Rows without any number give NaN, and that is meant."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
