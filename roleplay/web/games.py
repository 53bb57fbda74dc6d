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
from ..frozen import Frozen
from ..hosting import Host
from ..moves import Turn
from ..seats.delegation import Member
from ..seats.inbox import Asked, lane_of
from ..transcripts.export import write_atomically
from ..transcripts.record import RunRecord, seen_record
from .access import CONTROL, OBSERVER, PLACES, member_of, seat_of
from .feed import TEAM, WORLD, Feed
from .rendering import Renderer, render

NOTES_LIMIT = 20_000
AT_ONCE = 0.5
"""Seconds that a page waits for an adviser before it says that it thinks."""
DESKS = "desks.json"
"""Beside the journal: drafts and notes are no part of a game."""


class PutUp(Frozen):
    """A turn that a member of a delegation has put before its head."""

    by: str
    turn: Turn


class Desk(Frozen):
    """What lies on a seat's desk: drafts by ticket, advice, notes, and how far each room was read."""

    drafts: dict[str, Turn] = {}
    """By lane: what was begun in a ring is kept when somebody else of the seat speaks there first."""
    put_up: dict[str, PutUp] = {}
    """By lane, on the desk of a seat: what waits for the head of its delegation."""
    advice: dict[str, str] = {}
    notes: str = ""
    marks: dict[str, int] = {}


