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
from typing import Literal

from ..moves import (
    CLAUSE_LIMIT,
    LINE_LIMIT,
    MOVE_LIMIT,
    OWN_ROOM_MOVES,
    PHASE_MOVES,
    TONES,
    DurationKind,
    Phase,
    Reversibility,
    Verification,
)
from ..views import RoleSheet
from .parts import Schema
from .parts import any_of as _any_of
from .parts import listed as _list
from .parts import number as _number
from .parts import one_of as _one_of
from .parts import pattern as _pattern
from .parts import record as _object
from .parts import ref as _ref
from .parts import text as _text
from .rights import Clauses, Parameter, Rights, rights_of

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
    return _turn(rights_of(sheet), phase, kind == "own", verbs(sheet, phase, kind))


def game_schema(sheet: RoleSheet) -> Schema:
    """One schema for all phases; moves of another phase can be written, and the referee sends them back."""
    return _game(rights_of(sheet))


def text_limit(phase: Phase, kind: RingKind | None) -> int:
    """Characters that an answer's text may have."""
    return OWN_ROOM_TEXT if kind == "own" else TEXT[phase]


# --- clauses ---------------------------------------------------------------------------------------------------------


_DATED = "dated"
_COMMON: Schema = {
    "note": _text(NOTE),
    "duration": {
        "anyOf": [
            _object(kind=_one_of(_DATED), detail=_pattern(DATED)),
            _object(kind=_one_of(*(k for k in DurationKind.__args__ if k != _DATED)), detail=_ref("note")),  # type: ignore[attr-defined]
        ]
    },
    "verification": _list(_one_of(*Verification.__args__), 4),  # type: ignore[attr-defined]
    "reversible": _one_of(*Reversibility.__args__),  # type: ignore[attr-defined]
}
"""Definitions that every clause uses."""


def _clause(group: Clauses, parties: Schema) -> Schema:
    notes = ("scope", "conditions", "trigger", "start")
    return _object(
        parties=parties,
        type=_one_of(*group.types),
        object=_one_of(*group.objects),
        **{name: _ref("note") for name in notes},
        duration=_ref("duration"),
        verification=_ref("verification"),
        on_breach=_ref("note"),
        reversible=_ref("reversible"),
        in_return_for=_ref("note"),
    )


def _clauses_between(rights: Rights) -> list[Schema]:
    """Clauses of a text: what is withheld from this seat as giver may still be asked of others."""
    asked = _others(rights)
    return [
        _clause(group, _ref("others" if group.withheld else "parties"))
        for group in rights.clauses
        if asked or not group.withheld
    ]


def _clauses_alone(rights: Rights) -> list[Schema]:
    return [_clause(group, _ref("parties")) for group in rights.clauses if not group.withheld]


def _others(rights: Rights) -> tuple[str, ...]:
    return tuple(p for p in rights.parties if p != rights.seat)


def _parties(seats: tuple[str, ...]) -> Schema:
    return _list(_one_of(*seats), min(len(seats), 16), 1)


def _definitions(rights: Rights, alone: bool) -> Schema:
    """What the clauses of a schema refer to; empty where the seat can offer none."""
    clauses = _clauses_alone(rights) if alone else _clauses_between(rights)
    if not clauses:
        return {}
    parties = {"parties": _parties((rights.seat,) if alone else rights.parties)}
    if not alone and any(group.withheld for group in rights.clauses):
        parties["others"] = _parties(_others(rights))
    return {**_COMMON, **parties, "clause": _any_of(clauses)}


def _parameter(parameter: Parameter) -> Schema:
    match parameter.type:
        case "choice":
            return _one_of(*parameter.values)
        case "flag":
            return {"type": "boolean"}
        case "number":
            return _number(parameter.low, parameter.high)
        case _:
            return _text(NOTE)


# --- moves -----------------------------------------------------------------------------------------------------------


def _move(kind: str, **fields: Schema) -> Schema:
    return _object(kind=_one_of(kind), **fields)


def _moves(kind: str, rights: Rights) -> Iterable[Schema]:
    """The forms of one verb; none where the seat has nothing to use it on."""
    build = _FORMS.get(kind)
    return build(rights) if build else ()


def _texts(kind: str, **fields: Schema) -> Callable[[Rights], Iterable[Schema]]:
    commitments = _list(_ref("clause"), CLAUSE_LIMIT, 1)
    return lambda r: [_move(kind, **fields, commitments=commitments)] if r.rings and _clauses_between(r) else []


