"""Who plays each seat of a hosted game now: asked after a pause, stood in for when late, held back where control wants.

Sits between the graph and the seats without either knowing of it. Knows nothing about pages, nor who is told what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from .calls import Answer
from .errors import ProviderError, UsageError
from .events import Spoken
from .game import BuildSeat
from .moves import Pass, Turn
from .results import PLAYED
from .seats import AnySeat, BadReply, Seat
from .seats.drivers import OUTSIDE, parse_driver
from .seats.inbox import Inbox, InboxSeat, StandIn, ticket_of
from .setup import Setup
from .table import Table
from .views import SeatView


@dataclass(frozen=True)
class Fallbacks:
    """What happens when somebody is late: seconds that people and models have, and who answers then."""

    seconds: float | None = None
    """How long people and programs have for a turn; None: as long as they like."""
    stand_in: str = "pass"
    """Who answers for them when that is over: `pass`, or a driver such as `baseline:steady`."""
    model_seconds: float | None = None
    """How long a model has before its seat's baseline answers, in template wording; None: as long as it takes."""
    silence: float = 15.0
    """Seconds of it on an open floor after which a machine speaks that nobody has called."""


@dataclass
class HeldTurn:
    """A machine's turn that control has not released yet."""

    answer: Answer
    ruling: asyncio.Future[str | None]
    """None: released; words: sent back with them."""


@dataclass(frozen=True)
class Thinking:
    """A seat that has been asked and has not answered."""

    seat: str
    ring: str | None


class Players:
    """The seats of one hosted game and whoever plays them; `changed` is called when one is asked, held or done."""

    def __init__(self, setup: Setup, fallbacks: Fallbacks, changed: Callable[[], None]) -> None:
        self.inbox = Inbox(fallbacks.seconds)
        self.inbox.changed = changed
        self.played_by = {seat: plan.driver for seat, plan in setup.plans.items()}
        """Seat -> the driver that plays it now."""
        self.people = {seat for seat, driver in self.played_by.items() if parse_driver(driver).kind in OUTSIDE}
        """Seats that are played through the inbox now."""
        self.held_seats: set[str] = set()
        """Machines whose turns wait for control."""
        self.held: dict[tuple[str, str], HeldTurn] = {}
        self.thinking: dict[tuple[str, str], Thinking] = {}
        self.trouble = ""
        """What went wrong last, in words for control."""
        self._setup = setup
        self._fallbacks = fallbacks
        self._changed = changed
        self._running = asyncio.Event()
        self._running.set()
        self._drivers: dict[str, AnySeat] = {}

    def sit(self, table: Table, build: BuildSeat) -> None:
        """Sit down at a table, as the journal says that seats were handed over."""
        self._table, self._build = table, build
        self._drivers = dict(table.drivers)
        for name, driver in table.journal.meta.items():
            if name.startswith(PLAYED):
                self.place(name.removeprefix(PLAYED), driver)

    def place(self, seat: str, driver: str) -> None:
        """Let a driver, people (`human`) among them, play a seat from now on; raises UsageError."""
        self.played_by[seat] = driver
        if parse_driver(driver).kind in OUTSIDE:
            self._drivers[seat] = InboxSeat(self.inbox)
            self.people.add(seat)
        else:
            self._drivers[seat] = self._build(seat, driver)
            self.people.discard(seat)
            self.inbox.hand_over(seat)

    def pause(self, paused: bool) -> None:
        """Stop asking, and go on."""
        self.inbox.pause(paused)
        if paused:
            self._running.clear()
        else:
            self._running.set()

    async def ask(self, view: SeatView) -> Answer:
        """Ask whoever plays the seat of this view."""
        await self._running.wait()
        key = (view.seat, ticket_of(view.moment))
        self.thinking[key] = Thinking(view.seat, view.moment.ring)
        self._changed()
        try:
            answer = await self._answer(view)
            return await self._hold(view, answer) if view.seat in self.held_seats - self.people else answer
        finally:
            self.thinking.pop(key, None)
            self._changed()

    def policy(self, seat: str) -> Seat:
        """What chooses a seat's moves without a model: a voice's own baseline, else the one that the scenario names."""
        spec = parse_driver(self.played_by[seat])
        name = spec.argument if spec.kind == "voice" else self._setup.scenario.seats[seat]
        policy = self._build(seat, f"baseline:{name}")
        assert isinstance(policy, Seat)
        return policy

    def adviser(self, seat: str) -> AnySeat:
        """Who advises the people on a seat."""
        return self._build(seat, f"adviser:{self._setup.scenario.seats[seat]}")

    def release(self, seat: str, ticket: str, why: str | None = None) -> None:
        """Let a held turn go into the game, or send it back with words."""
        held = self.held.pop((seat, ticket), None)
        if held is None or held.ruling.done():  # The game may have stopped meanwhile.
            raise UsageError("this turn is not held any more")
        held.ruling.set_result(why)

    def report(self, where: SeatView | Spoken, words: str) -> None:
        """Tell control what went wrong with a turn."""
        m = where.moment if isinstance(where, SeatView) else where
        self.trouble = f"Round {m.round}, {m.ring or m.phase}: {(where.seat or '').upper()}: {words}"

    async def _answer(self, view: SeatView) -> Answer:
        driver, table = self._drivers[view.seat], self._table
        try:
            if view.seat in self.people:
                return await table.ask(view, driver)
            async with asyncio.timeout(self._fallbacks.model_seconds):
                answer = await table.ask(view, driver)
            if answer.turn is None and self._fallbacks.model_seconds is not None:
                stood_in = await table.ask(view, self.policy(view.seat))
                self.report(view, f"{answer.raw}; its policy stood in")
                return replace(answer, turn=stood_in.turn)
            return answer
        except StandIn:
            if view.seat not in self.people:
                return await self._answer(view)
            self.report(view, f"nobody answered in time; {self._fallbacks.stand_in} stood in")
            return await table.ask(view, self._late(view.seat))
        except (TimeoutError, ProviderError) as error:
            if self._fallbacks.model_seconds is None:
                raise
            words = error.message if isinstance(error, ProviderError) else "the model was late"
            self.report(view, f"{words}; its policy stood in")
            return await table.ask(view, self.policy(view.seat))

    def _late(self, seat: str) -> AnySeat:
        return Passing() if self._fallbacks.stand_in == "pass" else self._build(seat, self._fallbacks.stand_in)

    async def _hold(self, view: SeatView, answer: Answer) -> Answer:
        if not isinstance(answer.turn, Turn):
            return answer
        held, key = HeldTurn(answer, asyncio.get_running_loop().create_future()), (view.seat, ticket_of(view.moment))
        self.held[key] = held
        self._changed()
        try:
            why = await held.ruling
        finally:
            self.held.pop(key, None)
        return answer if why is None else replace(answer, turn=BadReply("illegal", why))


class Passing:
    """Passes, whatever it sees."""

    repeatable = True

    def decide(self, view: SeatView) -> Turn:
        return Turn(moves=(Pass(),))
