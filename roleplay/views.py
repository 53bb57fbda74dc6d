"""The one door to a seat: what a seat may know at a moment of the game, and nothing else.

Prompts, pages and per-seat exports are built from a `SeatView` only. Knows nothing about where events are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from . import ledger as ledger_
from . import world as world_
from .crises.roles import RoleSheet as RoleSheet
from .events import PUBLIC, Deliberation, Event, Inject, PhaseClosed, Role, Run
from .ledger import Ledger
from .moves import PHASE_NUMBER, PHASES, Phase
from .world import World as World  # As a seat knows it: what prompts read.

T = TypeVar("T")


class Moment(NamedTuple):
    """When a seat looks: a turn in a ring, or a phase in which all move at once (`ring` is None)."""

    round: int
    phase: Phase
    ring: str | None
    turn: int


AFTER = Moment(1_000_000, "settle", None, 0)
"""After the last event: everything that a reader may ever read."""


@lru_cache(maxsize=512)
def _sheet(event_id: str, identity: int, role: _Hashable) -> RoleSheet:
    """Parsed once an event object: a branch has events of its parent's ids, and may have other strategies."""
    return RoleSheet.model_validate(role.data)


@dataclass(frozen=True)
class _Hashable:
    data: Mapping[str, object] = field(hash=False, compare=False)


@dataclass(frozen=True)
class Attempt:
    """An answer of this same turn that could not be used, and what was wrong with it; both are shown to its seat."""

    reply: str
    problem: str


@dataclass(frozen=True)
class Known:
    """What a seat knows of the closed phases, kept by whoever makes its views; for speed alone."""

    sheet: RoleSheet
    ledger: Ledger
    world: World
    events: tuple[Event, ...] = ()
    """Those that it may read."""
    count: int = 0
    """How many events, readable or not, the closed phases have."""
    kept: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    """What readers of the seat's views have worked out in this game and need not work out again."""

    @staticmethod
    def of(sheet: RoleSheet) -> Known:
        """What a seat knows before the first event."""
        return Known(sheet, Ledger(), World(sheet.bounds))

    def after(self, closed: Sequence[Event]) -> Known:
        """What the seat knows once more phases have closed; this one stays as it is."""
        more = [event for event in closed if self.sheet.seat in event.readers]
        ledger = ledger_.fold(more, self.ledger)
        world = world_.fold(more, self.world.bounds, self.world)
        return Known(self.sheet, ledger, world, (*self.events, *more), self.count + len(closed), self.kept)

    def begins(self, events: Sequence[Event]) -> bool:
        """Whether these are folds of the beginning of `events`."""
        count = len(self.events)
        return 0 < count <= len(events) and events[count - 1] is self.events[-1]


