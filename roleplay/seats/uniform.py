"""The random floor: a legal move drawn with no aim at all, first its verb, then everything in it. Knows no dossier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..crises.models import Param
from ..ledger import Proposal
from ..moves import (
    TONES,
    Accept,
    Amend,
    Announce,
    Authorise,
    Break,
    Commitment,
    Confide,
    Consult,
    Leak,
    Leave,
    Mandate,
    Move,
    NameOfficial,
    Open,
    Parameter,
    Pass,
    Pledge,
    Prearrange,
    Reject,
    Renew,
    Renounce,
    Statement,
    Suspend,
    Table,
    Use,
    Vote,
    Withdraw,
)
from .legal import legal, verbs
from .reading import Choice, Reading

Maker = Callable[["Dice"], Move | None]
T = TypeVar("T")
WHY = "Drawn at random among legal moves."


class Dice:
    """Named draws of one turn: each question asked has a number of its own."""

    def __init__(self, r: Reading) -> None:
        self.r = r
        self._asked = 0

    def share(self) -> float:
        self._asked += 1
        return self.r.draw(f"uniform-{self._asked}")

    def one(self, options: Sequence[T]) -> T | None:
        return options[int(self.share() * len(options))] if options else None

    def some(self, options: Sequence[T], most: int) -> list[T]:
        """Between one and `most` different options, in their order."""
        count = 1 + int(self.share() * min(most, len(options)))
        ranked = sorted(range(len(options)), key=lambda i: self.share())
        return [options[i] for i in sorted(ranked[:count])]


def anything(r: Reading) -> list[Choice]:
    """One legal move; verbs that can be filled in are equally likely."""
    dice = Dice(r)
    left = list(verbs(r.view))
    while left:
        verb = dice.one(left) or "pass"
        left.remove(verb)
        move = MAKERS[verb](dice)
        if move is not None and legal(r.view, move):
            return [Choice(move, WHY)]
    return [Choice(Pass(), WHY)]


# --- makers: each fills in its verb from what is there, or gives None ------------------------------------------------


def _clause(dice: Dice, parties: Sequence[str]) -> Commitment | None:
    sheet = dice.r.sheet
    kind = dice.one(list(sheet.types.values()))
    thing = dice.one(list(kind.objects or sheet.objects)) if kind else None
    if kind is None or thing is None or not parties:
        return None
    return Commitment(parties=tuple(dice.some(parties, 2)), type=kind.id, object=thing)


def _text(dice: Dice) -> tuple[Commitment, ...]:
    members = dice.r.members(dice.r.ring.id)
    clauses = [_clause(dice, members) for _ in range(1 + int(dice.share() * 3))]
    return tuple(c for c in clauses if c is not None)


def _table(dice: Dice) -> Move | None:
    clauses = _text(dice)
    return Table(commitments=clauses) if clauses else None


def _proposal(dice: Dice) -> Proposal | None:
    return dice.one(dice.r.view.ledger.open_in(dice.r.ring.id))


def _amend(dice: Dice) -> Move | None:
    found, clauses = _proposal(dice), _text(dice)
    return Amend(number=found.number, commitments=clauses) if found and clauses else None


def _numbered(make: type[Accept] | type[Reject] | type[Withdraw] | type[Renew]) -> Maker:
    def maker(dice: Dice) -> Move | None:
        found = _proposal(dice)
        return make(number=found.number) if found else None

    return maker


def _of_instrument(make: type[Consult] | type[Authorise]) -> Maker:
    def maker(dice: Dice) -> Move | None:
        found = dice.one(list(dice.r.sheet.instruments))
        return make(instrument=found) if found else None

    return maker


def _of_ring(make: type[Open] | type[Suspend] | type[Leave]) -> Maker:
    def maker(dice: Dice) -> Move | None:
        ring = dice.one([ring for ring, row in dice.r.sheet.rings.items() if row.kind == "talks"])
        return make(ring=ring) if ring else None

    return maker


def _mandate(dice: Dice) -> Move | None:
    ring = dice.one([ring for ring, row in dice.r.sheet.rings.items() if row.kind == "talks"])
    return Mandate(ring=ring, grants=tuple(dice.some(list(dice.r.sheet.types), 16))) if ring else None


def _confide(dice: Dice) -> Move | None:
    ring = dice.one(sorted(dice.r.sheet.confidants))
    to = dice.one(dice.r.sheet.confidants[ring]) if ring else None
    return Confide(ring=ring, to=to) if ring and to else None


def _prearrange(dice: Dice) -> Move | None:
    rings = [ring for ring, row in dice.r.sheet.rings.items() if row.kind == "talks" and not dice.r.is_open(ring)]
    ring = dice.one(rings)
    return Prearrange(ring=ring, phrase="a window that is open") if ring else None


def _pass(dice: Dice) -> Move | None:
    return Pass()


def _vote(dice: Dice) -> Move | None:
    drafts = dice.r.view.ledger.open_in(dice.r.sheet.council or "")
    found = dice.one(drafts)
    return Vote(number=found.number, vote=dice.one(("yes", "no", "abstain")) or "abstain") if found else None


def _use(dice: Dice) -> Move | None:
    found = dice.one(list(dice.r.sheet.instruments.values()))
    if found is None:
        return None
    params = {name: _value(dice, param) for name, param in found.params.items()}
    return Use(instrument=found.id, params=params)


def _value(dice: Dice, param: Param) -> Parameter:
    match param.type:
        case "choice":
            return dice.one(param.values) or ""
        case "flag":
            return dice.share() < 0.5
        case "number":
            return param.low + int(dice.share() * (param.high - param.low + 1))
        case "text":
            return param.meaning or "as stated"


def _of_commitment(make: type[Break] | type[Renounce]) -> Maker:
    def maker(dice: Dice) -> Move | None:
        found = dice.one(dice.r.view.ledger.in_force(dice.r.me))
        return make(commitment=found.id) if found else None

    return maker


def _leak(dice: Dice) -> Move | None:
    ring = dice.one([ring for ring, row in dice.r.sheet.rings.items() if row.kind == "talks"])
    return Leak(ring=ring) if ring else None


def _statement(dice: Dice) -> Move | None:
    post = dice.one([p.id for p in dice.r.sheet.persona.posts if p.speaks])
    audience, line = dice.one(dice.r.sheet.audiences), dice.one(list(dice.r.sheet.lines))
    if not (post and audience and line):
        return None
    return Statement(post=post, audience=audience, tone=dice.one(TONES) or "neutral", line=line)


def _pledge(dice: Dice) -> Move | None:
    clause = _clause(dice, (dice.r.me,))
    return Pledge(commitment=clause) if clause else None


def _name_official(dice: Dice) -> Move | None:
    post = dice.one([p.id for p in dice.r.sheet.persona.posts])
    return NameOfficial(post=post) if post else None


def _announce(dice: Dice) -> Move | None:
    bound = [p for p in dice.r.view.ledger.proposals.values() if p.status in ("bound", "adopted")]
    found = dice.one([p for p in bound if p.ring in dice.r.sheet.rings])
    return Announce(ring=found.ring, number=found.number) if found else None


MAKERS: dict[str, Maker] = {
    "table": _table, "amend": _amend, "accept": _numbered(Accept), "reject": _numbered(Reject),
    "withdraw": _numbered(Withdraw), "renew": _numbered(Renew), "consult": _of_instrument(Consult),
    "authorise": _of_instrument(Authorise), "mandate": _mandate, "open": _of_ring(Open),
    "suspend": _of_ring(Suspend), "leave": _of_ring(Leave), "confide": _confide, "prearrange": _prearrange,
    "pass": _pass, "vote": _vote, "use": _use, "break": _of_commitment(Break), "renounce": _of_commitment(Renounce),
    "leak": _leak, "statement": _statement, "pledge": _pledge, "name_official": _name_official,
    "announce": _announce,
}  # fmt: skip
