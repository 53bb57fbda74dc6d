"""The table at which a game is played: set-up, folds of what is closed, the seats, the journal.

Everything a node of the graph needs; the graph decides the order, the table does the work. Knows no crisis by name and
no front end.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from .adjudication import Situation
from .adjudication.agreements import deal
from .adjudication.chance import draw
from .adjudication.council import tallies
from .adjudication.effects import apply
from .adjudication.settle import arguable, settle
from .calls import REPAIRS, Answer, Calls
from .commitments import Commitment
from .crises import Crisis
from .crises.policies import Mode
from .crises.scenarios import InjectRow, Scenario
from .crises.worlds import EffectRow, EffectTable
from .drafts import Draft, Place
from .errors import UsageError
from .events import Ending, Event, Inject, PhaseClosed, Spoken
from .floor import Floor, addressees
from .journal import Journal
from .lanes import Lane, ring_lanes, seat_lanes
from .ledger import Ledger, Proposal
from .moves import Phase, Turn
from .rules.referee import Judged, Referee
from .seats import AnySeat, AskingSeat, BadReply
from .seats.adjudicator import MOST, Adjudicator, Docket
from .views import Known, Moment, RoleSheet, SeatView, latest, view
from .world import World

ADJUDICATING = 1
"""Turn number of the adjudicator in settle: after what it rules on."""
CLOSING = 99
"""Turn number of what the engine writes when it closes a phase: after every seat's."""


