"""The JSON Schema of a seat's answer: the moves that it may ever make, or those of one phase.

It depends on the seat's static rights, never on the state of play, so that it is the same bytes all game long and every
server's cache may count it as prefix. A model is given one schema for all phases: servers put the schema before the
prompt, where a change of schema makes the whole prompt new. The parties of a clause are whoever the seat meets in any
ring, and the rules say who can be bound in this one. Knows nothing about prompts, about open proposals or about what a
move does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from ..commitments import CLAUSE_LIMIT, DurationKind, Reversibility, Verification
from ..crises.means import Param
from ..moves import LINE_LIMIT, MOVE_LIMIT, OWN_ROOM_MOVES, PHASE_MOVES, TONES, Phase
from ..views import RoleSheet
from .parts import Schema, any_of, listed, number, one_of, pattern, record, ref, text

RingKind = Literal["talks", "council", "own"]

THOUGHT = 600
NOTE = 120
TEXT: Mapping[Phase, int] = {"talks": 900, "council": 400, "act": 240, "speak": 900}
OWN_ROOM_TEXT = 240
"""Characters of deliberation, of a note within a move, and of the text that is heard."""

COMMITMENT_ID = r"^[a-z0-9][a-z0-9_-]{0,63}/(pledge-)?[0-9]{1,2}[.][0-9]{1,2}$"
PHRASE = r'^[^"\\\x00-\x20]{3}[^"\\\x00-\x1f]{0,117}$'
DATED = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,3} (days|weeks|months|years))$"


def verbs(sheet: RoleSheet, phase: Phase, kind: RingKind | None) -> tuple[str, ...]:
    """The verbs that a phase (or a government's own room) offers to this seat."""
    legal = OWN_ROOM_MOVES if kind == "own" else PHASE_MOVES[phase]
    return tuple(v for v in legal if v != "vote" or sheet.votes)


def turn_schema(sheet: RoleSheet, phase: Phase, kind: RingKind | None = None) -> Schema:
    """The schema of this seat's answers in a phase; `kind` is that of the ring where it sits. Not to be changed."""
    return _turn(_Rights(sheet), phase, kind == "own", verbs(sheet, phase, kind))


def game_schema(sheet: RoleSheet) -> Schema:
    """One schema for all phases; moves of another phase can be written, and the referee sends them back."""
    return _game(_Rights(sheet))


def text_limit(phase: Phase, kind: RingKind | None) -> int:
    """Characters that an answer's text may have."""
    return OWN_ROOM_TEXT if kind == "own" else TEXT[phase]


# --- clauses ---------------------------------------------------------------------------------------------------------


_DATED = "dated"
_COMMON: Schema = {
    "note": text(NOTE),
    "duration": {
        "anyOf": [
            record(kind=one_of(_DATED), detail=pattern(DATED)),
            record(kind=one_of(*(k for k in get_args(DurationKind) if k != _DATED)), detail=ref("note")),
        ]
    },
    "verification": listed(one_of(*get_args(Verification)), 4),
    "reversible": one_of(*get_args(Reversibility)),
}
"""Definitions that every clause uses."""


def _clause(group: _Group, parties: Schema) -> Schema:
    notes = ("scope", "conditions", "trigger", "start")
    return record(
        parties=parties,
        type=one_of(*group.types),
        object=one_of(*group.objects),
        **{name: ref("note") for name in notes},
        duration=ref("duration"),
        verification=ref("verification"),
        on_breach=ref("note"),
        reversible=ref("reversible"),
        in_return_for=ref("note"),
    )


class _Group(NamedTuple):
    """Clause types that go with the same objects, and whether this seat is offered them as giver."""

    types: list[str]
    objects: tuple[str, ...]
    withheld: bool


def _groups(sheet: RoleSheet) -> list[_Group]:
    groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for kind in sheet.types.values():
        objects = tuple(o for o in kind.objects if o in sheet.objects) or tuple(sheet.objects)
        if objects:
            groups.setdefault((objects, kind.id in sheet.withheld), []).append(kind.id)
    return [_Group(types, objects, withheld) for (objects, withheld), types in groups.items()]


def _clauses(sheet: RoleSheet, *, alone: bool = False) -> list[Schema]:
    """Clauses of a text, or those by which the seat binds itself alone; what is withheld from it as giver may still be
    asked of others.
    """
    asked = not alone and _others(sheet)
    groups = (group for group in _groups(sheet) if asked or not group.withheld)
    return [_clause(group, ref("others" if group.withheld else "parties")) for group in groups]


def rooms(sheet: RoleSheet) -> tuple[str, ...]:
    """Rings with other members."""
    return tuple(row.id for row in sheet.rings.values() if row.kind != "own")


def _others(sheet: RoleSheet) -> tuple[str, ...]:
    """Whoever the seat meets in any ring."""
    met = dict.fromkeys(m for ring in rooms(sheet) for m in sheet.rings[ring].members)
    return tuple(m for m in met if m != sheet.seat)


def _parties(seats: tuple[str, ...]) -> Schema:
    return listed(one_of(*seats), min(len(seats), 16), 1)


def _definitions(sheet: RoleSheet, alone: bool) -> Schema:
    """What the clauses of a schema refer to; empty where the seat can offer none."""
    clauses, others = _clauses(sheet, alone=alone), _others(sheet)
    if not clauses:
        return {}
    parties = {"parties": _parties((sheet.seat,) if alone else (sheet.seat, *others))}
    if not alone and any(group.withheld for group in _groups(sheet)):
        parties["others"] = _parties(others)
    return {**_COMMON, **parties, "clause": any_of(clauses)}


def _parameter(parameter: Param) -> Schema:
    match parameter.type:
        case "choice":
            return one_of(*parameter.values)
        case "flag":
            return {"type": "boolean"}
        case "number":
            return number(parameter.low, parameter.high)
        case _:
            return text(NOTE)


# --- moves -----------------------------------------------------------------------------------------------------------


def move(kind: str, **fields: Schema) -> Schema:
    """The form of one move."""
    return record(kind=one_of(kind), **fields)


def forms(kind: str, sheet: RoleSheet) -> Iterable[Schema]:
    """The forms of one verb; none where the seat has nothing to use it on."""
    build = _FORMS.get(kind)
    return build(sheet) if build else ()


def _texts(kind: str, **fields: Schema) -> Callable[[RoleSheet], Iterable[Schema]]:
    commitments = listed(ref("clause"), CLAUSE_LIMIT, 1)
    return lambda r: [move(kind, **fields, commitments=commitments)] if rooms(r) and _clauses(r) else []


def _numbered(kind: str) -> Callable[[RoleSheet], Iterable[Schema]]:
    return lambda r: [move(kind, number=number(1, 99))]


def _on_ring(kind: str, **fields: Schema) -> Callable[[RoleSheet], Iterable[Schema]]:
    return lambda r: [move(kind, ring=one_of(*rooms(r)), **fields)] if rooms(r) else []


def _on_instrument(kind: str) -> Callable[[RoleSheet], Iterable[Schema]]:
    return lambda r: [move(kind, instrument=one_of(*r.instruments))] if r.instruments else []


def _accept(sheet: RoleSheet) -> Iterable[Schema]:
    intends = {"intends": one_of("keep", "break", "depends")} if sheet.asks_intent else {}
    return [move("accept", number=number(1, 99), **intends)]


def _mandate(sheet: RoleSheet) -> Iterable[Schema]:
    types, others = [t for group in _groups(sheet) for t in group.types], rooms(sheet)
    if others and types:
        yield move("mandate", ring=one_of(*others), grants=listed(one_of(*types), 16))


def _use(sheet: RoleSheet) -> Iterable[Schema]:
    for row in sheet.instruments.values():
        typed = {name: _parameter(parameter) for name, parameter in row.params.items()}
        yield move("use", instrument=one_of(row.id), params=record(**typed))


def _statement(sheet: RoleSheet) -> Iterable[Schema]:
    posts = tuple(post.id for post in sheet.persona.posts if post.speaks)
    if posts and sheet.audiences and sheet.lines:
        yield move(
            "statement", post=one_of(*posts), audience=one_of(*sheet.audiences), tone=one_of(*TONES),
            line=one_of(*sheet.lines), also=listed(one_of(*sheet.lines), LINE_LIMIT), phrase=text(NOTE),
        )  # fmt: skip


_FORMS: Mapping[str, Callable[[RoleSheet], Iterable[Schema]]] = {
    "table": _texts("table"),
    "amend": _texts("amend", number=number(1, 99)),
    "accept": _accept,
    "reject": _numbered("reject"),
    "withdraw": _numbered("withdraw"),
    "renew": _numbered("renew"),
    "consult": _on_instrument("consult"),
    "authorise": _on_instrument("authorise"),
    "mandate": _mandate,
    "open": _on_ring("open"),
    "suspend": _on_ring("suspend"),
    "leave": _on_ring("leave"),
    "confide": lambda r: [
        move("confide", ring=one_of(ring), to=one_of(*seats)) for ring, seats in r.confidants.items() if seats
    ],
    "prearrange": _on_ring("prearrange", phrase=pattern(PHRASE)),
    "pass": lambda r: [move("pass")],
    "vote": lambda r: [move("vote", number=number(1, 99), vote=one_of("yes", "no", "abstain"))],
    "use": _use,
    "break": lambda r: [move("break", commitment=pattern(COMMITMENT_ID))],
    "renounce": lambda r: [move("renounce", commitment=pattern(COMMITMENT_ID))],
    "leak": _on_ring("leak", number=number(0, 99)),
    "statement": _statement,
    "pledge": lambda r: [move("pledge", commitment=ref("clause"))] if _clauses(r, alone=True) else [],
    "name_official": lambda r: [move("name_official", post=one_of(*(p.id for p in r.persona.posts)))],
    "announce": _on_ring("announce", number=number(0, 99)),
}
"""Where a new verb gets its form."""


class _Rights:
    """A role sheet that is the same as another where their schemas would be, whichever game they are of."""

    def __init__(self, sheet: RoleSheet) -> None:
        self.sheet = sheet
        self._key = sheet.model_dump_json(exclude=_NO_RIGHTS), sheet.persona.posts

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rights) and self._key == other._key


