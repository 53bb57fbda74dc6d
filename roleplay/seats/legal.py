"""Which moves are legal for a seat as far as its view shows: the rules that always hold, asked beforehand.

The referee has the last word; this keeps a policy from asking it for what can never pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..moves import Accept, Amend, Leave, Move, Open, Reject, Renew, Suspend, Withdraw
from ..rules import Tried
from ..rules import constitutive as rules
from ..views import SeatView


def verbs(view: SeatView) -> tuple[str, ...]:
    """The verbs of this moment."""
    return rules.verbs(view.sheet, view.moment.phase, view.moment.ring)


def legal(view: SeatView, move: Move, before: Iterable[Move] = ()) -> bool:
    """Whether this move may be made now, after the moves `before` of the same turn."""
    m, done = view.moment, tuple(before)
    tried = Tried(view.sheet, m.phase, m.ring, date.fromisoformat(view.date), view.ledger, view.world, move, done)
    return _goes_with(move, done) and rules.problem(tried) is None


def _goes_with(move: Move, before: tuple[Move, ...]) -> bool:
    """Whether what the moves before it have changed leaves room for it: the view shows how things stood before them."""
    if isinstance(move, Renew):
        return all(isinstance(b, Amend) for b in before if getattr(b, "number", None) == move.number)
    if isinstance(move, Accept | Amend | Reject | Withdraw):
        return all(getattr(b, "number", None) != move.number for b in before)
    if isinstance(move, Open | Suspend | Leave):
        return all(getattr(b, "ring", None) != move.ring for b in before if isinstance(b, Open | Suspend | Leave))
    return True
