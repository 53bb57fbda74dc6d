"""A game under way in which people take part: what they send, what they are shown, what the one in control does.

Hands out views and records for pages and terminals; knows nothing about how these look, nor about who may see what is
not a seat's view.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import cast

from .arrivals import Arrivals
from .branching import branch
from .drafts import Draft
from .errors import RoleplayError, UsageError
from .events import INTERNAL, PUBLIC, Ending, Event, Ruling, Spoken
from .frozen import TEXT_LIMIT, clean_text
from .game import BuildSeat, Options, Run, open_run, play_on
from .moves import Turn
from .players import Fallbacks, Players, Thinking
from .results import PLAYED, note_people
from .seats import AskingSeat
from .seats.inbox import InboxSeat, lane_of, ticket_of
from .setup import Setup
from .table import Table
from .transcripts.names import Names
from .transcripts.record import RunRecord, load_record, record_of
from .transcripts.words import turn_words
from .views import AFTER, Moment, SeatView, latest, sitting, view

ADVICE_SECONDS = 60.0
"""How long an adviser has, where models have no limit."""
CONTROL_TURN, ADVICE_TURN = 98, 97
"""Turn numbers of what control and advisers add to a phase: after every seat's."""
NEWS = "control:news"
"""Name of what control lets happen; no scenario's inject has it, as no id holds a colon."""


@dataclass(frozen=True)
class Ruled:
    """What the referee would say of a turn: why it is no legal answer, or the moves that a policy rule would block."""

    problem: str | None
    blocked: tuple[Ruling, ...] = ()


