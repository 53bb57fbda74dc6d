"""Plain-English one-liners for every move, event and clause: the one place where they are worded.

The sentences are in templates/words.yaml. Used by pages, Markdown, tables and the terminal alike. Knows nothing about
layout, colour or who is reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from pydantic import ValidationError

from .. import events
from ..commitments import Commitment, Duration
from ..events import Event
from ..frozen import TEXT_LIMIT
from ..loading import load_document
from ..moves import TONES, Move, Turn, clauses_of, read_move
from .names import Names, counted, listed, spaced

WORDS = Path(__file__).parent / "templates" / "words.yaml"


def in_words(thing: Event | Move, names: Names) -> str:
    """One line of plain English: an event as a sentence, a move as a phrase without its subject ('accepts ...')."""
    if not isinstance(thing, Event):
        return _moved(thing, names)
    who = names.seat(thing.seat) if thing.seat else "The engine"
    post = getattr(thing, "post", None)
    speaker = f"{who} ({names.post(thing.seat, post)})" if post else who
    return say("events", _kind(thing), names, e=thing, who=who, speaker=speaker)


def turn_words(turn: Turn, names: Names) -> str:
    """A turn that was not taken yet: what it says, and its moves in brackets."""
    moves = "; ".join(in_words(move, names) for move in turn.moves)
    return " ".join(part for part in (turn.text, f"({moves})" if moves else "") if part)[:TEXT_LIMIT]


def headline(move: Move, names: Names, number: int | None = None, seat: str | None = None) -> str:
    """A move as a phrase, without the clauses that it spells out; `number` names the proposal that it made.

    `seat` is who makes it, whose posts a public line may name.
    """
    return say("moves", move.kind, names, m=move, number=number, seat=seat)


def _moved(move: Move, names: Names, number: int | None = None, seat: str | None = None) -> str:
    head, tail = headline(move, names, number, seat), clauses_of(move)
    return f"{head}: {numbered(tail, names)}" if tail else head


def deal_words(deal: events.Deal, names: Names) -> str:
    """A deal without its clauses: what form it has and whom it binds."""
    return say("deals", deal.form, names, e=deal)


def breach_words(breach: events.Breach, names: Names) -> str:
    """A breach without its clause: who did what to which commitment."""
    how = "renounces" if breach.openly else "breaks"
    return f"{names.seat(breach.by)} {how} commitment {breach.commitment}"


def tried_words(ruling: events.Ruling, names: Names) -> str:
    """What a ruling was about: the move in words, or its raw fields where it is none of ours.

    The clauses of a move that went through stand with the move itself, which comes next.
    """
    try:
        move = read_move(ruling.tried)
        return in_words(move, names) if ruling.verdict == "blocked" else headline(move, names, seat=ruling.seat)
    except ValidationError:
        return json.dumps(ruling.tried, sort_keys=True, ensure_ascii=False)


def ended_words(ending: events.Ending) -> str:
    """How a game ended, said so that a reader who does not know the terms understands."""
    if ending.ended == "truncated":
        return "The game was stopped before its end"
    return f"The game ended by its own rules ({spaced(ending.name)})"


def signed(value: float) -> str:
    """A change with its sign and no needless decimals: '+4', '−1.5'."""
    text = number(abs(value))
    return f"−{text}" if value < 0 else f"+{text}"


def number(value: float) -> str:
    """A figure with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def plain(value: object) -> str:
    """A parameter's value as a word."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


# --- clauses ---------------------------------------------------------------------------------------------------------


def clause_words(clause: Commitment, names: Names) -> str:
    """One clause in one line: who, what, how far, how long, how it is seen, what follows a breach."""
    return "; ".join([what(clause, names), *terms(clause, names)])


def what(clause: Commitment, names: Names) -> str:
    """Who is bound to what: 'A and B: moratorium on long-range tests (everything above 1,000 km)'."""
    parties = listed(names.seats.get(p, p) for p in clause.parties)
    text = f"{parties}: {names.type(clause.type)}, {names.object(clause.object)}"
    return f"{text} ({clause.scope})" if clause.scope else text


def terms(clause: Commitment, names: Names) -> Iterator[str]:
    """The conditions of a clause, each a short phrase; nothing for what it leaves unstated."""
    for field in _words()["terms"]:
        value = getattr(clause, field)
        if value and (text := say("terms", field, names, value=value)):
            yield text


def duration_words(duration: Duration) -> str:
    """How long a clause holds, '' where it does not say."""
    return say("durations", duration.kind, detail=duration.detail).rstrip()


def numbered(clauses: Iterable[Commitment], names: Names) -> str:
    """Clauses in a row: '(1) ...; (2) ...'; one alone has no number."""
    words = [clause_words(clause, names) for clause in clauses]
    return words[0] if len(words) == 1 else " ".join(f"({i}) {text}." for i, text in enumerate(words, 1))


# --- sentences -------------------------------------------------------------------------------------------------------


def _kind(event: Event) -> str:
    """An event's kind, with the field that tells which of several things it is."""
    match event:
        case events.Channel(state=which) | events.Spoken(outcome=which) | events.Intent(intends=which):
            return f"{event.kind} {which}"
        case _:
            return event.kind


def _seen(verification: Iterable[str]) -> list[str]:
    return [_words()["means"][way] for way in verification if way in _words()["means"]]


def offered(value: str) -> str:
    """One of the fixed values of a clause's terms, or any other id, as a form offers it."""
    words = _words()
    return str(words["offered"].get(value) or words["means"].get(value) or words["undone"].get(value) or spaced(value))


def _reasons(tally: events.Tally, names: Names) -> str:
    return re.sub(r"[a-z][a-z0-9_-]*", lambda word: names.seats.get(word[0], word[0]), tally.why)


def _params(params: Mapping[str, object]) -> str:
    return ", ".join(f"{spaced(name)}: {plain(value)}" for name, value in params.items())


def labels() -> Mapping[str, Any]:
    """What templates call things, by the names that they use."""
    return _words()["labels"]


def say(section: str, kind: str, names: Names | None = None, **values: Any) -> str:
    """A sentence of words.yaml: the one of this kind, else its section's `other`."""
    return _sentence(section, kind).render(names=names, **values)


def said_of(section: str, **values: Any) -> Iterator[tuple[str, str]]:
    """Kind and words of every sentence of a section that has something to say."""
    said = ((kind, say(section, kind, None, **values)) for kind in _words()[section])
    return ((kind, text) for kind, text in said if text)


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = load_document(WORDS).data
    return found


@cache
def _sentence(section: str, kind: str) -> Template:
    rows = _words()[section]
    return _environment().from_string(rows[kind if kind in rows else "other"])


@cache
def _environment() -> Environment:
    made = Environment(undefined=StrictUndefined, autoescape=False)
    made.filters["named"] = lambda id, name: name(id)
    made.globals |= {
        "listed": listed, "spaced": spaced, "counted": counted, "signed": signed, "tones": TONES,
        "verdicts": labels()["verdicts"],
        "deal": deal_words, "breach": breach_words, "ended": ended_words, "tried": tried_words, "clause": clause_words,
        "numbered": numbered, "moved": _moved, "duration": duration_words, "seen": _seen, "reasons": _reasons,
        "params": _params, "undone": _words()["undone"],
    }  # fmt: skip
    return made
