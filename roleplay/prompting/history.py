"""A seat's history as messages: a phase a message, oldest first, appended to, never rewritten; old rounds as digests.

A pure function of the closed phases of a view, kept between turns so that each phase is rendered once. Which rounds a
digest stands for follows from those phases alone, so the same history gives the same messages whenever it is asked for.
Knows nothing about the question that comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from ..events import Event
from ..models import Message
from ..moves import PHASES
from ..views import SeatView
from .digest import digest_lines
from .fence import encode, fenced
from .lines import Value, line_of
from .state import indicators, state_lines
from .templates import Templates

CHARACTERS = 4
"""Characters a token, roughly."""
ROUNDS_KEPT = 3
"""So many closed rounds at most stand in full: a prompt of round 12 is to be hardly longer than one of round 3."""


class History:
    """The closed phases of one seat's game so far, rendered; `advance` takes in what has closed since."""

    def __init__(self, view: SeatView, templates: Templates, budget: int) -> None:
        self.sheet = view.sheet
        self.run = view.run
        opening = replace(view, events=tuple(e for e in view.events if e.round == 0))
        self.ledger = opening.ledger.copied()
        self.world = opening.world.copied()
        self._templates = templates
        self._budget = budget * CHARACTERS
        self._count = len(opening.events)
        self._last = opening.events[-1]
        self._fixed = list(self._messages(opening.events))
        """The opening and the digests."""
        self.opening = tuple(self._fixed)
        """What the seat was told before the first round."""
        self._full: dict[int, list[Message]] = {}
        """Closed rounds, and the one under way, that stand in full."""
        self._events: dict[int, list[Event]] = {}
        self._open_round = 1
        self._readings: dict[int, Value] = {}
        """Indicators as each round in full left them."""
        self._state = (-1, "")

    def precedes(self, view: SeatView) -> bool:
        """Whether what is rendered here is the beginning of this view's history: the same events, none too many."""
        return (
            view.moment.round >= self._open_round
            and len(view.events) >= self._count
            and view.events[self._count - 1] is self._last
            and self._closed(self._last, view)
        )

    def advance(self, view: SeatView) -> None:
        """Take in the phases that have closed since the last time."""
        fresh = self._fresh(view)
        for (round, _), group in groupby(fresh, key=lambda e: (e.round, e.phase)):
            self._close_rounds(round)
            self._add(round, list(group))
        self._close_rounds(view.moment.round)

    def messages(self) -> list[Message]:
        """The opening, digests of old rounds, then every later phase."""
        return [*self._fixed, *(m for messages in self._full.values() for m in messages)]

    @property
    def date(self) -> str:
        """Scenario date on which the last phase closed."""
        return self._last.at

    def heard(self, view: SeatView) -> tuple[Event, ...]:
        """Events of the view's own ring in this very phase."""
        return view.events[self._count :]

    def lines(self, events: Iterable[Event]) -> Iterator[str]:
        """Events as lines of a data block."""
        for event in events:
            value = line_of(event, self.sheet)
            if value is not None:
                yield encode(value)

    def state(self) -> str:
        """A data block that says how things stood when the last phase closed."""
        if self._state[0] != self._count:
            lines = (encode(v) for v in state_lines(self.sheet, self.ledger, self.world))
            self._state = self._count, fenced(lines)
        return self._state[1]

    # --- taking in ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _closed(event: Event, view: SeatView) -> bool:
        now = (view.moment.round, PHASES.index(view.moment.phase))
        return (event.round, PHASES.index(event.phase)) < now

    def _fresh(self, view: SeatView) -> list[Event]:
        fresh = []
        for event in view.events[self._count :]:
            if not self._closed(event, view):
                break
            fresh.append(event)
        return fresh

    def _add(self, round: int, events: list[Event]) -> None:
        for event in events:
            self.ledger.apply(event)
            self.world.apply(event)
        self._count += len(events)
        self._last = events[-1]
        self._events.setdefault(round, []).extend(events)
        self._full.setdefault(round, []).extend(self._messages(events))

    def _messages(self, events: Iterable[Event]) -> Iterator[Message]:
        """At most one message a phase; none where the seat was told nothing."""
        for _, group in groupby(events, key=lambda e: (e.round, e.phase)):
            found = list(group)
            lines = list(self._with_rings(found))
            if lines:
                values = {"round": found[0].round, "phase": found[0].phase, "date": found[-1].at, "lines": lines}
                yield {"role": "user", "content": self._templates.render("phase.j2", values)}

    def _with_rings(self, events: Iterable[Event]) -> Iterator[str]:
        """Lines of a phase, with a line before those of each ring that says where they were heard."""
        at: str | None = None
        for event in events:
            for line in self.lines([event]):
                if event.ring != at:
                    at = event.ring
                    yield encode({"in": at or "no ring"})
                yield line

    # --- digests -----------------------------------------------------------------------------------------------------

    def _close_rounds(self, before: int) -> None:
        """Close every round before this one; each time, see whether the rounds in full have become too many."""
        while self._open_round < before:
            self._readings[self._open_round] = indicators(self.sheet, self.world)
            closed = [r for r in self._full if r <= self._open_round]
            if len(closed) > 1 and (len(closed) > ROUNDS_KEPT or self._size(closed) > self._budget):
                self._digest(closed[:-1])
            self._open_round += 1

    def _size(self, rounds: Iterable[int]) -> int:
        return sum(len(m["content"]) for r in rounds for m in self._full[r])

    def _digest(self, rounds: list[int]) -> None:
        events = [event for r in rounds for event in self._events.pop(r)]
        lines = [*digest_lines(events, self.sheet, self.ledger), {"indicators then": self._readings[rounds[-1]]}]
        values = {"first": rounds[0], "last": rounds[-1], "lines": [encode(v) for v in lines]}
        self._fixed.append({"role": "user", "content": self._templates.render("digest.j2", values)})
        for r in rounds:
            del self._full[r], self._readings[r]