def _numbered(kind: str) -> Callable[[Rights], Iterable[Schema]]:
    return lambda r: [_move(kind, number=_number(1, 99))]


def _on_ring(kind: str, **fields: Schema) -> Callable[[Rights], Iterable[Schema]]:
    return lambda r: [_move(kind, ring=_one_of(*r.rings), **fields)] if r.rings else []


def _on_instrument(kind: str) -> Callable[[Rights], Iterable[Schema]]:
    return lambda r: [_move(kind, instrument=_one_of(*(i for i, _ in r.instruments)))] if r.instruments else []


def _accept(rights: Rights) -> Iterable[Schema]:
    intends = {"intends": _one_of("keep", "break", "depends")} if rights.asks_intent else {}
    return [_move("accept", number=_number(1, 99), **intends)]


def _mandate(rights: Rights) -> Iterable[Schema]:
    types = tuple(t for group in rights.clauses for t in group.types)
    if rights.rings and types:
        yield _move("mandate", ring=_one_of(*rights.rings), grants=_list(_one_of(*types), 16))


def _use(rights: Rights) -> Iterable[Schema]:
    for name, params in rights.instruments:
        typed = {parameter.name: _parameter(parameter) for parameter in params}
        yield _move("use", instrument=_one_of(name), params=_object(**typed))


def _statement(rights: Rights) -> Iterable[Schema]:
    posts = tuple(post for post, speaks in rights.posts if speaks)
    if posts and rights.audiences and rights.lines:
        yield _move(
            "statement", post=_one_of(*posts), audience=_one_of(*rights.audiences), tone=_one_of(*TONES),
            line=_one_of(*rights.lines), also=_list(_one_of(*rights.lines), LINE_LIMIT), phrase=_text(NOTE),
        )  # fmt: skip


_FORMS: Mapping[str, Callable[[Rights], Iterable[Schema]]] = {
    "table": _texts("table"),
    "amend": _texts("amend", number=_number(1, 99)),
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
    "confide": lambda r: [_move("confide", ring=_one_of(ring), to=_one_of(*seats)) for ring, seats in r.hidden],
    "prearrange": _on_ring("prearrange", phrase=_pattern(PHRASE)),
    "pass": lambda r: [_move("pass")],
    "vote": lambda r: [_move("vote", number=_number(1, 99), vote=_one_of("yes", "no", "abstain"))],
    "use": _use,
    "break": lambda r: [_move("break", commitment=_pattern(COMMITMENT_ID))],
    "renounce": lambda r: [_move("renounce", commitment=_pattern(COMMITMENT_ID))],
    "leak": _on_ring("leak", number=_number(0, 99)),
    "statement": _statement,
    "pledge": lambda r: [_move("pledge", commitment=_ref("clause"))] if _clauses_alone(r) else [],
    "name_official": lambda r: [_move("name_official", post=_one_of(*(p for p, _ in r.posts)))],
    "announce": _on_ring("announce", number=_number(0, 99)),
}
"""Where a new verb gets its form."""


@lru_cache(maxsize=256)
def _turn(rights: Rights, phase: Phase, own: bool, kinds: tuple[str, ...]) -> Schema:
    return _answer(rights, OWN_ROOM_TEXT if own else TEXT[phase], kinds, alone=phase == "speak")


@lru_cache(maxsize=64)
def _game(rights: Rights) -> Schema:
    kinds = dict.fromkeys(kind for offered in (*PHASE_MOVES.values(), OWN_ROOM_MOVES) for kind in offered)
    return _answer(rights, max(TEXT.values()), tuple(k for k in kinds if k != "vote" or rights.votes), alone=False)


def _answer(rights: Rights, limit: int, kinds: tuple[str, ...], *, alone: bool) -> Schema:
    """An answer with these verbs; `alone`: its clauses bind nobody but the seat itself."""
    moves = [move for kind in kinds for move in _moves(kind, rights)]
    schema = _object(deliberation=_text(THOUGHT), text=_text(limit), moves=_list(_any_of(moves), MOVE_LIMIT))
    definitions = _definitions(rights, alone) if {"table", "pledge"} & set(kinds) else {}
    return {**schema, "$defs": definitions} if definitions else schema
