"""A crisis of three small governments, its dossiers, and views on it built from hand-made events."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from roleplay.drafts import Draft, Place
from roleplay.events import Event, Key, everyone
from roleplay.frozen import dump
from roleplay.moves import PHASES, Move, Phase
from roleplay.views import Moment, SeatView, view

SEATS = {"arl": "Arland", "bor": "Borland", "cest": "Cestria"}
RINGS: dict[str, dict[str, Any]] = {
    "pair": {"title": "Arland and Borland", "members": ["arl", "bor"], "confidentiality": "confidential"},
    "hidden": {"title": "Arland and Cestria, direct", "members": ["arl", "cest"], "confidentiality": "secret"},
    "forum": {"title": "The forum", "members": ["arl", "bor", "cest"], "confidentiality": "restricted"},
    "council": {
        "title": "The Council", "members": ["arl", "bor"], "confidentiality": "restricted", "kind": "council",
    },
    "own": {"title": "Arland's own room", "members": ["arl"], "confidentiality": "confidential", "kind": "own"},
}  # fmt: skip
ORDER = tuple(RINGS)
TYPES: dict[str, dict[str, Any]] = {
    "halt": {"objects": ["tests", "drills"]},
    "ease": {"objects": ["trade"]},
    "pay": {"objects": ["cash"]},
    "meet": {"objects": ["table"]},
    "step": {"objects": ["trade"]},
}
OBJECTS: dict[str, dict[str, Any]] = {
    "tests": {"broken_by": [{"instrument": "launch"}], "for_types": ["halt"]},
    "drills": {"broken_by": [{"instrument": "drill"}]},
    "trade": {},
    "cash": {},
    "table": {},
}
INSTRUMENTS: dict[str, dict[str, Any]] = {
    "launch": {"family": "tests", "seats": ["cest"], "codes": {"goldstein": -8}, "towards": ["arl"]},
    "drill": {
        "family": "deterrence", "seats": ["arl", "bor"], "codes": {"goldstein": -7}, "consult_in": ["pair"],
        "params": {
            "target": {"type": "choice", "values": ["bor", "cest"]},
            "size": {"type": "choice", "values": ["small", "large"]},
            "ships": {"type": "number", "low": 1, "high": 9},
            "joint": {"type": "flag", "default": False},
            "aim": {"type": "text"},
        },
    },
    "list_firm": {"family": "sanctions", "seats": ["arl"], "codes": {"goldstein": -5}, "towards": ["cest"]},
    "restrain": {"family": "restraint", "seats": ["arl", "bor", "cest"], "codes": {"goldstein": 5}},
}  # fmt: skip
LINES = {"open-door": "The door is open", "pressure": "Pressure", "self-defence": "Self-defence"}
INDICATORS: dict[str, dict[str, Any]] = {
    "tension": {"start": 50},
    "trust": {"start": 40, "per": "pair", "readers": "owner", "keys": ["arl:bor", "arl:cest", "bor:cest"]},
}
VALUES: dict[str, list[dict[str, Any]]] = {
    "arl": [
        {"giver": "cest", "type": "halt", "object": "tests", "value": 3},
        {"giver": "arl", "type": "halt", "object": "drills", "value": -1},
        {"giver": "arl", "type": "ease", "value": -1.5},
        {"giver": "arl", "type": "pay", "value": -3},
        {"giver": "*", "type": "meet", "value": 0.5},
        {"giver": "*", "type": "step", "value": 1},
    ],
    "bor": [
        {"giver": "cest", "type": "halt", "object": "tests", "value": 2},
        {"giver": "*", "type": "meet", "value": 1},
        {"giver": "*", "type": "step", "value": -0.5},
    ],
    "cest": [
        {"giver": "arl", "type": "ease", "value": 2},
        {"giver": "arl", "type": "halt", "object": "drills", "value": 2},
        {"giver": "arl", "type": "pay", "value": 3},
        {"giver": "cest", "type": "halt", "object": "tests", "value": -1.5},
        {"giver": "*", "type": "step", "value": -2},
    ],
}
PAUSE = [
    {"parties": ["cest"], "type": "halt", "object": "tests", "duration": "26 weeks", "in_return_for": "2"},
    {"parties": ["arl"], "type": "halt", "object": "drills", "duration": "26 weeks"},
]
BASIS = {"why": "written for a test", "basis": ["i1"]}
OFFERS: dict[str, list[dict[str, Any]]] = {
    "arl": [
        {"ring": "hidden", "title": "A pause for a pause", "clauses": PAUSE, **BASIS},
        {"ring": "forum", "title": "A table", "clauses": [
            {"parties": ["arl", "bor", "cest"], "type": "meet", "object": "table"}], **BASIS},
        {"ring": "council", "title": "A step", "clauses": [
            {"parties": ["arl", "bor"], "type": "step", "object": "trade"}], **BASIS},
    ],
    "bor": [],
    "cest": [
        {"ring": "hidden", "title": "A pause and trade", "after_round": 2, "clauses": [
            *PAUSE, {"parties": ["arl"], "type": "ease", "object": "trade"}], **BASIS},
    ],
}  # fmt: skip
LEANINGS: dict[str, list[dict[str, Any]]] = {
    "arl": [{"id": "drill", "weight": 1.5, "why": "allies want to see it"}],
    "bor": [{"id": "restrain", "weight": 1, "why": "neighbours first"}],
    "cest": [{"id": "launch", "weight": 1, "when": "after_pressure", "why": "an answer"}],
}


def persona(seat: str, positions: list[dict[str, Any]] | None = None, **policy: Any) -> dict[str, Any]:
    """A dossier as data; `positions` replaces its opening position, `policy` parts of its policy."""
    values = [{**row, **BASIS} for row in VALUES[seat]]
    return {
        "id": seat,
        "name": SEATS[seat],
        "title": SEATS[seat],
        "interests": [{"id": "i1", "rank": 1, "text": "No war.", "src": ["OWN"]}],
        "opening_position": positions or [{"id": "o1", "text": "Peace with honour.", "src": ["OWN"]}],
        "posts": [
            {"id": "leader", "title": "Head of government", "office": "leader", "speaks": True, "src": ["OWN"]},
            {"id": "foreign", "title": "Foreign minister", "office": "foreign", "speaks": True, "src": ["OWN"]},
            {"id": "envoy", "title": "Envoy", "office": "envoy", "src": ["OWN"]},
        ],
        "policy": {"values": values, "offers": OFFERS[seat], "instruments": LEANINGS[seat], **policy},
    }


def sheet(
    seat: str,
    *,
    strategy: Mapping[str, Any] | None = None,
    strategy_row: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    positions: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A role sheet as data; `strategy` is its policy half, `strategy_row` the whole of it, `changes` fields as such."""
    named = {"purpose": "talks"}
    rings = {r: {"id": r, **named, **row} for r, row in RINGS.items() if seat in row["members"]}
    return {
        "seat": seat,
        "persona": persona(seat, positions, **(policy or {})),
        "strategy": strategy_row or {"id": "free-play", "title": "Free play", "note": "none", "policy": strategy},
        "rings": rings,
        "confidants": {"hidden": ["bor"]} if "hidden" in rings else {},
        "instruments": {
            i: {"id": i, "title": i.replace("_", " "), "meaning": i, **row}
            for i, row in INSTRUMENTS.items() if seat in row["seats"]
        },
        "types": {t: {"id": t, "title": t, "meaning": t, **row} for t, row in TYPES.items()},
        "objects": {o: {"id": o, "title": o, **row} for o, row in OBJECTS.items()},
        "lines": {name: {"id": name, "title": title} for name, title in LINES.items()},
        "audiences": ["all", *SEATS],
        "indicators": {i: {"id": i, "title": i, "meaning": i, **row} for i, row in INDICATORS.items()},
        "votes": seat in RINGS["council"]["members"],
        "council": "council" if seat in RINGS["council"]["members"] else None,
        **changes,
    }  # fmt: skip


