"""Turns written beforehand: a YAML file that plays one seat or all of them. Knows nothing about rules or policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from ..errors import AuthorError, Problem
from ..events import Event, Spoken
from ..frozen import Frozen, Id, Note, Text
from ..loading import Document, load_document, validate
from ..moves import MOVE_LIMIT, OWN_ROOM_MOVES, PHASE_MOVES, PHASES, Move, Phase, Turn
from ..resources import find_files, unknown
from ..views import SeatView


class Slot(NamedTuple):
    """Where a turn belongs."""

    seat: str
    round: int
    phase: Phase
    ring: str | None
    exchange: int

    def __str__(self) -> str:
        ring = f" {self.ring}, exchange {self.exchange}" if self.ring else ""
        return f"{self.seat} in round {self.round}, {self.phase}{ring}"


class ScriptedTurn(Frozen):
    """One turn of a script; it is said and done as it stands."""

    round: Annotated[int, Field(ge=1, le=60)]
    phase: Literal["talks", "council", "act", "speak"]
    ring: Id | None = None
    """Needed in talks, and only there."""
    exchange: Annotated[int, Field(ge=1, le=6)] = 1
    """Which of the seat's turns in that ring this round."""
    deliberation: Text = ""
    text: Text = ""
    moves: Annotated[tuple[Move, ...], Field(max_length=MOVE_LIMIT)] = ()

    def slot(self, seat: str) -> Slot:
        return Slot(seat, self.round, self.phase, self.ring, self.exchange)


class ScriptFile(Frozen):
    """A script: the turns of each seat; what is not there is a pass."""

    title: Note = ""
    note: Note = ""
    seats: dict[Id, tuple[ScriptedTurn, ...]]


class Script:
    """Plays every seat that a script names; `repeatable`: asked again it answers the same."""

    repeatable = True

    def __init__(self, source: str | Path | Mapping[str, Any]) -> None:
        """Read a file, or take a mapping of the same form; raises AuthorError with all problems and their lines."""
        document = load_document(source) if isinstance(source, str | Path) else Document("script", dict(source), {})
        self.file = validate(document, ScriptFile)
        if problems := list(_checked(document, self.file)):
            raise AuthorError(problems)
        self._turns = {turn.slot(seat): turn for seat, turns in self.file.seats.items() for turn in turns}

    def decide(self, view: SeatView) -> Turn:
        """The turn that the script has for this moment, or a pass."""
        m = view.moment
        before = [e for e in view.heard if isinstance(e, Spoken) and e.seat == view.seat] if m.ring else []
        written = self._turns.get(Slot(view.seat, m.round, m.phase, m.ring, len(before) + 1))
        if written is None:
            return Turn()
        return Turn(deliberation=written.deliberation, text=written.text, moves=written.moves)

    def unused(self, events: Iterable[Event]) -> list[Slot]:
        """Turns of the script that a run with these events never asked for."""
        played = {
            Slot(e.seat or "", e.round, e.phase, e.ring, e.exchange) for e in events if isinstance(e, Spoken)
        }  # fmt: skip
        return sorted(set(self._turns) - played, key=_in_order)


def _in_order(slot: Slot) -> tuple[object, ...]:
    return slot.round, PHASES.index(slot.phase), slot.ring or "", slot.exchange, slot.seat


def load_script(name: str | Path) -> Script:
    """The script in a YAML file, or of that name in a crisis's `scripts` folder; AuthorError has all its problems."""
    return Script(find_script(str(name)))


def scripts() -> dict[str, Path]:
    """Every script in a crisis's `scripts` folder, by name; the user's own come before ours."""
    return find_files("crises", "*/scripts/*.yaml")


def find_script(name: str) -> Path:
    """The file that a script's path or name means; raises UsageError where there is none."""
    if Path(name).suffix in (".yaml", ".yml"):
        return Path(name)
    known = scripts()
    if name not in known:
        raise unknown("script", name, known)
    return known[name]


def _checked(document: Document, file: ScriptFile) -> Iterator[Problem]:
    """What a model of one field at a time cannot see."""
    first: dict[Slot, int] = {}
    for seat, turns in file.seats.items():
        for n, turn in enumerate(turns):
            path = ("seats", seat, n)
            slot = turn.slot(seat)
            if slot in first:
                yield document.problem(path, f"a second turn of {slot}", hint=f"the first is number {first[slot] + 1}")
            first.setdefault(slot, n)
            if turn.phase == "talks" and turn.ring is None:
                yield document.problem(path, "a turn in talks names its ring", hint="add 'ring'")
            if turn.phase != "talks" and (turn.ring is not None or turn.exchange > 1):
                yield document.problem(path, f"phase {turn.phase} has no rings", hint="leave out 'ring' and 'exchange'")
            legal = PHASE_MOVES[turn.phase] + (OWN_ROOM_MOVES if turn.phase == "talks" else ())
            for k, move in enumerate(turn.moves):
                if move.kind not in legal:
                    yield document.problem((*path, "moves", k), f"'{move.kind}' in phase {turn.phase}", legal)