def room_of(asked: Asked) -> str:
    """The room in which a turn is asked; what is outside all rings is asked in the world's."""
    return asked.view.moment.ring or WORLD


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
    advising: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)
    """Place and lane of those whose adviser thinks."""
    _due: bool = False

    def __post_init__(self) -> None:
        self.host.changed = self._changed
        file = self.host.folder / DESKS
        if file.is_file():
            self.desks = {seat: Desk.model_validate(row) for seat, row in json.loads(file.read_text("utf-8")).items()}

    @property
    def is_branch(self) -> bool:
        """Whether it was branched off another game of its server; those are numbered, branches are not."""
        return not self.name.isdecimal()

    @property
    def title(self) -> str:
        """What people call it among the games of a server; a branch has its run's name."""
        return self.host.folder.name if self.is_branch else f"World {self.name}"

    @property
    def places(self) -> tuple[str, ...]:
        """Every place that can be held here."""
        seats = (self.members(seat) or (seat,) for seat in self.host.setup.plans)
        return (*(place for held in seats for place in held), *PLACES)

    def members(self, seat: str) -> tuple[str, ...]:
        """The places of a seat's delegation, its head's first; none where one person sits."""
        team = self.host.delegations.get(seat)
        return tuple(f"{seat}.{member.id}" for member in team.members) if team else ()

    def member(self, place: str) -> Member | None:
        """Who of a delegation has this place."""
        team = self.host.delegations.get(seat_of(place))
        return team.member(member_of(place)) if team and member_of(place) else None

    def leads(self, place: str) -> bool:
        """Whether turns of the seat wait for whoever has this place."""
        return place in self.members(seat_of(place))[:1]

    def seat_name(self, seat: str) -> str:
        """The government that sits there, and who of its delegation, as everybody may know."""
        name, member = self.host.setup.load_crisis().seats[seat_of(seat)].name, self.member(seat)
        return f"{name}: {member.called}" if member else name

    def start(self) -> None:
        """Go on with the game, unless it goes on or is over."""
        if not self.host.over and (self.task is None or self.task.done()):
            self.host.players.trouble = ""
            self.task = asyncio.create_task(self._play())

    async def _play(self) -> None:
        try:
            await self.host.play()
        except RoleplayError:
            self._changed(())  # The host keeps the words for control.

    async def stop(self) -> None:
        if self.task is not None:
            tasks = [self.task, *self.advising.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- what a place is shown ---------------------------------------------------------------------------------------

    def record(self, place: str) -> RunRecord:
        """The game as a place may know it."""
        if place in PLACES and place != OBSERVER:
            return self.host.everything()
        return seen_record(self.host.seen(PUBLIC if place == OBSERVER else seat_of(place)))

    def record_in(self, place: str, room: str) -> RunRecord:
        """The game as whoever is asked in a room would know it: a seat's other rooms are told when the phase closes."""
        if place in PLACES:
            return self.record(place)
        return seen_record(self.host.seen_in(seat_of(place), None if room in (WORLD, TEAM) else room))

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
        if self.member(place):
            titles[TEAM] = "Your delegation"
        return titles | {row.id: row.title for row in self.host.setup.sheets[seat_of(place)].rings.values()}

    def open_rooms(self, place: str) -> set[str]:
        """Rooms that meet, as far as the place knows."""
        known = self.host.open_rings() if place in PLACES else self.host.open_rings(seat_of(place))
        return {WORLD, TEAM, *known}

    @property
    def crisis_folder(self) -> str | None:
        """Where the game's crisis was found, if not by its name."""
        return self.host.setup.settings.crisis

    @cached_property
    def _rings(self) -> dict[str, str]:
        return {row.id: row.title for row in self.host.setup.load_crisis().rings.values()}

    def asked(self, place: str, room: str) -> Asked | None:
        """The turn that is asked of a seat in a room."""
        return next((a for a in self.waiting(place) if room_of(a) == room), None)

    def waiting(self, place: str) -> list[Asked]:
        """The turns that are asked of a place's seat."""
        return self.host.inbox.waiting(seat_of(place))

    def mine(self, place: str) -> list[Asked]:
        """Those of them that whoever has this place answers: a desk officer's are in the rings of the desk."""
        team, by = self.host.delegations.get(seat_of(place)), member_of(place)
        return [a for a in self.waiting(place) if not (team and by) or team.answers(by, a.view.moment.ring)]

    def put_up(self, place: str, asked: Asked) -> PutUp | None:
        """What waits in a lane for the head of the delegation."""
        return self.desk(seat_of(place)).put_up.get(lane_of(asked.ticket))

    def token(self, place: str, asked: Asked) -> str:
        """Changes with whatever a composer shows that its own person did not do."""
        waits, texts = self.put_up(place, asked), asked.view.ledger.open_in(asked.view.table or "")
        lane = lane_of(asked.ticket)
        advice = self.desk(place).advice.get(lane, "") + "?" * ((place, lane) in self.advising)
        return f"{asked.ticket}/{waits.by if waits else ''}/{len(advice)}/{len(texts)}"

    def state(self, place: str) -> str:
        """Status, and what is asked where, as JSON for the page's script."""
        asks = {room_of(a): self.token(place, a) for a in self.waiting(place)}
        html = render("status.html.j2", game=self, place=place, **self.status(place))
        return json.dumps({"html": html, "asks": asks, "mine": [room_of(a) for a in self.mine(place)]})

    def status(self, place: str) -> dict[str, object]:
        """What the status block tells: where the game stands, who thinks, what is asked of this place."""
        host, now = self.host, self.host.seen(PUBLIC).moment
        everybody = place in PLACES and place != OBSERVER
        thinking = (
            list(host.players.thinking.values())
            if everybody
            else host.thinking_in(PUBLIC if place == OBSERVER else seat_of(place))
        )
        return {
            "round": min(now.round, host.setup.rounds), "rounds": host.setup.rounds, "phase": now.phase,
            "over": host.over, "paused": host.paused, "thinking": [t for t in thinking if t.seat != seat_of(place)],
            "asks": [(room_of(a), self.due(a)) for a in self.mine(place)],
            "put_up": [room_of(a) for a in self.waiting(place) if self.put_up(place, a)],
            "leads": self.leads(place),
            "rooms": self.rooms(place), "trouble": host.players.trouble if place == CONTROL else "",
            "held": list(host.players.held) if place == CONTROL else [],
            "stopped": not host.over and (self.task is None or self.task.done()),
            "played": seat_of(place) in host.players.people or place in PLACES,
        }  # fmt: skip

    def due(self, asked: Asked) -> int | None:
        """When a turn's time is over, in seconds of the wall clock; None without a deadline, or in a pause."""
        if asked.due is None or self.host.paused:
            return None
        return round(time.time() + asked.due - self.host.inbox.now())

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
        drafts = {**self.desk(seat).drafts, lane_of(ticket): draft}
        self.keep(seat, drafts={lane: row for lane, row in drafts.items() if row})

    def draft(self, place: str, asked: Asked) -> Turn:
        """What was begun of a turn."""
        return self.desk(place).drafts.get(lane_of(asked.ticket), Turn())

    async def advise(self, place: str, asked: Asked) -> None:
        """Ask the adviser of a place about a turn; its answer comes when it comes, and the game goes on meanwhile."""
        key = (place, lane_of(asked.ticket))
        if key not in self.advising:
            self.advising[key] = asyncio.create_task(self._advised(*key, asked))
            self._changed(())
        await asyncio.wait({self.advising[key]}, timeout=AT_ONCE)

    async def _advised(self, place: str, lane: str, asked: Asked) -> None:
        try:
            text = await self.host.advise(asked.view)
            self.keep(place, advice={**self.desk(place).advice, lane: text})
        finally:
            del self.advising[place, lane]
            self._changed(())

    def keep_put_up(self, seat: str, ticket: str, waits: PutUp | None) -> None:
        """Put a turn before the head of a delegation, or take it away."""
        put_up = {**self.desk(seat).put_up, lane_of(ticket): waits}
        self.keep(seat, put_up={lane: row for lane, row in put_up.items() if row})
        self._changed(())

    def mark(self, seat: str, room: str) -> None:
        """Note that a room was read to its end."""
        count = self.feed(seat).count
        if self.desk(seat).marks.get(room) != count:
            self.keep(seat, marks={**self.desk(seat).marks, room: count})
