"""A column for each government: what its dossier wanted, what it would not bear, and what stands worth against that.

Knows no government: tests are the crisis's data, values the dossiers'. Items that no test can tell are left to a judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ..commitments import Commitment
from ..crises.scoresheet import GovernmentRow, InterestRow, LineRow
from ..personas.models import Interest, Persona, Value
from .card import Finding, Government, Stake
from .case import Case


def columns(case: Case, war: bool) -> dict[str, Government]:
    """Every government that played; of outside texts, every one with a dossier, since a text may cross its red lines
    without it."""
    opens = case.figures.record.run.opens if case.figures else "9999-12-31"
    seats = case.crisis.seats if case.outside else case.seats
    known = {seat: case.crisis.personas[seat].as_of(opens) for seat in seats if seat in case.crisis.personas}
    rows = case.sheet.governments
    return {seat: _column(case, persona, rows.get(seat, GovernmentRow()), war) for seat, persona in known.items()}


def _column(case: Case, persona: Persona, row: GovernmentRow, war: bool) -> Government:
    crossed, judged = [], []
    for line in persona.red_lines:
        tests = row.red_lines.get(line.id, LineRow()).crossed
        held, evidence = case.any_holds(tests)
        if held:
            crossed.append(Finding(id=line.id, text=line.text, evidence=evidence))
        elif not tests:
            judged.append(line.id)
    own = [e for e in case.entries if persona.id in e.parties and e.form != "pledge"]
    standing = [e for e in own if e.status == "in force"]
    value = round(worth(persona, [e.commitment for e in standing]), 2)
    better = None if not own and not war else value > 0 and not war
    return Government(
        interests=tuple(_stake(case, i, row.interests.get(i.id, InterestRow())) for i in persona.interests),
        red_lines_crossed=tuple(crossed), red_lines_judged=tuple(judged), better_than_batna=better,
        would_ratify=None if better is None else better and not crossed, value=value,
        evidence=case.proofs(standing),
    )  # fmt: skip


def _stake(case: Case, interest: Interest, row: InterestRow) -> Stake:
    if not row.served and not row.hurt:
        return Stake(id=interest.id, text=interest.text, state="judged")
    served, good = case.any_holds(row.served)
    hurt, bad = case.any_holds(row.hurt)
    state = "served and hurt" if served and hurt else "served" if served else "hurt" if hurt else "untouched"
    return Stake(id=interest.id, text=interest.text, state=state, evidence=tuple(dict.fromkeys((*good, *bad))))


def worth(persona: Persona, clauses: Iterable[Commitment]) -> float:
    """What commitments are worth to a government: its dossier's most specific value for each party that is bound;
    what is promised twice, or by several under one value, counts once."""
    values: dict[str, list[tuple[int, Value]]] = defaultdict(list)
    for number, row in enumerate(persona.policy.values):
        values[row.type].append((number, row))
    promised = {(party, c.type, c.object) for c in clauses for party in c.parties}
    found = {(thing, n) for party, kind, thing in promised if (n := _row(values[kind], party, thing)) is not None}
    return sum(persona.policy.values[n].value for _, n in found)


def _row(values: Iterable[tuple[int, Value]], party: str, thing: str) -> int | None:
    fits = [
        ((row.giver == party, row.object is not None), -n)
        for n, row in values
        if row.giver in (party, "*") and row.object in (thing, None)
    ]
    return -max(fits)[1] if fits else None
