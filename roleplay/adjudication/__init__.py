"""What follows from moves by the crisis's data: deals bind, votes count, breaches show, indicators move, games end.

Knows nothing about who decides, about prompts, or about storage: it takes folds and events and gives drafts of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..crises import Crisis
from ..crises.patterns import State
from ..crises.policies import Mode
from ..crises.scenarios import Scenario
from ..crises.worlds import EffectTable
from ..events import PUBLIC, Event, everyone
from ..ledger import Ledger
from ..moves import Phase
from ..world import World


@dataclass(frozen=True)
class Situation:
    """The state of play in which a move is checked or a round settled; `ledger` and `world` are copies to work on."""

    crisis: Crisis
    scenario: Scenario
    table: EffectTable
    mode: Mode
    force: bool
    seats: tuple[str, ...]
    """Seats that are played, in the crisis's order."""
    ledger: Ledger
    world: World
    round: int
    phase: Phase
    ring: str | None
    today: date
    draw: Callable[[str], float]
    """Named draw in [0, 1): the same name in the same phase of the same variant and seed gives the same number."""
    now: Sequence[Event] = ()
    """Events of this round, in canonical order."""
    ever: Callable[[], Iterable[Event]] = tuple
    """All events, in canonical order."""
    set_aside: frozenset[tuple[str, str]] = frozenset()
    """(world row, id of the event) of what the adjudicator says does not follow."""

    @property
    def state(self) -> State:
        return State(self.ledger, self.world, self.round, self.now, self.ever)

    @property
    def public(self) -> tuple[str, ...]:
        """Readers of what everyone may know."""
        return everyone(self.seats)

    def members(self, ring: str) -> tuple[str, ...]:
        """Who meets in a ring now: those who have not left it."""
        state = self.world.rings.get(ring)
        return state.members if state and state.members else self.crisis.rings[ring].members

    def known_to(self, ring: str) -> tuple[str, ...]:
        """Readers of a ring's opening and closing: its members where its existence is secret, else everyone."""
        row = self.crisis.rings[ring]
        if row.kind == "own" or (row.confidentiality == "secret" and ring not in self.world.published):
            return row.members
        return self.public


def narrowed(readers: Iterable[str], causes: Iterable[Event]) -> tuple[str, ...]:
    """Those of `readers` who may read every one of `causes`: what is made from secrets is as secret as they are."""
    return tuple(r for r in readers if all(r in cause.readers for cause in causes))


def is_public(event: Event) -> bool:
    return PUBLIC in event.readers


def pairs(parties: Iterable[str]) -> Iterator[str]:
    """Every pair of parties as 'a:b', sorted."""
    listed = sorted(set(parties))
    for i, a in enumerate(listed):
        for b in listed[i + 1 :]:
            yield f"{a}:{b}"
