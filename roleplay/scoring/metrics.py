"""Every metric by name: functions, and the patterns of the crisis's data; their values, and what each one means.

Knows nothing about items, lenses or how a figure is shown.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from ..crises.scoresheet import MetricRow, ScoreFile
from ..events import Event, Moved
from . import conduct, escalation, outcome
from .card import MetricValue
from .case import Case
from .conduct import ids, share
from .outcome import Found, Measure

METRICS: Mapping[str, Measure] = {**outcome.OF_TEXTS, **outcome.OF_RUNS, **escalation.OF_RUNS, **conduct.OF_RUNS}
"""Where a metric is added that is no pattern; those that are stand in a crisis's score.yaml."""


@dataclass(frozen=True)
class About:
    """What a metric means, for the reference."""

    id: str
    meaning: str
    unit: str
    range: str
    source: str

    @property
    def title(self) -> str:
        return re.split(r"[:;,]", self.meaning)[0].rstrip(".")


@cache
def about(name: str) -> About:
    """What a function's docstring says: its meaning, then a last line with unit, range and source."""
    measure = METRICS[name]
    text, _, last = inspect.cleandoc(measure.__doc__ or "").rpartition("\n\n")
    unit, range_, source = (part.strip() for part in last.split(";"))
    return About(name, " ".join(text.split()), unit, range_, source)


def about_row(row: MetricRow) -> About:
    """The same of a pattern in data."""
    _, unit, range_ = FORMS[row.form]
    return About(row.id, f"{row.title}. {row.meaning}", unit, range_, ", ".join((*row.map, *row.src)))


def described(rules: ScoreFile) -> dict[str, About]:
    """Every metric of a crisis by name."""
    rows = {row.id: about_row(row) for row in rules.metrics}
    return {**{name: about(name) for name in METRICS}, **rows}


def measure(case: Case) -> dict[str, MetricValue]:
    """Every metric of a case; of commitments from outside, those that need no game."""
    found: dict[str, MetricValue] = {}
    for name, function in (outcome.OF_TEXTS if case.outside else METRICS).items():
        found[name] = _valued(function(case), about(name).unit)
    for row in () if case.outside else case.rules.metrics:
        form, unit, _ = FORMS[row.form]
        found[row.id] = _valued(form(case, row), unit)
    case.measured.update(found)
    return found


def _valued(found: Found | None, unit: str) -> MetricValue:
    return MetricValue(value=found.value if found else None, unit=unit, evidence=found.evidence if found else ())


# --- patterns as metrics ---------------------------------------------------------------------------------------------


def _count(case: Case, row: MetricRow) -> Found:
    events = case.find_all(row.of)
    return Found(len(events), ids(events))


def _per_round(case: Case, row: MetricRow) -> Found:
    events = case.find_all(row.of)
    return Found(share(len(events), case.rounds), ids(events))


def _share(case: Case, row: MetricRow) -> Found:
    base = case.find_all(row.among)
    wanted = {e.id for e in case.find_all(row.of)}
    events = [e for e in base if e.id in wanted]
    return Found(share(len(events), len(base)), ids(events))


def _linked(case: Case, row: MetricRow) -> Found:
    """Share of `of` that has one of `by` before or after it, near enough and alike."""
    others: dict[int, list[Event]] = defaultdict(list)
    for event in case.find_all(row.by):
        others[event.round].append(event)
    side = -1 if row.form == "preceded" else 1
    events, linked = case.find_all(row.of), 0
    for event in events:
        near = (o for apart in range(row.within + 1) for o in others.get(event.round + side * apart, ()))
        linked += any(_alike(row, event, o) and side * (case.order[o.id] - case.order[event.id]) > 0 for o in near)
    return Found(share(linked, len(events)), ids(events))


def _alike(row: MetricRow, event: Event, other: Event) -> bool:
    return all(_what(event, name) == _what(other, name) for name in row.same)


def _what(event: Event, name: str) -> object:
    return event.seat if name == "seat" else getattr(event.move, name, None) if isinstance(event, Moved) else None


def _sequence(case: Case, row: MetricRow) -> Found:
    reached: list[Event] = []
    for pattern in row.of:
        step = next(
            (e for e in case.find(pattern) if not reached or case.order[e.id] > case.order[reached[-1].id]), None
        )
        if step is None:
            break
        reached.append(step)
    return Found(len(reached), ids(reached))


def _balance(case: Case, row: MetricRow) -> Found:
    one, other = case.find_all(row.of), case.find_all(row.by)
    return Found(share(min(len(one), len(other)), max(len(one), len(other))), ids([*one, *other]))


FORMS: Mapping[str, tuple[Callable[[Case, MetricRow], Found], str, str]] = {
    "count": (_count, "events", "0 and up"), "per_round": (_per_round, "events a round", "0 and up"),
    "share": (_share, "share", "0-1"), "preceded": (_linked, "share", "0-1"), "followed": (_linked, "share", "0-1"),
    "sequence": (_sequence, "steps", "0 and up"), "balance": (_balance, "share", "0-1"),
}  # fmt: skip
"""Form of a pattern -> how it is measured, unit, range."""
