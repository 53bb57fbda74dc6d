"""An invented crisis of three governments, and games of it written event by event: what prompts are tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from roleplay.commitments import Commitment, Duration
from roleplay.drafts import Draft, Place
from roleplay.events import PUBLIC, Event, Key
from roleplay.moves import Accept, Amend, Consult, Leak, Open, Phase, Statement, Table, Use, Vote
from roleplay.views import Moment, RoleSheet, SeatView, view

SEATS = ("alpha", "bravo", "charlie")
MEMBERS = {
    "alpha-bravo": ("alpha", "bravo"),
    "alpha-charlie": ("alpha", "charlie"),
    "forum": SEATS,
    "council": ("alpha", "bravo"),
    "room": ("alpha",),
}
RINGS = tuple(MEMBERS)
Speech = Callable[[str, str | None, int], str]
"""(seat, ring, round) -> what it says."""


def plain_speech(seat: str, ring: str | None, round: int) -> str:
    return f"{seat} says in {ring or 'public'}, round {round}: we want the strait open and the guns silent."


def clause(party: str = "bravo", type: str = "halt", object: str = "drills", **more: Any) -> Commitment:
    return Commitment(parties=(party,), type=type, object=object, **more)


def sheet(seat: str = "alpha", **changes: Any) -> RoleSheet:
    """The role sheet of a seat of the invented crisis."""
    mine = {ring: _ring(ring) for ring, members in MEMBERS.items() if seat in members}
    data: dict[str, Any] = {
        "seat": seat, "persona": _persona(seat), "strategy": _strategy(), "rings": mine,
        "confidants": {"alpha-charlie": ["bravo"]} if "alpha-charlie" in mine else {},
        "instruments": _INSTRUMENTS, "types": _TYPES, "objects": _OBJECTS,
        "lines": _LINES, "audiences": ["home", "world"],
        "indicators": _INDICATORS, "votes": "council" in mine, "council": "council" if "council" in mine else None,
    }  # fmt: skip
    return RoleSheet.model_validate({**data, **changes})


def _ring(ring: str) -> dict[str, Any]:
    secret = "secret" if ring == "alpha-charlie" else "confidential"
    kind = {"council": "council", "room": "own"}.get(ring, "talks")
    return {
        "id": ring, "title": f"The {ring} room", "members": MEMBERS[ring], "confidentiality": secret,
        "purpose": "To talk.", "kind": kind,
    }  # fmt: skip


def _persona(seat: str) -> dict[str, Any]:
    return {
        "id": seat, "name": f"Republic of {seat.title()}", "title": "Keeps the strait",
        "interests": [
            {"id": "i2", "rank": 2, "text": f"{seat} wants trade.", "src": ["OWN"]},
            {"id": "i1", "rank": 1, "text": f"{seat} wants no war.", "src": ["OWN"]},
        ],
        "red_lines": [{"id": "r1", "text": "No foreign base.", "src": ["OWN"], "status": "inferred"}],
        "acceptable_trades": [{"id": "t1", "text": "Drills for dues.", "src": ["OWN"], "status": "unverified"}],
        "posts": [
            {"id": "leader", "title": "President", "office": "leader", "speaks": True, "src": ["OWN"]},
            {"id": "navy", "title": "Chief of Navy", "office": "military", "src": ["OWN"]},
        ],
        "beliefs": [{"id": "v1", "about": "bravo", "text": "It wants the strait.", "src": ["OWN"]}],
    }  # fmt: skip


def _strategy() -> dict[str, Any]:
    return {"id": "firm", "title": "Firm and fair", "note": "For tests.", "directives": ["Ask first, give later."]}


_INSTRUMENTS = {
    "patrol": {
        "id": "patrol", "title": "Patrol", "meaning": "Ships at sea.", "family": "deterrence", "seats": SEATS,
        "params": {
            "area": {"type": "choice", "values": ["north", "south"], "meaning": "Where."},
            "ships": {"type": "number", "low": 1, "high": 9}, "visible": {"type": "flag"},
            "aim": {"type": "text"},
        },
    },
    "rest": {"id": "rest", "title": "Rest", "meaning": "Ships in port.", "family": "restraint", "seats": SEATS},
}  # fmt: skip
_TYPES = {
    "halt": {"id": "halt", "title": "Halt", "meaning": "Stops it.", "objects": ["drills", "shots"]},
    "ease": {"id": "ease", "title": "Ease", "meaning": "Lifts it.", "objects": ["dues"]},
    "pay": {"id": "pay", "title": "Payment", "meaning": "Pays.", "objects": ["money"]},
    "talk": {"id": "talk", "title": "Talk", "meaning": "Meets."},
}
_LINES = {
    "calm": {"id": "calm", "title": "Calm", "meaning": "No haste."},
    "resolve": {"id": "resolve", "title": "Resolve"},
}
_OBJECTS = {o: {"id": o, "title": f"The {o}"} for o in ("drills", "shots", "dues", "money")}
_INDICATORS = {
    "tension": {"id": "tension", "title": "Tension", "meaning": "How near war is.", "start": 40},
    "trust": {
        "id": "trust", "title": "Trust", "meaning": "Between two.", "start": 50, "per": "pair", "readers": "owner",
        "keys": ["alpha:bravo", "alpha:charlie", "bravo:charlie"],
    },
}  # fmt: skip


# --- games -----------------------------------------------------------------------------------------------------------


@dataclass
class Game:
    """A game as a list of events, written phase by phase in canonical order."""

    speech: Speech = plain_speech
    secret: str = "s"
    sheets: dict[str, RoleSheet] = field(default_factory=lambda: {seat: sheet(seat) for seat in SEATS})
    entries: list[tuple[Key, Event]] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return [event for _, event in sorted(self.entries, key=lambda entry: entry[0])]

    def view(self, seat: str, moment: Moment) -> SeatView:
        return view(self.events, seat, moment)

    def write(
        self, round: int, phase: Phase, kind: str, by: str | None, readers: tuple[str, ...], /, *,
        ring: str | None = None, turn: int = 0, **fields: Any,
    ) -> Event:  # fmt: skip
        index = RINGS.index(ring) if ring else -1
        place = Place(round, phase, ring, index, turn, f"2031-0{1 + round // 28}-{1 + round % 28:02}")
        taken = sum(k[:4] == place.key(0)[:4] for k, _ in self.entries)
        entry = Draft(kind, by, readers, fields).make(self.secret, place, taken)
        self.entries.append(entry)
        return entry[1]

    def close(self, round: int, phase: Phase) -> None:
        self.write(round, phase, "phase", None, (*SEATS, PUBLIC), turn=100)

    def open(self) -> Game:
        everyone = (*SEATS, PUBLIC)
        self.write(
            0, "setup", "run", None, everyone, scenario="strait", crisis="strait", title="The strait",
            opens="2031-01-01", rounds=12, seats={s: s.title() for s in SEATS}, rings={}, brief="Two fleets meet.",
            versions={}, setup="x" * 64,
        )  # fmt: skip
        for seat, role in self.sheets.items():
            self.write(0, "setup", "role", seat, (seat,), role=role.model_dump(mode="json", exclude_defaults=True))
        for ring, members in MEMBERS.items():
            self.write(0, "setup", "channel", None, members, about=ring, state="open", members=members)
        standing = (clause("charlie", "halt", "shots", duration=Duration(kind="dated", detail="1 year")),)
        self.write(
            0, "setup", "deal", None, everyone, ring="council", number=1, parties=("charlie",), commitments=standing,
            form="resolution",
        )  # fmt: skip
        self.close(0, "setup")
        return self

    def play(self, rounds: int) -> Game:
        for number in range(1, rounds + 1):
            for _ in self.turns(number):
                pass
        return self

    def turns(self, round: int) -> Iterator[tuple[str, Moment]]:
        """Write a round; yields each seat and moment just before that turn is written."""
        everyone = (*SEATS, PUBLIC)
        self.write(round, "brief", "inject", None, everyone, name=f"n{round}", text=f"News {round}: fog.")
        self.close(round, "brief")
        for ring in RINGS:
            yield from self._talks(round, ring)
        self.close(round, "talks")
        yield from self._at_once(round, "council", ("alpha", "bravo"))
        self.close(round, "council")
        yield from self._at_once(round, "act", SEATS)
        self.close(round, "act")
        yield from self._at_once(round, "speak", SEATS)
        self.close(round, "speak")
        self.write(round, "settle", "effect", None, everyone, indicator="tension", by=1.0, claim="C1", row="w1")
        if round % 2 == 0:
            self.write(round, "settle", "lapse", None, MEMBERS["forum"], ring="forum", number=round)
        self.close(round, "settle")

    def _talks(self, round: int, ring: str) -> Iterator[tuple[str, Moment]]:
        members = MEMBERS[ring]
        for turn, seat in enumerate(members, 1):
            yield seat, Moment(round, "talks", ring, turn)
            at: dict[str, Any] = {"ring": ring, "turn": turn}
            said, thought = self.speech(seat, ring, round), f"{seat} thinks in {ring}, round {round}."
            self.write(round, "talks", "turn", seat, members, text=said, outcome="ok", **at)
            self.write(round, "talks", "deliberation", seat, (seat,), text=thought, **at)
            self._moved(round, ring, seat, turn)

    def _moved(self, round: int, ring: str, seat: str, turn: int) -> None:
        at: dict[str, Any] = {"ring": ring, "turn": turn}
        members = MEMBERS[ring]
        if ring in ("forum", "alpha-bravo") and turn == 1:
            offer = Table(commitments=(clause(members[1], note="if fog lifts"),))
            self.write(round, "talks", "move", seat, members, move=offer, number=round, **at)
        elif ring == "alpha-bravo":
            self.write(round, "talks", "move", seat, members, move=Accept(number=round), **at)
            deal: dict[str, Any] = {"number": round, "parties": members, "commitments": (clause("bravo"),)}
            self.write(round, "talks", "deal", seat, members, **deal, **at)
        elif ring == "forum" and turn == 2:
            change = Amend(number=round, commitments=(clause("charlie", "ease", "dues"),))
            self.write(round, "talks", "move", seat, members, move=change, **at)
        elif ring == "forum":
            self.write(round, "talks", "move", seat, members, move=Consult(instrument="patrol"), **at)
        elif ring == "alpha-charlie" and turn == 1:
            self.write(round, "talks", "move", seat, (seat,), move=Open(ring="forum"), **at)

    def _at_once(self, round: int, phase: Phase, seats: tuple[str, ...]) -> Iterator[tuple[str, Moment]]:
        everyone = (*SEATS, PUBLIC)
        for turn, seat in enumerate(seats, 1):
            yield seat, Moment(round, phase, None, turn)
            readers = (seat,) if phase == "act" else everyone
            said = self.speech(seat, None, round)
            self.write(round, phase, "turn", seat, readers, turn=turn, text=said, outcome="ok")
            if phase == "council":
                self.write(round, phase, "move", seat, everyone, turn=turn, move=Vote(number=round, vote="yes"))
            elif phase == "act" and seat == "charlie":
                self.write(round, phase, "move", seat, (seat,), turn=turn, move=Leak(ring="alpha-charlie"))
            elif phase == "act":
                move = Use(instrument="patrol", params={"area": "north", "ships": 2, "visible": True, "aim": "calm"})
                self.write(round, phase, "move", seat, everyone, turn=turn, move=move)
            else:
                line = Statement(post="leader", audience="world", tone="firm", line="calm")
                self.write(round, phase, "move", seat, everyone, turn=turn, move=line)
