"""What a judge is asked about: the lines of a run or of an outside text, put into the units of rubrics.

Knows nothing about scales or verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..events import PUBLIC, Breach, Deliberation, Event, Intent, Moved, Spoken
from ..moves import Accept, Amend, Pledge, Table
from ..transcripts.record import RunRecord
from ..transcripts.words import clause_words

SECRETS = 6
"""Lines of other rooms that are shown beside one line, the latest."""


@dataclass(frozen=True)
class Line:
    """Something that was said: where, by whom, who could hear it, what the speaker wrote for itself."""

    source: str
    seat: str
    government: str
    text: str
    readers: frozenset[str]
    ring: str = ""
    post: str = ""
    thought: str = ""

    @property
    def parts(self) -> dict[str, str]:
        return {
            "line": self.text, "government": self.government, "post": self.post, "ring": self.ring,
            "thought": self.thought,
        }  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """One thing to judge: its parts, and the events or lines they come from."""

    sources: tuple[str, ...]
    parts: Mapping[str, str]


@dataclass(frozen=True)
class Material:
    """All that may be judged of a run or text."""

    lines: Sequence[Line] = ()
    promises: Sequence[Unit] = ()
    text: str = ""
    crisis: str | None = None

    def units(self, kind: str) -> list[Unit]:
        """The units of a kind, in order."""
        return list(FIND[kind](self))


def material_of(record: RunRecord) -> Material:
    """What a run, seen whole, gives a judge."""
    lines = tuple(_lines(record))
    return Material(lines, tuple(_promises(record)), crisis=record.run.crisis)


def _lines(record: RunRecord) -> Iterator[Line]:
    thoughts = {_turn(e): e.text for e in record.events if isinstance(e, Deliberation)}
    for e in record.events:
        if isinstance(e, Spoken) and e.text and e.seat:
            ring = record.run.rings.get(e.ring, e.ring) if e.ring else ""
            government = record.run.seats.get(e.seat, e.seat)
            readers, thought = frozenset(e.readers), thoughts.get(_turn(e), "")
            yield Line(e.id, e.seat, government, e.text, readers, ring, e.post or "", thought)


def _promises(record: RunRecord) -> Iterator[Unit]:
    """Every broken commitment, once, with what its breaker thought, and privately answered, when it promised."""
    seen: set[str] = set()
    for breach in record.events:
        if not isinstance(breach, Breach) or breach.commitment in seen:
            continue
        seen.add(breach.commitment)
        made = [e for e in record.events if isinstance(e, Moved) and e.seat == breach.by and _promised(e, breach)]
        if made:
            beside = [e for e in record.events if _turn(e) == _turn(made[-1])]
            parts = {
                "promise": clause_words(breach.clause, record.names),
                "thought": next((e.text for e in beside if isinstance(e, Deliberation)), ""),
                "intent": next((e.intends for e in beside if isinstance(e, Intent)), "unasked"),
                "government": record.run.seats.get(breach.by, breach.by),
            }
            yield Unit((made[-1].id, breach.id), parts)


def _turn(event: Event) -> tuple[object, ...]:
    return event.round, event.phase, event.ring, event.turn, event.seat


def _promised(event: Moved, breach: Breach) -> bool:
    """Whether a move of the breaker's bound it to what it broke: 'ring/number.clause' in the ledger."""
    match event.move:
        case Table():
            number = event.number
        case Amend(number=number) | Accept(number=number):
            pass
        case Pledge(commitment=clause):
            return clause == breach.clause
        case _:
            return False
    return breach.commitment.startswith(f"{event.ring}/{number}.")


# --- units -----------------------------------------------------------------------------------------------------------


def _each(material: Material, reader: str = "") -> Iterator[Unit]:
    return (Unit((line.source,), line.parts) for line in material.lines if not reader or reader in line.readers)


def _pairs(material: Material) -> Iterator[Unit]:
    said: dict[str, list[Line]] = {}
    for line in material.lines:
        if PUBLIC in line.readers:
            said.setdefault(line.government, []).append(line)
    for government, lines in said.items():
        for one, other in pairwise(lines):
            parts = {"first": one.text, "second": other.text, "government": government}
            yield Unit((one.source, other.source), parts)


def _beside_secrets(material: Material) -> Iterator[Unit]:
    for n, line in enumerate(material.lines):
        heard = (other for other in material.lines[:n] if line.seat in other.readers)
        secret = [other for other in heard if PUBLIC not in other.readers and not line.readers <= other.readers]
        if shown := secret[-SECRETS:]:
            secrets = "\n".join(f"{other.government}: {other.text}" for other in shown)
            yield Unit((line.source, *(other.source for other in shown)), {**line.parts, "secrets": secrets})


FIND: Mapping[str, Callable[[Material], Iterator[Unit]]] = {
    "public_line": lambda material: _each(material, PUBLIC),
    "line": _each,
    "public_pair": _pairs,
    "secret_line": _beside_secrets,
    "turn": _each,
    "broken_promise": lambda material: iter(material.promises),
    "text": lambda material: iter([Unit(("text",), {"text": material.text})] if material.text else ()),
}
