"""The order in which a run is read: rounds, phases, lanes (a ring, or none), and the turns in each.

A pure arrangement of readable events; knows nothing about words, colours or formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from .. import events as ev
from ..events import PUBLIC, AnyEvent, Event
from ..moves import Phase
from .names import tag

SMALL = ("vote", "open", "suspend", "renew", "authorise", "pass")
"""Moves that fit the line of their seat's name."""


@dataclass(frozen=True)
class TurnPart:
    """What belongs to one seat's one turn, or to the engine between turns (`seat` is None)."""

    seat: str | None
    events: tuple[AnyEvent, ...]

    @cached_property
    def spoken(self) -> ev.Spoken | None:
        return next((e for e in self.events if isinstance(e, ev.Spoken)), None)

    @cached_property
    def thoughts(self) -> tuple[ev.Deliberation | ev.Reasoning, ...]:
        return tuple(e for e in self.events if isinstance(e, (ev.Deliberation, ev.Reasoning)))

    @cached_property
    def moves(self) -> tuple[ev.Moved, ...]:
        return tuple(e for e in self.events if isinstance(e, ev.Moved))

    @cached_property
    def intents(self) -> tuple[ev.Intent, ...]:
        return tuple(e for e in self.events if isinstance(e, ev.Intent))

    @cached_property
    def rulings(self) -> tuple[ev.Ruling, ...]:
        return tuple(e for e in self.events if isinstance(e, ev.Ruling))

    @cached_property
    def results(self) -> tuple[AnyEvent, ...]:
        """What followed at once: deals, channels, injects, tallies, chance, breaches, leaks, endings."""
        own = (ev.Spoken, ev.Deliberation, ev.Reasoning, ev.Moved, ev.Intent, ev.Ruling)
        return tuple(e for e in self.events if not isinstance(e, own))

    @property
    def slim(self) -> bool:
        """Whether it fits one line: a pass, or a single small move such as a vote, without words."""
        if self.rulings or self.results or self.intents or (self.spoken and self.spoken.text):
            return False
        passed = self.spoken is not None and self.spoken.outcome == "passed"
        return passed or (len(self.moves) == 1 and self.moves[0].move.kind in SMALL)

    @property
    def exchange(self) -> int:
        return self.spoken.exchange if self.spoken else 1


@dataclass(frozen=True)
class Lane:
    """One ring's part of a phase, or what happened outside any ring."""

    ring: str | None
    turns: tuple[TurnPart, ...]

    @cached_property
    def readers(self) -> tuple[str, ...]:
        """Who could read what was said here: the readers of its turns; of its widest event where nobody spoke."""
        said = [t.spoken.readers for t in self.turns if t.spoken]
        every = said or [e.readers for t in self.turns for e in t.events]
        return max(every, key=len, default=())


@dataclass(frozen=True)
class PhasePart:
    """One phase of one round; effects are apart, since they are read as one table."""

    phase: Phase
    lanes: tuple[Lane, ...]
    effects: tuple[ev.Effect, ...]
    closed: ev.PhaseClosed | None

    @property
    def empty(self) -> bool:
        return not self.lanes and not self.effects


@dataclass(frozen=True)
class RoundPart:
    """One round; number 0 is the set-up."""

    number: int
    at: str
    phases: tuple[PhasePart, ...]


def rounds_of(events: Iterable[AnyEvent]) -> tuple[RoundPart, ...]:
    """The rounds of these events, which are in canonical order."""
    parts = []
    for number, of_round in groupby(events, key=lambda e: e.round):
        listed = list(of_round)
        phases = tuple(_phase(phase, list(group)) for phase, group in groupby(listed, key=lambda e: e.phase))
        parts.append(RoundPart(number, min(e.at for e in listed), phases))
    return tuple(parts)


def _phase(phase: Phase, events: Sequence[AnyEvent]) -> PhasePart:
    effects = tuple(e for e in events if isinstance(e, ev.Effect))
    closed = next((e for e in events if isinstance(e, ev.PhaseClosed)), None)
    shown = [e for e in events if not isinstance(e, (ev.Effect, ev.PhaseClosed, ev.Run, ev.Role))]
    lanes: dict[str | None, list[AnyEvent]] = {}
    for event in shown:
        lanes.setdefault(event.ring if in_ring(event) else None, []).append(event)
    outside = lanes.pop(None, [])
    parts = [Lane(ring, _turns(group)) for ring, group in lanes.items()]
    return PhasePart(phase, (*parts, *([Lane(None, _turns(outside))] if outside else [])), effects, closed)


def in_ring(event: Event) -> bool:
    """Whether an event is part of a ring's meeting, and not merely about a ring, as what settles afterwards is."""
    return event.ring is not None and event.phase == "talks"


def _turns(events: Sequence[AnyEvent]) -> tuple[TurnPart, ...]:
    """One part a turn, in order; what the engine adds (turn 0) goes to its causer's turn, or else into a last part."""
    parts: dict[tuple[int, str | None], list[AnyEvent]] = {}
    for event in sorted(events, key=lambda e: e.turn == 0):
        key = (event.turn, event.seat)
        if not event.turn:
            key = next(((n, whose) for n, whose in parts if event.seat and whose == event.seat), (0, None))
        elif not event.seat:
            key = next(((n, whose) for n, whose in parts if n == event.turn), key)
        parts.setdefault(key, []).append(event)
    return tuple(TurnPart(_whose(group), tuple(group)) for group in parts.values())


def _whose(events: Sequence[AnyEvent]) -> str | None:
    own = (ev.Spoken, ev.Moved, ev.Deliberation, ev.Ruling)
    return next((e.seat for e in events if isinstance(e, own)), None)


def audience(readers: Sequence[str], seats: Sequence[str]) -> str:
    """Who may read something, in a few words: 'public', 'all governments', 'US, UK only', 'nobody in the game'."""
    if PUBLIC in readers:
        return "public"
    if not readers:
        return "nobody in the game"
    if set(seats) <= set(readers):
        return "all governments"
    ordered = [*(seat for seat in seats if seat in readers), *(r for r in readers if r not in seats)]
    return f"{', '.join(tag(seat) for seat in ordered)} only"


def audience_class(readers: Sequence[str], seats: Sequence[str]) -> str:
    """`public`, `all`, `some` or `none`: how wide an audience is, for looks."""
    words = audience(readers, seats)
    return {"public": "public", "all governments": "all", "nobody in the game": "none"}.get(words, "some")
