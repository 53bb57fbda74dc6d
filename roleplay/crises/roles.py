"""What a seat is given once and keeps: its rights and words; knows nothing about the state of play."""

from __future__ import annotations

from functools import cached_property

from ..frozen import Frozen, Id
from ..moves import Phase
from ..personas.models import Persona
from ..world import Bounds
from .means import CommitmentType, Indicator, Instrument, ObjectRow
from .models import Line, RingRow
from .policies import Strategy


class RoleSheet(Frozen):
    """What a seat is given once and keeps: dossier, strategy, rights and the vocabulary it may use.

    Nothing in it depends on the state of play, so that prompts and schemas made from it stay the same all game long.
    """

    seat: Id
    persona: Persona
    strategy: Strategy
    rings: dict[Id, RingRow]
    """Rings of which the seat is a member."""
    confidants: dict[Id, tuple[Id, ...]] = {}
    """Hidden ring -> seats that may be told that it exists."""
    instruments: dict[Id, Instrument]
    """Instruments that the seat may use at the opening date."""
    types: dict[Id, CommitmentType]
    objects: dict[Id, ObjectRow]
    withheld: tuple[Id, ...] = ()
    """Clause types that a rule in mode `prevent` does not offer to this seat as giver."""
    lines: dict[Id, Line]
    audiences: tuple[Id, ...]
    indicators: dict[Id, Indicator]
    phases: tuple[Phase, ...] = ()
    """Phases in which the seat acts; empty: all."""
    votes: bool = False
    """Whether the seat votes in the Council."""
    council: Id | None = None
    """The ring whose open proposals are the Council's drafts."""
    asks_intent: bool = True
    """Whether the run asks in private what an acceptance is worth."""
    baseline: str = "steady"
    """The profile that plays this seat where a policy does."""

    @cached_property
    def bounds(self) -> dict[str, Bounds]:
        return {i.id: Bounds(i.low, i.high, i.start) for i in self.indicators.values()}
