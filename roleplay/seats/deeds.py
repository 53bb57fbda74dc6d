"""What a weighted baseline does outside the rings of talks: its own room, the Council's vote, instruments, channels."""

from __future__ import annotations

from collections.abc import Iterator

from ..ledger import Proposal
from ..moves import Authorise, Consult, Leak, Mandate, Open, Pass, Suspend, Use, Vote
from .instruments import planned, reason
from .reading import Choice, Reading, points

GRANTS = 16
WISH = 1.0
"""Wish from which a seat asks for the opening of a ring."""
WELCOME = 0.5
"""Worth from which a draft gets a seat's vote, however firm it is: a vote is no bargain."""
VETO = -1.5
"""Worth from which a seat votes against a draft instead of abstaining."""
SPOILER = 3.0
"""Points short of its reservation from which it does so however good the draft is."""


def own_room(r: Reading) -> list[Choice]:
    """Authorise what is planned and give the team of a hidden channel its mandate."""
    choices = [*_authorisations(r), *_mandates(r)]
    return choices or [Choice(Pass(), "Nothing has to be decided here.")]


def _authorisations(r: Reading) -> Iterator[Choice]:
    if not r.profile.coordinates:
        return
    for use in planned(r.before_talks):
        if (r.me, use.instrument) not in r.view.world.authorised:
            yield Choice(Authorise(instrument=use.instrument), reason(r.before_talks, use))


def _mandates(r: Reading) -> Iterator[Choice]:
    """Empower a direct team where the strategy says so or the dossier has offers for that ring."""
    for ring, row in r.sheet.rings.items():
        hidden = row.confidentiality == "secret" and row.kind == "talks" and row.texts
        if not hidden or (r.me, ring) in r.view.world.mandates:
            continue
        offered = [c.type for o in r.dossier.offers if o.ring == ring for c in o.clauses if r.me in c.parties]
        if not (r.strategy.mandate or offered):
            continue
        giving = [v.type for v in r.dossier.values if v.giver == r.me and v.value > -3]
        grants = [t for t in dict.fromkeys((*offered, *giving)) if t in r.sheet.types and t not in r.sheet.withheld]
        if grants:
            why = f"The team in '{row.title}' must be able to say yes."
            yield Choice(Mandate(ring=ring, grants=tuple(grants[:GRANTS])), why)


def votes(r: Reading) -> list[Choice]:
    """A vote on each open draft: for what is worth it, against what goes much too far, else an abstention."""
    drafts = r.view.ledger.open_in(r.sheet.council) if r.sheet.council and r.sheet.votes else []
    choices = [Choice(*_vote(r, draft)) for draft in drafts]
    return choices or [Choice(Pass(), "There is nothing to vote on.")]


def _vote(r: Reading, draft: Proposal) -> tuple[Vote, str]:
    number, worth, need = draft.number, r.worth(draft.commitments), r.reservation(draft.by)
    scales = f"Draft {number} is worth {points(worth)} to us; we want {points(need)}."
    if draft.by != r.me and worth < max(VETO + min(0.0, need), need - SPOILER):
        return Vote(number=number, vote="no"), f"{scales} Against."
    if draft.by == r.me or worth >= min(need, WELCOME):
        return Vote(number=number, vote="yes"), f"{scales} For."
    return Vote(number=number, vote="abstain"), f"{scales} We let it pass without us."


def act(r: Reading) -> list[Choice]:
    """Use what was planned and is still right; ask for the rings it wants; close one where it was provoked."""
    choices = [*_uses(r), *_suspensions(r), *_openings(r), *_leaks(r)]
    return choices or [Choice(Pass(), "Nothing that we could do now would serve us.")]


def _uses(r: Reading) -> Iterator[Choice]:
    for use in planned(r.before_talks):
        if r.breaks(use) and not r.profile.treachery:
            continue
        if not r.profile.coordinates or _coordinated(r, use):
            yield Choice(use, reason(r.before_talks, use))


def _coordinated(r: Reading, use: Use) -> bool:
    """Whether own room and allies have heard of it first, as far as these meet."""
    own = any(row.kind == "own" for row in r.sheet.rings.values())
    if own and (r.me, use.instrument) not in r.view.world.authorised:
        return False
    named = r.sheet.instruments[use.instrument].consult_in
    rings = [ring for ring in named if ring in r.sheet.rings and r.is_open(ring)]
    heard = {e.ring for e in r.own_moves if isinstance(e.move, Consult) and e.move.instrument == use.instrument}
    return all(ring in heard for ring in rings)


def _suspensions(r: Reading) -> Iterator[Choice]:
    limit = r.profile.walkout
    if limit is None:
        return
    for ring, row in r.sheet.rings.items():
        others = [m for m in r.view.members(ring) if m != r.me]
        if row.kind == "talks" and r.is_open(ring) and r.conduct.worst(others) >= limit:
            yield Choice(Suspend(ring=ring), f"After what they did we do not sit in '{row.title}'.")
            return


def _openings(r: Reading) -> Iterator[Choice]:
    for ring, row in r.sheet.rings.items():
        if row.kind != "talks" or r.is_open(ring):
            continue
        state = r.view.world.rings.get(ring)
        asked = state.offered_by if state else frozenset()
        others = [m for m in row.members if m != r.me]
        shut = r.profile.walkout is not None and r.conduct.worst(others) >= r.profile.walkout
        if r.me not in asked and not shut and wish(r, ring) + 0.5 * len(asked) >= WISH:
            yield Choice(Open(ring=ring), f"We want '{row.title}' to meet.")


def _leaks(r: Reading) -> Iterator[Choice]:
    """Let the press have the latest text of a closed room, or that a hidden one exists, where it is no news yet."""
    if r.draw("leak") >= r.profile.leaks:
        return
    texts = r.view.ledger.proposals
    for ring, row in r.sheet.rings.items():
        number = max((n for where, n in texts if where == ring), default=0)
        told = f"{ring}/{number}" if number else ring
        closed = row.kind == "talks" and (number or row.confidentiality == "secret")
        if closed and r.is_open(ring) and told not in r.view.world.published:
            yield Choice(Leak(ring=ring, number=number), f"What is known of '{row.title}' binds nobody any more.")
            return


def wish(r: Reading, ring: str) -> float:
    """How much the seat wants a ring: strategy, manner, and whether its dossier has something to say there."""
    due = any(o.ring == ring and o.after_round <= r.round for o in r.dossier.offers)
    others = [m for m in r.sheet.rings[ring].members if m != r.me]
    grudge = max(0.0, r.provoked(others)) / 2
    return r.strategy.rings.get(ring, 0.0) + r.profile.openness + (1.0 if due else 0.0) - grudge
