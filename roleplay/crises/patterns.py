"""Patterns over events and conditions over the state of play: the small language in which crisis data speaks.

World rows, breaches, endings and score items all use it. Knows nothing about what is done where it matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator

from .. import events, moves
from ..commitments import Commitment
from ..events import PUBLIC, Event
from ..frozen import Frozen, Id, Note
from ..ledger import Entry, Ledger
from ..moves import Parameter, clauses_of
from ..naming import IndicatorId, Names, RingId
from ..world import World


def _as_list(value: object) -> object:
    return [value] if isinstance(value, (str, bool, int)) else value


Ids = Annotated[tuple[Id, ...] | None, BeforeValidator(_as_list, json_schema_input_type=Id | tuple[Id, ...] | None)]
Notes = Annotated[
    tuple[Note, ...] | None, BeforeValidator(_as_list, json_schema_input_type=Note | tuple[Note, ...] | None)
]
Value = str | bool | int
Values = Annotated[tuple[Value, ...], BeforeValidator(_as_list, json_schema_input_type=Value | tuple[Value, ...])]


class Pattern(Frozen):
    """Which events match: every field that is given must fit; a list means 'any of these'."""

    kind: Annotated[Ids, Names("kind")] = None
    """Kind of event: move, deal, breach, tally, leak, announcement, channel, inject, ruling, turn."""
    move: Annotated[Ids, Names("move")] = None
    """Kind of typed move (implies kind: move)."""
    seat: Annotated[Ids, Names("seat")] = None
    """Who caused it."""
    ring: Annotated[Ids, Names("ring")] = None
    """The ring in which it happened."""
    about: Notes = None
    """Ring, 'ring/number', inject, commitment or ending that it is about."""
    state: Annotated[Ids, Names("state")] = None
    """New state of a channel."""
    instrument: Annotated[Ids, Names("instrument")] = None
    """Instrument used; consulted on or authorised where `move` says so."""
    family: Annotated[Ids, Names("family")] = None
    """Family of the instrument used."""
    params: dict[Id, Values] | None = None
    """Parameters of the instrument used."""
    tone: Annotated[Ids, Names("tone")] = None
    line: Annotated[Ids, Names("line")] = None
    post: Annotated[Ids, Names("post")] = None
    type: Annotated[Ids, Names("type")] = None
    """Type of a clause in the text (tabled, pledged, agreed, broken)."""
    object: Annotated[Notes, Names("object")] = None
    """Object of that same clause."""
    giver: Annotated[Ids, Names("seat")] = None
    """Who is bound by that same clause."""
    scope: Notes = None
    form: Annotated[Ids, Names("form")] = None
    """deal, resolution or pledge."""
    adopted: bool | None = None
    unanimous: bool | None = None
    """A vote in which no permanent member abstained or voted against."""
    public: bool | None = None
    """Whether the public may read the event."""
    outcome: Annotated[Ids, Names("outcome")] = None
    rule: Annotated[Notes, Names("rule")] = None
    verdict: Annotated[Ids, Names("verdict")] = None

    @cached_property
    def asked(self) -> tuple[tuple[str, Any], ...]:
        """Those of the plain fields that are given, by name."""
        return tuple((name, wanted) for name in _FIELDS if (wanted := getattr(self, name)) is not None)

    def clause_fits(self, clause: Commitment) -> bool:
        """Whether one clause fits `type`, `object`, `scope` and `giver` together."""
        return (
            (self.type is None or clause.type in self.type)
            and (self.object is None or clause.object in self.object)
            and (self.scope is None or clause.scope in self.scope)
            and (self.giver is None or not set(self.giver).isdisjoint(clause.parties))
        )

    @cached_property
    def asks_clause(self) -> bool:
        return any(f is not None for f in (self.type, self.object, self.scope, self.giver))


def _clauses(event: Event) -> Sequence[Commitment]:
    match event:
        case events.Deal(commitments=clauses):
            return clauses
        case events.Breach(clause=clause):
            return (clause,)
        case events.Moved(move=move):
            return clauses_of(move)
        case _:
            return ()


def _about(event: Event) -> tuple[str, ...]:
    match event:
        case events.Channel(about=about) | events.Leaked(about=about) | events.Announced(about=about):
            return (about, about.split("/")[0])
        case events.Inject(name=name) | events.Ending(name=name):
            return (name,)
        case events.Breach(commitment=name) | events.Moved(move=moves.Break(commitment=name)):
            return (name, name.split("/")[0])
        case events.Moved(move=moves.Renounce(commitment=name)):
            return (name, name.split("/")[0])
        case events.Moved(move=moves.Leak(ring=ring, number=number) | moves.Announce(ring=ring, number=number)):
            return (f"{ring}/{number}", ring)
        case events.Moved(move=move):
            return (move.ring,) if hasattr(move, "ring") else ()
        case _:
            return ()


_FIELDS = ("state", "form", "adopted", "outcome", "rule", "verdict", "tone", "post", "instrument")


def _fits(wanted: Any, found: Any) -> bool:
    return found is wanted if isinstance(wanted, bool) else found is not None and found in wanted


def _no_default(instrument: str, parameter: str) -> Parameter | None:
    return None


@dataclass(frozen=True)
class Matcher:
    """Matches patterns and checks conditions for one crisis; all of its fields come from that crisis's data."""

    family: Callable[[str], str]
    permanent: frozenset[str]
    default: Callable[[str, str], Parameter | None] = _no_default
    """What stands where a parameter of an instrument was left out."""

    def fits(self, pattern: Pattern, event: Event) -> bool:
        """Whether `event` matches `pattern`."""
        move = event.move if isinstance(event, events.Moved) else None
        if pattern.move is not None and (move is None or move.kind not in pattern.move):
            return False
        if pattern.kind is not None and event.kind not in pattern.kind:
            return False
        if pattern.seat is not None and event.seat not in pattern.seat:
            return False
        if pattern.ring is not None and event.ring not in pattern.ring:
            return False
        if pattern.public is not None and pattern.public != (PUBLIC in event.readers):
            return False
        if pattern.about is not None and set(pattern.about).isdisjoint(_about(event)):
            return False
        if pattern.asked:
            found = vars(move or event)
            if not all(_fits(wanted, found.get(name)) for name, wanted in pattern.asked):
                return False
        return (
            self._line_fits(pattern, event) and self._use_fits(pattern, event)
            and self._vote_fits(pattern, event) and self._text_fits(pattern, event)
        )  # fmt: skip

    def _line_fits(self, pattern: Pattern, event: Event) -> bool:
        if pattern.line is None:
            return True
        said = event.move.lines if isinstance(event, events.Moved) and isinstance(event.move, moves.Statement) else ()
        return not set(pattern.line).isdisjoint(said)

    def _use_fits(self, pattern: Pattern, event: Event) -> bool:
        if pattern.family is None and pattern.params is None and (pattern.instrument is None or pattern.move):
            return True
        if not (isinstance(event, events.Moved) and isinstance(event.move, moves.Use)):
            return False
        if pattern.family is not None and self.family(event.move.instrument) not in pattern.family:
            return False
        use = event.move
        given = {name: use.params.get(name, self.default(use.instrument, name)) for name in pattern.params or {}}
        return all(given[name] in values for name, values in (pattern.params or {}).items())

    def _vote_fits(self, pattern: Pattern, event: Event) -> bool:
        if pattern.unanimous is None:
            return True
        if not isinstance(event, events.Tally):
            return False
        return pattern.unanimous == all(event.votes.get(seat) == "yes" for seat in self.permanent)

    def _text_fits(self, pattern: Pattern, event: Event) -> bool:
        return not pattern.asks_clause or any(pattern.clause_fits(c) for c in _clauses(event))

    def holds(self, condition: Condition, state: State) -> bool:
        """Whether a condition holds in this state of play."""
        checks: list[bool] = []
        if condition.indicator is not None:
            value = state.world.value(condition.indicator, condition.of)
            checks.append(condition.above is None or value > condition.above)
            checks.append(condition.below is None or value < condition.below)
        if (wanted := condition.in_force) is not None:
            checks.append(any(_entry_fits(wanted, e) for e in state.ledger.in_force()))
        if condition.ring_open is not None:
            ring = state.world.rings.get(condition.ring_open)
            checks.append(ring is not None and ring.open)
        if (now := condition.now) is not None:
            checks.append(any(self.fits(now, e) for e in state.now))
        if (ever := condition.ever) is not None:
            checks.append(sum(self.fits(ever, e) for e in state.ever()) >= condition.times)
        if condition.from_round is not None:
            checks.append(state.round >= condition.from_round)
        result = all(checks)
        return not result if condition.negate else result

    def all_hold(self, conditions: Iterable[Condition], state: State) -> bool:
        return all(self.holds(c, state) for c in conditions)


def _entry_fits(pattern: Pattern, entry: Entry) -> bool:
    ring = pattern.ring is None or entry.ring in pattern.ring
    form = pattern.form is None or entry.form in pattern.form
    return ring and form and pattern.clause_fits(entry.commitment)


class Condition(Frozen):
    """Something that must hold in the state of play; fields given together must all hold."""

    indicator: IndicatorId | None = None
    of: str = ""
    above: float | None = None
    below: float | None = None
    in_force: Pattern | None = None
    """A commitment in force that fits type, object, scope and giver, and the ring and form it was made in."""
    ring_open: RingId | None = None
    now: Pattern | None = None
    """An event of this round."""
    ever: Pattern | None = None
    times: int = 1
    """How often `ever` must have matched."""
    from_round: int | None = None
    negate: bool = False
    note: Note = ""
    """What it asks for, in words."""


@dataclass(frozen=True)
class State:
    """What conditions are checked against: the folds, this round's events, and all events on demand."""

    ledger: Ledger
    world: World
    round: int
    now: Sequence[Event]
    ever: Callable[[], Iterable[Event]]
