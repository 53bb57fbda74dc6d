"""Rules that always hold: rights, membership, the form of a deal, Council procedure. One small check a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from .. import moves
from ..commitments import Commitment
from ..crises.language import allowed
from ..crises.language import legal as takes
from ..crises.means import Instrument
from ..crises.roles import RoleSheet
from ..ledger import Proposal
from ..moves import OWN_ROOM_MOVES, PHASE_MOVES, Phase, clauses_of
from . import ConstitutiveRule, Finding, Tried


def verbs(sheet: RoleSheet, phase: Phase, ring: str | None) -> tuple[str, ...]:
    """The verbs of a phase, or of a government's own room."""
    own = ring is not None and sheet.rings[ring].kind == "own"
    return OWN_ROOM_MOVES if own else PHASE_MOVES.get(phase, ())


def phase(a: Tried) -> Finding | None:
    """A verb belongs to its phase; a government's own room has verbs of its own."""
    legal = verbs(a.sheet, a.phase, a.ring)
    if a.move.kind in legal:
        return None
    where = "one's own room" if legal == OWN_ROOM_MOVES else f"phase {a.phase}"
    return Finding(f"'{a.move.kind}' is not a move of {where}", ", ".join(legal))


def alone(a: Tried) -> Finding | None:
    """A pass stands alone; one public line, one vote a draft and one use of an instrument a turn."""
    if isinstance(a.move, moves.Pass) and a.before:
        return Finding("a pass together with another move", "pass alone, or leave it out")
    if any(isinstance(b, moves.Pass) for b in a.before):
        return Finding("a move after a pass", "pass alone, or leave it out")
    for kind in (moves.Statement, moves.Pledge, moves.NameOfficial):
        if isinstance(a.move, kind) and any(isinstance(b, kind) for b in a.before):
            return Finding(f"a second '{a.move.kind}' in one turn", "one a turn")
    used = [b.instrument for b in a.before if isinstance(b, moves.Use)]
    if isinstance(a.move, moves.Use) and a.move.instrument in used:
        return Finding(f"'{a.move.instrument}' twice in one turn", "one use an instrument a turn")
    return None


def membership(a: Tried) -> Finding | None:
    """A seat acts only on rings of which it is a member (and, to suspend or leave one, where it still meets)."""
    ring = getattr(a.move, "ring", None)
    if any(isinstance(b, moves.Leave) and b.ring == a.ring for b in a.before):
        return Finding(f"a move in '{a.ring}' after leaving it", "leave last")
    if ring is None:
        return None
    if ring not in a.sheet.rings:
        return Finding(f"ring '{ring}' is not one of {a.seat}'s rings", ", ".join(a.sheet.rings))
    state = a.world.rings.get(ring)
    if isinstance(a.move, moves.Suspend | moves.Leave) and not (state and state.open and a.seat in state.members):
        return Finding(f"ring '{ring}' is not open to {a.seat} now", "a ring that is open")
    if isinstance(a.move, moves.Open) and state and state.open and a.seat in state.members:
        return Finding(f"ring '{ring}' is open already", "a ring that is closed or suspended")
    beyond = ("open", "suspend", "leave", "confide", "prearrange", "leak", "announce", "mandate")
    if a.sheet.rings[ring].kind == "own" and a.move.kind in beyond:
        return Finding(f"ring '{ring}' is a government's own room", "a ring with other members")
    return None


def secret(a: Tried) -> Finding | None:
    """Only a hidden ring is confided, and only to a played seat outside it."""
    if not isinstance(a.move, moves.Confide):
        return None
    others = a.sheet.confidants.get(a.move.ring, ())
    if a.sheet.rings[a.move.ring].confidentiality != "secret":
        return Finding(f"the existence of '{a.move.ring}' is no secret", "a hidden ring")
    if a.move.to not in others:
        return Finding(f"'{a.move.to}' cannot be told of '{a.move.ring}'", ", ".join(others))
    return None


