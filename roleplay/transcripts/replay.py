"""A finished run shown again in a terminal, at the pace of a reader; no calls, nothing but what the record holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rich.console import Console, RenderableType
from rich.text import Text

from ..events import AnyEvent, Effect
from .figures import Figures
from .lines import PASS, Printer, Row, merged, rows_of
from .names import Names, tag
from .record import OMNISCIENT, RunRecord
from .timeline import Lane, PhasePart, audience, rounds_of
from .words import signed

COLUMNS = 70
"""About how many characters of a text stand in one line."""


Step = tuple[RenderableType, int]
"""Something to show, and about how many lines it has."""


def show_replay(
    record: RunRecord, console: Console, speed: float = 8.0, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Show the whole run, `speed` lines a second; at once where that is 0 or nobody watches a terminal."""
    paced = speed > 0 and console.is_terminal
    for show, lines in replay_lines(record, console):
        console.print(show)
        if paced:
            sleep(lines / speed)  # The pace that was asked for.


def replay_lines(record: RunRecord, console: Console) -> Iterator[Step]:
    """The steps of a replay: head, rounds, phases, rings, turns, what was ruled and agreed, tension."""
    player = _Player(record, Figures(record), Printer(console, record.seats), record.names.brief())
    yield from player.head()
    for part in rounds_of(record.events):
        if part.number:
            yield Text(""), 1
            yield player.printer.rule(f"Round {part.number}, {part.at}"), 1
            for phase in part.phases:
                yield from player.phase(phase)
        yield from player.gauge(part.number)
    yield from player.foot()


@dataclass(frozen=True)
class _Player:
    record: RunRecord
    figures: Figures
    printer: Printer
    names: Names
    """With marks for governments, since a terminal is narrow."""

    def said(self, text: str, style: str = "") -> Step:
        return Text(self.printer.safe(text), style), length(text)

    def head(self) -> Iterator[Step]:
        run, played = self.record.run, self.record.played
        seats = ", ".join(f"{tag(seat)} {name}" for seat, name in run.seats.items())
        yield self.printer.heading(f"{run.title} ({self.record.view_title})"), 1
        yield self.said(run.notice, "dim")
        if played.words:
            yield self.said(played.words, "yellow")
        yield self.said(run.brief)
        yield self.said(seats, "dim")

    def phase(self, phase: PhasePart) -> Iterator[Step]:
        if phase.empty:
            return
        yield Text(phase.phase, "underline"), 1
        for lane in phase.lanes:
            yield from self.lane(lane)
        yield from self.moved(phase.effects)

    def lane(self, lane: Lane) -> Iterator[Step]:
        if lane.ring:
            title = f"{self.record.names.ring(lane.ring)} [{audience(lane.readers, self.record.seats)}]"
            yield self.printer.heading(f"{lane.ring}: {title}"), 1
        for row in merged(row for part in lane.turns for event in part.events for row in self.rows(event, lane)):
            yield self.printer.row(row), length(row.text)

    def rows(self, event: AnyEvent, lane: Lane) -> Iterator[Row]:
        """What to tell of an event; outside a ring, with who may read it."""
        whole = self.record.view == OMNISCIENT
        for row in rows_of(event, self.names, private=True, whole=whole):
            passing = row.sign == PASS or lane.ring or "public" in event.readers
            yield row if passing else replace(row, text=f"{row.text} [{audience(event.readers, self.record.seats)}]")

    def moved(self, effects: tuple[Effect, ...]) -> Iterator[Step]:
        name = self.record.names.indicator
        changes = ((group[0].effect, group[-1].after - group[0].before) for group in self.figures.moved(effects))
        if words := [f"{name(first.indicator, first.of)} {signed(change)}" for first, change in changes if change]:
            yield self.said(f"moved: {', '.join(words)}", "dim")

    def gauge(self, round: int) -> Iterator[Step]:
        series = self.figures.tension
        if series:
            i = series.rounds.index(round)
            before = series.values[i - 1] if i else None
            name = self.record.names.indicator(series.indicator, series.of)
            yield self.printer.gauge(name, series.values[i], before, series.bounds), 1

    def foot(self) -> Iterator[Step]:
        figures = self.figures
        broken = len(figures.entries("broken", "renounced"))
        told = f"{len(figures.entries('in force'))} commitments in force, {broken} broken or renounced"
        failed = figures.outcome_count("failed")
        yield Text(""), 1
        yield self.printer.heading(f"{told}, {failed} FAILED turns" if failed else told), 1


def length(text: str) -> int:
    """About how many lines a text takes."""
    return 1 + len(text) // COLUMNS