_COUNT = count()


class Toy:
    """A game under way: add events, then look at it as a seat would."""

    def __init__(self, open_rings: tuple[str, ...] = ORDER, **sheets: Mapping[str, Any]) -> None:
        """`sheets`: seat -> keyword arguments of `sheet`."""
        self.entries: list[tuple[Key, Event]] = []
        self._n = 0
        self._secret = f"toy-{next(_COUNT)}"  # role sheets are cached by the id of their event
        public = everyone(tuple(SEATS))
        self._put(0, "setup", None, 0, Draft("run", None, public, {
            "scenario": "toy", "crisis": "toy", "title": "Toy", "opens": "2030-01-01", "rounds": 6, "seats": SEATS,
            "rings": {}, "brief": "A crisis.", "versions": {}, "setup": "0",
        }))  # fmt: skip
        for seat in SEATS:
            data = sheet(seat, **sheets.get(seat, {}))
            self._put(0, "setup", None, 0, Draft("role", seat, (seat,), {"role": data}))
        for ring in open_rings:
            self.channel(0, ring, "open")

    def _put(self, round: int, phase: Phase, ring: str | None, turn: int, draft: Draft) -> Event:
        index = ORDER.index(ring) if ring else -1
        place = Place(round, phase, ring, index, turn, f"2030-01-{1 + 7 * max(0, round - 1):02d}")
        self._n += 1
        entry = draft.make(self._secret, place, self._n)
        self.entries.append(entry)
        return entry[1]

    def channel(self, round: int, ring: str, state: str, seat: str | None = None) -> None:
        """A ring opens, is offered or suspended."""
        members = tuple(RINGS[ring]["members"])
        fields = {"about": ring, "state": state, "members": members}
        readers = members if RINGS[ring]["confidentiality"] == "secret" else everyone(tuple(SEATS))
        self._put(round, "setup" if round == 0 else "act", None, 0, Draft("channel", seat, readers, fields))

    def say(self, round: int, ring: str, turn: int, seat: str, text: str = "", *moves: tuple[Move, int | None]) -> None:
        """A turn in a ring: words, then moves with the number of the text that they made."""
        members = tuple(RINGS[ring]["members"])
        spoken = {"text": text, "outcome": "ok" if text or moves else "passed"}
        self._put(round, "talks", ring, turn, Draft("turn", seat, members, spoken))
        for move, number in moves:
            self._put(round, "talks", ring, turn, Draft("move", seat, members, {"move": move, "number": number}))

    def do(self, round: int, phase: Phase, seat: str, move: Move) -> Event:
        """A public move outside the rings."""
        turn = 1 + list(SEATS).index(seat)
        return self._put(round, phase, None, turn, Draft("move", seat, everyone(tuple(SEATS)), {"move": move}))

    def add(self, round: int, phase: Phase, kind: str, seat: str | None, readers: tuple[str, ...] | None = None,
            ring: str | None = None, **fields: Any) -> Event:  # fmt: skip
        """Any other event."""
        draft = Draft(kind, seat, readers or everyone(tuple(SEATS)), fields)
        return self._put(round, phase, ring, 40 if ring else 0, draft)

    def block(self, round: int, ring: str, seat: str, move: Move) -> None:
        """A rule stops a move."""
        fields = {
            "rule": "T4", "rule_kind": "policy", "strength": "NEVER", "mode": "block", "verdict": "blocked",
            "tried": dump(move), "why": "forbidden", "legal": "something else",
        }  # fmt: skip
        self._put(round, "talks", ring, 1, Draft("ruling", seat, (seat,), fields))

    def see(self, seat: str, round: int, phase: Phase, ring: str | None = None, turn: int | None = None) -> SeatView:
        """What `seat` knows at a moment; its turn is after everything said in the ring so far."""
        if turn is None:
            turn = 1 + list(SEATS).index(seat) if ring is None else 50
        events = [e for _, e in sorted(self.entries, key=lambda entry: entry[0])]
        return view(events, seat, Moment(round, phase, ring, turn))


ALL_PHASES: tuple[Phase, ...] = PHASES[2:6]
