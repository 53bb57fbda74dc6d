"""Events as lines of a terminal: who, where, a sign for what kind of thing it is, and the words.

Shared by live progress and replay. Works at 80 columns, without colour, and in terminals that are not Unicode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import cast

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from .. import events as ev
from ..events import AnyEvent, Event
from ..frozen import clean_text
from ..moves import Statement
from ..world import Bounds
from .names import Names, tag
from .words import deal_words, headline, in_words, labels, number, signed, tried_words

SEAT_STYLES = ("bold blue", "bold cyan", "bold magenta", "bold yellow", "bold green", "bold red", "bold white")
PASS = "-"
VERDICT_SIGNS = {"blocked": ("x", "red"), "observed": ("?", "yellow"), "credited": ("+", "green")}


@dataclass(frozen=True)
class Row:
    """One thing to tell; `sign` says without colour what it is.

    Signs: > move, = agreed or over, x ? + ruling, ! bad news, * news, - pass, ~ private, none: speech.
    """

    ring: str
    seat: str | None
    sign: str
    text: str
    style: str = ""


def rows_of(event: Event, names: Names, *, private: bool, whole: bool = True) -> Iterator[Row]:
    """What to tell of an event; nothing for bookkeeping, and for what is private unless asked for.

    `whole`: the reader sees every event, so that a channel's change need not be told beside the move that made it.
    """
    if whole and isinstance(event, ev.Channel) and event.seat:
        return
    told = _told(cast(AnyEvent, event), names, private)
    if told:
        sign, text, style = told
        yield Row(event.ring or "", event.seat, sign, text, style)


def merged(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows with passes in a row told as one: 'US, UK pass'."""
    for passing, group in groupby(rows, key=lambda row: row.sign == PASS):
        listed = list(group)
        if passing and len(listed) > 1:
            seats = ", ".join(tag(row.seat or "") for row in listed)
            yield Row(listed[0].ring, None, PASS, f"{seats} pass", listed[0].style)
        else:
            yield from listed


SIGNS = {
    "intent": ("~", "dim italic"), "chance": ("~", "dim"), "adjudication": ("~", "dim"), "tally": ("=", "bold"),
    "ending": ("=", "bold"), "breach": ("!", "bold red"), "leak": ("!", "bold red"), "inject": ("*", ""),
    "announcement": ("*", ""), "channel": ("*", ""), "lapse": ("*", ""), "expiry": ("*", ""),
}  # fmt: skip
"""Sign and style of what is told in the words that it has everywhere."""


def _told(event: AnyEvent, names: Names, private: bool) -> tuple[str, str, str] | None:
    match event:
        case ev.Run() | ev.Role() | ev.PhaseClosed() | ev.Effect():
            return None
        case ev.Spoken():
            return _spoken(event, names)
        case ev.Deliberation():
            return ("~", f"(to itself) {event.text}", "dim italic") if private else None
        case ev.Reasoning():
            return ("~", f"(the provider's reasoning) {event.text}", "dim italic") if private else None
        case ev.Moved():
            return None if event.move.kind == "pass" else (">", _without_name(event, names), "")
        case ev.Ruling():
            sign, style = VERDICT_SIGNS[event.verdict]
            verdict = labels()["verdicts"][event.verdict].upper()
            return sign, f"{verdict} by rule {event.rule}: “{tried_words(event, names)}”. {event.why}", style
        case ev.Deal():
            return "=", _agreed(event, names), "bold green"
        case _:
            sign, style = SIGNS[event.kind]
            return (sign, in_words(event, names), style) if private or sign != "~" else None


def _spoken(event: ev.Spoken, names: Names) -> tuple[str, str, str] | None:
    post = f"({names.post(event.seat, event.post)}) " if event.post else ""
    match event.outcome:
        case "failed":
            return "!", "turn FAILED: no legal answer; neither a pass nor restraint", "bold red"
        case "passed":
            return PASS, "passes", "dim"
        case "ok" | "repaired":
            return ("", f"{post}“{event.text}”", "") if event.text else None


def _agreed(event: ev.Deal, names: Names) -> str:
    """A deal in full; a pledge without its clause, which its speaker has just spelt out."""
    if event.form == "pledge":
        return deal_words(event, names)
    return f"AGREED. {in_words(event, names)}" if event.form == "deal" else in_words(event, names)


def _without_name(event: ev.Moved, names: Names) -> str:
    """A move without its mover, who has a column; a statement without its post, which stands before its words."""
    if isinstance(event.move, Statement):
        line = headline(event.move, names, seat=event.seat)
        return line.removeprefix(f"speaks through {names.post(event.seat, event.move.post)} ")
    return in_words(event, names).removeprefix(f"{names.seat(event.seat or '')} ")


def short_row(row: Row, most: int) -> Row:
    """The row with its text cut to `most` characters."""
    text = row.text if len(row.text) <= most else f"{row.text[: most - 2].rstrip()} …"
    return replace(row, text=text)


@dataclass
class Printer:
    """Turns rows into renderables for one console; `seats` in the run's order give each its colour."""

    console: Console
    seats: tuple[str, ...] = ()
    ring_width: int = 0
    """0: no column for the ring."""

    def row(self, row: Row) -> RenderableType:
        """Columns: ring, seat, sign, text; the text wraps in its own column."""
        grid = Table.grid(padding=(0, 1), expand=False)
        cells = [Text(tag(row.seat or ""), self.style(row.seat)), Text(row.sign), Text(self.safe(row.text), row.style)]
        if self.ring_width:
            grid.add_column(width=self.ring_width, no_wrap=True, overflow="ellipsis")
            cells.insert(0, Text(row.ring, "dim"))
        grid.add_column(width=max((len(seat) for seat in self.seats), default=4), no_wrap=True)
        grid.add_column(width=1)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(*cells)
        return grid

    def style(self, seat: str | None) -> str:
        return SEAT_STYLES[self.seats.index(seat) % len(SEAT_STYLES)] if seat in self.seats else ""

    def heading(self, text: str, style: str = "bold") -> RenderableType:
        return Text(self.safe(text), style)

    def rule(self, text: str) -> RenderableType:
        """A line across the screen that opens a round."""
        width = min(self.console.width, 100)
        title = f"{self.safe(text)} "
        return Text(title + ("━" if self.unicode else "=") * max(0, width - len(title)), "bold")

    def gauge(self, name: str, value: float, before: float | None, bounds: Bounds) -> RenderableType:
        """An indicator as a bar and a figure; a figure alone where its scale is not known."""
        span, change = bounds.high - bounds.low, "" if before is None else f" ({signed(value - before)})"
        if not 0 < span < float("inf"):
            return Text(self.safe(f"{name}{change or ' unknown'}"), "bold")
        full, empty = ("█", "░") if self.unicode else ("#", "-")
        filled = round(30 * (value - bounds.low) / span)
        return Text(self.safe(f"{name} {full * filled}{empty * (30 - filled)} {number(value)}{change}"), "bold")

    @property
    def unicode(self) -> bool:
        return self.console.encoding.lower().startswith("utf")

    def safe(self, text: str) -> str:
        """A text without control characters, in characters that the terminal has."""
        cleaned, encoding = str(clean_text(text)), self.console.encoding
        return cleaned if self.unicode else cleaned.encode(encoding, "replace").decode(encoding)
