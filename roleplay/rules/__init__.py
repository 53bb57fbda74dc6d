"""The referee: checks a turn's moves against constitutive and policy rules and says what became of them.

Works on copies, never plays, never rewrites a move. Knows nothing about who asked, about prompts or storage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..adjudication import Situation
from ..crises import Crisis
from ..crises.roles import RoleSheet
from ..frozen import Frozen
from ..ledger import Ledger
from ..moves import Move, Phase
from ..world import World


@dataclass(frozen=True)
class Tried:
    """A move that a seat tries where it stands; `before` are the moves of the same turn that already went through.

    The rules that always hold need no more than a seat knows itself, so that it can ask them beforehand.
    """

    sheet: RoleSheet
    phase: Phase
    ring: str | None
    today: date
    ledger: Ledger
    world: World
    move: Move
    before: tuple[Move, ...] = ()

    @property
    def seat(self) -> str:
        return self.sheet.seat

    @property
    def members(self) -> tuple[str, ...]:
        """Who meets in the ring now."""
        state = self.world.rings.get(self.ring or "")
        return state.members if state and state.members else self.sheet.rings[self.ring or ""].members


@dataclass(frozen=True)
class Attempted:
    """A move that a seat tries against the rules of policy, which ask what the seat may not know."""

    seat: str
    move: Move
    situation: Situation
    before: tuple[Move, ...] = ()
    turn: tuple[Move, ...] = ()
    """All moves of the turn."""


@dataclass(frozen=True)
class Finding:
    """What a rule says against (or for) a move: why, and what would be legal."""

    why: str
    legal: str
    credit: bool = False
    """The move does what the rule asks for, which earns credit."""


class RuleInfo(Frozen):
    """A rule as `list rules` shows it."""

    name: str
    title: str
    kind: Literal["constitutive", "policy"]
    strength: str
    binds: str
    source: str


@dataclass(frozen=True)
class ConstitutiveRule:
    """A rule that always holds; a move against it is not a legal answer."""

    id: str
    title: str
    check: Callable[[Tried], Finding | None]


def list_rules(crisis: Crisis) -> list[RuleInfo]:
    """Every rule of a crisis: the constitutive ones, then its policy rules."""
    from .constitutive import RULES

    always = {"kind": "constitutive", "strength": "ALWAYS", "binds": "every seat", "source": "ARCHITECTURE.md"}
    rows = [{"name": r.id, "title": r.title, **always} for r in RULES.values()]
    rows += [
        {"name": r.id, "title": r.title, "kind": "policy", "strength": r.strength, "binds": ", ".join(r.seats),
         "source": ", ".join((*r.map, *r.src))}
        for r in crisis.rules.values()
    ]  # fmt: skip
    return [RuleInfo.model_validate(row) for row in rows]
