"""What a run's readable events add up to: indicators by round, the ledger at the end, key moments, counts.

Folds events with `roleplay.ledger` and `roleplay.world`; knows nothing about how any of it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..events import AnyEvent, Breach, Deal, Effect, Ending, Event, Leaked, Role, Ruling, Spoken, Tally
from ..ledger import Entry, Ledger, Proposal
from ..world import Bounds, World
from .record import RunRecord

UNKNOWN = Bounds(float("-inf"), float("inf"), 0.0)
"""Bounds of an indicator whose scale this view does not know: only its changes can be told."""


class Scales(dict[str, Bounds]):
    """Scales of indicators as role sheets give them; UNKNOWN for every other."""

    def __missing__(self, indicator: str) -> Bounds:
        return UNKNOWN

    def add(self, event: Event) -> None:
        """Take in the scales of a role sheet; other events hold none."""
        if isinstance(event, Role):
            self.add_vocabulary(event.role)

    def add_vocabulary(self, data: Mapping[str, Any]) -> None:
        """Take in the scales of a crisis's or a role sheet's indicators."""
        for name, row in _rows(data.get("indicators")).items():
            self[name] = Bounds(row.get("low", 0), row.get("high", 100), row.get("start", 0))


@dataclass(frozen=True)
class Change:
    """What one effect did, as this view knows it: the indicator's value before and after."""

    effect: Effect
    before: float
    after: float

    @property
    def counted_before(self) -> bool:
        """Whether it is a copy of an effect that this view had read already."""
        return self.effect.origin is not None and self.before == self.after


@dataclass(frozen=True)
class Moment:
    """A turn or event after which much changed; `weight` is in points of a 0-100 scale."""

    event: AnyEvent
    weight: float
    changes: tuple[Effect, ...]


@dataclass(frozen=True)
class Series:
    """One indicator over the rounds; `values[i]` stands after `rounds[i]`, of which the first is the set-up."""

    indicator: str
    of: str
    bounds: Bounds
    rounds: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def relative(self) -> bool:
        """Whether only changes since the opening are known."""
        return self.bounds is UNKNOWN