class Host:
    """One run, hosted in this process; `play` goes on with it to its end."""

    def __init__(self, folder: Path, options: Options, fallbacks: Fallbacks | None = None) -> None:
        run = open_run(folder)
        self.folder = run.folder
        self.setup: Setup = run.setup
        self.events: Sequence[Event] = run.events
        self.fallbacks = fallbacks or Fallbacks()
        self.players = Players(run.setup, self.fallbacks, lambda: self.changed(()))
        self.inbox = self.players.inbox
        self.delegations = {seat.lower(): people for seat, people in run.setup.settings.delegations.items()}
        """Seats that several people share."""
        self.changed: Callable[[Sequence[Event]], None] = lambda events: None
        """Told of events that were written, and with none, that somebody waits or no longer does."""
        self._options = options
        self._sat: dict[str, SeatView] = {}
        self._table: Table | None = None
        self._arrivals: Arrivals | None = None
        self._receipts: dict[tuple[str, str], asyncio.Future[None]] = {}
        """Of turns that were handed in and are not on the disk yet, by seat and lane."""
        self._told = {event.id for event in run.events}
        """Turns that are known to be on the disk."""

    async def play(self) -> Run:
        """Play the run on; what it needs from people comes in through the inbox."""
        seats = {**self._options.seats, **{seat: InboxSeat(self.inbox) for seat in self.players.people}}
        try:
            return await play_on(
                self.folder, replace(self._options, seats=seats, watch=self._on_event, seated=self._seated)
            )
        except RoleplayError as error:
            self.players.trouble = str(error)
            raise
        finally:
            self._settle_left()
            self.changed(())

    # --- what there is to see ----------------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        return any(isinstance(e, Ending) for e in self.events)

    def seen(self, reader: str) -> SeatView:
        """What a seat or the public has before it now, in whatever rings it sits."""
        if reader not in self._sat:
            self._sat[reader] = sitting(self.events, reader)
        return self._sat[reader]

    def seen_in(self, seat: str, ring: str | None) -> SeatView:
        """What a seat would be asked with in a ring now: closed phases, and what was said in this ring alone."""
        now = latest(self.events)
        return view(self.events, seat, now._replace(ring=ring if now.phase == "talks" else None, turn=AFTER.round))

    def everything(self) -> RunRecord:
        """The whole run, for who may see it all."""
        if self._table is None:
            return load_record(self.folder)
        return record_of(self._table.journal, setup=self._setup_data)

    @cached_property
    def _setup_data(self) -> dict[str, object]:
        return self.setup.model_dump(mode="json")

    def open_rings(self, seat: str | None = None) -> set[str]:
        """Rings that meet, of all or as far as a seat knows."""
        world = self.seen(seat).world if seat else self._table.world if self._table else None
        return {ring for ring, state in world.rings.items() if state.open} if world else set()

    def thinking_in(self, reader: str) -> list[Thinking]:
        """Who is being asked now, as far as a reader may know: in rings in which it sits itself."""
        rings = self.seen(reader).world.rings if reader != PUBLIC else {}
        return [
            t for t in self.players.thinking.values()
            if t.seat == reader or (t.ring and t.ring in rings and reader in rings[t.ring].members)
        ]  # fmt: skip

    # --- turns from outside ------------------------------------------------------------------------------------------

    def preview(self, view: SeatView, turn: Turn) -> Ruled:
        """The referee's word on a turn that is not sent; no attempt."""
        judged = self._at_table.preview(view, turn)
        rulings = (e for _, e in judged.entries if isinstance(e, Ruling) and view.seat in e.readers)
        return Ruled(judged.problem, tuple(rulings))

    async def submit(self, seat: str, ticket: str, turn: Turn, by: str = "") -> None:
        """Hand in a turn and wait until it is on the disk; `by` is a member of the seat's delegation, else its head.

        Raises NotAsked, NeedsRelease, or UsageError where it is not legal.
        """
        if self.paused:
            raise UsageError("the game is paused: your turn was not sent", hint="send it again when it goes on")
        asked = self.inbox.find(seat, ticket)
        ruled = self.preview(asked.view, turn)
        if ruled.problem:
            raise UsageError(ruled.problem)
        if by and seat in self.delegations:
            self.delegations[seat].check(by, asked.view.moment, turn)
        self.inbox.deliver(seat, ticket, turn)
        receipt = self._receipts[seat, lane_of(ticket)] = asyncio.get_running_loop().create_future()
        await receipt

    def _settle(self, seat: str, lane: str, problem: str = "") -> None:
        """Tell who handed in a turn that it is on the disk, or why it is not; they may have gone meanwhile."""
        receipt = self._receipts.pop((seat, lane), None)
        if receipt is None or receipt.done():
            return
        if problem:
            receipt.set_exception(UsageError(problem))
        else:
            receipt.set_result(None)

    def _settle_left(self) -> None:
        """Tell who handed in a turn when the game stopped: what was being written then is on the disk by now."""
        if self._receipts:
            with suppress(RoleplayError):  # Of a run that cannot be read nothing is known to be written.
                for event in open_run(self.folder).events:
                    self._written(event)
        for seat, lane in list(self._receipts):
            self._settle(seat, lane, "the game stopped before your turn was written: send it again")

    def _written(self, event: Event) -> None:
        """Tell who handed in a turn that it is on the disk, once."""
        if isinstance(event, Spoken) and event.seat and event.id not in self._told:
            self._told.add(event.id)
            ticket = ticket_of(Moment(event.round, event.phase, event.ring, event.turn))
            self._settle(event.seat, lane_of(ticket))

    def _refuse(self, again: SeatView) -> None:
        self._settle(again.seat, lane_of(ticket_of(again.moment)), again.attempts[-1].problem)

    async def advise(self, view: SeatView) -> str:
        """What the seat's adviser makes of a turn, seen from its view alone; written down for this seat alone.

        The seat's model where there is one, and the seat's policy in template words where none answers in time.
        """
        turn = await self._from_model(view)
        if turn is None:
            turn = cast("Turn", self.players.policy(view.seat).decide(view))
        text = turn_words(turn, Names.of(view.events))
        if not self.over:
            draft = Draft("deliberation", view.seat, (view.seat,), {"text": f"Advice: {text}"[:TEXT_LIMIT]})
            await self._at_table.add_aside(draft, ADVICE_TURN)
        return text

    async def _from_model(self, view: SeatView) -> Turn | None:
        if self.setup.model_of(view.seat) is None:
            return None
        adviser = self.players.adviser(view.seat)
        assert isinstance(adviser, AskingSeat)
        try:
            async with asyncio.timeout(self.fallbacks.model_seconds or ADVICE_SECONDS):
                return await self._at_table.calls.advise(adviser, view)
        except (TimeoutError, RoleplayError) as error:
            self.players.trouble = f"{view.seat}'s adviser: {str(error) or 'it was late'}; its policy advised instead"
            return None

    async def tell_delegation(self, seat: str, by: str, text: str) -> None:
        """Write something in a delegation's own room, which its people alone read; raises UsageError."""
        if seat not in self.delegations:
            raise UsageError("one person sits here: there is no room of a delegation")
        if not text.strip():
            raise UsageError("there is nothing to tell")
        words = f"{self.delegations[seat].member(by).called}: {clean_text(text)}"
        await self._at_table.add_aside(Draft("deliberation", seat, (seat,), {"text": words[:TEXT_LIMIT]}), INTERNAL)
        self._refresh()
        self.changed(())

    # --- control -----------------------------------------------------------------------------------------------------

    @property
    def paused(self) -> bool:
        return self.inbox.paused

    def pause(self, paused: bool) -> None:
        """Stop asking seats, and go on; while it lasts no turn is taken and no deadline comes nearer."""
        self.players.pause(paused)
        if not paused:
            self._wake()
        self.changed(())

    async def inject(self, text: str, readers: Iterable[str] = ()) -> None:
        """Let something happen to the governments; known when the phase under way has closed."""
        known = tuple(self.setup.plans)
        strangers = [r for r in readers if r not in (*known, PUBLIC)]
        if strangers:
            raise UsageError(f"'{strangers[0]}' is not in this game; there is {', '.join(known)}")
        if not text.strip():
            raise UsageError("the news has no words")
        to = tuple(readers) or (*known, PUBLIC)
        fields = {"name": NEWS, "text": text.strip(), "source": ("control",), "status": "authored"}
        await self._at_table.add_aside(Draft("inject", None, to, fields), CONTROL_TURN)
        self._refresh()

    def hand_over(self, seat: str, driver: str) -> None:
        """Let another driver play a seat from now on, people (`human`) among them; raises UsageError."""
        if seat not in self.setup.plans:
            raise UsageError(f"seat '{seat}' does not play in this game")
        journal = self._at_table.journal
        self.players.place(seat, driver)
        journal.note(f"{PLAYED}{seat}", driver)
        if seat in self.players.people:
            note_people(journal, {seat})
        self._wake()
        self.changed(())

    def _wake(self) -> None:
        if self._arrivals is not None:
            self._arrivals.wake()

    def branched(self, at: str) -> Host:
        """A host of a new run, which goes on from a boundary (`3.act`) of this one with whoever plays the seats now."""
        options = replace(self._options, out=self.folder.parent)
        seats = {**self.setup.settings.seats, **self.players.played_by}
        return Host(branch(self.folder, at, options, {"seats": seats}), options, self.fallbacks)

    # --- between the graph and the seats -----------------------------------------------------------------------------

    @asynccontextmanager
    async def _seated(self, table: Table, build: BuildSeat) -> AsyncIterator[None]:
        self._table = table
        self.players.sit(table, build)
        table.around = self.players.ask
        people, ask, silence = self.players.people, self.players.ask, self.fallbacks.silence
        self._arrivals = Arrivals(table, self.inbox, people, ask, self._refuse, silence)
        table.listen = self._arrivals.listen
        self._refresh()
        try:
            yield
        finally:
            await self._arrivals.stop()

    def _on_event(self, event: Event) -> None:
        self._refresh()
        self._written(event)
        if isinstance(event, Spoken) and event.outcome == "failed":
            self.players.report(event, "no legal answer came; the turn is FAILED, and the game goes on")
        self._options.watch(event)
        self.changed((event,))

    def _refresh(self) -> None:
        if self._table is not None:
            self.events = self._table.journal.events
            self._sat.clear()

    @property
    def _at_table(self) -> Table:
        if self._table is None:
            raise UsageError("the game has not begun")
        return self._table
