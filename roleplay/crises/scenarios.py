"""What a game opens with and what its calendar brings: scenarios, their variants, what binds beforehand.

Frozen models of scenarios/*.yaml and standing.yaml, and the arithmetic of variants. Knows nothing about other files.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import prod
from typing import Annotated

from pydantic import Field

from ..commitments import Clauses
from ..errors import UsageError
from ..frozen import Frozen, Id, Note
from ..naming import IndicatorId, PlayerId, RingId, SeatId, WorldId
from .models import Prose, Src, Status
from .patterns import Condition
from .worlds import EffectRow


class InjectRow(Frozen):
    """A dated event of the scenario's calendar."""

    id: Id
    on: date
    text: Prose
    readers: tuple[SeatId, ...] = ()
    """Empty: everyone."""
    given: tuple[Condition, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    status: Status = "verified"
    src: Src
    map: tuple[str, ...] = ()


class Initial(Frozen):
    """An indicator's value at the opening, where it differs from its start."""

    indicator: IndicatorId
    of: Note = ""
    value: float
    why: Note = ""


class Change(Frozen):
    """What one option of a variation does to the scenario as written."""

    title: Note
    initial: tuple[Initial, ...] = ()
    drop: tuple[Id, ...] = ()
    """Injects that do not happen."""
    move: dict[Id, int] = Field(default_factory=dict)
    """Inject -> days later (or earlier, negative)."""
    opened: tuple[Id, ...] = ()
    closed: tuple[Id, ...] = ()
    """Rings that are open or closed at the opening, against the scenario as written."""
    absent: tuple[SeatId, ...] = ()
    """Governments that take no part; a room in which fewer than two are left does not meet."""


class Variation(Frozen):
    """A dimension in which variants differ; the first option is the scenario as written."""

    id: Id
    options: Annotated[tuple[Change, ...], Field(min_length=2)]


class Standing(Frozen):
    """A commitment in force at the opening (an earlier resolution, say)."""

    name: Id
    since: date | None = None
    """Scenarios that open earlier do not have it."""
    ring: RingId | None
    parties: tuple[SeatId, ...]
    commitments: Clauses
    src: Src


class Scenario(Frozen):
    """When a game opens, who plays, what they are told, what will happen to them."""

    id: Id
    title: Note
    opens: date
    rounds: Annotated[int, Field(ge=1, le=60)]
    days_per_round: Annotated[int, Field(ge=1, le=365)] = 7
    exchanges: Annotated[int, Field(ge=1, le=6)] = 1
    protagonist: Id
    brief: Prose
    """Public brief, as all know it on the opening day."""
    seats: dict[PlayerId, Id]
    """Seat -> baseline that plays it where no model does."""
    open_rings: tuple[Id, ...]
    rooms: tuple[RingId, ...]
    """Every ring that this scenario has."""
    world: WorldId = "article"
    force: bool = False
    initial: tuple[Initial, ...] = ()
    injects: tuple[InjectRow, ...] = ()
    variations: tuple[Variation, ...] = ()
    src: Src


class StandingFile(Frozen):
    standing: tuple[Standing, ...]


# --- variants --------------------------------------------------------------------------------------------------------


def variant_count(scenario: Scenario) -> int:
    """How many variants a scenario has, the one as written included."""
    return prod(len(v.options) for v in scenario.variations)


def variant(scenario: Scenario, number: int) -> Scenario:
    """Variant `number`: 0 is as written, the last variation changes fastest. Raises UsageError outside the range."""
    count = variant_count(scenario)
    if not 0 <= number < count:
        raise UsageError(f"--variant {number}: {scenario.id} has variants 0 to {count - 1}")
    for change in changes(scenario, number):
        scenario = _changed(scenario, change)
    return scenario


def changes(scenario: Scenario, number: int) -> list[Change]:
    """The options that make up a variant, one a variation."""
    chosen = []
    for variation in reversed(scenario.variations):
        number, index = divmod(number, len(variation.options))
        chosen.append(variation.options[index])
    return chosen[::-1]


def _changed(scenario: Scenario, change: Change) -> Scenario:
    replaced = {(i.indicator, i.of) for i in change.initial}
    initial = [i for i in scenario.initial if (i.indicator, i.of) not in replaced]
    opened = [r for r in scenario.rooms if (r in scenario.open_rings and r not in change.closed) or r in change.opened]
    kept = [_moved(row, change.move.get(row.id, 0)) for row in scenario.injects if row.id not in change.drop]
    return scenario.model_copy(
        update={
            "initial": (*initial, *change.initial),
            "open_rings": tuple(opened),
            "injects": tuple(sorted(kept, key=lambda row: row.on)),
            "seats": {seat: baseline for seat, baseline in scenario.seats.items() if seat not in change.absent},
        }
    )


def _moved(row: InjectRow, days: int) -> InjectRow:
    return row.model_copy(update={"on": row.on + timedelta(days=days)}) if days else row
