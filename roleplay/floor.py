"""Who speaks next where the floor is open: whoever was addressed, then those who have said least, in the ring's order.

A function of what was said there in this phase, so that resumed and replayed games find the same. Knows nothing about
who is a person, about clocks, or about how anybody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from .crises.models import SeatRow
from .events import Spoken

EACH = 12
"""An open floor takes so many turns for each of its members in one phase; a machine gives no more answers than that."""
Addressees = Callable[[str], set[str]]
"""The seats that words call on."""


@dataclass(frozen=True)
class Floor:
    """An open floor as it stands."""

    members: tuple[str, ...]
    said: Sequence[Spoken]
    """Its turns so far, in order of arrival."""
    addressees: Addressees
    unasked: int
    """How often a seat speaks that nobody has addressed."""

    @property
    def full(self) -> bool:
        """Whether no more turns are taken."""
        return len(self.said) >= EACH * len(self.members)

    def turns(self, seat: str) -> int:
        return sum(e.seat == seat for e in self.said)

    def content(self, seat: str) -> bool:
        """Whether a seat's last turn was a pass and nobody has addressed it since."""
        own = [e for e in self.said if e.seat == seat]
        return bool(own) and own[-1].outcome == "passed" and self.called(seat, self.members) is None

    def called(self, seat: str, by: Collection[str]) -> int | None:
        """Place of the first words by one of these that addressed the seat since it last spoke."""
        last = max((i for i, e in enumerate(self.said) if e.seat == seat), default=-1)
        fresh = ((i, e) for i, e in enumerate(self.said) if i > last and e.seat != seat and e.seat in by)
        return next((i for i, e in fresh if self._addresses(e, seat)), None)

    def next(self, among: Iterable[str], askers: Collection[str] = ()) -> str | None:
        """Who of these speaks next, if anybody: each `unasked` times at most, but `askers` are always answered."""
        waiting = []
        for order, seat in enumerate(among):
            turns, asked = self.turns(seat), self.called(seat, self.members)
            owed = self.called(seat, askers) is not None and turns < EACH
            if not self.full and (owed or turns < self.unasked):
                waiting.append((asked is None, asked or 0, turns, order, seat))
        return min(waiting)[-1] if waiting else None

    def _addresses(self, event: Spoken, seat: str) -> bool:
        if event.outcome in ("passed", "failed"):
            return False
        return len(self.members) == 2 or seat in self.addressees(event.text)


def addressees(rows: Collection[SeatRow]) -> Addressees:
    """What finds the seats that words call on: by id in capitals or after an @, by name, by what else they are called.

    A name that is part of a longer one calls on nobody.
    """
    ids = {row.id.upper(): row.id for row in rows}
    names = {name.lower(): row.id for row in rows for name in (f"@{row.id}", row.name, *row.also)}
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, ids))})\b|(?<!\w)(?i:{longest_first})\b")
    return lambda text: {ids.get(found) or names[found.lower()] for found in pattern.findall(text)}
