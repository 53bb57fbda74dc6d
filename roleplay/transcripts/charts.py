"""Geometry of the charts: where lines, ticks and marks go, for an SVG that a template writes.

Knows nothing about colours or about HTML; every number is rounded, so that the same run gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..events import AnyEvent
from .figures import Figures, Series
from .names import Names
from .words import number, signed

GLYPHS = {"deal": "◆", "leak": "▲", "breach": "✕"}
"""Kinds of events that a chart marks."""


class Tick(NamedTuple):
    """A label beside an axis, and where it stands."""

    at: float
    label: str


class Point(NamedTuple):
    """A value of the line."""

    x: float
    y: float
    label: str
    round: str


class Mark(NamedTuple):
    """Something that happened in a round: a sign above the line."""

    x: float
    y: float
    kind: str
    glyph: str


@dataclass(frozen=True)
class Chart:
    """One line chart; `title` and `summary` say in words what it shows."""

    name: str
    width: int
    height: int
    left: float
    right: float
    bottom: float
    title: str
    summary: str
    points: tuple[Point, ...]
    line: str
    ticks_y: tuple[Tick, ...]
    ticks_x: tuple[Tick, ...]
    marks: tuple[Mark, ...]

    @property
    def mark_kinds(self) -> tuple[tuple[str, str], ...]:
        """(kind, glyph) of the marks that occur."""
        kinds = {mark.kind for mark in self.marks}
        return tuple((kind, glyph) for kind, glyph in GLYPHS.items() if kind in kinds)


@dataclass(frozen=True)
class _Frame:
    width: int
    height: int
    left: float = 40
    right: float = 18
    top: float = 34
    bottom: float = 30

    def x(self, i: int, n: int) -> float:
        inner = self.width - self.left - self.right - 24
        return round(self.left + 12 + (inner * i / (n - 1) if n > 1 else inner / 2), 1)

    def y(self, value: float, low: float, high: float) -> float:
        inner = self.height - self.top - self.bottom
        return round(self.top + inner * (1 - (value - low) / (high - low)), 1)


def tension_chart(figures: Figures, names: Names, width: int, height: int) -> Chart | None:
    """The run's main indicator by round; None where the view knows nothing of it."""
    series = figures.tension
    return line_chart(series, names, figures.record.events, width, height) if series else None


def line_chart(series: Series, names: Names, events: Sequence[AnyEvent], width: int, height: int) -> Chart:
    """An indicator by round, with the deals, leaks and breaches of each round marked above it."""
    frame, values = _Frame(width, height), shown_values(series)
    low, high, step = _scale(values, series)
    labels = [round_label(n) for n in series.rounds]
    texts = [value_label(series, v) for v in values]
    n = len(values)
    spots = [(frame.x(i, n), frame.y(v, low, high)) for i, v in enumerate(values)]
    floor = round(frame.height - frame.bottom, 1)
    every = max(1, math.ceil(n / max(2, (width - 60) // 58)))
    return Chart(
        name="chart", width=width, height=height, left=frame.left, right=width - frame.right, bottom=floor,
        title=title_of(series, names), summary=summary_of(series, names),
        points=tuple(Point(x, y, t, r) for (x, y), t, r in zip(spots, texts, labels, strict=True)),
        line=_path(spots),
        ticks_y=tuple(Tick(frame.y(v, low, high), number(v)) for v in _steps(low, high, step)),
        ticks_x=tuple(Tick(spots[i][0], labels[i]) for i in range(0, n, every)),
        marks=_marks(series, events, [x for x, _ in spots]),
    )  # fmt: skip


def title_of(series: Series, names: Names) -> str:
    name = names.indicator(series.indicator, series.of)
    return f"{name} by round, as change since the opening" if series.relative else f"{name} by round"


def summary_of(series: Series, names: Names) -> str:
    """What the line shows, in one sentence: start, highest, lowest, end."""
    values = shown_values(series)
    top, bottom = max(values), min(values)
    at = {v: round_label(series.rounds[values.index(v)]).lower() for v in (top, bottom)}
    said = [value_label(series, v) for v in (values[0], top, bottom, values[-1])]
    return (
        f"{names.indicator(series.indicator, series.of)} is {said[0]} at the opening, at most {said[1]} ({at[top]}), "
        f"at least {said[2]} ({at[bottom]}), and {said[3]} at the end."
    )


def shown_values(series: Series) -> list[float]:
    """The values to draw: changes since the opening where the scale is not known to this view."""
    return [v - series.values[0] for v in series.values] if series.relative else list(series.values)


def value_label(series: Series, value: float) -> str:
    return signed(value) if series.relative and value else number(value)


def round_label(round: int) -> str:
    return "Opening" if round == 0 else f"Round {round}"


def sparkline(series: Series, width: int = 96, height: int = 24) -> str:
    """The path of a small line without axes."""
    values = shown_values(series)
    low, high = min(values), max(values)
    frame = _Frame(width, height, left=-9, right=-9, top=3, bottom=3)
    if low == high:
        low, high = low - 1, high + 1
    return _path([(frame.x(i, len(values)), frame.y(v, low, high)) for i, v in enumerate(values)])


def _path(spots: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(spots))


def _scale(values: Sequence[float], series: Series) -> tuple[float, float, float]:
    low, high = min(values), max(values)
    step = next((s for s in (1, 2, 5, 10, 20, 25, 50, 100) if (high - low + 2) / s <= 4), None)
    step = step or 10 ** math.ceil(math.log10(high - low))
    bottom, top = math.floor((low - 0.5) / step) * step, math.ceil((high + 0.5) / step) * step
    bounds = series.bounds
    return max(bottom, math.floor(bounds.low) if not series.relative else bottom), top, step


def _steps(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step) * step
    return [first + step * i for i in range(int((high - first) / step + 1e-9) + 1)]


def _marks(series: Series, events: Sequence[AnyEvent], xs: Sequence[float]) -> tuple[Mark, ...]:
    marks = []
    for x, of_round in zip(xs, series.rounds, strict=True):
        kinds = {e.kind for e in events if e.round == of_round and of_round}
        here = [kind for kind in GLYPHS if kind in kinds]
        start = x - 7 * (len(here) - 1)
        marks += [Mark(round(start + 14 * i, 1), 18, kind, GLYPHS[kind]) for i, kind in enumerate(here)]
    return tuple(marks)
