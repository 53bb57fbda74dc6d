"""What a weighted baseline does in a ring: answer texts, table its own, consult, confide. Knows no ring by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ..commitments import CLAUSE_LIMIT, Commitment
from ..events import Moved, Spoken
from ..ledger import Proposal
from ..moves import Accept, Amend, Confide, Consult, Pass, Reject, Renew, Table, Withdraw
from .conduct import hostility
from .instruments import planned
from .legal import legal
from .reading import Choice, Reading, points

REFUSAL = 1.5
"""Points below its reservation from which a text is refused rather than left on the table."""
OFFERABLE = -1.0
"""What an offer of one's own may cost, all in all, and still be made."""
DOUBT = 0.3
"""Hostility of a step, weighed by one's own caution, from which one advises against it."""
KEPT = 2
"""Rounds for which a seat keeps its own text on the table."""


def talk(r: Reading) -> list[Choice]:
    """The seat's choices in this ring, in the order in which it makes them; empty where it has nothing to do."""
    choices = list(_answers(r))
    if not any(isinstance(c.move, Accept | Amend) for c in choices):
        choices += _offer(r)
    choices += _consultations(r)
    choices += _advice(r)
    choices += _confidence(r)
    return choices or _words(r)


# --- texts on the table ----------------------------------------------------------------------------------------------


def _answers(r: Reading) -> Iterator[Choice]:
    for proposal in r.view.ledger.open_in(r.ring.id):
        if proposal.by == r.me:
            yield from _own(r, proposal)
        elif r.ring.kind == "council":
            yield from _draft(r, proposal)
        elif r.me in proposal.parties - proposal.accepted:
            yield from _judge(r, proposal)


def _own(r: Reading, proposal: Proposal) -> Iterator[Choice]:
    """Keep one's own text on the table for a while, or take it back from those who have given offence."""
    number = proposal.number
    if r.provoked(proposal.parties) > r.profile.grudge and r.ring.kind != "council":
        yield Choice(Withdraw(number=number), f"Text {number} was for better days: after what they did it comes off.")
    elif proposal.kept_until <= r.round and r.round - _tabled(r, proposal) < KEPT:
        yield Choice(Renew(number=number), f"Text {number} needs more time.")


def _tabled(r: Reading, proposal: Proposal) -> int:
    """The round in which a text got its present wording."""
    said = (e for e in r.view.events if isinstance(e, Moved) and e.ring == proposal.ring)
    rounds = [e.round for e in said if _touches(e, proposal.number)]
    return max(rounds, default=r.round)


def _judge(r: Reading, proposal: Proposal) -> Iterator[Choice]:
    """Accept, amend, refuse or leave open, by what the text is worth against what the seat would settle for."""
    number, worth, need = proposal.number, r.worth(proposal.commitments), r.reservation(proposal.by)
    scales = f"Text {number} is worth {points(worth)} to us; we settle for {points(need)}."
    accept = Accept(number=number, intends=_intends(r, proposal))
    banned = any(r.withheld(c) for c in proposal.commitments)
    if worth >= need and not banned and not r.blocked(Accept(number=number)) and not r.blocked(accept):
        yield Choice(accept, f"{scales} We accept.")
        return
    if len(proposal.versions) < r.profile.haggling:
        better = _better(r, proposal, need)
        if better is not None:
            move = Amend(number=number, commitments=better)
            yield Choice(move, f"{scales} Amended it would be worth {points(r.worth(better))}.")
            if _heard_already(r):
                yield Choice(Renew(number=number), "The others must have time to answer.")
            return
    if worth < need - REFUSAL or (banned and len(proposal.versions) >= r.profile.haggling):
        yield Choice(Reject(number=number), f"{scales} That is too far off: we refuse.")
    elif not _answered(r, number):
        yield Choice(None, f"{scales} We leave it on the table.", about="study", number=number)


def _intends(r: Reading, proposal: Proposal) -> str:
    """What an acceptance is privately worth, where the run asks."""
    if not r.sheet.asks_intent:
        return "unasked"
    if r.profile.treachery:
        return "break"
    return "depends" if r.provoked(proposal.parties) > 0.5 else "keep"