def proposal(a: Tried) -> Finding | None:
    """A numbered text exists in this ring and is open; only its proposer withdraws it, nobody accepts twice."""
    if isinstance(a.move, moves.Leak | moves.Announce):
        return _published(a)
    if not isinstance(a.move, moves.Amend | moves.Accept | moves.Reject | moves.Withdraw | moves.Renew):
        return None
    ring = a.ring or ""
    open_ = {p.number: p for p in a.ledger.open_in(ring)}
    found = open_.get(a.move.number)
    if found is None:
        return Finding(f"no open proposal {a.move.number} in {ring}", _numbers(open_))
    if isinstance(a.move, moves.Withdraw) and found.by != a.seat:
        return Finding(f"proposal {found.number} is {found.by}'s to withdraw", "reject it")
    if isinstance(a.move, moves.Accept) and a.seat in found.accepted:
        return Finding(f"{a.seat} has accepted proposal {found.number} already", "wait, renew or amend it")
    return None


def _published(a: Tried) -> Finding | None:
    assert isinstance(a.move, moves.Leak | moves.Announce)
    if a.move.number == 0:
        return None
    found = a.ledger.proposals.get((a.move.ring, a.move.number))
    known = {n: p for (r, n), p in a.ledger.proposals.items() if r == a.move.ring}
    if found is None:
        legal = ", ".join(map(str, (*sorted(known), "0 for the ring itself")))
        return Finding(f"no proposal {a.move.number} in {a.move.ring}", legal)
    if isinstance(a.move, moves.Announce) and found.status not in ("bound", "adopted"):
        return Finding(f"proposal {a.move.number} of {a.move.ring} is not agreed", "a text that binds")
    if isinstance(a.move, moves.Announce) and found.status == "bound" and a.seat not in found.parties:
        return Finding(f"{a.seat} is no party to proposal {a.move.number} of {a.move.ring}", "a text that binds it")
    return None


def _numbers(proposals: dict[int, Proposal]) -> str:
    return ", ".join(map(str, sorted(proposals))) or "none is open: table one"


def form(a: Tried) -> Finding | None:
    """A text binds members of its ring only, in the crisis's vocabulary; whoever proposes it is party to it."""
    if isinstance(a.move, moves.Accept) and a.ring and a.sheet.rings[a.ring].kind != "council":
        for gone in sorted(a.ledger.proposals[a.ring, a.move.number].parties - set(a.members)):
            return Finding(f"'{gone}' has left and cannot be bound here", "amend the text, or reject it")
    if not (clauses := clauses_of(a.move)):
        return None
    parties = (a.seat,) if isinstance(a.move, moves.Pledge) else a.members
    if a.ring and not a.sheet.rings[a.ring].texts:
        return Finding(f"nothing is agreed in '{a.ring}'", "words, prearrange, open, pass")
    for number, clause in enumerate(clauses, 1):
        for finding in _clause(a, clause, parties):
            return Finding(f"clause {number}: {finding.why}", finding.legal)
    return None


def _clause(a: Tried, clause: Commitment, parties: tuple[str, ...]) -> Iterator[Finding]:
    sheet = a.sheet
    strangers = [p for p in clause.parties if p not in parties]
    if strangers:
        yield Finding(f"'{strangers[0]}' cannot be bound here", f"parties {', '.join(parties)}")
    kind = sheet.types.get(clause.type)
    if kind is None:
        yield Finding(f"type '{clause.type}' does not exist", ", ".join(sheet.types))
        return
    if clause.object not in sheet.objects:
        yield Finding(f"object '{clause.object}' does not exist", ", ".join(kind.objects or sheet.objects))
    elif kind.objects and clause.object not in kind.objects:
        yield Finding(f"'{clause.type}' does not go with '{clause.object}'", ", ".join(kind.objects))
    elif kind.existing and not _exists(a, clause.object):
        yield Finding(f"there is nothing of '{clause.object}' to trade yet", "what exists at the date")
    if len(set(clause.parties)) < len(clause.parties):
        yield Finding("a party named twice", "each party once")


def _exists(a: Tried, thing: str) -> bool:
    """Whether a measure exists: from its day, or because something agreed in the game made it."""
    day = a.sheet.objects[thing].available_from
    return day is None or day <= a.today or bool(a.ledger.in_force(object=thing))


def rights(a: Tried) -> Finding | None:
    """A seat uses, consults on and authorises instruments that are its own, exist at the date and are switched on."""
    if not isinstance(a.move, moves.Use | moves.Consult | moves.Authorise):
        return None
    mine = a.sheet.instruments
    found = mine.get(a.move.instrument)
    if found is None:
        return Finding(f"instrument '{a.move.instrument}' is not {a.seat}'s to use", ", ".join(mine))
    if found.available_from and found.available_from > a.today:
        return Finding(
            f"instrument '{found.id}' does not exist before {found.available_from}",
            ", ".join(i.id for i in mine.values() if not i.available_from or i.available_from <= a.today),
        )
    return _parameters(found, a.move.params, a.today) if isinstance(a.move, moves.Use) else None


