"""One turn before the referee of the Korean crisis, with whatever went before it; no game is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from roleplay.adjudication import Situation
from roleplay.adjudication.effects import world_effects
from roleplay.commitments import Commitment
from roleplay.crises import Crisis, load_crisis
from roleplay.crises.policies import Mode, PolicyRule
from roleplay.drafts import Draft, Place
from roleplay.events import Effect, Event, Ruling, everyone
from roleplay.ledger import Ledger
from roleplay.moves import Move, Phase, Statement, Turn, Use
from roleplay.rules.policy import bound
from roleplay.rules.referee import Judged, Referee
from roleplay.setup import make_sheet
from roleplay.views import RoleSheet
from roleplay.world import World

SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")
OPEN = ("us-rok", "us-jpn", "us-prc", "council", "internal-us")
HERE = Place(3, "settle", None, -1, 0, "2017-09-12")
Past = tuple[int, Phase, str | None, str, Move]
"""(round, phase, ring, seat, move) of something that happened before."""


@cache
def korea() -> Crisis:
    """The crisis, read once."""
    return load_crisis("korea")


@dataclass(frozen=True)
class Try:
    """A turn that a seat tries, where and when, and what went before."""

    seat: str
    moves: tuple[Move, ...]
    ring: str | None = None
    phase: Phase = "act"
    past: tuple[Past, ...] = ()
    happened: tuple[Draft, ...] = ()
    """What the engine wrote in this round."""
    held: tuple[Commitment, ...] = ()
    """Commitments in force by a resolution of the Council."""
    ring_of_held: str = "council"
    credited: tuple[str, ...] = ()
    """Rules that have given credit to a turn of `past`, just before its first move."""
    opened: tuple[str, ...] = OPEN
    indicators: Mapping[str, float] = field(default_factory=dict)
    """'tension' or 'capacity us' -> value."""
    mode: Mode = "block"
    bind: tuple[str, ...] = ()
    changed: Mapping[str, PolicyRule] = field(default_factory=dict)
    """Rules that stand in the place of the crisis's own."""
    today: date = date(2017, 9, 6)
    force: bool = False

    def with_(self, **changes: Any) -> Try:
        return replace(self, **changes)

    def judge(self) -> Judged:
        """What the referee makes of it."""
        known = self.situation()
        return Referee(
            self.situation(), self.sheet(), known.ledger, known.world, "secret",
            Place(3, self.phase, self.ring, 0 if self.ring else -1, 1, self.today.isoformat()),
        ).judge(Turn(text="So be it.", moves=self.moves), repaired=False, exchange=1)  # fmt: skip

    def sheet(self) -> RoleSheet:
        """The rights that the seat would have been given."""
        scenario, strategy = korea().scenarios["august-2017"], korea().strategies["free-play"]
        return make_sheet(korea(), scenario, self.seat, strategy, self.mode, self.force, list(SEATS))

    def rulings(self, rule: str) -> list[Ruling]:
        """Its rulings by one rule."""
        judged = self.judge()
        assert judged.problem is None, judged.problem
        return [e for _, e in judged.entries if isinstance(e, Ruling) and e.rule == rule]

    def effects(self, world: str = "article", by: Mapping[str, float] | None = None) -> list[Effect]:
        """What the rows of a world make of this round: `past` of round 3, and `happened`."""
        table = korea().worlds[world].scaled(by or {})
        situation = replace(self.situation(), table=table, phase="settle")
        now = [e for e in situation.ever() if e.round == 3]
        made = (draft.make("secret", HERE, n)[1] for n, draft in enumerate(world_effects(replace(situation, now=now))))
        return [e for e in made if isinstance(e, Effect)]

    def situation(self) -> Situation:
        crisis = replace(korea(), rules=bound({**korea().rules, **self.changed}, self.bind))
        events = list(self.events())
        ledger, world = Ledger(), World(crisis.bounds)
        world.indicators = {
            (n, of): value for key, value in self.indicators.items() for n, _, of in [key.partition(" ")]
        }
        for event in events:
            ledger.apply(event)
            world.apply(event)
        return Situation(
            crisis=crisis, scenario=crisis.scenarios["august-2017"], table=crisis.worlds["article"], mode=self.mode,
            force=self.force, seats=SEATS, ledger=ledger, world=world, round=3, phase=self.phase, ring=self.ring,
            today=self.today, draw=lambda name: 0.5, ever=lambda: events,
        )  # fmt: skip

    def events(self) -> Sequence[Event]:
        """Rings that are open, then what went before; a text that was tabled has number 1, 2, ..."""
        opening = [Draft("channel", None, SEATS, {"about": r, "state": "open", "members": korea().rings[r].members})
                   for r in self.opened]  # fmt: skip
        made = [d.make("secret", Place(0, "setup", None, -1, 0, "2017-08-23"), n)[1] for n, d in enumerate(opening)]
        if self.held:
            fields = {
                "number": 1,
                "parties": SEATS,
                "commitments": self.held,
                "form": "resolution",
                "ring": self.ring_of_held,
            }
            held = Draft("deal", None, everyone(SEATS), fields)
            made.append(held.make("secret", Place(0, "setup", None, -1, 1, "2017-08-23"), 0)[1])
        tabled = 0
        for n, rule in enumerate(self.credited):
            fields = {"rule": rule, "rule_kind": "policy", "strength": "SHOULD", "mode": "block", "verdict": "credited",
                      "tried": {}, "why": "-", "legal": "-"}  # fmt: skip
            place = Place(*self.past[0][:3], -1, 0, "2017-08-30")
            made.append(Draft("ruling", self.past[0][3], (), fields).make("secret", place, n)[1])
        for n, (round, phase, ring, seat, move) in enumerate(self.past, len(self.credited)):
            tabled += move.kind == "table"
            number = tabled if move.kind == "table" else None
            draft = Draft("move", seat, everyone(SEATS), {"move": move, "number": number})
            made.append(draft.make("secret", Place(round, phase, ring, 0 if ring else -1, n, "2017-08-30"), n)[1])
        return [*made, *(draft.make("secret", HERE, 50 + n)[1] for n, draft in enumerate(self.happened))]


def use(instrument: str, **params: str | bool | int) -> Use:
    return Use(instrument=instrument, params=params)


def says(line: str, *also: str, post: str = "foreign", tone: Any = "firm") -> Statement:
    return Statement(post=post, audience="all", tone=tone, line=line, also=also)


def clause(by: str, type: str, object: str, **more: Any) -> Commitment:
    return Commitment(parties=tuple(by.split("+")), type=type, object=object, **more)
