"""A policy as data: the rules that hold a seat to it, and the strategies that advise it.

Frozen models of rules.yaml and strategies/*.yaml. Knows nothing about prompts, or how a rule is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from ..frozen import Frozen, Id, Note
from ..naming import LineId, Names, ObjectId, PlayerId, RingId, ToneId, TypeId, UsableId
from .models import Prose, Src
from .patterns import Condition, Pattern

Strength = Literal["NEVER", "FOR-NOW", "SHOULD", "MAY"]
Mode = Literal["prevent", "block", "observe"]
Ablation = Literal["no-goals", "no-history", "no-messages", "reflect-first"]
TEXTS = ("table", "amend", "accept", "pledge")
CHECKS: Mapping[str, tuple[str, ...]] = {
    "never_gives": TEXTS, "trade_needs_return": TEXTS, "needs_mandate": TEXTS, "complete_clauses": TEXTS,
    "one_step": ("table", "amend"), "consulted_first": ("use",), "to_script": ("statement",),
    "only_when": (),
}  # fmt: skip
"""Check -> verbs that it looks at (`only_when`: those of its `when`); the functions are in `rules.policy.CHECKS`."""


class PolicyRule(Frozen):
    """A rule of the article's policy: data for one of the checks in `roleplay.rules.policy`."""

    id: Note
    title: Note
    text: Prose
    strength: Strength
    check: Annotated[Id, Names("check")]
    seats: tuple[PlayerId, ...]
    """Whom it binds, as giver or actor."""
    types: tuple[TypeId, ...] = ()
    objects: tuple[ObjectId, ...] = ()
    rings: tuple[RingId, ...] = ()
    """Where it binds; empty: everywhere."""
    instruments: tuple[Annotated[Id, Names("instrument")], ...] = ()
    """Instruments whose use it is about, beside what `when` says."""
    lines: tuple[LineId, ...] = ()
    """Policy lines that are free whatever the script says."""
    scopes: tuple[Note, ...] = ()
    """Steps of a ladder, the lowest first, as a clause's scope names them."""
    top: tuple[ObjectId, ...] = ()
    """Objects that stand above the ladders of all others."""
    when: tuple[Pattern, ...] = ()
    """Moves or clauses that it is about."""
    given: tuple[Condition, ...] = ()
    """Circumstances in which it binds at all."""
    needs: tuple[Condition, ...] = ()
    """What must hold for such a move, the moves of the same turn included; empty: it is not made at all."""
    returns: tuple[Pattern, ...] = ()
    """Clauses of which one must stand in the same text in return."""
    until: tuple[Condition, ...] = ()
    """FOR-NOW: its trigger, after which it no longer binds."""
    credits: bool = False
    """Whether keeping it earns credit too; rules of strength MAY always give it."""
    legal: Note = ""
    """What would be legal instead, in words."""
    binding: bool = False
    """Whether it follows the run's mode whatever its strength; set by the run, not by the crisis."""
    map: tuple[str, ...] = ()
    src: Src

    def binds(self, seat: str, ring: str | None) -> bool:
        """Whether it binds a seat in a ring, or outside all of them."""
        return seat in self.seats and (not self.rings or ring in self.rings)

    @cached_property
    def verbs(self) -> frozenset[str]:
        """The kinds of move that it looks at, wherever they are made."""
        return self._looked_at(self.when)

    def verbs_in(self, ring: str | None) -> frozenset[str]:
        """The kinds of move that it looks at in a ring, or outside all of them."""
        return self._looked_at(p for p in self.when if p.ring is None or ring in p.ring)

    def _looked_at(self, when: Iterable[Pattern]) -> frozenset[str]:
        named = CHECKS.get(self.check) or (verb for pattern in when for verb in _verbs(pattern))
        return frozenset((*named, "use") if self.instruments else named)


def _verbs(pattern: Pattern) -> tuple[str, ...]:
    """The kinds of move that a pattern is about."""
    return pattern.move or (("use",) if pattern.instrument or pattern.family or pattern.params else TEXTS)


class StrategyPolicy(Frozen):
    """The half of a strategy that baselines and voices follow: changes of a dossier's weights."""

    instruments: dict[UsableId, float] = Field(default_factory=dict)
    """Instrument or family -> added weight."""
    clauses: dict[TypeId, float] = Field(default_factory=dict)
    """Clause type -> added value when this seat receives or gives it."""
    objects: dict[ObjectId, float] = Field(default_factory=dict)
    """The same for clauses about an object."""
    tone: ToneId | None = None
    line: tuple[LineId, ...] = ()
    """Policy lines in order of preference."""
    rings: dict[RingId, float] = Field(default_factory=dict)
    """Ring -> added wish to open and use it."""
    concession: float = 0
    """Added readiness to accept."""
    mandate: bool = False
    """Empowers the team of a direct channel before it commits."""
    first_steps: bool = False
    """Announces small unconditional steps."""
    speech: bool = False
    """Says its policy lines in one speech first, and names the official who answers for them."""


class Strategy(Frozen):
    """A way of playing a seat: `directives` go into prompts, `policy` into baselines and voices."""

    id: Id
    title: Note
    note: Prose
    directives: tuple[Prose, ...] = ()
    policy: StrategyPolicy | None = None
    ablate: tuple[Ablation, ...] = ()
    """What the prompt of a seat that a model plays by itself lacks, or asks first; nothing to baselines and voices."""
    map: tuple[str, ...] = ()
    """Article-map ids that the rendered prompt states."""
    src: Src = ()


class Rules(Frozen):
    rules: tuple[PolicyRule, ...]