def _parameters(instrument: Instrument, given: dict[str, str | bool | int], today: date) -> Finding | None:
    unknown = sorted(set(given) - set(instrument.params))
    if unknown:
        return Finding(f"'{instrument.id}' has no parameter '{unknown[0]}'", ", ".join(instrument.params) or "none")
    for name, param in instrument.params.items():
        if name not in given:
            if param.default is None:
                return Finding(f"'{instrument.id}' needs '{name}'", allowed(param))
            continue
        day = param.dated.get(str(given[name]))
        if day and day > today:
            return Finding(f"'{instrument.id}': {name} {given[name]} does not exist before {day}", allowed(param))
        if not takes(param, given[name]):
            return Finding(f"'{instrument.id}': {name} cannot be {given[name]!r}", allowed(param))
    return None


def voting(a: Tried) -> Finding | None:
    """Members of the Council vote, once, on a draft that is open."""
    if not isinstance(a.move, moves.Vote):
        return None
    if not a.sheet.votes or a.sheet.council is None:
        return Finding(f"{a.seat} has no vote", "pass")
    drafts = {p.number: p for p in a.ledger.open_in(a.sheet.council)}
    if a.move.number not in drafts:
        return Finding(f"no open draft {a.move.number}", _numbers(drafts))
    if any(isinstance(b, moves.Vote) and b.number == a.move.number for b in a.before):
        return Finding(f"a second vote on draft {a.move.number}", "one vote a draft")
    return None


def own_commitment(a: Tried) -> Finding | None:
    """A seat breaks or renounces only what binds it."""
    if not isinstance(a.move, moves.Break | moves.Renounce):
        return None
    mine = [e.id for e in a.ledger.in_force(a.seat)]
    if a.move.commitment in mine:
        return None
    return Finding(f"'{a.move.commitment}' does not bind {a.seat}", ", ".join(mine) or "nothing binds it")


def voice(a: Tried) -> Finding | None:
    """A public line names a post that speaks for the government, an audience and a policy line of the crisis."""
    if isinstance(a.move, moves.NameOfficial):
        posts = [p.id for p in a.sheet.persona.posts]
        return None if a.move.post in posts else Finding(f"post '{a.move.post}' does not exist", ", ".join(posts))
    if not isinstance(a.move, moves.Statement):
        return None
    speaking = [p.id for p in a.sheet.persona.posts if p.speaks]
    for name, value, known in (
        ("post", a.move.post, speaking),
        ("audience", a.move.audience, list(a.sheet.audiences)),
        *(("line", line, list(a.sheet.lines)) for line in a.move.lines),
    ):
        if value not in known:
            return Finding(f"{name} '{value}' is not known", ", ".join(known))
    return None


def mandate(a: Tried) -> Finding | None:
    """A mandate is for another room, and grants clause types of the vocabulary."""
    if not isinstance(a.move, moves.Mandate):
        return None
    unknown = [t for t in a.move.grants if t not in a.sheet.types]
    return Finding(f"type '{unknown[0]}' does not exist", ", ".join(a.sheet.types)) if unknown else None


def phrase(a: Tried) -> Finding | None:
    """Prearranged words are ordinary words."""
    if isinstance(a.move, moves.Prearrange) and not re.search(r"\w{3}", a.move.phrase):
        return Finding("the phrase has no words", "some words that a speech can hold")
    return None


CHECKS = (
    phase, alone, membership, secret, proposal, form, rights, voting, own_commitment, voice, mandate, phrase,
)  # fmt: skip
_NAMED = ((check.__name__.replace("_", "-"), check) for check in CHECKS)
RULES = {name: ConstitutiveRule(name, (check.__doc__ or "").rstrip("."), check) for name, check in _NAMED}
"""Each named like its check and in the words of its docstring; in the order in which a move is held against them."""


def problem(tried: Tried) -> str | None:
    """Why a move is no legal answer, in words for its author; None where it is one."""
    for rule in RULES.values():
        if finding := rule.check(tried):
            return f"{rule.id}: {finding.why}; legal: {finding.legal}"
    return None
