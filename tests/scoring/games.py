"""Scripted games between two governments in one hidden room, and the clauses that they trade in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import roleplay
from roleplay.commitments import Commitment
from roleplay.game import Options, Run
from roleplay.moves import Accept, Move, Statement, Table, Turn, Use
from roleplay.views import SeatView

ROOM = "us-dprk"
Key = tuple[int | str, ...]
Turns = dict[Key, Turn]


class Once:
    """Takes each of its turns once, at the round and phase (and ring) named, and passes otherwise."""

    repeatable = True

    def __init__(self, turns: Mapping[Key, Turn] | None = None, wait: int = 0) -> None:
        self.turns = dict(turns or {})
        self.wait = wait
        """Times it passes in a ring before it speaks."""

    def decide(self, view: SeatView) -> Turn:
        m = view.moment
        if m.ring and self.wait:
            self.wait -= 1
            return Turn()
        return self.turns.pop((m.round, m.phase, m.ring) if m.ring else (m.round, m.phase), Turn())


class Broken(Once):
    """Answers with a move that is never legal where another would pass, so that every such turn FAILS."""

    def decide(self, view: SeatView) -> Turn:
        found = super().decide(view)
        return found if found.moves or found.text else Turn(moves=(Accept(number=99), Use(instrument="nothing")))


def play(out: Path, us: Any = None, dprk: Any = None, **settings: Any) -> Run:
    """A game of two rounds in the back channel; nobody is prevented from anything."""
    seats = {"us": us or Once(), "dprk": dprk or Once()}
    asked = {"rounds": 2, "mode": "observe", **settings}
    return roleplay.play("back-channel", seats=seats, options=Options(out=out), **asked)


def says(line: str, tone: Any = "firm", post: str = "foreign", text: str = "We say so.", **more: Any) -> Turn:
    return Turn(text=text, moves=(Statement(post=post, audience="all", tone=tone, line=line, **more),))


def does(*moves: Move, text: str = "") -> Turn:
    return Turn(text=text, moves=moves)


def clause(by: str, type: str, object: str, **more: Any) -> Commitment:
    return Commitment(parties=tuple(by.split("+")), type=type, object=object, **more)


FIRM: dict[str, Any] = {
    "scope": "named and defined, satellite launchers and engines included", "start": "2017-10-16",
    "duration": "26 weeks", "verification": "national_technical_means", "on_breach": "the other part ends",
    "reversible": "snapback",
}  # fmt: skip

PACKAGE = (
    clause("dprk", "moratorium", "icbm_test", **FIRM, in_return_for="2"),
    clause("us", "sanctions_easing", "seafood", **FIRM, in_return_for="1"),
    clause("dprk", "target_limit", "us_territories", **FIRM),
    clause("dprk", "target_limit", "japanese_waters", **FIRM),
    clause("us+dprk", "communication", "military_hotline", **{**FIRM, "duration": "open"}),
    clause("us+dprk", "notification", "launch_notice", **FIRM),
    clause("us+dprk", "reaffirmation", "denuclearization", duration="open"),
    clause("us+dprk", "forum", "six_party_talks", start="2017-11-01"),
)
"""The article's package."""

SHAM = (
    clause("dprk", "moratorium", "icbm_test", duration="1 week"),
    clause("us+dprk", "communication", "military_hotline"),
    clause("us+dprk", "statement", "bilateral_talks"),
)
"""A moratorium of a week, a line without a start, warm words."""


BOMBERS = Use(instrument="deploy_strategic", params={"system": "bombers", "place": "guam", "announced_aim": "leverage"})


def deal(*clauses: Commitment, text: str = "Here it is.") -> tuple[Turns, Turns]:
    """The turns in which Washington tables a text and Pyongyang accepts it."""
    return {(1, "talks", ROOM): does(Table(commitments=clauses), text=text)}, {
        (1, "talks", ROOM): does(Accept(number=1), text="Agreed.")
    }


SPEECH = says("deterrence_policy", also=("dialogue_proposal", "alliance_unity"))
