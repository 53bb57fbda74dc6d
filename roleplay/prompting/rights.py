"""What of a role sheet decides which moves a seat may ever make; knows nothing about schemas or the state of play."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..views import RoleSheet


class Parameter(NamedTuple):
    """A typed parameter of an instrument."""

    name: str
    type: str
    values: tuple[str, ...]
    low: int
    high: int


class Clauses(NamedTuple):
    """Clause types that go with the same objects, and whether this seat is offered them as giver."""

    types: tuple[str, ...]
    objects: tuple[str, ...]
    withheld: bool


class Rights(NamedTuple):
    """What of a role sheet the schema depends on; equal sheets have equal rights, whichever game they are of."""

    seat: str
    parties: tuple[str, ...]
    rings: tuple[str, ...]
    """Rings with other members."""
    hidden: tuple[tuple[str, tuple[str, ...]], ...]
    instruments: tuple[tuple[str, tuple[Parameter, ...]], ...]
    clauses: tuple[Clauses, ...]
    posts: tuple[tuple[str, bool], ...]
    lines: tuple[str, ...]
    audiences: tuple[str, ...]
    votes: bool
    asks_intent: bool


def rights_of(sheet: RoleSheet) -> Rights:
    """The rights that a role sheet gives."""
    rooms = [row for row in sheet.rings.values() if row.kind != "own"]
    return Rights(
        seat=sheet.seat,
        parties=tuple(dict.fromkeys((sheet.seat, *(m for row in rooms for m in row.members)))),
        rings=tuple(row.id for row in rooms),
        hidden=tuple((r, seats) for r, seats in sheet.confidants.items() if seats),
        instruments=tuple(
            (i.id, tuple(Parameter(n, p.type, p.values, p.low, p.high) for n, p in i.params.items()))
            for i in sheet.instruments.values()
        ),
        clauses=tuple(_clause_groups(sheet)),
        posts=tuple((p.id, p.speaks) for p in sheet.persona.posts),
        lines=tuple(sheet.lines),
        audiences=sheet.audiences,
        votes=sheet.votes,
        asks_intent=sheet.asks_intent,
    )


def _clause_groups(sheet: RoleSheet) -> Iterable[Clauses]:
    groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for kind in sheet.types.values():
        objects = tuple(o for o in kind.objects if o in sheet.objects) or tuple(sheet.objects)
        if objects:
            groups.setdefault((objects, kind.id in sheet.withheld), []).append(kind.id)
    return (Clauses(tuple(types), objects, withheld) for (objects, withheld), types in groups.items())
