"""Checks of policy rules: which rule binds whom to what is the crisis's data; one function a check serves all modes."""

from __future__ import annotations

from collections.abc import Callable

from ..adjudication import Situation
from ..crises.models import PolicyRule
from ..events import Verdict
from ..moves import Accept, Amend, Commitment, Pledge, Table
from . import Attempted, Finding

Check = Callable[[PolicyRule, Attempted], Finding | None]


def text_of(a: Attempted) -> tuple[Commitment, ...]:
    """The clauses that a move offers or accepts; empty where it does neither."""
    match a.move:
        case Table(commitments=clauses) | Amend(commitments=clauses):
            return clauses
        case Pledge(commitment=clause):
            return (clause,)
        case Accept(number=number):
            found = a.situation.ledger.proposals.get((a.situation.ring or "", number))
            return found.commitments if found else ()
        case _:
            return ()


def _named(rule: PolicyRule, clause: Commitment) -> bool:
    return clause.type in rule.types and (not rule.objects or clause.object in rule.objects)


def never_gives(rule: PolicyRule, a: Attempted) -> Finding | None:
    """The bound seat neither offers nor accepts a text that holds such a clause; others may ask for it."""
    for clause in text_of(a):
        if _named(rule, clause):
            return Finding(
                f"{clause.type} of {clause.object} by {', '.join(clause.parties)}: {rule.title}",
                "the same text without that clause",
            )
    return None


def trade_needs_return(rule: PolicyRule, a: Attempted) -> Finding | None:
    """A thing of value given for a return of the right kind earns credit; given for nothing it is noted."""
    clauses = text_of(a)
    given = [c for c in clauses if _named(rule, c) and a.seat in c.parties]
    if not given:
        return None
    met = any(pattern.clause_fits(c) for pattern in rule.returns for c in clauses)
    what = f"{given[0].type} of {given[0].object}"
    if met:
        return Finding(f"{what} against a return that the rule names", "as it stands", credit=True)
    return Finding(f"{what} without a return that the rule names", "add a clause of the other side in return")


def needs_mandate(rule: PolicyRule, a: Attempted) -> Finding | None:
    """A team commits only to what its mandate grants."""
    if a.situation.ring not in rule.rings:
        return None
    granted = a.situation.world.mandates.get((a.seat, a.situation.ring or ""), frozenset())
    beyond = [c for c in text_of(a) if a.seat in c.parties and c.type not in granted]
    if not beyond:
        return None
    return Finding(
        f"{beyond[0].type} of {beyond[0].object} is beyond the team's mandate",
        f"granted: {', '.join(sorted(granted)) or 'nothing'}; ask for a mandate in one's own room",
    )


CHECKS: dict[str, Check] = {
    "never_gives": never_gives,
    "trade_needs_return": trade_needs_return,
    "needs_mandate": needs_mandate,
}
"""Where a check is added: a crisis's rules.yaml names it in `check`."""


def verdict(rule: PolicyRule, finding: Finding, situation: Situation) -> Verdict:
    """What follows from a finding, given the rule's strength and the run's mode."""
    if finding.credit:
        return "credited"
    binding = rule.strength == "NEVER" or (rule.strength == "FOR-NOW" and not _triggered(rule, situation))
    return "blocked" if binding and situation.mode != "observe" else "observed"


def _triggered(rule: PolicyRule, situation: Situation) -> bool:
    return bool(rule.until) and situation.crisis.matcher.all_hold(rule.until, situation.state)


def withheld(rules: dict[str, PolicyRule], mode: str, seat: str) -> tuple[str, ...]:
    """Clause types that mode `prevent` does not even offer to a seat as giver: those that a rule forbids whole."""
    if mode != "prevent":
        return ()
    return tuple(sorted({
        kind
        for rule in rules.values()
        if rule.check == "never_gives" and rule.strength == "NEVER" and seat in rule.seats and not rule.objects
        for kind in rule.types
    }))  # fmt: skip
