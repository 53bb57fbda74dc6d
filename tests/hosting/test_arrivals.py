"""Whatever people do on open floors, in any order, with restarts anywhere: nothing is lost, doubled or overheard.

A word that was never said before stands in every turn. ROLEPLAY_LONG=1 plays more.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from roleplay.errors import UsageError
from roleplay.events import Spoken
from roleplay.game import open_run
from roleplay.journal.verify import verify
from roleplay.moves import Turn
from roleplay.players import Fallbacks
from roleplay.seats.inbox import Asked, NotAsked
from tests.engine.pond import SEATS
from tests.hosting.pond import PASS, asked, hosted, play_out, pond_run

LONG = bool(os.environ.get("ROLEPLAY_LONG"))
WORD = re.compile(r"word\d+")
MEMBERS = {"all": SEATS, "bank": ("heron", "otter")}
PLACES = [(ring, seat) for ring, seats in MEMBERS.items() for seat in seats]
CALLS = ("", "Newt, ", "Heron, ", "Otter, ")

places = st.sampled_from(PLACES)


class Floors(RuleBasedStateMachine):
    """Two open floors side by side; the newt comes and goes, so that there are machines and none."""

    @initialize(newt=st.booleans(), silence=st.sampled_from([0.0, 1000.0]))
    def begin(self, newt: bool, silence: float) -> None:
        self.place = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.people = {"heron", "otter", *(("newt",) if newt else ())}
        seats = {seat: "human" if seat in self.people else "baseline:steady" for seat in SEATS}
        self.folder = pond_run(self.place, seats, open_floor=tuple(MEMBERS))
        self.fallbacks = Fallbacks(silence=silence)
        self.said: dict[str, list[str]] = {ring: [] for ring in MEMBERS}
        self.content: dict[str, str] = {}
        """By ring, who has passed: never both of those who stay, or the floor closes."""
        self.count = 0
        self.runner.run(self._start())

    async def _start(self) -> None:
        self.open = AsyncExitStack()
        self.host, self.game = await self.open.enter_async_context(hosted(self.folder, fallbacks=self.fallbacks))

    def _turn(self, call: str = "") -> Turn:
        self.count += 1
        return Turn(text=f"{call}word{self.count}.")

    def _heard(self, ring: str, seat: str, turn: Turn) -> None:
        self.said[ring] += WORD.findall(turn.text)
        if self.content.get(ring) == seat:
            del self.content[ring]

    async def _asked(self, ring: str, seat: str) -> Asked:
        return await asked(self.host, seat, ring)

    @rule(place=places, call=st.sampled_from(CALLS))
    def speaks(self, place: tuple[str, str], call: str) -> None:
        """Says something, and nothing comes of sending it again."""
        ring, seat = place
        if seat in self.people:
            self.runner.run(self._speak(ring, seat, self._turn(call)))

    async def _speak(self, ring: str, seat: str, turn: Turn) -> None:
        ask = await self._asked(ring, seat)
        await self.host.submit(seat, ask.ticket, turn)
        self._heard(ring, seat, turn)
        try:
            await self.host.submit(seat, ask.ticket, turn)
        except NotAsked:
            return
        raise AssertionError("a turn was taken twice")

    @rule(ring=st.sampled_from(list(MEMBERS)), seat=st.sampled_from(["heron", "otter"]))
    def passes(self, ring: str, seat: str) -> None:
        if self.content.setdefault(ring, seat) == seat:
            self.runner.run(self._pass(ring, seat))

    async def _pass(self, ring: str, seat: str) -> None:
        await self.host.submit(seat, (await self._asked(ring, seat)).ticket, PASS)

    @rule(several=st.lists(places, min_size=2, unique=True))
    def speak_at_once(self, several: list[tuple[str, str]]) -> None:
        self.runner.run(self._speak_at_once(several, None))

    @rule(several=st.lists(places, min_size=1, unique=True), steps=st.integers(0, 80))
    def stops_while_they_speak(self, several: list[tuple[str, str]], steps: int) -> None:
        """Whoever was told that a turn is written will not send it again; whoever was told to send it again will."""
        self.runner.run(self._speak_at_once(several, steps))

    async def _speak_at_once(self, several: list[tuple[str, str]], stop_after: int | None) -> None:
        sent = []
        for ring, seat in several:
            if seat in self.people:
                sent.append((ring, seat, (await self._asked(ring, seat)).ticket, self._turn()))
        told = asyncio.gather(
            *(self.host.submit(seat, ticket, turn) for _, seat, ticket, turn in sent), return_exceptions=True
        )
        if stop_after is not None:
            for _ in range(stop_after):
                await asyncio.sleep(0)  # One step of the loop further: the game is to stop at any of them.
            await self.open.aclose()
            await self._start()
        for (ring, seat, _, turn), problem in zip(sent, await told, strict=True):
            if problem is None:
                self._heard(ring, seat, turn)
            elif not (stop_after is not None and isinstance(problem, UsageError)):
                raise problem

    @rule()
    def comes_or_goes(self) -> None:
        self.people ^= {"newt"}
        self.runner.run(self._hand_over("human" if "newt" in self.people else "baseline:steady"))

    async def _hand_over(self, driver: str) -> None:
        await self._asked("all", "heron")  # The game has begun.
        self.host.hand_over("newt", driver)

    @rule()
    def pauses(self) -> None:
        self.runner.run(self._pause())

    async def _pause(self) -> None:
        await self._asked("all", "heron")
        self.host.pause(True)
        await asyncio.sleep(0)  # Whoever was waiting looks.
        self.host.pause(False)

    @invariant()
    def all_that_was_said_is_there_once_in_its_order(self) -> None:
        for ring, said in self.said.items():
            rows = [e for e in open_run(self.folder).events if isinstance(e, Spoken) and e.ring == ring]
            assert [e.turn for e in rows] == list(range(1, len(rows) + 1))
            assert WORD.findall("\n".join(e.text for e in rows)) == said
            assert {e.readers for e in rows} <= {MEMBERS[ring]}

    @invariant()
    def nobody_else_reads_it(self) -> None:
        for reader in (*SEATS, "public"):
            views = [self.host.seen(reader), *(a.view for a in self.host.inbox.waiting(reader))]
            heard = set(WORD.findall(str([v.events for v in views])))
            assert not heard - {word for ring, said in self.said.items() if reader in MEMBERS[ring] for word in said}

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            run = self.runner.run(play_out(self.host, self.game))
            self.all_that_was_said_is_there_once_in_its_order()
            assert run.result.failed_turns == 0
            assert verify(self.folder).ok
        finally:
            self.runner.run(self.open.aclose())
            self.runner.close()
            shutil.rmtree(self.place)


TestFloors = Floors.TestCase
TestFloors.settings = settings(
    max_examples=100 if LONG else 6, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip
