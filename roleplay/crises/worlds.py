"""What causes what: the rows and chances of a named world, as frozen models of worlds/*.yaml.

Knows nothing about how events are matched or indicators moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from ..frozen import Frozen, Id, Note
from ..naming import EndingId, IndicatorId, RingId, SeatId
from .models import Prose, Src, Status
from .patterns import Condition, Pattern


class EffectRow(Frozen):
    """One change of an indicator; `of` may use the words actor, target, parties."""

    indicator: IndicatorId
    of: Note = ""
    by: float


class WorldRow(Frozen):
    """A claim about cause and effect: when an event matches and the conditions hold, indicators move."""

    id: Id
    claim: Note
    """Id of the claim in the article map (C1 ...), or a name of the world's own."""
    when: Pattern | None = None
    """None: once every round."""
    given: tuple[Condition, ...] = ()
    effects: tuple[EffectRow, ...]
    at_most: int = 3
    """How many events a round it counts."""
    arguable: bool = False
    """Whether it follows may be argued: the run's adjudicator says so case by case, without one it follows."""
    why: Note = ""
    status: Status = "authored"
    src: Src
    map: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.arguable and self.when is None:
            raise ValueError("an arguable row needs a 'when': what is argued is whether it follows from an event")
        return self


class ChanceRow(Frozen):
    """Something that may happen in settle, drawn by name; it can calm as well as inflame."""

    id: Id
    claim: Note
    base: Annotated[float, Field(ge=0, le=1)]
    indicator: IndicatorId | None = None
    of: str = ""
    slope: float = 0
    """Added to `base` a point of the indicator above `over`."""
    over: float = 0
    given: tuple[Condition, ...] = ()
    text: Prose = ""
    """What everyone hears when it happens; empty: nothing is told."""
    readers: tuple[SeatId, ...] = ()
    """Who hears it; empty: everyone."""
    leaks: RingId | None = None
    """Ring of which the press gets to know; it must meet, and be no news yet."""
    effects: tuple[EffectRow, ...] = ()
    ending: EndingId | None = None
    status: Status = "authored"
    src: Src
    map: tuple[str, ...] = ()


class EffectTable(Frozen):
    """A named world: the causal claims that hold in it."""

    id: Id
    title: Note
    note: Prose
    rows: tuple[WorldRow, ...] = ()
    chances: tuple[ChanceRow, ...] = ()
    factors: dict[Note, float] = Field(default_factory=dict)
    """Claim or row -> factor by which a run changed what its rows do; set by the run."""

    @property
    def named(self) -> str:
        """Its name, with what a run changed in it: 'article (C1 x 0)'."""
        changed = ", ".join(f"{claim} x {factor:g}" for claim, factor in sorted(self.factors.items()))
        return f"{self.id} ({changed})" if changed else self.id

    @property
    def claimed(self) -> tuple[WorldRow | ChanceRow, ...]:
        """Everything in it that encodes a claim."""
        return (*self.rows, *self.chances)

    def scaled(self, factors: Mapping[str, float]) -> EffectTable:
        """The same world with everything that a claim's rows do multiplied; 0 takes the rows out.

        What a row names by itself counts before its claim. A chance is as likely as before, its effects are scaled.
        """
        if not factors:
            return self

        def by(row: WorldRow | ChanceRow) -> float:
            return factors.get(row.id, factors.get(row.claim, 1.0))

        def effects(row: WorldRow | ChanceRow) -> dict[str, object]:
            return {"effects": tuple(e.model_copy(update={"by": e.by * by(row)}) for e in row.effects)}

        rows = tuple(row.model_copy(update=effects(row)) for row in self.rows if by(row))
        chances = tuple(row.model_copy(update=effects(row)) for row in self.chances if by(row))
        return self.model_copy(update={"rows": rows, "chances": chances, "factors": dict(factors)})
