"""How a Council's vote comes out: nine of fifteen and no veto, say; who sits there and what is needed is data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..crises.models import Council, OtherVote
from ..drafts import Draft
from ..events import Event, Moved
from ..ledger import Proposal
from ..moves import Vote
from . import Situation
from .agreements import deal


def tallies(situation: Situation) -> Iterator[Draft]:
    """One result for each draft that was voted on this round, and the resolution where it was adopted."""
    council = situation.crisis.file.council
    if council is None:
        return
    cast = _cast(situation.now)
    for proposal in situation.ledger.open_in(council.ring):
        votes = cast.get(proposal.number)
        if not votes:
            continue
        result = _tally(council, proposal, votes, situation)
        yield result
        if result.fields["adopted"]:
            resolution = deal(proposal, situation.public, "resolution", None)
            yield replace(resolution, fields={**resolution.fields, "ring": council.ring})


def _cast(events: Iterable[Event]) -> dict[int, dict[str, str]]:
    cast: dict[int, dict[str, str]] = {}
    for event in events:
        if isinstance(event, Moved) and isinstance(event.move, Vote) and event.seat:
            cast.setdefault(event.move.number, {})[event.seat] = event.move.vote
    return cast


def _tally(council: Council, proposal: Proposal, cast: dict[str, str], situation: Situation) -> Draft:
    votes = {seat: cast.get(seat, "abstain") for seat in council.members if seat in situation.seats}
    by_rule = [other for other in council.others if other.state not in votes]
    for other in by_rule:
        votes[other.state] = _rule_vote(other, proposal, votes)
    yes = sum(v == "yes" for v in votes.values())
    permanent = {*council.permanent, *(o.state for o in council.others if o.permanent)}
    vetoes = sorted(s for s in permanent if votes.get(s) == "no")
    adopted = yes >= council.needed and not vetoes
    why = f"vetoed by {', '.join(vetoes)}" if vetoes else f"{yes} in favour, {council.needed} needed"
    fields = {
        "number": proposal.number, "votes": votes, "by_rule": tuple(o.state for o in by_rule), "adopted": adopted,
        "why": why, "ring": council.ring,
    }  # fmt: skip
    return Draft("tally", None, situation.public, fields)


def _rule_vote(other: OtherVote, proposal: Proposal, votes: dict[str, str]) -> str:
    clauses = proposal.commitments
    if any(pattern.clause_fits(c) for pattern in other.against for c in clauses):
        return "no"
    if any(pattern.clause_fits(c) for pattern in other.abstains_on for c in clauses):
        return "abstain"
    return votes.get(other.follows, other.vote) if other.follows else other.vote
