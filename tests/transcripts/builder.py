"""Builds a game's events by hand, with the ids and order that a real one has; knows nothing about any story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from roleplay.drafts import Draft, Place
from roleplay.events import AnyEvent, Event, Key
from roleplay.moves import PHASES, Phase
from tests.transcripts.words_of_the_game import ALL, DAYS, MEMBERS, RINGS

SECRET = "a-secret-of-the-fixture"


class Game:
    """Collects events; `text` is put around every free text, so that tests can plant what they look for."""

    def __init__(self, text: Callable[[str], str] = str) -> None:
        self.text = text
        self.entries: list[tuple[Key, Event]] = []
        self._place = Place(0, "setup", None, -1, 0, DAYS[0])
        self._n: dict[tuple[object, ...], int] = {}
        self.deal = ""

    @property
    def events(self) -> tuple[AnyEvent, ...]:
        in_order = sorted(self.entries, key=lambda entry: entry[0])
        return cast("tuple[AnyEvent, ...]", tuple(event for _, event in in_order))

    def at(self, round: int, phase: Phase, ring: str | None = None, turn: int = 0) -> Game:
        index = RINGS.index(ring) if ring else -1
        self._place = Place(round, phase, ring, index, turn, DAYS[round])
        return self

    def add(self, kind: str, seat: str | None, readers: tuple[str, ...], **fields: Any) -> str:
        place = self._place
        where = (place.round, PHASES.index(place.phase), place.ring_index, place.turn)
        self._n[where] = self._n.get(where, -1) + 1
        key, event = Draft(kind, seat, readers, fields).make(SECRET, place, self._n[where])
        self.entries.append((key, event))
        return event.id

    def say(
        self, seat: str, text: str, thought: str = "", outcome: str = "ok", readers: tuple[str, ...] = (), **more: Any
    ) -> None:
        """A turn: its deliberation for the seat alone, its text for the ring."""
        heard = readers or MEMBERS[str(self._place.ring)]
        self.add("turn", seat, heard, text=self.text(text) if text else "", outcome=outcome, **more)
        if thought:
            self.add("deliberation", seat, (seat,), text=self.text(thought))

    def move(self, seat: str, readers: tuple[str, ...] = (), made: int | None = None, **move: Any) -> str:
        return self.add("move", seat, readers or MEMBERS[str(self._place.ring)], move=move, number=made)

    def effect(
        self,
        indicator: str,
        by: float,
        row: str,
        cause: str = "",
        of: str = "",
        origin: str | None = None,
        readers: tuple[str, ...] = ALL,
    ) -> str:
        return self.add(
            "effect",
            None,
            readers,
            indicator=indicator,
            of=of,
            by=by,
            claim="C1",
            row=row,
            cause=(cause,) if cause else (),
            origin=origin,
        )

    def close(self, round: int, phase: Phase) -> None:
        self.at(round, phase, None, 100).add("phase", None, ALL)
