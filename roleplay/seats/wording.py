"""Plain diplomatic English for typed moves, from a file of phrases; knows nothing about policies or models.

Baselines speak these words, and a voice falls back on them, so that any transcript can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from string import Template

from pydantic import RootModel

from ..adjudication.chance import draw
from ..frozen import TEXT_LIMIT
from ..loading import load_model
from ..moves import Amend, Announce, Move, Pledge, Statement, Table, Turn, Vote
from ..resources import find_file
from ..transcripts.names import Names, listed
from ..transcripts.words import numbered
from ..views import SeatView
from .reading import Choice

FILE = "wording.yaml"
HEARD = ("talks", "speak")
"""Phases in which words are heard; elsewhere a move is all there is."""


class Phrases(RootModel[dict[str, tuple[str, ...]]]):
    """The phrases by verb."""


@cache
def phrases() -> Mapping[str, tuple[str, ...]]:
    """The phrases that came with the program."""
    return load_model(find_file("prompts", FILE, ours=True), Phrases).root


@dataclass(frozen=True)
class Wording:
    """Words for what one seat does at one moment."""

    view: SeatView

    @cached_property
    def names(self) -> Names:
        return self.view.once("names", lambda: Names.of(self.view.events[:50]))

    @property
    def heard(self) -> bool:
        """Whether anybody hears words at this moment."""
        m = self.view.moment
        own = m.ring is not None and self.view.sheet.rings[m.ring].kind == "own"
        return m.phase in HEARD and not own

    def turn(self, choices: Sequence[Choice]) -> Turn:
        """The turn that makes these choices: reasons as its deliberation, sentences as its text."""
        moves = tuple(c.move for c in choices if c.move is not None)
        text = self.text(choices) if self.heard else ""
        return Turn(deliberation=_cut(" ".join(c.why for c in choices)), text=text, moves=moves)

    def text(self, choices: Sequence[Choice]) -> str:
        """What is said of these choices, in their order; nothing for a pass or for keeping an amended text open."""
        amended = any(c.move is not None and c.move.kind == "amend" for c in choices)
        silent = ("pass", "renew") if amended else ("pass",)
        said = (self.about(c) if c.move is None else self.words(c.move) for c in choices if _kind(c) not in silent)
        return _cut(" ".join(said))

    def words(self, move: Move) -> str:
        """One move in words."""
        return self._phrase(_key(move), self._fields(move))

    def about(self, choice: Choice) -> str:
        """Words that go with no move."""
        instrument = self.names.instrument(choice.instrument)
        fields = {"number": choice.number, "instrument": instrument, "position": self._position()}
        return self._phrase(choice.about, fields)

    def _phrase(self, key: str, fields: Mapping[str, object]) -> str:
        m = self.view.moment
        options = phrases()[key]
        share = draw(0, 0, m.round, m.phase, f"{m.ring or '-'}|{m.turn}|{self.view.seat}|{key}")
        return Template(options[int(share * len(options))]).safe_substitute({k: str(v) for k, v in fields.items()})

    def _fields(self, move: Move) -> dict[str, object]:
        """What the phrases can say of a move: its own fields, by their titles."""
        names = self.names
        titles: dict[str, Callable[[str], str]] = {
            "ring": names.ring, "instrument": names.instrument, "line": names.line, "to": names.seat,
            "audience": names.audience, "post": lambda post: names.post(self.view.seat, post),
        }  # fmt: skip
        fields = {k: titles[k](v) if k in titles else v for k, v in move.model_dump().items()}
        if isinstance(move, Statement):
            fields["line"] = "; ".join([*map(names.line, move.lines), *([move.phrase] if move.phrase else [])])
        if isinstance(move, Table | Amend):
            fields["clauses"] = _full_stop(numbered(move.commitments, names))
        if isinstance(move, Pledge):
            fields["clauses"] = _full_stop(numbered([move.commitment], names))
        if move.kind == "mandate":
            fields["grants"] = listed(names.type(t) for t in move.grants)
        return fields

    def _position(self) -> str:
        persona = self.view.sheet.persona
        items = persona.opening_position or persona.interests
        return items[0].text


def _kind(choice: Choice) -> str:
    return choice.move.kind if choice.move else ""


def _key(move: Move) -> str:
    match move:
        case Statement(tone=tone):
            return f"statement-{tone}"
        case Vote(vote=vote):
            return f"vote-{vote}"
        case Announce(number=0):
            return "announce-ring"
        case _:
            return move.kind


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1].rstrip() + "…"


def choice_key(choice: Choice) -> str:
    """Which phrases a choice takes."""
    return _key(choice.move) if choice.move else choice.about
