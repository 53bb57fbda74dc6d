"""What a seat makes of what it knows: the worth of clauses to it, what it would settle for, how tense things are.

Reads dossier, strategy, profile and view; decides nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from ..adjudication.chance import draw
from ..commitments import Commitment
from ..crises.models import RingRow
from ..crises.policies import StrategyPolicy
from ..events import Moved, Ruling
from ..frozen import dump
from ..moves import PHASE_NUMBER, Move, Use
from ..personas.models import PersonaPolicy
from ..views import Moment, RoleSheet, SeatView
from .conduct import Conduct, breaks, tension_indicator
from .profiles import Profile

GIVING = -0.5
"""Worth of a clause that binds the seat itself, where its dossier says nothing of it."""
GETTING = 0.25
"""Worth of a clause that binds others, where its dossier says nothing of it."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One seat's view, read with one profile; `seed` and `variant` fix its draws."""

    view: SeatView
    profile: Profile
    seed: int
    variant: int

    # --- what it was given -------------------------------------------------------------------------------------------

    @property
    def me(self) -> str:
        return self.view.seat

    @property
    def sheet(self) -> RoleSheet:
        return self.view.sheet

    @property
    def round(self) -> int:
        return self.view.moment.round

    @property
    def dossier(self) -> PersonaPolicy:
        return self.sheet.persona.policy

    @cached_property
    def strategy(self) -> StrategyPolicy:
        return self.sheet.strategy.policy or StrategyPolicy()

    @cached_property
    def ring(self) -> RingRow:
        """The ring of this turn; only where the turn has one."""
        return self.sheet.rings[self.view.moment.ring or ""]

    def is_open(self, ring: str) -> bool:
        state = self.view.world.rings.get(ring)
        return state is not None and state.open and self.me in state.members

    def draw(self, name: str) -> float:
        """A number in [0, 1) that depends on variant, seed, moment, seat and name alone."""
        m = self.view.moment
        return draw(self.variant, self.seed, m.round, m.phase, f"{m.ring or '-'}|{m.turn}|{self.me}|{name}")

    @cached_property
    def before_talks(self) -> Reading:
        """The same seat before this round's talks: what it plans there is the same whichever ring it sits in."""
        return self.view.once(("before talks", self.profile.id, self.round), self._before_talks)

    def _before_talks(self) -> Reading:
        now = (self.round, PHASE_NUMBER["talks"])
        end = bisect_left(self.view.events, now, key=lambda e: (e.round, PHASE_NUMBER[e.phase]))
        events, moment = self.view.events[:end], Moment(self.round, "talks", None, 0)
        return replace(self, view=replace(self.view, events=events, moment=moment, attempts=()))

    # --- how things stand --------------------------------------------------------------------------------------------

    @cached_property
    def conduct(self) -> Conduct:
        return Conduct(self.view, self.profile.forgiveness)

    @cached_property
    def tension(self) -> float:
        """Tension as the seat knows it, 0 to 1."""
        name = tension_indicator(self.sheet)
        if name is None:
            return 0.5
        row = self.sheet.indicators[name]
        return (self.view.world.value(name) - row.low) / (row.high - row.low)

    def provoked(self, seats: Iterable[str] | None = None) -> float:
        """Conduct of the worst of these seats (default: all others), as much as the profile answers in kind."""
        others = self.conduct.of if seats is None else seats
        return self.profile.reciprocity * self.conduct.worst(s for s in others if s != self.me)

    # --- what things are worth ---------------------------------------------------------------------------------------

    def worth(self, clauses: Iterable[Commitment]) -> float:
        """What a text is worth to the seat: the sum of its clauses."""
        return sum(self.clause_worth(clause) for clause in clauses)

    def clause_worth(self, clause: Commitment) -> float:
        """Dossier and strategy for each party that is bound; a promise that stands already is worth nothing new."""
        if self._stands(clause):
            return 0.0
        rows: dict[int, float] = {}
        unvalued = 0.0
        for party in clause.parties:
            found = self._value(party, clause)
            if found is None:
                unvalued += GIVING if party == self.me else GETTING
            else:
                index, value = found
                rows[index] = self._believed(party, value)
        if self.me not in clause.parties:
            unvalued = min(unvalued, GETTING)
        strategy = self.strategy
        wanted = strategy.clauses.get(clause.type, 0.0) + strategy.objects.get(clause.object, 0.0)
        return sum(rows.values()) + unvalued + wanted

    def _value(self, giver: str, clause: Commitment) -> tuple[int, float] | None:
        """The most specific value of the dossier for what `giver` gives: (its row, its value)."""
        best: tuple[tuple[bool, bool], int, float] | None = None
        for index, row in enumerate(self.dossier.values):
            if row.type != clause.type or row.giver not in (giver, "*") or row.object not in (clause.object, None):
                continue
            found = ((row.giver == giver, row.object is not None), index, float(row.value))
            if best is None or found[0] > best[0]:
                best = found
        return best[1:] if best else None

    def _believed(self, giver: str, value: float) -> float:
        """A good promise of a government that has broken one counts half."""
        return value / 2 if value > 0 and giver in self.conduct.broke else value

    def _stands(self, clause: Commitment) -> bool:
        """Whether its parties are bound to as much already; another scope, a ban for a cap say, is news."""
        standing = [entry.commitment for entry in self.view.ledger.in_force(type=clause.type, object=clause.object)]
        bound = {party for c in standing if not c.scope or c.scope == clause.scope for party in c.parties}
        return set(clause.parties) <= bound

    def reservation(self, proposer: str | None = None) -> float:
        """The worth from which a text is acceptable: firmness, less what manner, strategy, time and danger take off."""
        temper, profile = self.dossier.temper, self.profile
        hurry = profile.softening * (self.round - 1) * (1 - temper.patience)
        danger = 0.5 * self.tension * (1 - temper.risk)
        grudge = profile.reciprocity * self.conduct.of.get(proposer or "", 0.0) / 2
        return 1.5 * temper.firmness - profile.readiness - self.strategy.concession - hurry - danger + grudge

    def withheld(self, clause: Commitment) -> bool:
        """Whether a rule keeps the seat from giving such a clause at all."""
        return self.me in clause.parties and clause.type in self.sheet.withheld

    # --- what it has done --------------------------------------------------------------------------------------------

    @cached_property
    def own_moves(self) -> tuple[Moved, ...]:
        """Its own moves that went through, oldest first."""
        return tuple(e for e in self.view.events if isinstance(e, Moved) and e.seat == self.me)

    def blocked(self, move: Move) -> bool:
        """Whether a rule has blocked this very move before: it is not tried twice."""
        tried = dump(move)
        return any(
            isinstance(e, Ruling) and e.seat == self.me and e.verdict == "blocked" and e.tried == tried
            for e in self.view.events
        )

    def breaks(self, move: Move) -> list[str]:
        """Ids of the seat's own commitments in force that this move would break."""
        m = self.view.moment
        event = Moved(
            id="0" * 16, round=m.round, phase=m.phase, ring=m.ring, seat=self.me, readers=(self.me,),
            at=self.view.date, turn=m.turn, move=move,
        )  # fmt: skip
        mine = self.view.ledger.in_force(self.me)
        return [entry.id for entry in mine if breaks(self.sheet, entry.commitment.type, entry.commitment.object, event)]

    def last_use(self, instrument: str) -> int | None:
        """The round in which the seat last used an instrument."""
        rounds = [e.round for e in self.own_moves if isinstance(e.move, Use) and e.move.instrument == instrument]
        return max(rounds, default=None)


@dataclass(frozen=True)
class Choice:
    """A move that a seat chose, or None for words alone, and why.

    `about` says what kind of words stand alone, `number` and `instrument` what they are about.
    """

    move: Move | None
    why: str
    about: Literal["", "study", "position", "support", "doubt"] = ""
    number: int = 0
    instrument: str = ""


def points(value: float) -> str:
    """A worth as its author would write it: '+1.5'."""
    return f"{value:+.1f}"


def one_of(options: Sequence[str], share: float) -> str:
    """One of several by a draw in [0, 1): the first half the time, the next half of the rest; authors list by rank."""
    index = 0
    while share >= 0.5 and index < len(options) - 1:
        share, index = (share - 0.5) * 2, index + 1
    return options[index]
