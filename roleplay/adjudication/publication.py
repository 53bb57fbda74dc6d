"""What secrets become when they are leaked or announced, and what indicators then show those who had not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..commitments import Commitment
from ..drafts import Draft
from ..events import Announced, Channel, Deal, Effect, Event, Leaked, Moved
from ..ledger import fold
from ..moves import Leak
from . import Situation
from .effects import readers_of


def content(situation: Situation, ring: str, number: int) -> str:
    """What a leak or an announcement tells: that a ring exists, or the clauses of one of its texts."""
    title = situation.crisis.rings[ring].title
    if number == 0:
        return f"The channel exists: {title}."
    proposal = situation.ledger.proposals.get((ring, number))
    clauses = proposal.commitments if proposal else ()
    words = "; ".join(_words(situation, c) for c in clauses)
    state = "agreed" if proposal and proposal.status in ("bound", "adopted") else "on the table"
    return f"Text {number} of {title} ({state}): {words}."


def _words(situation: Situation, clause: Commitment) -> str:
    crisis = situation.crisis
    parties = ", ".join(crisis.seats[p].name if p in crisis.seats else p for p in clause.parties)
    return f"{parties}: {crisis.types[clause.type].title}, {crisis.objects[clause.object].title}"


def name_of(ring: str, number: int) -> str:
    """How a published secret is named: 'ring', or 'ring/number'."""
    return f"{ring}/{number}" if number else ring


def published(situation: Situation, kind: str, seat: str | None, ring: str, number: int) -> Draft:
    """A leak or an announcement as everyone reads it."""
    told = {"about": name_of(ring, number), "text": content(situation, ring, number)}
    return Draft(kind, seat, situation.public, told)


def leaks(situation: Situation) -> Iterator[Draft]:
    """This round's leaks as everyone reads them, in the wording that the leaker knows.

    Whose doing it was stays in the leaker's own move.
    """
    for event in situation.now:
        if isinstance(event, Moved) and isinstance(event.move, Leak):
            known = fold(e for e in situation.ever() if event.seat in e.readers)
            yield published(replace(situation, ledger=known), "leak", None, event.move.ring, event.move.number)


def echoes(situation: Situation) -> Iterator[Draft]:
    """What a secret did to indicators, for those who learn of it now that it is in the open: once."""
    abouts = [e.about for e in situation.now if isinstance(e, Leaked | Announced)]
    outed = {name for about in abouts for name in (about, about.split("/")[0])}
    if not outed:
        return
    events = list(situation.ever())
    secret = {e.id for e in events if isinstance(e, Deal | Channel) and _names(e) & outed}
    told = {e.origin for e in events if isinstance(e, Effect)}
    for effect in events:
        if not isinstance(effect, Effect) or effect.origin is not None or secret.isdisjoint(effect.cause):
            continue
        indicator = situation.crisis.indicators[effect.indicator]
        others = tuple(r for r in readers_of(situation, indicator, effect.of) if r not in effect.readers)
        if others and effect.id not in told:
            same = effect.model_dump(include={"indicator", "of", "by", "claim", "row"})
            yield Draft("effect", None, others, {**same, "origin": effect.id})


def _names(event: Event) -> set[str]:
    match event:
        case Deal(ring=str() as ring, number=number):
            return {name_of(ring, number)}
        case Channel(about=about):
            return {about}
        case _:
            return set()
