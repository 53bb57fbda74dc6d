"""A small crisis (tests/crises/pond) and players for it: what each says and does is written down turn by turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from roleplay.commitments import Commitment
from roleplay.events import Event
from roleplay.game import Options, Run, aplay
from roleplay.moves import Move, Turn
from roleplay.views import SeatView

POND = Path(__file__).parents[1] / "crises" / "pond"
SEATS = ("heron", "otter", "newt")

Turns = dict[tuple[int | str, ...], Turn]
"""(round, phase) or (round, 'talks', ring) -> the turn to take there."""


class Player:
    """Plays the turns that it was given and passes otherwise; remembers every view that it was shown."""

    repeatable = True

    def __init__(self, turns: Turns | None = None) -> None:
        self.turns = dict(turns or {})
        self.seen: list[SeatView] = []

    def decide(self, view: SeatView) -> Turn:
        self.seen.append(view)
        m = view.moment
        key: tuple[int | str, ...] = (m.round, m.phase, m.ring) if m.ring else (m.round, m.phase)
        return self.turns.get(key, Turn())


class Slow:
    """The same, some steps of the loop later, which differ from turn to turn, so that rings finish in another order."""

    repeatable = True

    def __init__(self, turns: Turns | None, steps: Callable[[SeatView], int]) -> None:
        self.player = Player(turns)
        self.steps = steps

    async def decide(self, view: SeatView) -> Turn:
        for _ in range(self.steps(view)):
            await asyncio.sleep(0)  # One step of the loop, so that seats end in another order.
        return self.player.decide(view)


def clause(by: str, type: str, object: str, **more: Any) -> Commitment:
    return Commitment(parties=tuple(by.split("+")), type=type, object=object, **more)


def says(text: str, *moves: Move) -> Turn:
    return Turn(text=text, moves=moves)


def does(*moves: Move) -> Turn:
    return Turn(moves=moves)


async def play_pond(out: Path, players: Mapping[str, Any] | None = None, **settings: Any) -> Run:
    """Play the pond's scenario; seats without a player pass."""
    seats = {seat: (players or {}).get(seat) or Player() for seat in SEATS}
    return await aplay("dam", crisis=str(POND), seats=seats, options=Options(out=out), **settings)


def kinds(events: Iterable[Event], kind: str) -> list[Any]:
    return [e for e in events if e.kind == kind]
