"""Checks of policy rules: which rule binds whom to what is the crisis's data; one function a check serves all modes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ..adjudication import Situation
from ..commitments import Commitment
from ..crises.patterns import Matcher, State
from ..crises.policies import PolicyRule
from ..events import Event, Moved, Verdict
from ..moves import PHASE_NUMBER, Accept, Move, Statement, Table, Use, clauses_of
from . import Attempted, Finding

Check = Callable[[PolicyRule, Attempted], Finding | None]


def text_of(a: Attempted) -> tuple[Commitment, ...]:
    """The clauses that a move offers or accepts; empty where it does neither."""
    if isinstance(a.move, Accept):
        found = a.situation.ledger.proposals.get((a.situation.ring or "", a.move.number))
        return found.commitments if found else ()
    return clauses_of(a.move)


def names(rule: PolicyRule, clause: Commitment) -> bool:
    """Whether a clause is of the kind that a rule names by type and object."""
    return clause.type in rule.types and (not rule.objects or clause.object in rule.objects)


def concerns(rule: PolicyRule, clause: Commitment) -> bool:
    """Whether a clause is one that the rule is about, by its types or by a pattern."""
    return names(rule, clause) or any(p.asks_clause and p.clause_fits(clause) for p in rule.when)


def _about(clause: Commitment) -> str:
    return f"{clause.type} of {clause.object} by {', '.join(clause.parties)}"


# --- texts -----------------------------------------------------------------------------------------------------------


def never_gives(rule: PolicyRule, a: Attempted) -> Finding | None:
    """The bound seat neither offers nor accepts a text that holds such a clause; others may ask for it."""
    for clause in text_of(a):
        if names(rule, clause):
            return Finding(f"{_about(clause)}: {rule.title}", rule.legal or "the same text without that clause")
    return None


def trade_needs_return(rule: PolicyRule, a: Attempted) -> Finding | None:
    """A clause of value stands only in a text that holds a return of the right kind.

    The clause is one that `when` names, or one of the rule's types that the bound seat itself gives.
    """
    clauses = text_of(a)
    given = [
        c for c in clauses
        if any(p.clause_fits(c) for p in rule.when) or (names(rule, c) and a.seat in c.parties)
    ]  # fmt: skip
    if not given:
        return None
    if any(pattern.clause_fits(c) for pattern in rule.returns for c in clauses):
        return Finding(f"{_about(given[0])} against a return that the rule names", "as it stands", credit=True)
    legal = rule.legal or "add a clause of the other side in return"
    return Finding(f"{_about(given[0])} without a return that the rule names", legal)


def complete_clauses(rule: PolicyRule, a: Attempted) -> Finding | None:
    """A clause says for how long it holds and how one would see whether it is kept."""
    named = [c for c in text_of(a) if any(p.clause_fits(c) for p in rule.when)]
    vague = [c for c in named if c.duration.kind == "unstated" or not set(c.verification) - {"none", "to_be_designed"}]
    if vague:
        return Finding(f"{_about(vague[0])} says not for how long, or not how it is seen", rule.legal)
    return Finding(f"{_about(named[0])} is clear", "as it stands", credit=True) if named else None


def needs_mandate(rule: PolicyRule, a: Attempted) -> Finding | None:
    """A team commits only to what its mandate grants."""
    granted = a.situation.world.mandates.get((a.seat, a.situation.ring or ""), frozenset())
    beyond = [c for c in text_of(a) if a.seat in c.parties and c.type not in granted]
    if not beyond:
        return None
    return Finding(
        f"{beyond[0].type} of {beyond[0].object} is beyond the team's mandate",
        f"granted: {', '.join(sorted(granted)) or 'nothing'}; ask for a mandate in one's own room",
    )


def one_step(rule: PolicyRule, a: Attempted) -> Finding | None:
    """An object climbs its ladder one step at a time; what stands above all ladders comes when they are climbed."""
    for clause in text_of(a):
        if clause.type in rule.types:
            finding = _too_far(rule, clause, a.situation)
            if finding:
                return finding
    return None


def _too_far(rule: PolicyRule, clause: Commitment, situation: Situation) -> Finding | None:
    if clause.scope not in rule.scopes:
        return Finding(f"{clause.object}: no step is called '{clause.scope}'", f"scope {', '.join(rule.scopes)}")
    standing = {
        thing: max((rule.scopes.index(s) + 1 for s in _scopes(rule, thing, situation)), default=0)
        for kind in rule.types for thing in situation.crisis.types[kind].objects if thing not in rule.top
    }  # fmt: skip
    if clause.object in rule.top:
        below = [thing for thing, step in standing.items() if step < len(rule.scopes)]
        legal = f"{rule.scopes[-1]} of {', '.join(below)} first"
        return Finding(f"{clause.object} before the ladders below it are climbed", legal) if below else None
    step, now = rule.scopes.index(clause.scope) + 1, standing.get(clause.object, 0)
    if step <= now + 1:
        return None
    return Finding(f"{clause.object}: {clause.scope} is more than one step", f"scope {rule.scopes[now]}")


def _scopes(rule: PolicyRule, thing: str, situation: Situation) -> Iterator[str]:
    for entry in situation.ledger.in_force(object=thing):
        if entry.commitment.type in rule.types and entry.commitment.scope in rule.scopes:
            yield entry.commitment.scope


# --- acts and words --------------------------------------------------------------------------------------------------


def consulted_first(rule: PolicyRule, a: Attempted) -> Finding | None:
    """An instrument is decided on in one's own room and put before the allies whom its data names, where they meet."""
    if not (isinstance(a.move, Use) and _meant(rule, a)):
        return None
    name, world, crisis = a.move.instrument, a.situation.world, a.situation.crisis
    open_ = [r for r in a.situation.scenario.rooms if (state := world.rings.get(r)) and state.open]
    mine = [r for r in open_ if a.seat in a.situation.members(r)]
    missing = [
        f"consult in {ring}" for ring in crisis.instruments[name].consult_in
        if ring in mine and (a.seat, ring, name) not in world.consulted
    ]  # fmt: skip
    own = [ring for ring in mine if crisis.rings[ring].kind == "own"]
    if own and (a.seat, name) not in world.authorised:
        missing.append(f"authorise in {own[0]}")
    if missing:
        return Finding(f"'{name}' was not settled first", "; ".join(missing))
    return Finding(f"'{name}' was settled first", "as it stands", credit=True)


