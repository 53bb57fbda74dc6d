"""The lines of turns of a phase: who speaks after whom, and who need not wait. Knows nothing about what was said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from .crises import Crisis
from .crises.roles import RoleSheet
from .crises.scenarios import Scenario
from .moves import Phase
from .world import World


@dataclass(frozen=True)
class Lane:
    """A line of turns that run one after the other: a ring in talks; where all move at once, a seat, or all that need
    not wait."""

    round: int
    phase: Phase
    ring: str | None
    ring_index: int
    turns: tuple[tuple[int, int, str], ...]
    """(turn number, exchange, seat) of those that the journal does not hold yet"""
    members: tuple[str, ...] = ()
    """Who sits on an open floor, whose turns come as they arrive; empty where turns have an order."""


def ring_lanes(round: int, crisis: Crisis, scenario: Scenario, world: World, seats: Collection[str]) -> Iterator[Lane]:
    """A lane for each ring that meets, with every exchange; a government's own room has one."""
    for index, ring in enumerate(scenario.rooms):
        row, state = crisis.rings[ring], world.rings.get(ring)
        members = [m for m in (state.members if state and state.open else ()) if m in seats]
        alone = row.kind == "own"
        if len(members) > 1 and row.floor == "open":
            yield Lane(round, "talks", ring, index, (), tuple(members))
        elif len(members) > 1 or (alone and members):
            exchanges = 1 if alone else scenario.exchanges
            turns = tuple(
                (e * len(members) + i + 1, e + 1, seat) for e in range(exchanges) for i, seat in enumerate(members)
            )
            yield Lane(round, "talks", ring, index, turns)


def seat_lanes(
    round: int, phase: Phase, sheets: Mapping[str, RoleSheet], at_once: Callable[[str], bool]
) -> Iterator[Lane]:
    """A lane for each seat that may have to wait, and one for all that answer at once."""
    together = []
    for number, (seat, sheet) in enumerate(sheets.items(), 1):
        if sheet.votes if phase == "council" else not sheet.phases or phase in sheet.phases:
            if at_once(seat):
                together.append((number, 1, seat))
            else:
                yield Lane(round, phase, None, -1, ((number, 1, seat),))
    yield Lane(round, phase, None, -1, tuple(together))