@dataclass
class Figures:
    """Everything countable in one record."""

    record: RunRecord
    changes: dict[str, Change] = field(init=False, default_factory=dict)
    """Effect's event id -> what it did."""
    ledger: Ledger = field(init=False, default_factory=Ledger)
    world: World = field(init=False)
    _snapshots: dict[int, dict[tuple[str, str], float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        scales = Scales()
        scales.add_vocabulary(self.record.crisis)
        self.world = World(scales)
        for event in self.record.events:
            scales.add(event)
            before = self.world.value(event.indicator, event.of) if isinstance(event, Effect) else 0.0
            self.world.apply(event)
            self.ledger.apply(event)
            if isinstance(event, Effect):
                self.changes[event.id] = Change(event, before, self.world.value(event.indicator, event.of))
            self._snapshots[event.round] = dict(self.world.indicators)

    # --- indicators --------------------------------------------------------------------------------------------------

    @cached_property
    def tension(self) -> Series | None:
        """The indicator that charts follow; None where this view knows no effect and no scale of it."""
        name = tension_of(self.record)
        known = name in self.world.bounds or any(i == name for i, _ in self.world.indicators)
        return self.series(name) if name and known else None

    def series(self, indicator: str, of: str = "") -> Series:
        bounds = self.world.bounds[indicator]
        rounds = tuple(sorted(self._snapshots))
        values = tuple(self._snapshots[r].get((indicator, of), bounds.start) for r in rounds)
        return Series(indicator, of, bounds, rounds, values)

    @cached_property
    def all_series(self) -> tuple[Series, ...]:
        """Every indicator that moved, the tension first, then those that everyone shares, then pairs and seats."""
        first = tension_of(self.record)
        order = sorted(self.world.indicators, key=lambda k: (k[0] != first, bool(k[1]), k))
        return tuple(self.series(*key) for key in order)

    def moved(self, effects: Iterable[Effect]) -> list[tuple[Change, ...]]:
        """The changes of a phase, one group an indicator, in the order of their first effect."""
        groups: dict[tuple[str, str], list[Change]] = {}
        for effect in effects:
            groups.setdefault((effect.indicator, effect.of), []).append(self.changes[effect.id])
        return [tuple(group) for group in groups.values()]

    # --- ledger ------------------------------------------------------------------------------------------------------

    def entries(self, *statuses: str) -> list[Entry]:
        return [e for e in self.ledger.entries.values() if e.status in statuses]

    def proposals(self, *statuses: str) -> list[Proposal]:
        return [p for _, p in sorted(self.ledger.proposals.items()) if p.status in statuses]

    def untested(self, entry: Entry) -> bool:
        """Whether no move could have broken it, by the vocabulary that this view knows."""
        clause = entry.commitment
        rows = [self._vocabulary["types"].get(clause.type), self._vocabulary["objects"].get(clause.object)]
        return rows[0] is not None and not any(row.get("broken_by") for row in rows if row)

    @cached_property
    def _vocabulary(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"types": {}, "objects": {}}
        for event in self.record.events:
            if isinstance(event, Role):
                for name, rows in found.items():
                    rows.update(_rows(event.role.get(name)))
        return found

    # --- moments and counts ------------------------------------------------------------------------------------------

    def key_moments(self, most: int = 6) -> list[Moment]:
        """The turns and events after which indicators or the ledger changed most, in the order of play.

        A breach that is shown again to those who had not known changes nothing once more.
        """
        effects: dict[str, list[Effect]] = {}
        for change in self.changes.values():
            for cause in change.effect.cause:
                effects.setdefault(cause, []).append(change.effect)
        events = self.record.events
        weights = [_own_weight(e) + sum(map(self._share, effects.get(e.id, ()))) for e in events]
        told: set[str] = set()
        for n, event in enumerate(events):
            if isinstance(event, Breach):
                weights[n] *= event.commitment not in told
                told.add(event.commitment)
        heaviest = sorted((n for n, weight in enumerate(weights) if weight > 0), key=lambda n: -weights[n])[:most]
        return [Moment(events[n], weights[n], tuple(effects.get(events[n].id, ()))) for n in sorted(heaviest)]

    def _share(self, effect: Effect) -> float:
        bounds = self.world.bounds[effect.indicator]
        span = bounds.high - bounds.low
        return abs(effect.by) / span * 100 if 0 < span < float("inf") else abs(effect.by)

    @cached_property
    def turns(self) -> dict[str, dict[str, int]]:
        """Seat -> outcome of a turn -> how many."""
        counts: dict[str, dict[str, int]] = {}
        for event in self.record.events:
            if isinstance(event, Spoken) and event.seat:
                of_seat = counts.setdefault(event.seat, {})
                of_seat[event.outcome] = of_seat.get(event.outcome, 0) + 1
        return counts

    def outcome_count(self, outcome: str) -> int:
        return sum(of_seat.get(outcome, 0) for of_seat in self.turns.values())

    @cached_property
    def blocked(self) -> int:
        return sum(isinstance(e, Ruling) and e.verdict == "blocked" for e in self.record.events)

    @cached_property
    def ending(self) -> Ending | None:
        return next((e for e in reversed(self.record.events) if isinstance(e, Ending)), None)

    def of_kind(self, *kinds: str) -> list[AnyEvent]:
        return [e for e in self.record.events if e.kind in kinds]


def _own_weight(event: AnyEvent) -> float:
    match event:
        case Deal(round=0):
            return 0
        case Deal() | Breach():
            return 8
        case Leaked():
            return 6
        case Tally(adopted=False):
            return 4
        case _:
            return 0


def tension_of(record: RunRecord) -> str:
    """The indicator that charts follow: as the set-up's crisis or a role sheet names it, else `tension`."""
    file = record.crisis.get("file")
    node = file.get("tension") if isinstance(file, Mapping) else None
    sheets = (e.role.get("tension") for e in record.events if isinstance(e, Role))
    return next((name for name in (node, *sheets) if isinstance(name, str) and name), "tension")


def _rows(value: object) -> dict[str, Mapping[str, Any]]:
    return {k: row for k, row in value.items() if isinstance(row, Mapping)} if isinstance(value, Mapping) else {}
