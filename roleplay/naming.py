"""Which fields of an author's file name things that stand elsewhere, and what kind of thing.

Only the marks; `crises.validation` looks the names up. Knows no crisis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .frozen import Id


@dataclass(frozen=True)
class Names:
    """Marks a field whose words, or whose keys, name things of this kind; `among` narrows which of them."""

    kind: str
    among: str = ""


SeatId = Annotated[Id, Names("seat")]
PlayerId = Annotated[Id, Names("seat", among="playing")]
RingId = Annotated[Id, Names("ring")]
UsableId = Annotated[Id, Names("instrument or family")]
TypeId = Annotated[Id, Names("type")]
ObjectId = Annotated[Id, Names("object")]
IndicatorId = Annotated[Id, Names("indicator")]
LineId = Annotated[Id, Names("line")]
ToneId = Annotated[Id, Names("tone")]
WorldId = Annotated[Id, Names("world")]
EndingId = Annotated[Id, Names("ending")]