def _answered(r: Reading, number: int) -> bool:
    """Whether the seat has spoken since this text got its wording in this round's meeting."""
    changed = max((e.turn for e in r.view.heard if isinstance(e, Moved) and _touches(e, number)), default=0)
    return any(isinstance(e, Spoken) and e.seat == r.me and e.turn > changed for e in r.view.heard)


def _touches(event: Moved, number: int) -> bool:
    return event.number == number or (isinstance(event.move, Amend) and event.move.number == number)


def _better(r: Reading, proposal: Proposal, need: float) -> tuple[Commitment, ...] | None:
    """The text without the clause it likes least, or with the smallest ask that makes it acceptable, or both."""
    kept = tuple(c for c in proposal.commitments if not r.withheld(c))
    least = min(kept, key=r.clause_worth, default=None)
    fewer = tuple(c for c in kept if c is not least or r.clause_worth(c) >= 0)
    asks = _asks(r, kept)
    for clauses in (kept, fewer, *((*kept, ask) for ask in asks), *((*fewer, ask) for ask in asks)):
        new = clauses not in (proposal.commitments, *proposal.versions) and 0 < len(clauses) <= CLAUSE_LIMIT
        bargain = new and any(r.me in c.parties for c in clauses)  # A text that binds only the others is none.
        good = bargain and r.worth(clauses) >= need
        if good and not r.blocked(Amend(number=proposal.number, commitments=clauses)):
            return clauses
    return None


def _asks(r: Reading, clauses: tuple[Commitment, ...]) -> list[Commitment]:
    """What it would like to have from the others in this ring and is not in the text yet, the smallest first."""
    present = {(c.type, c.object) for c in clauses}
    asks = [
        c for offer in r.dossier.offers for c in offer.clauses
        if r.me not in c.parties and (c.type, c.object) not in present and formed(r, c) and r.clause_worth(c) > 0
    ]  # fmt: skip
    return sorted(asks, key=r.clause_worth)


def _heard_already(r: Reading) -> bool:
    """Whether somebody who must answer has had the floor already in this exchange."""
    order = r.view.members(r.ring.id)
    return r.me in order and order.index(r.me) > 0


def _draft(r: Reading, proposal: Proposal) -> Iterator[Choice]:
    """In the Council a text is voted on: amend what one would vote down, else wait for the vote."""
    worth, need = r.worth(proposal.commitments), r.reservation(proposal.by)
    if worth >= need - REFUSAL or not r.sheet.votes or len(proposal.versions) >= r.profile.haggling:
        return
    kept = tuple(c for c in proposal.commitments if r.clause_worth(c) >= 0)
    move = Amend(number=proposal.number, commitments=kept) if kept else None
    if move and kept != proposal.commitments and not r.blocked(move):
        yield Choice(move, f"Draft {proposal.number} goes too far ({points(worth)}); without the worst it could pass.")
        yield Choice(Renew(number=proposal.number), "The others must have time to answer.")


# --- texts of its own ------------------------------------------------------------------------------------------------


def formed(r: Reading, clause: Commitment) -> bool:
    """Whether a clause could stand in a text of this ring: its members, the crisis's words, nothing withheld."""
    return legal(r.view, Table(commitments=(clause,))) and not r.withheld(clause)


def _offer(r: Reading) -> Iterator[Choice]:
    """Table the first offer of the dossier for this ring that is due, new, and better than what is on the table."""
    ring = r.ring.id
    mine_open = any(p.by == r.me for p in r.view.ledger.open_in(ring))
    others = [m for m in r.view.members(ring) if m != r.me]
    held_back = r.ring.kind != "council" and r.provoked(others) > r.profile.grudge
    if mine_open or held_back or r.draw("table") >= r.profile.initiative:
        return
    best_open = max((r.worth(p.commitments) for p in r.view.ledger.open_in(ring) if r.me in p.parties), default=None)
    for title, clauses in _texts(r):
        worth = r.worth(clauses)
        if worth >= OFFERABLE and (best_open is None or worth > best_open):
            yield Choice(Table(commitments=clauses), f"{title} is worth {points(worth)} to us: time to offer it.")
            return