_NO_RIGHTS = {"persona", "strategy", "indicators", "phases", "council", "baseline"}


@lru_cache(maxsize=256)
def _turn(rights: _Rights, phase: Phase, own: bool, kinds: tuple[str, ...]) -> Schema:
    return _answer(rights.sheet, OWN_ROOM_TEXT if own else TEXT[phase], kinds, alone=phase == "speak")


@lru_cache(maxsize=64)
def _game(rights: _Rights) -> Schema:
    sheet = rights.sheet
    kinds = dict.fromkeys(kind for offered in (*PHASE_MOVES.values(), OWN_ROOM_MOVES) for kind in offered)
    return _answer(sheet, max(TEXT.values()), tuple(k for k in kinds if k != "vote" or sheet.votes), alone=False)


def _answer(sheet: RoleSheet, limit: int, kinds: tuple[str, ...], *, alone: bool) -> Schema:
    """An answer with these verbs; `alone`: its clauses bind nobody but the seat itself."""
    moves = [form for kind in kinds for form in forms(kind, sheet)]
    schema = record(deliberation=text(THOUGHT), text=text(limit), moves=listed(any_of(moves), MOVE_LIMIT))
    definitions = _definitions(sheet, alone) if {"table", "pledge"} & set(kinds) else {}
    return {**schema, "$defs": definitions} if definitions else schema
