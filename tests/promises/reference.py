"""Who may read what on the pond, said a second time and without the program's own words for it.

It looks at what happened, never at an event's `readers`, and knows the pond's rings by heart.
"""

from __future__ import annotations

from collections.abc import Iterable

from roleplay.events import (
    PUBLIC,
    Announced,
    Breach,
    Channel,
    Deal,
    Effect,
    Event,
    Expiry,
    Inject,
    Lapse,
    Leaked,
    Moved,
)  # fmt: skip
from roleplay.moves import PHASES
from roleplay.views import Moment

SEATS = {"heron", "otter", "newt"}
ALL = SEATS | {PUBLIC}
RINGS = {
    "bank": {"heron", "otter"}, "moot": {"heron", "otter"}, "all": SEATS, "reeds": {"heron", "newt"}, "nest": {"heron"},
}  # fmt: skip
HIDDEN = {"reeds", "nest"}
OWN = {"open", "suspend", "leave", "confide", "leak", "break", "mandate", "authorise"}
LOUD = {"vote", "statement", "pledge", "name_official", "announce", "renounce"}


class Reference:
    """`allowed[id]` is everybody who may ever read an event; `excess` lists those that more may read."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.allowed: dict[str, set[str]] = {}
        self.excess: list[Event] = []
        self.members = {ring: set(seats) for ring, seats in RINGS.items()}
        self.outed: set[str] = set()
        self.deals: dict[str, set[str]] = {}
        later: list[Channel] = []
        told: set[str] = set()
        for event in events:
            if isinstance(event, Moved) and event.move.kind == "confide":
                told = {event.seat or "", event.move.to}
            self.allowed[event.id] = may = set(self._may(event, told))
            if not set(event.readers) <= may:
                self.excess.append(event)
            if isinstance(event, Channel):
                later.append(event)
            if isinstance(event, Deal):
                self.deals[f"{event.ring or event.seat}/{event.number}"] = may
            if isinstance(event, Leaked | Announced):
                about = event.about
                self.outed |= {about, about.split("/")[0]}
            if event.kind == "phase" or event.phase == "settle":
                for channel in later:
                    self._meets(channel)
                later.clear()

    def _meets(self, event: Channel) -> None:
        if event.state == "open":
            self.members[event.about] = set(RINGS[event.about])
        elif event.state == "left":
            self.members[event.about].discard(event.seat or "")

    def _may(self, event: Event, told: set[str]) -> set[str]:
        seat, ring = {event.seat or ""}, event.ring or ""
        match event:
            case Channel(state="exists"):
                return told
            case Channel(about=about):
                closed = about == "nest" or (about in HIDDEN and about not in self.outed)
                return set(RINGS[about]) if closed or event.state == "offered" else ALL
            case Effect(indicator="silt"):
                return set()
            case Effect(origin=origin, cause=cause, indicator=indicator, of=of):
                owners = set(of.split(":")) if indicator == "trust" else ALL
                return owners.intersection(*(self.allowed[c] for c in cause if not origin))
            case Deal(form="deal") | Lapse():
                return ALL if f"{ring}/{getattr(event, 'number', 0)}" in self.outed else self.members[ring]
            case Moved(move=move) if move.kind == "use":
                return ALL if getattr(move, "params", {}).get("visible", True) else seat
            case Inject(name="letter"):
                return {"otter"}
            case Expiry(commitment=name) | Breach(commitment=name):
                deal = name.rpartition(".")[0]
                return ALL if deal in self.outed else self.deals.get(deal, ALL)
            case Moved(move=move):
                return seat if move.kind in OWN else ALL if move.kind in LOUD else self.members[ring]
        match event.kind:
            case "turn":
                return self.members[ring] if ring else ALL if event.phase in ("council", "speak") else seat
            case "role" | "deliberation" | "intent" | "ruling":
                return seat
            case "reasoning" | "chance" | "adjudication":
                return set()
        return ALL

    def may(self, reader: str, event: Event, moment: Moment) -> bool:
        """Whether `reader` may know of `event` at `moment`."""
        then, now = (event.round, PHASES.index(event.phase)), (moment.round, PHASES.index(moment.phase))
        in_time = then < now or (then == now and event.ring == moment.ring is not None and event.turn < moment.turn)
        return in_time and reader in self.allowed[event.id]
