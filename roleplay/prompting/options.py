"""What a seat can do this very turn, verb by verb, with the names that a move must use; knows nothing about messages.

A help to the seat and no rule: the referee alone says what is legal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..commitments import CLAUSE_LIMIT
from ..ledger import Ledger, Proposal
from ..views import RoleSheet, SeatView, World


@dataclass(frozen=True)
class Options:
    """The state of play in which options are looked for; `table` is the ring whose texts lie before the seat."""

    sheet: RoleSheet
    ledger: Ledger
    world: World
    table: str | None

    @staticmethod
    def of_view(view: SeatView) -> Options:
        """The options of a view's seat at its moment."""
        return Options(view.sheet, view.ledger, view.world, view.table)

    def of(self, verbs: Iterable[str]) -> dict[str, str]:
        """Verb -> what it can be used on now, without those that have nothing; 'pass' needs nothing."""
        found = {verb: self._detail(verb) for verb in verbs}
        return {verb: detail for verb, detail in found.items() if detail is not None}

    def _detail(self, verb: str) -> str | None:
        match verb:
            case "statement" | "pledge" | "name_official" | "pass":
                return ""
            case "use" | "consult" | "authorise":
                return "one of your instruments" if self.sheet.instruments else None
            case "table":
                here = self.sheet.rings.get(self.table or "")
                worded = self.sheet.types and self.sheet.objects and (here is None or here.texts)
                return f"1 to {CLAUSE_LIMIT} clauses" if worded else None
            case _:
                return ", ".join(self.names(verb)) or None

    def names(self, verb: str) -> list[str]:
        """What a verb can name now: texts by number, rings, commitments; none for a verb that names none of these."""
        me = self.sheet.seat
        match verb:
            case "amend" | "reject" | "renew" | "vote":
                return [str(p.number) for p in self.texts]
            case "accept":
                return [str(p.number) for p in self.texts if me not in p.accepted]
            case "withdraw":
                return [str(p.number) for p in self.texts if p.by == me]
            case "mandate" | "leak" | "announce":
                return self.rings
            case "open" | "prearrange":
                return self.closed_rings
            case "suspend" | "leave":
                return self.open_rings
            case "confide":
                return [ring for ring, seats in self.sheet.confidants.items() if seats]
            case "break" | "renounce":
                return [entry.id for entry in self.ledger.in_force(me)]
            case _:
                return []

    # --- what there is -----------------------------------------------------------------------------------------------

    @cached_property
    def texts(self) -> list[Proposal]:
        return self.ledger.open_in(self.table) if self.table else []

    @cached_property
    def rings(self) -> list[str]:
        """Rings with other members."""
        return [row.id for row in self.sheet.rings.values() if row.kind != "own"]

    def meets(self, ring: str) -> bool:
        """Whether the seat still meets in a ring."""
        state = self.world.rings.get(ring)
        return state is not None and state.open and self.sheet.seat in state.members

    @cached_property
    def open_rings(self) -> list[str]:
        return [ring for ring in self.rings if self.meets(ring)]

    @cached_property
    def closed_rings(self) -> list[str]:
        return [ring for ring in self.rings if not self.meets(ring)]
