"""Indicators, rings and what was done, as a fold of events; knows nothing about effects, rules or deals.

The same fold over a seat's readable events gives the world as that seat knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace

from .events import Announced, Channel, Effect, Event, Leaked, Moved, Spoken
from .moves import Authorise, Consult, Mandate, NameOfficial, Prearrange, Use


@dataclass(frozen=True)
class Bounds:
    """Range of an indicator and its value where nothing is known of it."""

    low: float
    high: float
    start: float


@dataclass(frozen=True)
class RingState:
    """Whether a ring meets, and who still does; `offered_by` have asked for its opening."""

    state: str
    members: tuple[str, ...]
    offered_by: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class Act:
    """One use of an instrument."""

    round: int
    seat: str
    instrument: str
    params: Mapping[str, str | bool | int]
    event: str


@dataclass
class World:
    """State of play besides deals, after the events applied so far."""

    bounds: Mapping[str, Bounds]
    indicators: dict[tuple[str, str], float] = field(default_factory=dict)
    rings: dict[str, RingState] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    consulted: set[tuple[str, str, str]] = field(default_factory=set)
    """(seat, ring, instrument), until the seat has used it"""
    authorised: set[tuple[str, str]] = field(default_factory=set)
    """(seat, instrument), until it is used"""
    mandates: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """(seat, ring) -> clause types granted"""
    phrases: dict[str, str] = field(default_factory=dict)
    """ring -> the prearranged words that invite to it"""
    officials: dict[str, str] = field(default_factory=dict)
    """seat -> post that answers for the policy"""
    published: set[str] = field(default_factory=set)
    """What was leaked or announced: 'ring' or 'ring/number'; a text in the open shows its ring too"""
    failed: dict[str, int] = field(default_factory=dict)
    """seat -> FAILED turns"""
    seen_effects: set[str] = field(default_factory=set)

    def copied(self) -> World:
        """An independent world in the same state."""
        return World(self.bounds, **{n: copy(getattr(self, n)) for n in self.__dataclass_fields__ if n != "bounds"})

    def value(self, indicator: str, of: str = "") -> float:
        """Present value of an indicator, of a seat or pair where it has one for each."""
        return self.indicators.get((indicator, of), self.bounds[indicator].start)

    def apply(self, event: Event) -> None:
        """Fold one event in; events of kinds that the world does not keep change nothing."""
        match event:
            case Effect():
                self._effect(event)
            case Channel():
                self._channel(event)
            case Moved(seat=str() as seat):
                self._move(event, seat)
            case Leaked(about=about) | Announced(about=about):
                self.published |= {about, about.split("/")[0]}
            case Spoken(outcome="failed", seat=str() as seat):
                self.failed[seat] = self.failed.get(seat, 0) + 1
            case _:
                pass

    def _effect(self, effect: Effect) -> None:
        self.seen_effects.add(effect.id)
        if effect.origin in self.seen_effects:
            return
        bounds = self.bounds[effect.indicator]
        value = self.value(effect.indicator, effect.of) + effect.by
        self.indicators[effect.indicator, effect.of] = min(bounds.high, max(bounds.low, value))

    def _channel(self, event: Channel) -> None:
        known = self.rings.get(event.about) or RingState("closed", ())
        match event.state:
            case "arranged":
                self.phrases[event.about] = event.words
                return
            case "offered" | "signalled" if event.seat:
                known = replace(known, offered_by=known.offered_by | {event.seat})
            case "open":
                known = RingState("open", event.members)
            case "left":
                known = replace(known, members=event.members)
            case "suspended" | "closed":
                known = RingState(event.state, event.members)
            case _:
                pass
        self.rings[event.about] = known

    def _move(self, event: Moved, seat: str) -> None:
        match event.move:
            case Use(instrument=instrument, params=params):
                self.acts.append(Act(event.round, seat, instrument, params, event.id))
                self.consulted = {c for c in self.consulted if c[::2] != (seat, instrument)}
                self.authorised.discard((seat, instrument))
            case Consult(instrument=instrument) if event.ring:
                self.consulted.add((seat, event.ring, instrument))
            case Authorise(instrument=instrument):
                self.authorised.add((seat, instrument))
            case Mandate(ring=ring, grants=grants):
                self.mandates[seat, ring] = frozenset(grants)
            case Prearrange(ring=ring, phrase=phrase):
                self.phrases[ring] = phrase
            case NameOfficial(post=post):
                self.officials[seat] = post
            case _:
                pass


def fold(events: Iterable[Event], bounds: Mapping[str, Bounds], start: World | None = None) -> World:
    """The world after these events, in canonical order; `start` is not changed."""
    world = start.copied() if start else World(bounds)
    for event in events:
        world.apply(event)
    return world
