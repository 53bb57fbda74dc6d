"""A game on the server: its host, what each reader is shown of it, and what each seat keeps on its desk.

Hands out records and feeds by place; knows nothing about requests, cookies or HTML.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import RoleplayError
from ..events import PUBLIC, Event
from ..hosting import Host
from ..moves import Frozen, Turn
from ..seats.inbox import Asked
from ..transcripts.export import write_atomically
from ..transcripts.record import RunRecord, seen_record
from .access import CONTROL, OBSERVER, PLACES
from .feed import WORLD, Feed
from .rendering import Renderer, render

NOTES_LIMIT = 20_000
DESKS = "desks.json"
"""Beside the journal: drafts and notes are no part of a game."""


class Desk(Frozen):
    """What lies on a seat's desk: drafts by ticket, advice, notes, and how far each room was read."""

    drafts: dict[str, Turn] = {}
    advice: dict[str, str] = {}
    notes: str = ""
    marks: dict[str, int] = {}


@dataclass
class Game:
    """One hosted game; `start` goes on with it in the background of the server's event loop."""

    name: str
    host: Host
    debriefed: bool = False
    """Whether seats are told what others knew."""
    desks: dict[str, Desk] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    task: asyncio.Task[object] | None = None
    _due: bool = False

    def __post_init__(self) -> None:
        self.host.changed = self._changed
        file = self.host.folder / DESKS
        if file.is_file():
            self.desks = {seat: Desk.model_validate(row) for seat, row in json.loads(file.read_text("utf-8")).items()}

    @property
    def places(self) -> tuple[str, ...]:
        """Every place that can be held here."""
        return (*self.host.setup.plans, *PLACES)

    def seat_name(self, seat: str) -> str:
        """The government that sits there, which everybody knows."""
        return self.host.setup.load_crisis().seats[seat].name

    def start(self) -> None:
        """Go on with the game, unless it goes on or is over."""
        if not self.host.over and (self.task is None or self.task.done()):
            self.host.trouble = ""
            self.task = asyncio.create_task(self._play())

    async def _play(self) -> None:
        try:
            await self.host.play()
        except RoleplayError:
            self._changed(())  # The host keeps the words for control.

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    # --- what a place is shown ---------------------------------------------------------------------------------------

    def record(self, place: str) -> RunRecord:
        """The game as a place may know it."""
        if place in PLACES and place != OBSERVER:
            return self.host.everything()
        return seen_record(self.host.seen(PUBLIC if place == OBSERVER else place))

    def record_in(self, place: str, room: str) -> RunRecord:
        """The game as whoever is asked in a room would know it: a seat's other rooms are told when the phase closes."""
        if place in PLACES:
            return self.record(place)
        return seen_record(self.host.seen_in(place, None if room == WORLD else room))

    def feed(self, place: str) -> Feed:
        """The stream of a place."""
        if place not in self.feeds:
            record = self.record(place)
            self.feeds[place] = Feed(Renderer(record), lambda: self.state(place))
            self.feeds[place].take(record.events)
        return self.feeds[place]

    def rooms(self, place: str) -> dict[str, str]:
        """Room -> title, as far as the place sits there or sees it; the world comes first."""
        titles = {WORLD: "News and public lines"}
        if place == OBSERVER:
            return titles
        if place in PLACES:
            rows = self._rings
            return titles | {ring: rows[ring] for ring in self.host.setup.scenario.rooms}
        return titles | {row.id: row.title for row in self.host.setup.sheets[place].rings.values()}

    def open_rooms(self, place: str) -> set[str]:
        """Rooms that meet, as far as the place knows."""
        known = self.host.open_rings() if place in PLACES else self.host.open_rings(place)
        return {WORLD, *known}

    @property
    def crisis_folder(self) -> str | None:
        """Where the game's crisis was found, if not by its name."""
        return self.host.setup.settings.crisis

    @cached_property
    def _rings(self) -> dict[str, str]:
        return {row.id: row.title for row in self.host.setup.load_crisis().rings.values()}

    def asked(self, place: str, room: str) -> Asked | None:
        """The turn that is asked of a seat in a room."""
        waiting = self.host.inbox.waiting(place)
        return next((a for a in waiting if (a.view.moment.ring or WORLD) == room), None)

    def state(self, place: str) -> str:
        """Status, and what is asked where, as JSON for the page's script."""
        host = self.host
        asks = {a.view.moment.ring or WORLD: a.ticket for a in host.inbox.waiting(place)}
        html = render("status.html.j2", game=self, place=place, **self.status(place))
        return json.dumps({"html": html, "asks": asks})

    def status(self, place: str) -> dict[str, object]:
        """What the status block tells: where the game stands, who thinks, what is asked of this place."""
        host, now = self.host, self.host.seen(PUBLIC).moment
        everybody = place in PLACES and place != OBSERVER
        thinking = (
            list(host.thinking.values()) if everybody else host.thinking_in(PUBLIC if place == OBSERVER else place)
        )
        return {
            "round": min(now.round, host.setup.rounds), "rounds": host.setup.rounds, "phase": now.phase,
            "over": host.over, "paused": host.paused, "thinking": [t for t in thinking if t.seat != place],
            "asks": [(a.view.moment.ring or WORLD, self.due(a)) for a in host.inbox.waiting(place)],
            "rooms": self.rooms(place), "trouble": host.trouble if place == CONTROL else "",
            "held": list(host.held) if place == CONTROL else [],
            "stopped": not host.over and (self.task is None or self.task.done()),
            "played": place in host.people or place in PLACES,
        }  # fmt: skip

    def due(self, asked: Asked) -> int | None:
        """When a turn's time is over, in seconds of the wall clock; None without a deadline, or in a pause."""
        if asked.due is None or self.host.paused:
            return None
        return round(time.time() + asked.due - self.host.inbox.clock())

    def _changed(self, events: Sequence[Event]) -> None:
        """Soon tell every stream, once for all that changes in one go."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._publish)

    def _publish(self) -> None:
        self._due = False
        for place, feed in self.feeds.items():
            feed.take(self.record(place).events)
            feed.wake()

    # --- desks -------------------------------------------------------------------------------------------------------

    def desk(self, seat: str) -> Desk:
        return self.desks.get(seat, Desk())

    def keep(self, seat: str, **changes: object) -> None:
        """Change a seat's desk, on the disk too."""
        self.desks[seat] = self.desk(seat).model_copy(update=changes)
        rows = {name: desk.model_dump(mode="json") for name, desk in self.desks.items()}
        write_atomically(self.host.folder / DESKS, json.dumps(rows))

    def keep_draft(self, seat: str, ticket: str, draft: Turn | None) -> None:
        """Keep the draft of a turn; None: it was sent."""
        others = {t: d for t, d in self.desk(seat).drafts.items() if t != ticket}
        self.keep(seat, drafts={**others, ticket: draft} if draft else others)

    def mark(self, seat: str, room: str) -> None:
        """Note that a room was read to its end."""
        count = self.feed(seat).count
        if self.desk(seat).marks.get(room) != count:
            self.keep(seat, marks={**self.desk(seat).marks, room: count})
