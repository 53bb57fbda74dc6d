"""What a seat can do this very turn, verb by verb, with the names that a move must use; knows nothing about messages.

A help to the seat and no rule: the referee alone says what is legal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..commitments import CLAUSE_LIMIT
from ..ledger import Ledger, Proposal
from ..views import RoleSheet, World

ALWAYS = ""
"""Detail of a verb that needs no name."""


@dataclass(frozen=True)
class Options:
    """The state of play in which options are looked for; `table` is the ring whose texts lie before the seat."""

    sheet: RoleSheet
    ledger: Ledger
    world: World
    table: str | None

    def of(self, verbs: Iterable[str]) -> dict[str, str]:
        """Verb -> what it can be used on now, without those that have nothing; 'pass' needs nothing."""
        found = {verb: self._detail(verb) for verb in verbs}
        return {verb: detail for verb, detail in found.items() if detail is not None}

    def _detail(self, verb: str) -> str | None:
        find = _DETAILS.get(verb)
        return find(self) if find else ALWAYS

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

    @cached_property
    def bound(self) -> list[str]:
        """Commitments in force that bind the seat."""
        return [entry.id for entry in self.ledger.in_force(self.sheet.seat)]


def _named(names: Iterable[object]) -> str | None:
    return ", ".join(map(str, names)) or None


def _numbers(fits: Callable[[Options, Proposal], bool]) -> Callable[[Options], str | None]:
    return lambda o: _named(p.number for p in o.texts if fits(o, p))


def _any_text(o: Options, p: Proposal) -> bool:
    return True


def _instruments(o: Options) -> str | None:
    return "one of your instruments" if o.sheet.instruments else None


def _clauses(o: Options) -> str | None:
    silent = o.table in o.sheet.rings and not o.sheet.rings[o.table or ""].texts
    return f"1 to {CLAUSE_LIMIT} clauses" if o.sheet.types and o.sheet.objects and not silent else None


_DETAILS: Mapping[str, Callable[[Options], str | None]] = {
    "table": _clauses,
    "amend": _numbers(_any_text),
    "accept": _numbers(lambda o, p: o.sheet.seat not in p.accepted),
    "reject": _numbers(_any_text),
    "withdraw": _numbers(lambda o, p: p.by == o.sheet.seat),
    "renew": _numbers(_any_text),
    "consult": _instruments,
    "authorise": _instruments,
    "mandate": lambda o: _named(o.rings),
    "open": lambda o: _named(o.closed_rings),
    "suspend": lambda o: _named(o.open_rings),
    "leave": lambda o: _named(o.open_rings),
    "confide": lambda o: _named(ring for ring, seats in o.sheet.confidants.items() if seats),
    "prearrange": lambda o: _named(o.closed_rings),
    "vote": _numbers(_any_text),
    "use": _instruments,
    "break": lambda o: _named(o.bound),
    "renounce": lambda o: _named(o.bound),
    "leak": lambda o: _named(o.rings),
    "announce": lambda o: _named(o.rings),
}
"""Verbs that need something to be used on; None where there is nothing."""
