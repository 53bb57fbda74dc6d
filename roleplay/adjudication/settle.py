"""The end of a round: time runs out, breaches show, secrets come out, indicators move, chance is drawn, games end.

Works on the situation's copies and gives every event to `emit`, which returns it with its id. Knows no storage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..crises.worlds import ChanceRow, WorldRow
from ..drafts import Draft
from ..events import Event
from . import Situation
from .agreements import breaches, expiries, lapses
from .effects import apply, due, world_effects
from .publication import echoes, leaks, published

Emit = Callable[[Draft], Event]
Write = Callable[[Iterable[Draft]], None]


def settle(situation: Situation, emit: Emit, *, last: bool, cut_short: bool) -> Event | None:
    """Settle the round; returns the ending where there is one. `last`: this was the last round to be played."""
    work, write = _begun(situation, emit)
    write(world_effects(work))
    struck = _chances(work, write)
    write(echoes(work))
    return _ending(work, emit, struck, last=last, cut_short=cut_short)


def arguable(situation: Situation, emit: Emit) -> list[tuple[WorldRow, Event]]:
    """What an adjudicator is asked about: the arguable rows that settling would apply, each with its cause."""
    work, _ = _begun(situation, emit)
    return [(row, cause) for row, cause in due(work) if row.arguable and cause is not None]


def _begun(situation: Situation, emit: Emit) -> tuple[Situation, Write]:
    """The situation when time has run out for what it has, and how to go on writing; only then do indicators move."""
    now = list(situation.now)
    work = replace(situation, now=now)

    def write(drafts: Iterable[Draft]) -> None:
        for draft in list(drafts):
            event = emit(draft)
            work.ledger.apply(event)
            work.world.apply(event)
            now.append(event)

    for what in (expiries, breaches, leaks, openings, lapses):
        write(what(work))
    return work, write


def openings(situation: Situation) -> Iterator[Draft]:
    """Rings that open now because each of their members asked for it, or stay closed for want of what they need."""
    for ring, state in list(situation.world.rings.items()):
        row = situation.crisis.rings.get(ring)
        if row is None or state.open or not state.offered_by:
            continue
        if set(row.members) & set(situation.seats) <= state.offered_by:
            able = situation.crisis.matcher.all_hold(row.opens_when, situation.state)
            fields = {"about": ring, "state": "open" if able else "closed", "members": row.members}
            fields |= {} if able else {"words": row.unless}
            yield Draft("channel", None, situation.known_to(ring), fields)


def _chances(situation: Situation, write: Write) -> ChanceRow | None:
    """Draw every chance of the world; returns the one that ends the game, if it struck."""
    fatal = None
    for row in situation.table.chances:
        if not situation.crisis.matcher.all_hold(row.given, situation.state):
            continue
        probability = row.base
        if row.indicator:
            probability += row.slope * max(0.0, situation.world.value(row.indicator, row.of) - row.over)
        probability = min(1.0, max(0.0, probability))
        number = situation.draw(row.id)
        happened = number < probability
        fields = {"name": row.id, "draw": round(number, 6), "probability": round(probability, 6), "happened": happened}
        write([Draft("chance", None, (), fields)])
        if happened:
            readers = row.readers or situation.public
            if row.text:
                told = {"name": row.id, "text": row.text, "source": row.src, "status": row.status}
                write([Draft("inject", None, readers, told)])
            cause = situation.now[-1] if row.text else None
            write(_by_accident(situation, row))
            write(apply(situation, row.effects, cause, row.claim, row.id))
            if row.ending:
                fatal = fatal or row
    return fatal


def _by_accident(situation: Situation, row: ChanceRow) -> Iterator[Draft]:
    """What meets in private gets into the press, and nobody in it meant it to: that it exists, or its latest text."""
    ring = situation.world.rings.get(row.leaks or "")
    if not (row.leaks and ring and ring.open and row.leaks not in situation.world.published):
        return
    hidden = situation.crisis.rings[row.leaks].confidentiality == "secret"
    number = 0 if hidden else max((n for r, n in situation.ledger.proposals if r == row.leaks), default=0)
    yield published(situation, "leak", None, row.leaks, number)


def _ending(situation: Situation, emit: Emit, struck: ChanceRow | None, *, last: bool, cut_short: bool) -> Event | None:
    for row in situation.crisis.file.endings:
        by_chance = struck is not None and struck.ending == row.id
        if by_chance or (row.given and situation.crisis.matcher.all_hold(row.given, situation.state)):
            return emit(_over(situation, "terminated", row.id, row.reason))
    if not last:
        return None
    if cut_short:
        return emit(_over(situation, "truncated", "rounds", f"stopped after round {situation.round}, as asked"))
    return emit(_over(situation, "terminated", "last-round", "the scenario's last round is over"))


def _over(situation: Situation, ended: str, name: str, reason: str) -> Draft:
    return Draft("ending", None, situation.public, {"ended": ended, "name": name, "reason": reason})
