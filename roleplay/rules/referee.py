"""One turn before the referee: rulings, and the events of the moves that go through.

Works on copies, of ledger and world as they are and as the seat knows them, so that each move of a turn sees the moves
before it. Readers of every event are decided here; what reaches beyond the ring of the turn never names that ring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import moves
from ..adjudication import Situation
from ..adjudication.agreements import binding, pledged
from ..adjudication.publication import published
from ..crises.policies import PolicyRule
from ..crises.roles import RoleSheet
from ..drafts import Draft, Place
from ..events import Channel, Event, Key, Moved, TurnOutcome
from ..frozen import dump
from ..ledger import Ledger
from ..moves import Move, Turn
from ..world import World
from . import Attempted, Finding, Tried
from .constitutive import problem
from .policy import CHECKS, verdict

BEYOND = {"ring": None, "turn": 0}
"""Fields of an event that is read outside the ring in which its cause happened."""
UNSEEN = ("open", "suspend", "leave", "confide", "leak", "break", "mandate", "authorise")
"""Moves that only their mover reads; what others notice of them is told by events of their own."""


@dataclass
class Judged:
    """What the referee made of a turn: either the events to record, or why the answer is not legal."""

    entries: list[tuple[Key, Event]] = field(default_factory=list)
    problem: str | None = None


@dataclass
class Referee:
    """Judges one turn of one seat; `secret` and `place` give its events their ids."""

    situation: Situation
    sheet: RoleSheet
    ledger: Ledger
    """As the seat knows it, like `world`: what it is told of an illegal move follows from that alone."""
    world: World
    secret: str
    place: Place

    @property
    def seat(self) -> str:
        return self.sheet.seat

    def judge(self, turn: Turn, *, repaired: bool, exchange: int, reasoning: str | None = None) -> Judged:
        """Check every move on the copies; constitutive rules reject the whole answer, policy rules one move."""
        judged = Judged()
        outcome: TurnOutcome = "passed" if turn.passed else ("repaired" if repaired else "ok")
        for draft in self._spoken(turn, outcome, exchange, reasoning):
            self._write(judged, draft)
        before: list[Move] = []
        for move in turn.moves:
            s = self.situation
            wrong = problem(Tried(self.sheet, s.phase, s.ring, s.today, self.ledger, self.world, move, tuple(before)))
            if wrong:
                return Judged(problem=wrong)
            if self._policy(judged, Attempted(self.seat, move, s, tuple(before), turn.moves)):
                for draft in self._moved(move):
                    self._write(judged, draft)
                self._bind(judged, move)
            before.append(move)
        return judged

    def failed(self, exchange: int) -> Judged:
        """The events of a turn that FAILED: no legal answer came; that is neither a pass nor restraint."""
        judged = Judged()
        self._write(judged, Draft("turn", self.seat, self._hearers(), {"outcome": "failed", "exchange": exchange}))
        return judged

    def _write(self, judged: Judged, draft: Draft) -> None:
        key, event = draft.make(self.secret, self.place, len(judged.entries))
        known = (self.ledger, self.world) if self.seat in event.readers else ()
        for fold in (self.situation.ledger, self.situation.world, *known):
            fold.apply(event)
        judged.entries.append((key, event))

    # --- words -------------------------------------------------------------------------------------------------------

    def _hearers(self) -> tuple[str, ...]:
        if self.place.ring is not None:
            return self.situation.members(self.place.ring)
        return self.situation.public if self.place.phase in ("council", "speak") else (self.seat,)

    def _spoken(self, turn: Turn, outcome: TurnOutcome, exchange: int, reasoning: str | None) -> Iterator[Draft]:
        post = next((m.post for m in turn.moves if isinstance(m, moves.Statement)), None)
        fields = {"text": turn.text, "outcome": outcome, "exchange": exchange, "post": post}
        yield Draft("turn", self.seat, self._hearers(), fields)
        if turn.deliberation:
            yield Draft("deliberation", self.seat, (self.seat,), {"text": turn.deliberation})
        if reasoning:
            yield Draft("reasoning", self.seat, (), {"text": reasoning})

    # --- policy rules ------------------------------------------------------------------------------------------------

    def _policy(self, judged: Judged, attempt: Attempted) -> bool:
        """Write the rulings of policy rules on a move; whether it goes through."""
        goes = True
        for rule in self.situation.crisis.rules.values():
            if not rule.binds(attempt.seat, self.situation.ring) or attempt.move.kind not in rule.verbs:
                continue
            finding = CHECKS[rule.check](rule, attempt)
            if finding:
                ruling = self._ruling(rule, attempt.move, finding)
                goes = goes and ruling.fields["verdict"] != "blocked"
                self._write(judged, ruling)
        return goes

    def _ruling(self, rule: PolicyRule, move: Move, finding: Finding) -> Draft:
        word = verdict(rule, finding, self.situation)
        fields = {
            "rule": rule.id, "rule_kind": "policy", "strength": rule.strength, "mode": self.situation.mode,
            "verdict": word, "tried": dump(move), "why": finding.why, "legal": finding.legal,
        }  # fmt: skip
        return Draft("ruling", self.seat, (self.seat,) if word == "blocked" else (), fields)

    # --- moves -------------------------------------------------------------------------------------------------------

    def _moved(self, move: Move) -> Iterator[Draft]:
        """The events of a move that goes through: the move itself for those who see it, and what it says elsewhere."""
        situation, seat, seen = self.situation, self.seat, move
        number = None
        match move:
            case moves.Pass():
                return
            case moves.Table() if self.place.ring:
                number = situation.ledger.next_number(self.place.ring)
            case moves.Accept(intends=intends) if intends != "unasked":
                private = {"about": self.place.ring, "number": move.number, "intends": intends}
                yield Draft("intent", seat, (seat,), private)
                seen = move.model_copy(update={"intends": "unasked"})
            case moves.Statement():
                seen = move.model_copy(update={"phrase": ""})  # A signal to those who were told, by a second event.
            case _:
                pass
        yield Draft("move", seat, self._readers(move), {"move": seen, "number": number})
        yield from self._elsewhere(move)

    def _readers(self, move: Move) -> tuple[str, ...]:
        situation, seat = self.situation, self.seat
        match move:
            case moves.Use(instrument=name, params=params):
                instrument = situation.crisis.instruments[name]
                return situation.public if params.get("visible", instrument.visible) else (seat,)
            case _ if move.kind in UNSEEN:
                return (seat,)
            case moves.Renounce(commitment=name):
                return tuple(sorted(situation.ledger.entries[name].readers))
            case moves.Vote() | moves.Statement() | moves.Pledge() | moves.NameOfficial() | moves.Announce():
                return situation.public
            case _:
                return self._hearers()

    def _elsewhere(self, move: Move) -> Iterator[Draft]:
        situation, seat = self.situation, self.seat
        match move:
            case moves.Open(ring=ring):
                members = situation.crisis.rings[ring].members
                yield self._channel(members, ring, "offered", members)
            case moves.Suspend(ring=ring):
                yield self._channel(situation.known_to(ring), ring, "suspended", situation.members(ring))
            case moves.Leave(ring=ring):
                rest = tuple(m for m in situation.members(ring) if m != seat)
                state = "left" if len(rest) > 1 else "suspended"
                yield self._channel(situation.known_to(ring), ring, state, rest)
            case moves.Confide(ring=ring, to=to):
                yield self._channel((seat, to), ring, "exists", situation.crisis.rings[ring].members)
            case moves.Prearrange(ring=ring, phrase=phrase):
                absent = tuple(m for m in situation.crisis.rings[ring].members if m not in self._hearers())
                if absent:
                    yield self._channel(absent, ring, "arranged", (), phrase)
            case moves.Statement(phrase=phrase) if phrase:
                yield from self._signals(phrase)
            case moves.Announce(ring=ring, number=number):
                yield published(situation, "announcement", seat, ring, number)
            case _:
                return

    def _signals(self, phrase: str) -> Iterator[Draft]:
        """What agreed words in a public line mean, for those who had been told of them, the speaker among them."""
        for ring, words in self.situation.world.phrases.items():
            told = {reader for e in self.situation.ever() if _arranges(e, ring, words) for reader in e.readers}
            members = self.situation.crisis.rings[ring].members
            if words.casefold() == phrase.casefold() and self.seat in told and self.seat in members:
                yield self._channel(tuple(s for s in self.situation.seats if s in told), ring, "signalled", (), words)

    def _channel(
        self, readers: tuple[str, ...], about: str, state: str, members: tuple[str, ...], words: str = ""
    ) -> Draft:
        fields = {"about": about, "state": state, "members": members, "words": words, **BEYOND}
        return Draft("channel", self.seat, readers, fields)

    def _bind(self, judged: Judged, move: Move) -> None:
        match move:
            case moves.Accept(number=number) if self.place.ring:
                draft = binding(self.situation, self.place.ring, number)
                if draft:
                    self._write(judged, draft)
            case moves.Pledge(commitment=clause):
                self._write(judged, pledged(self.situation, self.seat, clause))
            case _:
                return


def _arranges(event: Event, ring: str, words: str) -> bool:
    """Whether an event tells its readers that these words invite to that ring."""
    match event:
        case Channel(state="arranged", about=about, words=told):
            return (about, told) == (ring, words)
        case Moved(move=moves.Prearrange(ring=about, phrase=told)):
            return (about, told) == (ring, words)
        case _:
            return False