@dataclass(frozen=True)
class SeatView:
    """Everything that `seat` (or `public`) may know at `moment`: readable events in canonical order."""

    seat: str
    moment: Moment
    events: tuple[Event, ...]
    attempts: tuple[Attempt, ...] = ()
    known: Known | None = field(default=None, repr=False, compare=False)
    """Folds of the first of `events`, if somebody keeps them; they change nothing but how long a fold takes."""
    kept: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was worked out of this seat's views of this game, likewise."""

    def again(self, attempt: Attempt) -> SeatView:
        """The same view after an answer that could not be used."""
        return replace(self, attempts=(*self.attempts, attempt))

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gives, made once a game; the caller sees to it that nothing but `key` tells one from another."""
        if self.known and not self.known.begins(self.events):
            return make()
        if key not in self.kept:
            self.kept[key] = make()
        found: T = self.kept[key]
        return found

    @cached_property
    def run(self) -> Run:
        """What everybody knows of the run."""
        return next(e for e in self.events if isinstance(e, Run))

    @cached_property
    def sheet(self) -> RoleSheet:
        """The seat's role sheet; the public has none."""
        if self.known:
            return self.known.sheet
        event = next(e for e in self.events if isinstance(e, Role) and e.seat == self.seat)
        return _sheet(event.id, id(event.role), _Hashable(event.role))

    @cached_property
    def ledger(self) -> Ledger:
        """Proposals and commitments as far as the seat knows them."""
        if self.known and self.known.begins(self.events):
            return ledger_.fold(self.events[len(self.known.events) :], self.known.ledger)
        return ledger_.fold(self.events)

    @cached_property
    def world(self) -> World:
        """Indicators, rings and acts as far as the seat knows them."""
        bounds = self.sheet.bounds
        if self.known and self.known.begins(self.events):
            return world_.fold(self.events[len(self.known.events) :], bounds, self.known.world)
        return world_.fold(self.events, bounds)

    def members(self, ring: str) -> tuple[str, ...]:
        """Who meets in a ring now, as far as the seat knows."""
        state = self.world.rings.get(ring)
        return state.members if state and state.members else self.sheet.rings[ring].members

    @cached_property
    def readers(self) -> tuple[str, ...]:
        """Who can read what the seat says at this moment."""
        if self.moment.ring:
            return self.members(self.moment.ring)
        return (*self.run.seats, PUBLIC) if self.moment.phase in ("council", "speak") else (self.seat,)

    @property
    def table(self) -> str | None:
        """The ring whose texts lie before the seat: the one of its turn, the Council's in a vote."""
        return self.moment.ring or (self.sheet.council if self.moment.phase == "council" else None)

    @cached_property
    def heard(self) -> tuple[Event, ...]:
        """Events of this ring in this very phase: what the seat answers to."""
        m = self.moment
        return tuple(e for e in self.events if (e.round, e.phase, e.ring) == (m.round, m.phase, m.ring))

    @cached_property
    def date(self) -> str:
        """Scenario date of this phase: what is on the calendar for later days of the round does not count."""
        return max((e.at for e in self.events if not isinstance(e, Inject)), default="")


def view(events: Iterable[Event], seat: str, moment: Moment, known: Known | None = None) -> SeatView:
    """What `seat` may know at `moment`: its readable events of closed phases, plus those of its own ring so far.

    `events` in canonical order. Acts, votes and public lines of the phase under way are not there: nobody knows them
    before the phase closes. `known` holds what the seat knows of all closed phases, where the caller keeps that.
    """
    now = (moment.round, PHASE_NUMBER[moment.phase])
    ring, turn = moment.ring, moment.turn
    readable = list(known.events) if known else []
    for event in islice(events, known.count if known else 0, None):
        if seat not in event.readers:
            continue
        when = (event.round, PHASE_NUMBER[event.phase])
        if when < now or (when == now and ring is not None and event.ring == ring and event.turn < turn):
            readable.append(event)
    return SeatView(seat, moment, tuple(readable), known=known, kept=known.kept if known else {})


def sitting(events: Sequence[Event], reader: str) -> SeatView:
    """What a person at a seat has before them now: closed phases, and what was said so far in every ring they sit in,
    and in their delegation's own room.

    For readers who watch a game go on; a turn is asked for with a `view` of its own, whose ring alone it knows.
    """
    now = latest(events)
    here = (now.round, PHASE_NUMBER[now.phase])
    seen = []
    for event in events:
        when = (event.round, PHASE_NUMBER[event.phase])
        mine = isinstance(event, Deliberation) and event.internal
        said = when == here and ((event.ring and now.phase == "talks") or mine)
        if reader in event.readers and (when < here or said):
            seen.append(event)
    return SeatView(reader, now, tuple(seen))


def latest(events: Iterable[Event]) -> Moment:
    """The moment after the last phase that is closed: of an unfinished run, nobody knows what all do at once yet."""
    closed = [(e.round, PHASES.index(e.phase)) for e in events if isinstance(e, PhaseClosed)]
    if not closed:
        return Moment(0, "brief", None, 0)
    number, phase = max(closed)
    if phase + 1 == len(PHASES):
        return Moment(number + 1, "brief", None, 0)
    return Moment(number, PHASES[phase + 1], None, 0)
