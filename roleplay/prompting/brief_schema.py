"""The schema of a short answer: at most one move out of a handful that a small model can fill.

Like the full schema it depends on the phase, the ring and the seat's static rights, never on the state of play. Knows
nothing about prompts or about what a move does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..crises.means import Instrument
from ..moves import Phase
from ..views import RoleSheet
from .parts import Schema, any_of, listed, one_of, pattern, record
from .schema import RingKind, forms, move, rooms

DELIBERATION = "^[A-Z][A-Za-z ,']{8,77}[.]$"
WORDS = "^[A-Z][A-Za-z ,']{28,157}[.]$"
"""One sentence of letters: 10 to 80 characters that nobody hears, 30 to 160 that are heard."""
NUMBERS = 99
CLAUSES = 2
KINDS: Mapping[str, tuple[str, ...]] = {
    "talks": ("table", "accept", "reject", "open", "pass"),
    "own": ("authorise", "mandate", "pass"),
    "council": ("vote", "pass"),
    "act": ("use", "open", "pass"),
    "speak": ("statement", "pass"),
}
"""The verbs that are offered, by phase, and in a government's own room."""


class SimpleClause(NamedTuple):
    """A clause without its terms: who commits to what."""

    parties: tuple[str, ...]
    type: str
    object: str


def brief_schema(sheet: RoleSheet, phase: Phase, kind: RingKind | None, ring: str | None) -> Schema:
    """The schema of a short answer of this seat in a phase, in this ring."""
    moves = [form for verb in brief_verbs(sheet, phase, kind) for form in brief_moves(sheet, verb, ring)]
    return record(
        deliberation=pattern(DELIBERATION),
        moves=listed(any_of(moves), 1, 1),
        text=pattern(WORDS),
    )


def brief_verbs(sheet: RoleSheet, phase: Phase, kind: RingKind | None) -> tuple[str, ...]:
    """The verbs that a short answer may ever use here."""
    return tuple(v for v in KINDS["own" if kind == "own" else phase] if v != "vote" or sheet.votes)


def brief_moves(sheet: RoleSheet, verb: str, ring: str | None) -> list[Schema]:
    """The forms of one verb, those of a whole answer or shorter ones; none where the seat has nothing to use it on."""
    match verb:
        case "table":
            clauses = [_clause(c) for c in simple_clauses(sheet, ring)]
            return [move("table", commitments=listed(any_of(clauses), CLAUSES, 1))] if clauses else []
        case "mandate":
            types, others = [t for t in sheet.types if t not in sheet.withheld], rooms(sheet)
            granted = types and others
            return [move("mandate", ring=one_of(*others), grants=listed(one_of(*types), 1, 1))] if granted else []
        case "use":
            return list(_uses(sheet))
        case "statement":
            return [_without(form, "also", "phrase") for form in forms(verb, sheet)]
    return list(forms(verb, sheet))


def simple_clauses(sheet: RoleSheet, ring: str | None) -> tuple[SimpleClause, ...]:
    """What this seat may put on the table of a ring: the clauses of its dossier's own offers there, without terms.

    A seat without such offers commits itself: to the first object of each of its types.
    """
    if ring in sheet.rings and not sheet.rings[ring].texts:
        return ()
    offers = [offer for offer in sheet.persona.policy.offers if offer.ring == ring]
    named = (SimpleClause(c.parties, c.type, c.object) for offer in offers for c in offer.clauses)
    found = tuple(dict.fromkeys(c for c in named if _offered(sheet, c)))
    return found or tuple(_own_clauses(sheet))


def usable(instrument: Instrument) -> bool:
    """Whether choices are all that using it needs."""
    return all(p.type == "choice" or p.default is not None for p in instrument.params.values())


# --- parts -----------------------------------------------------------------------------------------------------------


def _offered(sheet: RoleSheet, clause: SimpleClause) -> bool:
    if clause.type in sheet.withheld and sheet.seat in clause.parties:
        return False
    return clause.type in sheet.types and clause.object in sheet.objects


def _own_clauses(sheet: RoleSheet) -> Iterable[SimpleClause]:
    for row in sheet.types.values():
        objects = [o for o in (row.objects or tuple(sheet.objects)) if o in sheet.objects]
        if objects and row.id not in sheet.withheld:
            yield SimpleClause((sheet.seat,), row.id, objects[0])


def _clause(clause: SimpleClause) -> Schema:
    """One of the parties is bound: strict schemas cannot ask for each of several names once."""
    return record(parties=listed(one_of(*clause.parties), 1, 1), type=one_of(clause.type), object=one_of(clause.object))


def _uses(sheet: RoleSheet) -> Iterable[Schema]:
    for row in sheet.instruments.values():
        if usable(row):
            choices = {n: one_of(*p.values) for n, p in row.params.items() if p.type == "choice"}
            yield move("use", instrument=one_of(row.id), params=record(**choices))


def _without(form: Schema, *names: str) -> Schema:
    return record(**{name: part for name, part in form["properties"].items() if name not in names})


def draw(schema: Mapping[str, Any], pick: Any) -> Any:
    """One value that a schema of moves allows; `pick` chooses from a list."""
    if "anyOf" in schema:
        return draw(pick(schema["anyOf"]), pick)
    match schema["type"]:
        case "object":
            return {name: draw(part, pick) for name, part in schema["properties"].items()}
        case "array":
            return [draw(schema["items"], pick) for _ in range(schema["minItems"])]
        case "integer":
            return pick(range(schema["minimum"], schema["maximum"] + 1))
    return pick(schema["enum"])
