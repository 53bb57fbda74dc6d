"""Which moves are legal for a seat as far as its view shows: the constitutive rules, read from the seat's side.

The referee has the last word; this keeps a policy from asking it for what can never pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..crises.models import ObjectRow, Param
from ..moves import (
    OWN_ROOM_MOVES,
    PHASE_MOVES,
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
from ..views import SeatView

Test = Callable[[SeatView, Move], bool]


def verbs(view: SeatView) -> tuple[str, ...]:
    """The verbs of this moment."""
    ring = view.moment.ring
    own = ring is not None and view.sheet.rings[ring].kind == "own"
    return OWN_ROOM_MOVES if own else PHASE_MOVES.get(view.moment.phase, ())


def legal(view: SeatView, move: Move, before: Iterable[Move] = ()) -> bool:
    """Whether this move may be made now, after the moves `before` of the same turn."""
    done = tuple(before)
    return move.kind in verbs(view) and _goes_with(move, done) and all(test(view, move) for test in TESTS)


def _goes_with(move: Move, before: tuple[Move, ...]) -> bool:
    if before and (isinstance(move, Pass) or any(isinstance(b, Pass) for b in before)):
        return False
    if isinstance(move, Statement | Pledge | NameOfficial):
        return all(b.kind != move.kind for b in before)
    if isinstance(move, Use):
        return all(not isinstance(b, Use) or b.instrument != move.instrument for b in before)
    if isinstance(move, Renew):
        return all(isinstance(b, Amend) for b in before if getattr(b, "number", None) == move.number)
    if isinstance(move, Accept | Amend | Reject | Withdraw | Vote):
        return all(getattr(b, "number", None) != move.number for b in before)
    if isinstance(move, Open | Suspend | Leave):
        return all(getattr(b, "ring", None) != move.ring for b in before if isinstance(b, Open | Suspend | Leave))
    return True


def _ring(view: SeatView, move: Move) -> bool:
    name = getattr(move, "ring", None)
    if name is None:
        return True
    if name not in view.sheet.rings:
        return False
    state = view.world.rings.get(name)
    meets = state is not None and state.open and view.seat in state.members
    if isinstance(move, Suspend | Leave) and not meets:
        return False
    if isinstance(move, Open) and meets:
        return False
    return view.sheet.rings[name].kind != "own"


def _confidence(view: SeatView, move: Move) -> bool:
    if not isinstance(move, Confide):
        return True
    secret = view.sheet.rings[move.ring].confidentiality == "secret"
    return secret and move.to in view.sheet.confidants.get(move.ring, ())


def _proposal(view: SeatView, move: Move) -> bool:
    match move:
        case Amend() | Accept() | Reject() | Withdraw() | Renew():
            found = next((p for p in view.ledger.open_in(view.moment.ring or "") if p.number == move.number), None)
            if found is None or (isinstance(move, Withdraw) and found.by != view.seat):
                return False
            return not (isinstance(move, Accept) and view.seat in found.accepted)
        case Leak() | Announce() if move.number:
            text = view.ledger.proposals.get((move.ring, move.number))
            return text is not None and (isinstance(move, Leak) or text.status in ("bound", "adopted"))
        case Vote():
            drafts = view.ledger.open_in(view.sheet.council or "") if view.sheet.votes else []
            return any(p.number == move.number for p in drafts)
        case _:
            return True


def _form(view: SeatView, move: Move) -> bool:
    match move:
        case Table(commitments=clauses) | Amend(commitments=clauses):
            ring = view.moment.ring or ""
            if not view.sheet.rings[ring].texts:
                return False
            state = view.world.rings.get(ring)
            members = state.members if state and state.members else view.sheet.rings[ring].members
            return all(well_formed(view, c, members) for c in clauses)
        case Pledge(commitment=clause):
            return well_formed(view, clause, (view.seat,))
        case _:
            return True


def well_formed(view: SeatView, clause: Commitment, parties: Iterable[str]) -> bool:
    """Whether a clause binds only `parties`, each once, in the crisis's words, about something that exists."""
    kind, thing = view.sheet.types.get(clause.type), view.sheet.objects.get(clause.object)
    return (
        kind is not None
        and thing is not None
        and (not kind.existing or _exists(view, thing))
        and (not kind.objects or clause.object in kind.objects)
        and len(set(clause.parties)) == len(clause.parties)
        and set(clause.parties) <= set(parties)
    )


def _exists(view: SeatView, thing: ObjectRow) -> bool:
    day = thing.available_from
    return day is None or day.isoformat() <= view.date or bool(view.ledger.in_force(object=thing.id))


def _rights(view: SeatView, move: Move) -> bool:
    if not isinstance(move, Use | Consult | Authorise):
        return True
    found = view.sheet.instruments.get(move.instrument)
    if found is None or (found.available_from and found.available_from.isoformat() > view.date):
        return False
    if not isinstance(move, Use):
        return True
    given = set(move.params)
    needed = {name for name, param in found.params.items() if param.default is None}
    return needed <= given <= set(found.params) and all(
        _fits(found.params[n], v, view.date) for n, v in move.params.items()
    )


def _fits(param: Param, value: Parameter, today: str) -> bool:
    if (day := param.dated.get(str(value))) and day.isoformat() > today:
        return False
    match param.type:
        case "choice":
            return value in param.values
        case "flag":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int) and not isinstance(value, bool) and param.low <= value <= param.high
        case "text":
            return isinstance(value, str)


def _binding(view: SeatView, move: Move) -> bool:
    if not isinstance(move, Break | Renounce):
        return True
    return any(entry.id == move.commitment for entry in view.ledger.in_force(view.seat))


def _voice(view: SeatView, move: Move) -> bool:
    posts = view.sheet.persona.posts
    match move:
        case NameOfficial(post=post):
            return any(p.id == post for p in posts)
        case Statement(post=post, lines=lines, audience=audience):
            speaks = any(p.id == post and p.speaks for p in posts)
            return speaks and set(lines) <= set(view.sheet.lines) and audience in view.sheet.audiences
        case Mandate(grants=grants):
            return set(grants) <= set(view.sheet.types)
        case Prearrange(phrase=phrase):
            return any(len(word) >= 3 and word.isalnum() for word in phrase.split())
        case _:
            return True


TESTS: tuple[Test, ...] = (_ring, _confidence, _proposal, _form, _rights, _binding, _voice)