@dataclass
class Table:
    """One game under way."""

    journal: Journal
    crisis: Crisis
    scenario: Scenario
    effects: EffectTable
    variant: int
    seed: int
    mode: Mode
    force: bool
    rounds: int
    sheets: Mapping[str, RoleSheet]
    """Role sheet of every seat that is played, in the crisis's order."""
    drivers: Mapping[str, AnySeat]
    calls: Calls
    adjudicator: Adjudicator | None = None
    """Says which arguable effects follow; without one all do."""
    on_event: Callable[[Event], None] = lambda event: None
    around: Callable[[SeatView], Awaitable[Answer]] | None = None
    """Asks in place of `ask`, where somebody sits between the graph and the seats (pauses, stand-ins)."""
    listen: Callable[[Lane, SeatView | None], Awaitable[tuple[SeatView, Answer] | None]] | None = None
    """Says who speaks next on an open floor, and what, where that does not follow from what was said."""
    ledger: Ledger = field(default_factory=Ledger)
    """Fold of the closed phases."""
    world: World = field(init=False)
    _known: dict[str, Known] = field(default_factory=dict)
    """What each seat knows of the closed phases."""

    def __post_init__(self) -> None:
        self.world = World(self.crisis.bounds)
        self._addressees = addressees(self.crisis.seats.values())
        self._known = {seat: Known.of(sheet) for seat, sheet in self.sheets.items()}
        done = {(e.round, e.phase) for e in self.journal.events if isinstance(e, PhaseClosed)}
        self._fold([event for event in self.journal.events if (event.round, event.phase) in done])

    # --- time and place ----------------------------------------------------------------------------------------------

    @property
    def seats(self) -> tuple[str, ...]:
        return tuple(self.sheets)

    def at_start(self) -> tuple[int, Phase, bool]:
        """Where to go on: round, phase, and whether the game is over already."""
        if any(isinstance(e, Ending) for e in self.journal.events):
            return 0, "settle", True
        now = latest(self.journal.events)
        return (max(now.round, 1), now.phase, False) if now.round <= self.rounds else (self.rounds, "settle", True)

    def day(self, round: int, phase: Phase) -> date:
        """Scenario date: a round's first day, its last one in settle."""
        if round == 0:
            return self.scenario.opens
        first = self.scenario.opens + timedelta(days=(round - 1) * self.scenario.days_per_round)
        return first + timedelta(days=self.scenario.days_per_round - 1) if phase == "settle" else first

    def place(self, round: int, phase: Phase, turn: int, ring: str | None = None) -> Place:
        index = self.scenario.rooms.index(ring) if ring else -1
        return Place(round, phase, ring, index, turn, self.day(round, phase).isoformat())

    def situation(self, round: int, phase: Phase, ring: str | None = None, *, settling: bool = False) -> Situation:
        """Copies of the state of play, as a lane of this phase may act on it: closed phases and its own events."""
        ledger, world = self.ledger.copied(), self.world.copied()
        if ring is not None:
            for event in self._in_lane(round, phase, ring):
                ledger.apply(event)
                world.apply(event)
        events = self.journal.events
        return Situation(
            crisis=self.crisis, scenario=self.scenario, table=self.effects, mode=self.mode, force=self.force,
            seats=self.seats, ledger=ledger, world=world, round=round, phase=phase, ring=ring,
            today=self.day(round, phase),
            draw=lambda name: draw(self.variant, self.seed, round, phase, name),
            now=[e for e in events if e.round == round] if settling else (),
            ever=lambda: self.journal.events,
        )  # fmt: skip

    def _in_lane(self, round: int, phase: Phase, ring: str) -> Iterable[Event]:
        return (e for e in self.journal.events if e.round == round and e.phase == phase and e.ring == ring)

    # --- opening -----------------------------------------------------------------------------------------------------

    def open_game(self, run: Draft, roles: Iterable[Draft]) -> None:
        """Write round 0: the set-up, role sheets, rings, standing commitments and indicators as the game finds them."""
        situation = self.situation(0, "setup")
        drafts = [run, *roles]
        for ring in self.scenario.rooms:
            row = self.crisis.rings[ring]
            if ring in self.scenario.open_rings or row.kind == "own":
                fields = {"about": ring, "state": "open", "members": row.members}
                drafts.append(Draft("channel", None, situation.known_to(ring), fields))
        for number, standing in enumerate(self.crisis.standing, 1):
            clauses = tuple(Commitment.model_validate(c) for c in standing.commitments)
            text = Proposal(standing.ring or "", number, standing.parties[0], clauses, frozenset(), "open", 0)
            draft = deal(text, situation.public, "resolution", None)
            drafts.append(replace(draft, fields={**draft.fields, "parties": standing.parties, "ring": standing.ring}))
        self._write(self.place(0, "setup", 0), [*drafts, *self._opening_values(situation)])
        self._close(0, "setup")
        self.journal.commit()

    def _opening_values(self, situation: Situation) -> Iterable[Draft]:
        for initial in self.scenario.initial:
            indicator = self.crisis.indicators[initial.indicator]
            row = EffectRow(indicator=initial.indicator, of=initial.of, by=initial.value - indicator.start)
            yield from apply(situation, [row], None, "opening", "opening")

    def brief(self, round: int) -> None:
        """What happens to the governments this week, from the calendar."""
        first = self.day(round, "brief")
        last = first + timedelta(days=self.scenario.days_per_round)
        place = self.place(round, "brief", 0)
        drafts: list[Draft] = []
        written = {e.name for e in self.journal.events if isinstance(e, Inject)}
        situation = self.situation(round, "brief", settling=True)
        for row in self.scenario.injects:
            due = first <= row.on < last and row.id not in written
            if due and self.crisis.matcher.all_hold(row.given, situation.state):
                drafts += self._injected(row, situation, place, len(drafts))
        self._write(place, drafts)
        self._close(round, "brief")

    def _injected(self, row: InjectRow, situation: Situation, place: Place, n: int) -> list[Draft]:
        readers = row.readers or situation.public
        at = row.on.isoformat()
        fields = {"name": row.id, "text": row.text, "source": row.src, "status": row.status, "at": at}
        inject = Draft("inject", None, readers, fields)
        cause = inject.make(self.journal.secret, place, n)[1]
        return [inject, *apply(situation, row.effects, cause, "inject", row.id)]

    # --- turns -------------------------------------------------------------------------------------------------------

    def lanes(self, round: int, phase: Phase) -> list[Lane]:
        """The lines of turns of a phase that are not all in the journal yet."""
        if phase == "talks":
            found = ring_lanes(round, self.crisis, self.scenario, self.world, self.sheets)
        else:
            found = seat_lanes(round, phase, self.sheets, self._answers_at_once)
        return [lane for lane in map(self._left, found) if lane.turns or lane.members]

    def _answers_at_once(self, seat: str) -> bool:
        driver = self.drivers[seat]
        waits = isinstance(driver, AskingSeat) or inspect.iscoroutinefunction(driver.decide)
        return self._repeats(seat) and not waits and self.around is None

    def _left(self, lane: Lane) -> Lane:
        done = {e.turn for e in self._said(lane)}
        return replace(lane, turns=tuple(turn for turn in lane.turns if turn[0] not in done))

    def _said(self, lane: Lane) -> list[Spoken]:
        return [
            e for e in self.journal.events
            if isinstance(e, Spoken) and (e.round, e.phase, e.ring) == (lane.round, lane.phase, lane.ring)
        ]  # fmt: skip

    def floor(self, lane: Lane) -> Floor:
        """An open floor as it stands."""
        return Floor(lane.members, self._said(lane), self._addressees, self.scenario.exchanges)

    def look(self, lane: Lane, seat: str) -> SeatView:
        """What a seat may know that would speak next on an open floor."""
        moment = Moment(lane.round, lane.phase, lane.ring, len(self._said(lane)) + 1)
        return view(self.journal.events, seat, moment, self._known.get(seat))

    async def hear(self, lane: Lane, again: SeatView | None) -> tuple[Lane, SeatView, Answer] | None:
        """What is said next on an open floor, with its place in the order of arrival; None when all have done.

        `again` is the view of a seat whose answer could not be used.
        """
        heard = await (self.listen or self._next)(lane, again)
        if heard is None:
            return None
        floor, seat = self.floor(lane), heard[0].seat
        turn = (len(floor.said) + 1, floor.turns(seat) + 1, seat)
        return replace(lane, turns=(turn,)), *heard

    async def _next(self, lane: Lane, again: SeatView | None) -> tuple[SeatView, Answer] | None:
        """Without people, whoever was addressed speaks first, then the others in their order."""
        seat = again.seat if again else self.floor(lane).next(lane.members)
        if seat is None:
            return None
        seen = again or self.look(lane, seat)
        return seen, await self.decide(seen)

    def observe(self, lane: Lane, index: int) -> SeatView:
        """What the seat whose turn it is may know."""
        number, _, seat = lane.turns[index]
        moment = Moment(lane.round, lane.phase, lane.ring, number)
        return view(self.journal.events, seat, moment, self._known.get(seat))

    async def decide(self, seen: SeatView) -> Answer:
        """The answer of the seat whose turn it is."""
        return await (self.around or self.ask)(seen)

    async def ask(self, seen: SeatView, driver: AnySeat | None = None) -> Answer:
        """Ask the seat's driver, or another in its place."""
        return await self.calls.ask(driver or self.drivers[seen.seat], seen)

    def check(self, lane: Lane, index: int, answer: Answer, seen: SeatView) -> Judged:
        """Have the referee judge an answer on copies; a problem with repairs left is asked again, else it FAILED."""
        referee, exchange = self._referee(lane, index, seen)
        attempts = len(seen.attempts)
        turn = answer.turn
        if isinstance(turn, Turn):
            reasoning = answer.reply.reasoning if answer.reply else None
            judged = referee.judge(turn, repaired=attempts > 0, exchange=exchange, reasoning=reasoning)
        else:
            judged = Judged(problem=turn.problem if turn else "the call failed")
        if judged.problem and (turn is None or attempts >= REPAIRS):
            referee, exchange = self._referee(lane, index, seen)
            return referee.failed(exchange)
        return judged

    def preview(self, seen: SeatView, turn: Turn) -> Judged:
        """What the referee would make of a turn: on copies, no attempt, and nothing is written."""
        return self._judge_of(seen).judge(turn, repaired=False, exchange=1)

    def _referee(self, lane: Lane, index: int, seen: SeatView) -> tuple[Referee, int]:
        """A referee with fresh copies for this turn, and its exchange; what was asked may have become a later turn."""
        now = seen if lane.turns[index][0] == seen.moment.turn else self.observe(lane, index)
        return self._judge_of(now), lane.turns[index][1]

    def _judge_of(self, seen: SeatView) -> Referee:
        m, sheet = seen.moment, self.sheets[seen.seat]
        situation, place = self.situation(m.round, m.phase, m.ring), self.place(m.round, m.phase, m.turn, m.ring)
        return Referee(situation, sheet, seen.ledger.copied(), seen.world.copied(), self.journal.secret, place)

    async def record(self, answer: Answer, judged: Judged, *, arrived: bool = False) -> None:
        """Write a reply and the events that came of it in one transaction, then tell who watches.

        What `arrived` on an open floor goes to the disk at once, as nothing else says when it came; its reply goes by
        the turn that it became, and names the one that was asked for where others have spoken while it was made.
        """
        if answer.fresh and answer.reply and answer.key:
            turn = judged.entries[0][0].turn if arrived and judged.entries else answer.key.turn
            asked = answer.key.turn if turn != answer.key.turn else 0
            reply = replace(answer.reply, outcome=_outcome(answer, judged), asked=asked)
            self.journal.add_reply(answer.key._replace(turn=turn), reply)
        self.journal.add(judged.entries)
        moved = {event.seat for _, event in judged.entries if event.seat}
        waits = arrived and self.listen is not None
        if answer.fresh or waits or (answer.reply is None and not all(map(self._repeats, moved))):
            await self.journal.flush()
        for _, event in judged.entries:
            self.on_event(event)

    def _repeats(self, seat: str) -> bool:
        """Whether a seat's driver answers by itself, and would answer the same again."""
        return getattr(self.drivers[seat], "repeatable", False) is True

    async def add_aside(self, draft: Draft, turn: int) -> None:
        """Write what somebody beside the game adds to the phase under way; read, like acts, once it has closed."""
        number, phase, over = self.at_start()
        if over:
            raise UsageError("the game is over: nothing can be added to it")
        n = sum((e.round, e.phase, e.ring, e.turn) == (number, phase, None, turn) for e in self.journal.events)
        self.journal.add([draft.make(self.journal.secret, self.place(number, phase, turn), n)])
        await self.journal.flush()

    # --- closing -----------------------------------------------------------------------------------------------------

    async def close(self, round: int, phase: Phase) -> None:
        """Close a phase: count the Council's votes, then let everybody read what its readers may.

        Not on the disk yet: what closes a phase follows from its turns, and goes with the next commit.
        """
        if phase == "council":
            situation = self.situation(round, phase, settling=True)
            self._write(self.place(round, phase, CLOSING), tallies(situation))
        self._close(round, phase)

    async def settle(self, round: int) -> bool:
        """Settle the round; whether the game is over."""
        place, numbers = self.place(round, "settle", 0), count()
        ruling = await self._adjudicate(round, place)
        situation = self.situation(round, "settle", settling=True)
        if ruling:
            aside = frozenset((u.row, u.cause) for u in ruling.fields["set_aside"])
            situation = replace(situation, set_aside=aside)

        def emit(draft: Draft) -> Event:
            key, event = draft.make(self.journal.secret, place, next(numbers))
            self.journal.add([(key, event)])
            self.on_event(event)
            return event

        last, cut_short = round >= self.rounds, self.rounds < self.scenario.rounds
        ending = settle(situation, emit, last=last, cut_short=cut_short)
        self._write(self.place(round, "settle", ADJUDICATING), [ruling] if ruling else [])
        self._close(round, "settle")
        await self.journal.flush()
        return ending is not None

    async def _adjudicate(self, round: int, place: Place) -> Draft | None:
        """What the adjudicator says of a round that is then settled: of the same events, which are not written yet."""
        if self.adjudicator is None:
            return None
        situation, numbers = self.situation(round, "settle", settling=True), count()
        cases = arguable(situation, lambda draft: draft.make(self.journal.secret, place, next(numbers))[1])[:MOST]
        docket = Docket(round, self.world.indicators, cases)
        return docket.ruled(*await self.calls.rule(self.adjudicator, docket, ADJUDICATING)) if cases else None

    def _write(self, place: Place, drafts: Iterable[Draft]) -> None:
        made = [draft.make(self.journal.secret, place, n) for n, draft in enumerate(drafts)]
        self.journal.add(made)
        for _, event in made:
            self.on_event(event)

    def _close(self, round: int, phase: Phase) -> None:
        place = self.place(round, phase, CLOSING + 1)
        entry = Draft("phase", None, self.situation(round, phase).public, {}).make(self.journal.secret, place, 0)
        self.journal.add([entry])
        self._fold([event for event in self.journal.events if event.round == round and event.phase == phase])
        self.on_event(entry[1])

    def _fold(self, closed: list[Event]) -> None:
        """Take in the events of phases that have closed."""
        for event in closed:
            self.ledger.apply(event)
            self.world.apply(event)
        for seat, known in self._known.items():
            self._known[seat] = known.after(closed)


def _outcome(answer: Answer, judged: Judged) -> str:
    if answer.turn is None:
        return "failed"
    if isinstance(answer.turn, BadReply):
        return answer.turn.kind
    spoken = judged.entries[0][1] if judged.entries else None
    return "illegal" if spoken is None or getattr(spoken, "outcome", "") == "failed" else "ok"
