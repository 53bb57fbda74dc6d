"""Where people and programs outside this process answer for a seat: what was asked of them, until they or time reply.

A seat that waits here is a seat like any other; nothing above knows how long its driver thinks. Knows nothing about
pages, terminals or who may answer for whom.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import UsageError
from ..moves import Turn
from ..views import Moment, SeatView

LOOK = 0.5
"""Seconds after which a paused turn looks whether time goes on."""


class NotAsked(UsageError):
    """Nobody waits for this turn: it was taken already, or it is another seat's, or its time is over."""


class StandIn(Exception):
    """Somebody else is to answer this turn: its time is over, or the seat was handed over."""


@dataclass
class Clock:
    """When time is over, in seconds of the game's time; None: never. An open floor has one for all who sit there."""

    due: float | None


@dataclass
class Asked:
    """A turn that a seat was asked for and has not taken yet."""

    view: SeatView
    """What it may know; on an open floor this goes on while it thinks."""
    ticket: str
    clock: Clock
    answer: asyncio.Future[Turn]

    @property
    def due(self) -> float | None:
        return self.clock.due


def ticket_of(moment: Moment) -> str:
    """Names a turn to its seat: it tells nothing but where and when, which the seat knows."""
    return f"{moment.round}.{moment.phase}.{moment.ring or '-'}.{moment.turn}"


def lane_of(ticket: str) -> str:
    """The part of a ticket that stays while a seat takes turns in one place."""
    return ticket.rpartition(".")[0]


class Inbox:
    """The turns that a game's people and programs are asked for.

    `seconds` is how long each has; without it they have all the time in the world.
    """

    def __init__(self, seconds: float | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.clock = clock
        self.changed: Callable[[], None] = lambda: None
        """Called when a seat is asked for a turn, sees more, or is asked no longer."""
        self._paused: float | None = None
        self._stood = 0.0
        """Seconds of pauses that are over."""
        self._asked: dict[tuple[str, str], Asked] = {}

    def now(self) -> float:
        """Seconds of the game's time, which stands still in a pause."""
        return (self.clock() if self._paused is None else self._paused) - self._stood

    def start_clock(self) -> Clock:
        """A clock that begins to run now."""
        return Clock(None if self.seconds is None else self.now() + self.seconds)

    def over(self, clock: Clock) -> bool:
        """Whether its time is over."""
        return clock.due is not None and self.now() >= clock.due

    async def ask(self, view: SeatView, clock: Clock | None = None) -> Turn:
        """Wait for the seat's turn; raises StandIn when its time is over or it was handed over."""
        asked = Asked(
            view, ticket_of(view.moment), clock or self.start_clock(), asyncio.get_running_loop().create_future()
        )
        key = (view.seat, asked.ticket)
        self._asked[key] = asked
        self.changed()
        try:
            while not asked.answer.done():
                left = None if asked.due is None else asked.due - self.now()
                if not self.paused and left is not None and left <= 0:
                    raise StandIn(f"the time of {view.seat} is over")
                await asyncio.wait({asked.answer}, timeout=LOOK if self.paused else left)
            return asked.answer.result()
        finally:
            self._asked.pop(key, None)
            self.changed()

    def waiting(self, seat: str) -> list[Asked]:
        """What the seat is asked for now, oldest first: rings meet side by side, so that it may be several turns."""
        return [asked for (whose, _), asked in self._asked.items() if whose == seat and not asked.answer.done()]

    def find(self, seat: str, ticket: str) -> Asked:
        """The turn that is asked of this seat; raises NotAsked where it is not, or not any more."""
        asked = self._asked.get((seat, ticket))
        if asked is None or asked.answer.done():
            raise NotAsked("this turn is not yours to take now: it was sent already, or its time is over")
        return asked

    def deliver(self, seat: str, ticket: str, turn: Turn) -> Asked:
        """Hand in a turn, once; raises NotAsked."""
        asked = self.find(seat, ticket)
        asked.answer.set_result(turn)
        return asked

    def refresh(self, view: SeatView) -> None:
        """Show a seat what was said since it was asked; what it is asked for stays the same."""
        lane = lane_of(ticket_of(view.moment))
        for asked in self.waiting(view.seat):
            if lane_of(asked.ticket) == lane and asked.view.moment != view.moment:
                asked.view = view
                self.changed()

    def extend(self, seconds: float, seat: str | None = None) -> int:
        """Give every open turn, or those of one seat, more time; how many had a deadline."""
        rows = [a for (whose, _), a in self._asked.items() if seat in (None, whose) and a.due is not None]
        for clock in {id(a.clock): a.clock for a in rows}.values():
            clock.due = (clock.due or 0.0) + seconds
        return len(rows)

    @property
    def paused(self) -> bool:
        return self._paused is not None

    def pause(self, paused: bool) -> None:
        """Stop the game's time, and let it go on."""
        if paused and self._paused is None:
            self._paused = self.clock()
        elif not paused and self._paused is not None:
            self._stood += self.clock() - self._paused
            self._paused = None

    def withdraw(self, clock: Clock) -> None:
        """Ask no longer for what this clock runs for and nobody has answered."""
        for asked in self._asked.values():
            if asked.clock is clock and not asked.answer.done():
                asked.answer.set_exception(StandIn("nothing is asked here any more"))

    def hand_over(self, seat: str) -> None:
        """Let somebody else answer what the seat is asked for now."""
        for asked in self.waiting(seat):
            asked.answer.set_exception(StandIn(f"{seat} was handed over"))


@dataclass(frozen=True)
class InboxSeat:
    """A seat whose turns come in through an inbox."""

    inbox: Inbox
    repeatable: bool = False
    """What a person answers is written down before anybody is told."""

    async def decide(self, view: SeatView) -> Turn:
        return await self.inbox.ask(view)
