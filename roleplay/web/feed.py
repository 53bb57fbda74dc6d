"""What happens, as one reader may know it: rendered once, kept in order, and sent to whoever watches as that reader.

Every reader has numbers of its own, which tell nothing about what others read. Knows nothing about sockets or rights.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..events import AnyEvent, Deliberation
from ..transcripts.timeline import Lane, PhasePart, RoundPart, rounds_of
from .rendering import Renderer

TEAM = "delegation"
"""The room in which the people of one delegation write to each other."""
WORLD = "world"
"""The room of what happens outside any ring: news, acts, votes, public lines."""
KEPT = 2
"""Rounds, besides the one under way, whose items are kept; older ones are read in the replay."""
BEAT = 15.0
"""Seconds after which a silent stream says that it is alive."""
BOOT = secrets.token_hex(4)
"""This process: numbers of an earlier one mean nothing here."""


class Item(NamedTuple):
    """A piece of a room's stream."""

    number: int
    round: int
    room: str
    html: str


@dataclass
class Feed:
    """The items of one reader, and who waits for more."""

    renderer: Renderer
    state: Callable[[], str]
    """Makes the status as this reader may know it, as JSON; asked once for all who watch."""
    items: list[Item] = field(default_factory=list)
    count: int = 0
    closed: int = 0
    """How often a phase has closed: what stands beside the streams is stale then."""
    _seen: set[str] = field(default_factory=set)
    _lane: dict[str, tuple[int, str]] = field(default_factory=dict)
    _status: str = ""
    next_change: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, events: Sequence[AnyEvent]) -> None:
        """Take in what the reader can read now, all of it; what was taken before is not taken again."""
        fresh = [e for e in events if e.id not in self._seen]
        self._seen.update(e.id for e in fresh)
        for event in fresh:
            if isinstance(event, Deliberation) and event.internal:
                self._put(event.round, TEAM, self.renderer.internal(event))
        for part in rounds_of(e for e in fresh if not (isinstance(e, Deliberation) and e.internal)):
            for phase in part.phases:
                for lane in phase.lanes if part.number else ():
                    self._add(part, phase, lane)
        if fresh:
            self.closed += any(e.kind == "phase" for e in fresh)
            newest = fresh[-1].round
            self.items = [item for item in self.items if item.round >= newest - KEPT]

    def _add(self, part: RoundPart, phase: PhasePart, lane: Lane) -> None:
        room = lane.ring or WORLD
        head = self._lane.get(room) != (part.number, phase.phase)
        self._lane[room] = (part.number, phase.phase)
        html = self.renderer.lane(part, phase, lane, head=head)
        if html:
            self._put(part.number, room, html)

    def _put(self, round: int, room: str, html: str) -> None:
        self.count += 1
        self.items.append(Item(self.count, round, room, html))

    def wake(self) -> None:
        """Tell who watches that there is something new."""
        self._status = ""
        self.next_change.set()
        self.next_change = asyncio.Event()

    def status(self) -> str:
        """The status as it stands since the last change."""
        self._status = self._status or self.state()
        return self._status

    def unread(self, marks: Mapping[str, int]) -> dict[str, int]:
        """Room -> items after the reader's mark there."""
        counts: dict[str, int] = {}
        for item in self.items:
            counts[item.room] = counts.get(item.room, 0) + (item.number > marks.get(item.room, 0))
        return counts

    def position(self) -> str:
        """Where a page that is rendered now stands; its stream goes on after this."""
        return f"{BOOT}-{self.count}"

    async def watch(self, after: str, good: Callable[[], bool]) -> AsyncIterator[str]:
        """Server-sent events after a position, for as long as `good`; each item once, in order."""
        boot, _, number = after.partition("-")
        if boot != BOOT or not number.isdecimal() or not self._holds(int(number)):
            yield _message("reload", "{}")
            return
        sent, state, closed = int(number), "", self.closed
        while good():
            wake = self.next_change
            for item in [i for i in self.items if i.number > sent]:
                sent = item.number
                yield _message("item", json.dumps({"room": item.room, "html": item.html}), f"{BOOT}-{sent}")
            if closed != self.closed:
                closed = self.closed
                yield _message("side", "{}")
            if state != (state := self.status()):
                yield _message("state", state)
            if not await news(wake, BEAT):
                yield ": alive\n\n"

    def _holds(self, number: int) -> bool:
        """Whether everything after this number is still here."""
        first = self.items[0].number if self.items else self.count + 1
        return first - 1 <= number <= self.count


async def news(change: asyncio.Event, seconds: float) -> bool:
    """Wait for a change, at most so long; whether it came."""
    try:
        await asyncio.wait_for(change.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _message(kind: str, data: str, id: str = "") -> str:
    return f"event: {kind}\n{f'id: {id}' if id else ':'}\ndata: {data}\n\n"
