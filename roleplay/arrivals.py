"""Who speaks next where people and machines share an open floor: whoever comes first.

People may speak as long as it is open; a machine answers when it is called, and speaks unasked after a silence. Knows
nothing about pages, nor about who is told what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from .calls import Answer
from .floor import Floor
from .lanes import Lane
from .seats.inbox import Clock, Inbox, StandIn
from .table import Table
from .views import Attempt, SeatView

Heard = tuple[SeatView, Answer]
Words = tuple[tuple[Attempt, ...], Answer]
"""What a seat has to say, and which attempts went before."""
FOREVER = float("inf")


@dataclass
class Speaking:
    """Those who are about to speak on one open floor."""

    clock: Clock
    tasks: dict[str, asyncio.Task[Words]] = field(default_factory=dict)
    """By seat: a person at the inbox, or a machine that thinks."""
    came: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    """Seats whose task is done, in order of arrival; None: look again."""
    silent_since: float = 0.0

    def start(self, seat: str, words: Coroutine[Any, Any, Words]) -> None:
        """Wait for what a seat says."""
        self.tasks[seat] = asyncio.create_task(words)
        self.tasks[seat].add_done_callback(lambda _: self.came.put_nowait(seat))

    async def stop(self) -> None:
        """Stop waiting for anybody."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


@dataclass
class Arrivals:
    """The open floors of one game; `listen` is asked by the table for what comes next on one of them."""

    table: Table
    inbox: Inbox
    people: Collection[str]
    """Seats that answer through the inbox now; it changes when one is handed over."""
    ask: Callable[[SeatView], Coroutine[Any, Any, Answer]]
    """Asks a machine."""
    refuse: Callable[[SeatView], None]
    """Told of a turn that could not be taken when it came to it; the reason is its last attempt."""
    silence: float
    """Seconds of it after which a machine speaks that nobody has called."""
    _floors: dict[tuple[int, str | None], Speaking] = field(default_factory=dict)

    async def listen(self, lane: Lane, again: SeatView | None) -> Heard | None:
        """The next words on an open floor; None when all have done, or its time is over."""
        here = self._floors.setdefault((lane.round, lane.ring), Speaking(self.inbox.start_clock()))
        here.silent_since = self.inbox.now()
        if again:
            self.refuse(again)  # Even if the seat was handed over meanwhile.
            if again.seat not in self.people:
                here.start(again.seat, self._machine(again))
        heard = await self._first(here, lane)
        if heard is None:
            del self._floors[lane.round, lane.ring]
        return heard

    async def _first(self, here: Speaking, lane: Lane) -> Heard | None:
        """Wait for whoever comes first."""
        while (left := self._wait_for(here, lane)) is not None:
            seat = None
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    seat = await here.came.get()
            with suppress(StandIn):  # Its time is over, or it was handed over.
                if seat is not None:
                    attempts, answer = here.tasks.pop(seat).result()
                    return replace(self.table.look(lane, seat), attempts=attempts), answer
        return None

    def wake(self) -> None:
        """Look again: a seat was handed over, or a pause is over."""
        for here in self._floors.values():
            here.came.put_nowait(None)

    async def stop(self) -> None:
        """Stop waiting for anybody: the game stops, and its models are about to be closed."""
        for here in self._floors.values():
            await here.stop()

    # --- who is waited for -------------------------------------------------------------------------------------------

    def _wait_for(self, here: Speaking, lane: Lane) -> float | None:
        """Ask whoever may speak now; how long to wait for them, None where nobody will."""
        floor, over = self.table.floor(lane), self.inbox.over(here.clock)
        people = [m for m in lane.members if m in self.people]
        machines = [m for m in lane.members if m not in self.people]
        left = FOREVER
        thinking = any(m in here.tasks for m in machines)
        if not (thinking or over) and (seat := floor.next(machines, people)):
            left = self._until(here, floor, seat, people)
            if thinking := left <= 0:
                here.start(seat, self._machine(self.table.look(lane, seat)))
        if over or floor.full or (all(map(floor.content, people)) and not thinking):
            self.inbox.withdraw(here.clock)  # Who has sent something meanwhile is heard.
        else:
            self._invite(here, lane, people)
        return (FOREVER if thinking else left) if here.tasks else None

    def _until(self, here: Speaking, floor: Floor, seat: str, people: list[str]) -> float:
        """Seconds until a machine may speak: none where it is called, or where people have nothing to add."""
        if floor.called(seat, floor.members) is not None or all(map(floor.content, people)):
            return 0.0
        return FOREVER if self.inbox.paused else self.silence - (self.inbox.now() - here.silent_since)

    def _invite(self, here: Speaking, lane: Lane, people: list[str]) -> None:
        """Let people speak, or see what was said while they think."""
        for seat in people:
            view = self.table.look(lane, seat)
            if seat in here.tasks:
                self.inbox.refresh(view)
            else:
                here.start(seat, self._person(view, here.clock))

    async def _machine(self, view: SeatView) -> Words:
        return view.attempts, await self.ask(view)

    async def _person(self, view: SeatView, clock: Clock) -> Words:
        return (), Answer(await self.inbox.ask(view, clock))
