"""What a crisis offers to do, to agree on and to measure: instruments, vocabulary of commitments, indicators.

Frozen models of instruments.yaml, commitments.yaml and indicators.yaml. Knows nothing about what a use of them brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ..frozen import Frozen, Id, Note
from ..naming import ObjectId, PlayerId, RingId, SeatId, TypeId
from .models import Prose, Src, Status
from .patterns import Pattern, Values


class Param(Frozen):
    """A typed parameter of an instrument."""

    type: Literal["choice", "text", "flag", "number"]
    values: tuple[Note, ...] = ()
    low: int = 0
    high: int = 1000
    meaning: Note = ""
    default: str | bool | int | None = None
    """What stands where a seat leaves it out; without one it is required."""
    dated: dict[Note, date] = Field(default_factory=dict)
    """Values that exist from a day on."""
    known_from: dict[Note, date] = Field(default_factory=dict)
    """Values that history brought on a day: scenarios that open earlier do not have them."""


class Codes(Frozen):
    """Codes on the three escalation scales; null where a scale has none."""

    cameo: str | None = None
    goldstein: Annotated[float, Field(ge=-10, le=10)] | None = None
    rivera: Literal["de-escalation", "status_quo", "posturing", "non_violent", "violent", "nuclear"] | None = None
    kahn: Annotated[int, Field(ge=1, le=44)] | None = None
    src: Src = ()


class CodesWhen(Frozen):
    """Other codes of an instrument where its parameters are these."""

    params: dict[Id, Values]
    codes: Codes


class Instrument(Frozen):
    """Something a government can do in the act phase."""

    id: Id
    title: Note
    meaning: Prose
    family: Id
    """deterrence, sanctions, diplomacy, messaging, tests, restraint, economy, force ..."""
    seats: tuple[PlayerId, ...]
    params: dict[Id, Param] = Field(default_factory=dict)
    towards: tuple[SeatId, ...] = ()
    """Whom it is aimed at, for the dyads of the scales; a `target` parameter overrides it."""
    visible: bool = True
    """False: only the actor reads it, unless a `visible` parameter says otherwise."""
    force: bool = False
    """A use of force: offered only where scenario or run turn force on."""
    consult_in: tuple[RingId, ...] = ()
    """Rings in which its use should be put before the allies first (article-map M3)."""
    available_from: date | None = None
    codes: Codes = Codes()
    codes_when: tuple[CodesWhen, ...] = ()
    """The first that fits is taken instead of `codes`."""
    status: Status = "verified"
    src: Src = ()
    map: tuple[str, ...] = ()

    def codes_for(self, params: Mapping[str, str | bool | int]) -> Codes:
        """Codes of one use of it; a parameter that was left out has its default."""
        used = {name: params.get(name, param.default) for name, param in self.params.items()}
        fits = (w.codes for w in self.codes_when if all(used.get(name) in values for name, values in w.params.items()))
        return next(fits, self.codes)


class CommitmentType(Frozen):
    """A type of clause, and the moves that break it."""

    id: Id
    title: Note
    meaning: Prose
    objects: tuple[ObjectId, ...] = ()
    """Objects it goes with; empty: any."""
    existing: bool = False
    """Its object must exist when the clause is offered: what is not there cannot be traded away."""
    broken_by: tuple[Pattern, ...] = ()
    """Events of a bound party that break it; none: 'in force, untested'."""
    map: tuple[str, ...] = ()


class ObjectRow(Frozen):
    """Something that a clause can be about."""

    id: Id
    title: Note
    broken_by: tuple[Pattern, ...] = ()
    """Narrows its type's: only these break a clause about this object, for the types in `for_types` (without any, all).

    With `for_types` and no patterns, no move breaks such a clause: 'in force, untested'.
    """
    for_types: tuple[TypeId, ...] = ()
    known_from: date | None = None
    """The day on which history brought it: scenarios that open earlier do not have it."""
    available_from: date | None = None
    src: Src = ()
    map: tuple[str, ...] = ()


class Indicator(Frozen):
    """A number of the world, who may read it, and where it starts."""

    id: Id
    title: Note
    meaning: Prose
    unit: Note = "points"
    low: float = 0
    high: float = 100
    start: float
    per: Literal["one", "seat", "pair", "key"] = "one"
    keys: tuple[Note, ...] = ()
    """The seats, pairs ('a:b', sorted) or keys it has a value for; for seat and pair empty means all."""
    readers: Literal["public", "owner", "nobody"] = "public"
    """owner: the seat, or the two seats of the pair."""
    src: Src = ()
    map: tuple[str, ...] = ()


class Instruments(Frozen):
    instruments: tuple[Instrument, ...]


class Vocabulary(Frozen):
    types: tuple[CommitmentType, ...]
    objects: tuple[ObjectRow, ...]


class Indicators(Frozen):
    indicators: tuple[Indicator, ...]
