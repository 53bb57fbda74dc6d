"""The state of play as a seat knows it, for the question at the end of its prompt; knows nothing about messages.

Everything here is a fold of the seat's own view: indicators that it may read, rings it sits in, what binds whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from ..crises.means import Indicator
from ..events import Event, Moved
from ..ledger import Entry, Ledger, Proposal
from ..moves import Amend, Table
from ..views import RoleSheet, World
from .lines import Value, clause_value, name_of


def state_lines(sheet: RoleSheet, ledger: Ledger, world: World) -> Iterator[Value]:
    """What closed phases have left: the same in every ring of a phase."""
    yield {"indicators": indicators(sheet, world)}
    yield {"rings": dict(_rings(sheet, world))}
    yield from _own_decisions(sheet, world)
    for entry in ledger.in_force():
        if entry.round > 0:
            yield _commitment(entry)
    over = {e.id: e.status for e in ledger.entries.values() if e.round == 0 and e.status != "in force"}
    if over:
        yield {"no longer in force": over}


def proposal_lines(
    sheet: RoleSheet, ledger: Ledger, ring: str, round: int, heard: Iterable[Event] = ()
) -> Iterator[Value]:
    """Texts on the table of a ring; whole, unless their wording stands in what was `heard` just now."""
    worded = set(_worded(heard))
    for proposal in ledger.open_in(ring):
        clauses = [clause_value(c) for c in proposal.commitments]
        yield {
            "proposal": proposal.number,
            "by": name_of(proposal.by, sheet),
            **({} if proposal.number in worded else {"commitments": clauses}),
            "accepted by": sorted(name_of(s, sheet) for s in proposal.accepted),
            "waits for": sorted(name_of(s, sheet) for s in proposal.parties - proposal.accepted),
            "lapses": _lapse(proposal, round),
        }


def _worded(events: Iterable[Event]) -> Iterator[int | None]:
    for event in events:
        match event:
            case Moved(move=Table(), number=number) | Moved(move=Amend(number=number)):
                yield number
            case _:
                continue


def indicators(sheet: RoleSheet, world: World) -> Value:
    """Name of each indicator (with seat or pair) -> its value, as far as the seat may know it."""
    found = {}
    for row in sheet.indicators.values():
        for of in _of(row, sheet, world):
            value = world.value(row.id, of)
            found[f"{row.id} {of}".strip()] = int(value) if value == int(value) else round(value, 1)
    return found


def _of(row: Indicator, sheet: RoleSheet, world: World) -> list[str]:
    if row.readers == "nobody":
        return []
    if row.per == "one":
        return [""]
    known = row.keys or sorted({of for name, of in world.indicators if name == row.id})
    return [of for of in known if row.readers == "public" or sheet.seat in of.split(":")]


def _rings(sheet: RoleSheet, world: World) -> Iterator[tuple[str, str]]:
    for ring in dict.fromkeys((*sheet.rings, *world.rings)):
        row, state = sheet.rings.get(ring), world.rings.get(ring)
        if row is not None and row.kind == "own":
            continue
        words = state.state if state else "closed"
        if state and not state.open and state.offered_by:
            words += f", opening asked for by {', '.join(name_of(s, sheet) for s in sorted(state.offered_by))}"
        yield ring, words


def _own_decisions(sheet: RoleSheet, world: World) -> Iterator[Value]:
    me = sheet.seat
    made: dict[str, Any] = {
        "authorised": sorted(i for seat, i in world.authorised if seat == me),
        "consulted on": sorted(f"{i} in {ring}" for seat, ring, i in world.consulted if seat == me),
        "mandates": {ring: sorted(types) for (seat, ring), types in sorted(world.mandates.items()) if seat == me},
        "signals": dict(sorted(world.phrases.items())),
        "accountable official": world.officials.get(me),
    }
    given = {name: value for name, value in made.items() if value}
    if given:
        yield given


def _commitment(entry: Entry) -> Value:
    """A commitment in one line; its whole text stands where it was tabled."""
    clause = entry.commitment
    value: dict[str, Any] = {
        "in force": entry.id, "parties": clause.parties, "type": clause.type, "object": clause.object,
    }  # fmt: skip
    ends = clause.ends(date.fromisoformat(entry.since))
    return {**value, "due": ends.isoformat()} if ends else value


def _lapse(proposal: Proposal, round: int) -> str:
    return "at the end of this round, unless renewed" if proposal.kept_until <= round else "at the end of next round"
