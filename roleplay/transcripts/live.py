"""Progress of a game under way, told on standard error as its events are written.

Rings run side by side, so each line names its ring. Knows nothing about how a game is played.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from ..events import Ending, Event, PhaseClosed, Role, Run
from ..views import AFTER, view
from ..world import World
from .figures import Scales
from .lines import PASS, Printer, rows_of, short_row
from .names import Names, counted, tag
from .timeline import in_ring

MOST = 220
"""Characters of a speech that progress shows."""


class Progress:
    """Hand `on_event` to a game as its watcher.

    With `seat`, only what that seat may read is told, and only once its phase has closed. `words` is the note on who
    chose and who worded ('moves: policy, words: model (135M)'); `tension` the indicator that is told every round.
    """

    def __init__(
        self, console: Console | None = None, *, words: str = "", tension: str = "tension", seat: str | None = None
    ) -> None:
        self.console = console or Console(stderr=True)
        self.words = words
        self.tension = tension
        self.seat = seat
        self._names = Names()
        self._scales = Scales()
        self._world = World(self._scales)
        self._printer = Printer(self.console)
        self._place: tuple[int, str] = (0, "setup")
        self._before: float | None = None
        self._held: list[Event] = []
        self._rounds = 0

    def catch_up(self, events: Iterable[Event]) -> None:
        """Learn what happened before, of a run that is resumed, without telling it again."""
        for event in events:
            self._learn(event)
            self._place = (event.round, event.phase)
        self._before = self._value()

    def on_event(self, event: Event) -> None:
        """Tell one event, in the order in which events are written."""
        if self.seat is None:
            self._tell(event)
            return
        self._held.append(event)
        if isinstance(event, PhaseClosed | Ending):
            held, self._held = self._held, []
            for known in view(held, self.seat, AFTER).events:
                self._tell(known)

    def _learn(self, event: Event) -> None:
        self._names.add(event)
        self._scales.add(event)
        self._world.apply(event)
        if isinstance(event, Run):
            self._printer.seats = tuple(event.seats)
            self._rounds = event.rounds
        if isinstance(event, Run | Role):
            self._printer.ring_width = max((len(ring) for ring in self._names.rings), default=0)

    def _tell(self, event: Event) -> None:
        self._learn(event)
        if isinstance(event, Run):
            self._head(event)
        if event.round:
            self._open(event)
            names = self._names.brief()
            for row in rows_of(event, names, private=False, whole=self.seat is None):
                if row.sign == PASS and not in_ring(event):
                    continue
                where = row if in_ring(event) else replace(row, ring="")
                self.console.print(self._printer.row(short_row(where, MOST)))
        if isinstance(event, PhaseClosed) and event.phase in ("setup", "settle"):
            self._gauge()

    def _head(self, run: Run) -> None:
        who = f", as {tag(self.seat)}" if self.seat else ""
        rounds = counted(run.rounds, "round")
        self.console.print(self._printer.heading(f"{run.title}: {rounds} from {run.opens}{who}"))
        self.console.print(Text(self._printer.safe(run.notice), "dim"))
        if self.words:
            self.console.print(Text(self._printer.safe(self.words), "yellow"))

    def _open(self, event: Event) -> None:
        here = (event.round, event.phase)
        if here == self._place or isinstance(event, PhaseClosed):
            return
        if event.round != self._place[0]:
            self.console.print()
            self.console.print(self._printer.rule(f"Round {event.round} of {self._rounds}"))
        self.console.print(Text(event.phase, "underline"))
        self._place = here

    def _value(self) -> float | None:
        known = self.tension in self._scales or (self.tension, "") in self._world.indicators
        return self._world.value(self.tension) if known else None

    def _gauge(self) -> None:
        value = self._value()
        if value is not None:
            name = self._names.indicator(self.tension)
            self.console.print(self._printer.gauge(name, value, self._before, self._scales[self.tension]))
            self._before = value
