"""A baseline: a seat played by one weighted policy in the manner of a profile. Knows nothing about models or words.

The same view, profile, variant and seed give the same turn, whatever was asked before.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..moves import MOVE_LIMIT, Move, Pass, Renew, Turn
from ..views import SeatView
from .deeds import act, own_room, votes
from .legal import legal
from .profiles import Profile
from .reading import Choice, Reading
from .speaking import speak
from .talks import talk
from .uniform import anything
from .wording import Wording


@dataclass(frozen=True)
class Baseline:
    """Plays a seat by its dossier, its strategy and `profile`; `repeatable`: asked again it answers the same."""

    profile: Profile
    seed: int = 0
    variant: int = 0
    repeatable: bool = True

    def decide(self, view: SeatView) -> Turn:
        """The turn, worded from templates where others hear it."""
        choices = self.choose(view)
        return Wording(view).turn(choices)

    def choose(self, view: SeatView) -> list[Choice]:
        """What the seat does, with its reasons: legal moves, at most as many as a turn may hold."""
        if len(view.attempts) > 1:
            return [Choice(Pass(), "What we wanted was refused twice.")]
        r = Reading(view, self.profile, self.seed, self.variant)
        found = anything(r) if self.profile.play == "uniform" else _weighted(r)
        if view.attempts:
            found = [c for c in found if not isinstance(c.move, Renew)][:1]
        return _sound(r, found)


def _weighted(r: Reading) -> list[Choice]:
    match r.view.moment.phase:
        case "talks":
            return own_room(r) if r.ring.kind == "own" else talk(r)
        case "council":
            return votes(r)
        case "act":
            return act(r)
        case "speak":
            return speak(r)
        case _:
            return []


def _sound(r: Reading, found: list[Choice]) -> list[Choice]:
    """Those choices that are legal one after the other and keep the seat's word; a pass where none is left."""
    free = r.profile.treachery or r.profile.play == "uniform"
    kept: list[Choice] = []
    before: list[Move] = []
    for choice in found:
        if choice.move is None:
            kept.append(choice)
        elif len(before) < MOVE_LIMIT and legal(r.view, choice.move, before) and (free or not r.breaks(choice.move)):
            kept.append(choice)
            before.append(choice.move)
    return kept or [Choice(Pass(), "Nothing that we could do would be legal.")]