def _texts(r: Reading) -> Iterator[tuple[str, tuple[Commitment, ...]]]:
    """(title, clauses) of what it could table: its offers, then, once these have failed, softer forms of them."""
    tried = _tried(r)
    due = [o for o in r.dossier.offers if o.ring == r.ring.id and o.after_round <= r.round]
    sound = [(o.title, o.clauses) for o in due if all(formed(r, c) for c in o.clauses) and _has_news(r, o.clauses)]
    for title, clauses in sound:
        if clauses not in tried and _may_table(r, clauses):
            yield title, clauses
    if r.profile.softening <= 0 or r.dossier.temper.patience >= 1:
        return
    for title, clauses in sound:
        softer = _softer(r, clauses)
        if softer and softer not in tried and _may_table(r, softer):
            yield f"{title}, asking for less,", softer


def _may_table(r: Reading, clauses: tuple[Commitment, ...]) -> bool:
    """Whether no rule has blocked this text, and none of the seat's own promises stands against it."""
    move = Table(commitments=clauses)
    return not r.blocked(move) and (r.profile.treachery or not r.breaks(move))


def _has_news(r: Reading, clauses: tuple[Commitment, ...]) -> bool:
    """Whether anything in a text is not in force already."""
    return any(r.clause_worth(c) != 0 for c in clauses)


def _tried(r: Reading) -> set[tuple[Commitment, ...]]:
    """Every text that was on the table of this ring, in all its wordings."""
    texts = [p for (ring, _), p in r.view.ledger.proposals.items() if ring == r.ring.id]
    return {version for p in texts for version in (p.commitments, *p.versions)}


def _softer(r: Reading, clauses: tuple[Commitment, ...]) -> tuple[Commitment, ...] | None:
    """The text without the ask that matters least, if one is left."""
    asks = [c for c in clauses if r.me not in c.parties]
    if len(asks) < 2:
        return None
    least = min(asks, key=r.clause_worth)
    return tuple(c for c in clauses if c is not least)


# --- other business --------------------------------------------------------------------------------------------------


def _consultations(r: Reading) -> Iterator[Choice]:
    """Put a planned instrument before the allies whom its data names, once a use."""
    if not r.profile.coordinates:
        return
    for use in planned(r.before_talks):
        instrument = r.sheet.instruments[use.instrument]
        if r.ring.id in instrument.consult_in and not _consulted(r, use.instrument):
            yield Choice(Consult(instrument=use.instrument), f"They should hear of '{instrument.title}' from us first.")


def _consulted(r: Reading, instrument: str) -> bool:
    since = r.last_use(instrument) or 0
    return any(
        isinstance(e.move, Consult) and e.move.instrument == instrument and e.ring == r.ring.id and e.round > since
        for e in r.own_moves
    )


def _advice(r: Reading) -> Iterator[Choice]:
    """Say what one thinks of the step on which another member has just consulted."""
    spoke = max((e.turn for e in r.view.heard if isinstance(e, Spoken) and e.seat == r.me), default=0)
    for event in r.view.heard:
        if isinstance(event, Moved) and isinstance(event.move, Consult) and event.seat != r.me and event.turn > spoke:
            name = event.move.instrument
            known = r.sheet.instruments.get(name)
            wary = known is not None and hostility(known) * (1 - r.dossier.temper.risk - r.profile.toughness) > DOUBT
            about: Literal["doubt", "support"] = "doubt" if wary else "support"
            yield Choice(None, f"They ask us about '{name}'.", about=about, instrument=name)
            return


def _confidence(r: Reading) -> Iterator[Choice]:
    """Tell an ally of a hidden ring that meets."""
    if r.ring.kind == "council":
        return
    told = {(e.move.ring, e.move.to) for e in r.own_moves if isinstance(e.move, Confide)}
    for ring, seats in sorted(r.sheet.confidants.items()):
        for seat in seats:
            if seat not in r.view.members(r.ring.id) or len(r.view.members(r.ring.id)) > 2 or (ring, seat) in told:
                continue
            if r.is_open(ring) and r.draw(f"confide-{ring}-{seat}") < r.profile.confides * r.conduct.trust(seat) * 2:
                yield Choice(Confide(ring=ring, to=seat), "They would rather hear it from us than from the press.")


def _words(r: Reading) -> list[Choice]:
    """Words alone at the first meeting; else nothing, and the turn is passed."""
    spoken = any(isinstance(e, Spoken) and e.seat == r.me and e.ring == r.ring.id and e.text for e in r.view.events)
    if spoken:
        return [Choice(Pass(), "Nothing new was said that asks for an answer.")]
    return [Choice(None, "A first meeting: say where we stand.", about="position")]
