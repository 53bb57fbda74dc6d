"""When a text binds, what breaks it, when it lapses or ends; knows nothing about what it does to the world."""

from __future__ import annotations

from collections.abc import Iterator

from ..commitments import Commitment
from ..crises.patterns import Pattern
from ..drafts import Draft
from ..events import Breach, Event, Expiry, Moved
from ..ledger import Entry, Proposal
from ..moves import Break, Renounce
from . import Situation, is_public, narrowed


def binding(situation: Situation, ring: str, number: int) -> Draft | None:
    """The deal that a text has become, where every party and the ring's rules now agree; None where they do not.

    Drafts of a Council never bind this way: they are voted on.
    """
    if situation.crisis.rings[ring].kind == "council":
        return None
    proposal = situation.ledger.proposals[ring, number]
    if proposal.status != "open" or not proposal.parties <= proposal.accepted or len(proposal.accepted) < 2:
        return None
    return deal(proposal, situation.members(ring), "deal", None)


def deal(proposal: Proposal, readers: tuple[str, ...], form: str, seat: str | None) -> Draft:
    """A text that binds from now on."""
    fields = {
        "number": proposal.number, "parties": tuple(sorted(proposal.parties)), "commitments": proposal.commitments,
        "form": form,
    }  # fmt: skip
    return Draft("deal", seat, readers, fields)


def pledged(situation: Situation, seat: str, clause: Commitment) -> Draft:
    """A public pledge binds its speaker alone, whatever others do."""
    number = 1 + len({e.deal for e in situation.ledger.entries.values() if e.form == "pledge" and seat in e.parties})
    fields = {"number": number, "parties": (seat,), "commitments": (clause,), "form": "pledge"}
    return Draft("deal", seat, situation.public, fields)


def expiries(situation: Situation) -> Iterator[Draft]:
    """Commitments whose last day is past; one that was broken in secret ends for those who did not know."""
    for entry in situation.ledger.due(situation.today):
        if readers := _unaware(situation, entry):
            yield Draft("expiry", None, readers, {"commitment": entry.id})


def lapses(situation: Situation) -> Iterator[Draft]:
    """Open proposals that nobody renewed; each lapses in its own ring, for its members."""
    for proposal in situation.ledger.proposals.values():
        if proposal.status == "open" and proposal.kept_until <= situation.round:
            readers = situation.members(proposal.ring)
            yield Draft("lapse", None, readers, {"number": proposal.number, "ring": proposal.ring})


def breaches(situation: Situation) -> Iterator[Draft]:
    """Commitments broken this round: by a move that their type or object names, or by a party's own decision.

    One that was broken in secret is shown once more, to those who did not know, when they see it broken.
    """
    for entry in situation.ledger.entries.values():
        unaware = _unaware(situation, entry)
        found = _broken(situation, entry) if unaware else None
        if found:
            by, openly, event = found
            readers = unaware if openly or is_public(event) else narrowed(unaware, [event])
            if not readers:
                continue
            fields = {
                "commitment": entry.id, "by": by, "clause": entry.commitment, "openly": openly, "evidence": (event.id,),
            }  # fmt: skip
            yield Draft("breach", by, readers, fields)


def _unaware(situation: Situation, entry: Entry) -> tuple[str, ...]:
    """Readers of a commitment who take it to be in force."""
    if entry.status == "in force":
        return tuple(sorted(entry.readers))
    ends = [e for e in situation.ever() if isinstance(e, Breach | Expiry) and e.commitment == entry.id]
    return tuple(sorted(entry.readers.difference(*(e.readers for e in ends))))


def _broken(situation: Situation, entry: Entry) -> tuple[str, bool, Event] | None:
    """Who broke it, whether by saying so, and the event that shows it: what all concerned see before what is hidden."""
    clause = entry.commitment
    patterns = breaking(situation, clause)
    for event in sorted(situation.now, key=lambda e: not (is_public(e) or entry.readers <= set(e.readers))):
        if not isinstance(event, Moved) or event.seat not in clause.parties:
            continue
        match event.move:
            case Break(commitment=name) | Renounce(commitment=name):
                if name == entry.id:
                    return event.seat, event.move.kind == "renounce", event
            case _:
                in_time = clause.begins(situation.today) <= situation.today
                if in_time and any(situation.crisis.matcher.fits(p, event) for p in patterns):
                    return event.seat, False, event
    return None


def breaking(situation: Situation, clause: Commitment) -> tuple[Pattern, ...]:
    """The patterns of events that break a clause: its object's where that narrows its type, else its type's."""
    crisis = situation.crisis
    thing = crisis.objects.get(clause.object)
    if thing and (clause.type in thing.for_types or (thing.broken_by and not thing.for_types)):
        return thing.broken_by
    kind = crisis.types.get(clause.type)
    return kind.broken_by if kind else ()
