"""How events are made: a draft without a place, and the place that gives it its key, its id and its common fields.

Knows nothing about what makes events, nor about where they go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .events import KINDS, Event, Key, event_id
from .moves import PHASE_NUMBER, Phase


@dataclass(frozen=True)
class Place:
    """Where and when events are being made; `Draft`s get their common fields and keys from it."""

    round: int
    phase: Phase
    ring: str | None
    ring_index: int
    turn: int
    at: str

    def key(self, n: int) -> Key:
        return Key(self.round, PHASE_NUMBER[self.phase], self.ring_index, self.turn, n)


@dataclass(frozen=True)
class Draft:
    """An event before it has a place: its kind, who caused it, who may read it, and its own fields.

    A `ring` among the fields stands for what the engine does about a ring outside it (a lapse in settle, a tally).
    """

    kind: str
    seat: str | None
    readers: tuple[str, ...]
    fields: Mapping[str, Any]

    def make(self, secret: str, place: Place, n: int) -> tuple[Key, Event]:
        """Give the draft its id, its place and its frozen form."""
        key = place.key(n)
        common = {
            "id": event_id(secret, key), "round": place.round, "phase": place.phase, "ring": place.ring,
            "seat": self.seat, "readers": self.readers, "at": place.at, "turn": place.turn,
        }  # fmt: skip
        return key, KINDS[self.kind](**{**common, **self.fields})