def only_when(rule: PolicyRule, a: Attempted) -> Finding | None:
    """A move that the rule names is made only where its needs are met; where it has none, not at all."""
    if not _meant(rule, a):
        return None
    state = _state(a)
    missing = [c for c in rule.needs if not a.situation.crisis.matcher.holds(c, state)]
    if rule.strength == "MAY":
        return None if missing else Finding(rule.title, "as it stands", credit=True)
    if rule.needs and not missing:
        return Finding(rule.title, "as it stands", credit=True) if rule.credits else None
    lacks = f"; it lacks {', '.join(c.note or 'what the rule needs' for c in missing)}" if missing else ""
    return Finding(f"{rule.title}{lacks}", rule.legal or "another move, or none")


def to_script(rule: PolicyRule, a: Attempted) -> Finding | None:
    """After the policy speech, every office keeps to its lines."""
    if not isinstance(a.move, Statement):
        return None
    script = script_of(rule, a.seat, _state(a).ever(), a.situation.crisis.matcher)
    off = [line for line in a.move.lines if line not in (*script, *rule.lines)]
    if not script or not off:
        return None
    return Finding(f"{a.move.post} says {', '.join(off)}, which the script does not", f"lines {', '.join(script)}")


def script_of(rule: PolicyRule, seat: str, events: Iterable[Event], matcher: Matcher) -> tuple[str, ...]:
    """The lines of the seat's policy speech: of its first public line after the last event that fits `when`."""
    script: tuple[str, ...] = ()
    begins = False
    for event in events:
        if event.seat != seat:
            continue
        if any(matcher.fits(p, event) for p in rule.when):
            begins = True
        elif begins and isinstance(event, Moved) and isinstance(event.move, Statement):
            script, begins = event.move.lines, False
    return script


