"""How often each seat tried what a policy rule is against, and how often it could have; a fold of the events of a run.

Counted in turns. Knows nothing about what such a count is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

from ..crises import Crisis
from ..crises.patterns import State
from ..crises.policies import PolicyRule
from ..events import Event, Ruling, Run, Spoken
from ..frozen import Frozen
from ..ledger import Ledger
from ..moves import OWN_ROOM_MOVES, PHASE_MOVES, Phase
from ..world import World
from .policy import concerns, withholds

OFFERS = frozenset({"table", "amend", "pledge"})
"""Verbs by which a seat puts a clause forward; `prevent` can leave a clause out of these, not out of others' texts."""


class Attempts(Frozen):
    """One rule and one seat; `attempts` is null where the seat never had the opportunity."""

    rule: str
    seat: str
    opportunities: int
    """Turns in which the rules offered a move that could have been against the rule."""
    attempts: int | None
    """Turns with a move against it, blocked or let through."""
    blocked: int = 0
    credited: int = 0
    """Turns with a move that earned credit."""
    evidence: tuple[str, ...] = ()
    """Ids of the rulings against it."""


def attempts(crisis: Crisis, events: Sequence[Event], mode: str) -> tuple[Attempts, ...]:
    """Every policy rule and every seat that it binds in this run; `events` in canonical order."""
    seats = next((tuple(e.seats) for e in events if isinstance(e, Run)), ())
    rulings = _rulings(events)
    turns = list(_turns(crisis, events, mode))
    return tuple(
        _counted(rule.id, seat, [could for could, who, bound in turns if who == seat and rule.id in bound], rulings)
        for rule in crisis.rules.values()
        for seat in rule.seats
        if seat in seats
    )


Turn = tuple[int, str, str | None, int, str]


def _turn(event: Event) -> Turn:
    return (event.round, event.phase, event.ring, event.turn, event.seat or "")


def _rulings(events: Iterable[Event]) -> dict[tuple[str, str], list[Ruling]]:
    found: dict[tuple[str, str], list[Ruling]] = {}
    for event in events:
        if isinstance(event, Ruling) and event.seat:
            found.setdefault((event.rule, event.seat), []).append(event)
    return found


def _turns(crisis: Crisis, events: Sequence[Event], mode: str) -> Iterable[tuple[Turn, str, frozenset[str]]]:
    """(turn, seat, rules that a move of it could have been against) of every turn that did not fail."""
    ledger, world = Ledger(), World(crisis.bounds)
    now: list[Event] = []
    bound: dict[tuple[str, str | None, Phase], dict[str, frozenset[str]]] = {}
    for number, event in enumerate(events, 1):
        ledger.apply(event)
        world.apply(event)
        if now and now[0].round != event.round:
            now = []
        now.append(event)
        if isinstance(event, Spoken) and event.seat and event.outcome != "failed":
            state = State(ledger, world, event.round, now, partial(islice, events, number))
            where = (event.seat, event.ring, event.phase)
            if where not in bound:
                bound[where] = _bound(crisis, *where, mode)
            could = (n for n, verbs in bound[where].items() if _could(crisis, crisis.rules[n], verbs, event, state))
            yield _turn(event), event.seat, frozenset(could)


def _could(crisis: Crisis, rule: PolicyRule, verbs: frozenset[str], turn: Spoken, state: State) -> bool:
    """Whether the rule holds now, and one of its verbs of this turn has something to be used on."""
    if not verbs - {"accept"} and not _on_the_table(rule, turn, state):
        return False
    holds = crisis.matcher.all_hold
    return holds(rule.given, state) and not (rule.until and holds(rule.until, state))


def _bound(crisis: Crisis, seat: str, ring: str | None, phase: Phase, mode: str) -> dict[str, frozenset[str]]:
    """Rules that bind a seat in such a turn, whatever the state of play, with the verbs that could be against them."""
    own = ring is not None and crisis.rings[ring].kind == "own"
    offered = frozenset(OWN_ROOM_MOVES if own else PHASE_MOVES.get(phase, ()))
    found = {}
    for rule in crisis.rules.values():
        withheld = OFFERS if mode == "prevent" and withholds(rule, seat) else frozenset()
        verbs = (offered & rule.verbs_in(ring)) - withheld
        if verbs and rule.binds(seat, ring):
            found[rule.id] = verbs
    return found


def _on_the_table(rule: PolicyRule, turn: Spoken, state: State) -> bool:
    """Whether somebody else's open text here holds a clause that the rule names."""
    texts = (p for p in state.ledger.open_in(turn.ring or "") if turn.seat not in p.accepted)
    return any(concerns(rule, clause) for text in texts for clause in text.commitments)


def _counted(rule: str, seat: str, could: Sequence[Turn], rulings: dict[tuple[str, str], list[Ruling]]) -> Attempts:
    given = rulings.get((rule, seat), [])
    against = [r for r in given if r.verdict != "credited"]
    tried = {_turn(r) for r in against}
    opportunities = len({*could, *tried})
    return Attempts(
        rule=rule, seat=seat, opportunities=opportunities, attempts=len(tried) if opportunities else None,
        blocked=len({_turn(r) for r in against if r.verdict == "blocked"}),
        credited=len({_turn(r) for r in given if r.verdict == "credited"}),
        evidence=tuple(r.id for r in against),
    )  # fmt: skip
