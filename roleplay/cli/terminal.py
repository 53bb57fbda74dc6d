"""One person at a terminal: what they are told, asked and shown, and the turn that they put together line by line.

Works in 80 columns, without colour, and with lines that a script feeds in. Knows nothing about how the game goes on.
"""

from __future__ import annotations

import asyncio
import re
import sys
import textwrap
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console
from rich.text import Text

from ..debrief import debrief
from ..errors import UsageError
from ..events import Event
from ..hosting import Host
from ..moves import Pass, Turn, clauses_of
from ..seats.drafting import add, drop, forms_of, worded
from ..seats.fields import whole
from ..seats.inbox import Asked
from ..transcripts.html import text_environment
from ..transcripts.lines import PASS, Printer, merged, rows_of
from ..transcripts.names import Names, tag
from ..transcripts.timeline import audience
from ..transcripts.words import clause_words, headline, in_words, tried_words
from ..views import SeatView
from ..web.games import Game
from .asking import Asking, named, parts, read


class Left(Exception):
    """The person has left; the game can be resumed."""


class Lines:
    """Lines of standard input, read on a thread of their own, so that the game goes on meanwhile."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, line.rstrip("\n"))
        self._loop.call_soon_threadsafe(self._queue.put_nowait, None)

    async def next(self) -> str:
        """The next line; raises Left where there is none any more."""
        line = await self._queue.get()
        if line is None:
            raise Left
        return line


@dataclass
class Terminal:
    """A seat's person: is told what its government may know, and takes the turns that the host asks for."""

    host: Host
    seat: str
    console: Console
    lines: Lines
    desk: Game
    """Where what was begun of a turn is kept, as on the page: whoever leaves finds it again."""
    _told: set[str] = field(default_factory=set)
    _asked: Asked | None = None
    """The turn that the person was asked for last."""

    # --- telling -----------------------------------------------------------------------------------------------------

    @property
    def view(self) -> SeatView:
        return self.host.seen(self.seat)

    @property
    def names(self) -> Names:
        return Names.of(self.view.events)

    def say(self, text: str, style: str = "") -> None:
        """Lines of ours, with others' words in them; a list's line that does not fit goes on under its beginning."""
        printer = Printer(self.console)
        for line in text.split("\n"):
            # Columns are ours: what others wrote has no two blanks in a row.
            safe = "".join(part if part.isspace() else printer.safe(part) for part in re.split(r"( {2,})", line))
            lead = len(line) - len(line.lstrip())
            hang = " " * (lead and lead + 2)
            self.console.print(Text(textwrap.fill(safe, self.console.width, subsequent_indent=hang), style))

    async def line(self) -> str:
        """The next line that the person types, where there is a terminal after a sign that it is their turn to."""
        if sys.stdin.isatty():
            self.console.print("> ", end="")
        return (await self.lines.next()).strip()

    def tell(self, part: str, *values: object, headed: bool = False) -> None:
        """A part of seat.txt.j2, the first line of which may be its heading."""
        text = getattr(text_environment().get_template("seat.txt.j2").module, part)(*values).removesuffix("\n")
        if headed:
            head, _, text = text.partition("\n")
            self.say(head, "bold")
        if text:
            self.say(text)

    def briefing(self) -> None:
        """Public brief, whom one plays, red lines, rooms, and what is known."""
        self.tell("opening", self.view.run, headed=True)
        self.tell("briefing", self.view, self.names, headed=True)

    def heard(self, events: Iterable[Event], *, again: bool = False) -> None:
        """What was heard that was not told yet, room by room."""
        view, names = self.view, self.names.brief()
        printer = Printer(self.console, tuple(view.run.seats), max(map(len, view.sheet.rings), default=0))
        fresh = [e for e in events if e.round and (again or e.id not in self._told)]
        self._told |= {e.id for e in fresh}
        rows = (r for e in fresh for r in rows_of(e, names, private=e.seat == self.seat, whole=False))
        for row in merged(row for row in rows if row.sign != PASS or (row.ring and row.seat != self.seat)):
            self.console.print(printer.row(row))

    def debrief(self) -> None:
        """What others knew that this seat did not, and the moments that mattered."""
        record = self.host.everything()
        names = record.names.brief()
        self.say("")
        self.tell("debrief", debrief(record, self.seat), names, partial(in_words, names=names), headed=True)

    # --- a turn ------------------------------------------------------------------------------------------------------

    async def take(self, asked: Asked) -> None:
        """Ask the person for one turn, until it is sent or its time is over; raises Left."""
        self.heard(asked.view.events)
        self._head(asked)
        self._asked = asked
        draft = self.desk.draft(self.seat, asked)
        if draft != Turn():
            self.say("You had begun:")
            self._draft(draft)
        while True:
            line = await self.line()
            try:
                self.host.inbox.find(self.seat, asked.ticket)
                before, (draft, sent) = draft, await self._command(asked, draft, line)
                if sent or draft != before:
                    self.desk.keep_draft(self.seat, asked.ticket, None if sent else draft)
            except UsageError as error:
                self.say(f"! {error}", "red")
                sent = asked.answer.done() or asked not in self.host.inbox.waiting(self.seat)
            if sent:
                return

    def overhear(self) -> None:
        """Tell at once what others say on an open floor while the person thinks."""
        if self._asked is not None:
            self.heard(self._asked.view.events)

    def _head(self, asked: Asked) -> None:
        view, m = asked.view, asked.view.moment
        where = self.names.ring(m.ring) if m.ring else f"the {m.phase} phase"
        readers = audience(view.readers, tuple(view.run.seats))
        self.console.print()
        self.console.print(Printer(self.console).rule(f"Round {m.round} of {view.run.rounds}, {view.date}: {where}"))
        self.say(f"You are {tag(self.seat)}. Your answer is read by: {readers}")
        if m.ring and view.sheet.rings[m.ring].floor == "open":
            self.say("The floor is open: speak as often as you like; /pass when you have no more to say.")
        self.say("Moves: " + ", ".join(dict.fromkeys(f.name.split(":")[0] for f in forms_of(view).values())))

    async def _command(self, asked: Asked, draft: Turn, line: str) -> tuple[Turn, bool]:
        """The draft after a line, and whether it was sent."""
        word, _, rest = line.partition(" ")
        view = asked.view
        match word:
            case "":
                return draft, False
            case "/send" | "/pass":
                turn = Turn(moves=(Pass(),)) if word == "/pass" else draft
                if not (turn.text or turn.moves):
                    raise UsageError("nothing to send: say something, make a move, or /pass")
                await self.host.submit(self.seat, asked.ticket, turn)
                self.say("sent.")
                return turn, True
            case "/do":
                return await self._do(view, draft, rest), False
            case "/drop":
                move, _, clause = rest.partition(".")
                left = drop(draft, whole(move) - 1, whole(clause) - 1 if clause else None)
                if left == draft:
                    raise UsageError(f"there is no move {rest} in your turn", hint="/draft tells which there are")
                draft = left
                self._draft(draft)
            case "/clear":
                draft = Turn()
            case "/advice":
                self.say(f"Your adviser, in private: {await self.host.advise(view)}")
            case "/quit":
                raise Left
            case _ if word.startswith("/"):
                self._show(word, asked, draft)
            case _:
                draft = worded(draft, f"{draft.text} {line}".strip(), draft.deliberation)
        return draft, False

    def _show(self, word: str, asked: Asked, draft: Turn) -> None:
        match word:
            case "/help":
                self.tell("help")
            case "/moves":
                for form in forms_of(asked.view).values():
                    self.say(f"  {form.name:<28} {form.title}")
            case "/draft":
                self._draft(draft)
            case "/preview":
                ruled = self.host.preview(asked.view, draft)
                self.say(ruled.problem or "legal" + "".join(f"; but blocked: {r.why}" for r in ruled.blocked))
            case "/inbox":
                self.heard(asked.view.events, again=True)
            case "/ledger":
                self.tell("ledger", asked.view, partial(clause_words, names=self.names.brief()))
            case "/dossier":
                self.tell("dossier", asked.view.sheet)
            case _:
                raise UsageError(f"there is no {word}", hint="/help tells what there is")

    def _draft(self, draft: Turn) -> None:
        names = self.names.brief()
        self.say(f"Your turn: “{draft.text}”" if draft.text else "Your turn:")
        for i, move in enumerate(draft.moves, 1):
            self.say(f"  {i} {headline(move, names, seat=self.seat)}")
            for j, clause in enumerate(clauses_of(move), 1):
                self.say(f"    {i}.{j} {clause_words(clause, names)}")

    # --- a move ------------------------------------------------------------------------------------------------------

    async def _do(self, view: SeatView, draft: Turn, text: str) -> Turn:
        """The draft with the move that was named; what it needs is given with it, or asked one by one."""
        name, *given = parts(text) or [""]
        form = named(forms_of(view), name)
        fuller = add(view, draft, form, read(form, given) if given else await Asking(self.say, self.line).about(form))
        ruled = self.host.preview(view, fuller)
        if ruled.problem:
            raise UsageError(ruled.problem)
        self._draft(fuller)
        for ruling in ruled.blocked:
            self.say(f"  a rule will block “{tried_words(ruling, self.names.brief())}”: {ruling.why}")
        return fuller


async def sit(terminal: Terminal, game: asyncio.Task[object]) -> None:
    """Take turn after turn until the game is over; raises Left, and what stopped the game."""
    changed = asyncio.Event()

    def look(events: object) -> None:
        terminal.overhear()
        changed.set()

    terminal.host.changed = look
    game.add_done_callback(lambda _: changed.set())
    while not game.done():
        waiting = terminal.host.inbox.waiting(terminal.seat)
        if waiting:
            await terminal.take(waiting[0])
        else:
            changed.clear()
            await changed.wait()
    game.result()
    terminal.heard(terminal.view.events)