CHECKS: Mapping[str, Check] = {
    "never_gives": never_gives,
    "trade_needs_return": trade_needs_return,
    "needs_mandate": needs_mandate,
    "complete_clauses": complete_clauses,
    "one_step": one_step,
    "consulted_first": consulted_first,
    "only_when": only_when,
    "to_script": to_script,
}
"""Where a check is added: a crisis's rules.yaml names it in `check`, `crises.policies.CHECKS` says on which verbs."""


# --- the state in which a move is tried ------------------------------------------------------------------------------


def _meant(rule: PolicyRule, a: Attempted) -> bool:
    """Whether the move is one that the rule names, in circumstances in which it binds."""
    fits, tried = a.situation.crisis.matcher.fits, _as_event(a, a.move)
    named = any(fits(p, tried) for p in rule.when) or getattr(a.move, "instrument", None) in rule.instruments
    if not named and isinstance(a.move, Accept) and (clauses := text_of(a)):
        offered = _as_event(a, Table(commitments=clauses))
        named = any(p.move is None and fits(p, offered) for p in rule.when)
    return named and (not rule.given or a.situation.crisis.matcher.all_hold(rule.given, _state(a)))


def _as_event(a: Attempted, move: Move) -> Moved:
    s = a.situation
    return Moved(
        id="-", round=s.round, phase=s.phase, ring=s.ring, seat=a.seat, readers=(), at=s.today.isoformat(), turn=0,
        move=move,
    )  # fmt: skip


def _state(a: Attempted) -> State:
    """What is closed, what happened in this ring, and the moves of this turn as if they had gone through.

    What others do at the same time is not in it, so that a ruling never depends on who was quicker.
    """
    s = a.situation
    here = (s.round, PHASE_NUMBER[s.phase])
    past = [
        e for e in s.ever()
        if (e.round, PHASE_NUMBER[e.phase]) < here
        or (s.ring is not None and (e.round, e.phase, e.ring) == (s.round, s.phase, s.ring))
    ]  # fmt: skip
    events = [*past, *(_as_event(a, move) for move in (a.turn or (*a.before, a.move)))]
    return State(s.ledger, s.world, s.round, [e for e in events if e.round == s.round], lambda: events)


def verdict(rule: PolicyRule, finding: Finding, situation: Situation) -> Verdict:
    """What follows from a finding, given the rule's strength and the run's mode."""
    if finding.credit:
        return "credited"
    binding = rule.binding or rule.strength == "NEVER" or rule.strength == "FOR-NOW"
    return "blocked" if binding and not _triggered(rule, situation) and situation.mode != "observe" else "observed"


def _triggered(rule: PolicyRule, situation: Situation) -> bool:
    return bool(rule.until) and situation.crisis.matcher.all_hold(rule.until, situation.state)


def bound(rules: Mapping[str, PolicyRule], names: Iterable[str]) -> dict[str, PolicyRule]:
    """The rules of a run in which those that are named, by id or by strength, bind whatever their strength."""
    asked = set(names)
    return {i: r.model_copy(update={"binding": bool({i, r.strength} & asked)}) for i, r in rules.items()}


def withheld(rules: Mapping[str, PolicyRule], mode: str, seat: str) -> tuple[str, ...]:
    """Clause types that mode `prevent` does not even offer to a seat as giver: those that a rule forbids whole."""
    if mode != "prevent":
        return ()
    return tuple(sorted({kind for rule in rules.values() if withholds(rule, seat) for kind in rule.types}))


def withholds(rule: PolicyRule, seat: str) -> bool:
    """Whether mode `prevent` keeps this rule by not offering its clause types to the seat as giver."""
    binds = rule.binding or rule.strength == "NEVER"
    return rule.check == "never_gives" and binds and seat in rule.seats and not rule.objects
