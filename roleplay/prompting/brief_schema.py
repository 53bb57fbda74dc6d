"""The schema of a short answer: at most one move out of a handful that a small model can fill.

Like the full schema it depends on the phase, the ring and the seat's static rights, never on the state of play. Knows
nothing about prompts or about what a move does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..crises.means import Instrument
from ..moves import TONES, Phase
from ..views import RoleSheet
from .parts import Schema
from .parts import any_of as _any_of
from .parts import one_of as _one_of
from .parts import pattern as _pattern
from .parts import record as _object
from .schema import RingKind

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
    moves = [move for verb in brief_verbs(sheet, phase, kind) for move in brief_moves(sheet, verb, ring)]
    return _object(
        deliberation=_pattern(DELIBERATION),
        moves={"type": "array", "items": _any_of(moves), "minItems": 1, "maxItems": 1},
        text=_pattern(WORDS),
    )


def brief_verbs(sheet: RoleSheet, phase: Phase, kind: RingKind | None) -> tuple[str, ...]:
    """The verbs that a short answer may ever use here."""
    return tuple(v for v in KINDS["own" if kind == "own" else phase] if v != "vote" or sheet.votes)


def brief_moves(sheet: RoleSheet, verb: str, ring: str | None) -> list[Schema]:
    """The forms of one verb; none where the seat has nothing to use it on."""
    others = tuple(row.id for row in sheet.rings.values() if row.kind != "own")
    match verb:
        case "table":
            clauses = [_clause(c) for c in simple_clauses(sheet, ring)]
            listed = {"type": "array", "items": _any_of(clauses), "minItems": 1, "maxItems": CLAUSES}
            return [_move("table", commitments=listed)] if clauses else []
        case "accept":
            intends = {"intends": _one_of("keep", "break", "depends")} if sheet.asks_intent else {}
            return [_move("accept", number=_number(), **intends)]
        case "reject":
            return [_move("reject", number=_number())]
        case "vote":
            return [_move("vote", number=_number(), vote=_one_of("yes", "no", "abstain"))]
        case "open":
            return [_move("open", ring=_one_of(*others))] if others else []
        case "mandate":
            types = tuple(t for t in sheet.types if t not in sheet.withheld)
            grants = {"type": "array", "items": _one_of(*types), "minItems": 1, "maxItems": 1} if types else None
            return [_move("mandate", ring=_one_of(*others), grants=grants)] if grants and others else []
        case "authorise":
            return [_move("authorise", instrument=_one_of(*sheet.instruments))] if sheet.instruments else []
        case "use":
            return list(_uses(sheet))
        case "statement":
            return list(_statements(sheet))
    return [_move("pass")]


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
    parties = {"type": "array", "items": _one_of(*clause.parties), "minItems": 1, "maxItems": 1}
    return _object(parties=parties, type=_one_of(clause.type), object=_one_of(clause.object))


def _uses(sheet: RoleSheet) -> Iterable[Schema]:
    for row in sheet.instruments.values():
        if usable(row):
            choices = {n: _one_of(*p.values) for n, p in row.params.items() if p.type == "choice"}
            yield _move("use", instrument=_one_of(row.id), params=_object(**choices))


def _statements(sheet: RoleSheet) -> Iterable[Schema]:
    posts = tuple(post.id for post in sheet.persona.posts if post.speaks)
    if posts and sheet.audiences and sheet.lines:
        yield _move(
            "statement", post=_one_of(*posts), audience=_one_of(*sheet.audiences), tone=_one_of(*TONES),
            line=_one_of(*sheet.lines),
        )  # fmt: skip


def _move(kind: str, **fields: Schema) -> Schema:
    return _object(kind=_one_of(kind), **fields)


def _number() -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": NUMBERS}


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
