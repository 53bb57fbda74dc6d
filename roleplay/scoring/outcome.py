"""Metrics of what was agreed and what became of it: depth, loopholes, trades, limits, momentum, war.

Each function's docstring is its entry in docs/metrics.md: what it is, then unit, range and source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from ..crises.scoresheet import NamedClause, Term
from ..events import Breach, Expiry
from ..ledger import Entry
from .card import Evidence
from .case import STATED, Case


class Found(NamedTuple):
    """A figure and the ids that prove it."""

    value: Any
    evidence: Evidence = ()


Measure = Callable[[Case], Found | None]
"""One metric; None where the case offers nothing to measure."""

TERMS: tuple[tuple[Term, ...], ...] = (
    ("scope",), ("start", "duration"), ("trigger",), ("verification",), ("on_breach",),
)  # fmt: skip
"""What makes a clause deep; of each group one term is enough."""


def depth_of(entry: Entry) -> int:
    """1 named; 2 with two of scope, date or duration, trigger, verification, consequence; 3 with all five."""
    stated = sum(any(STATED[t](entry.commitment) for t in group) for group in TERMS)
    return 3 if stated == len(TERMS) else 2 if stated >= 2 else 1


RowT = TypeVar("RowT", bound=NamedClause)


def named(case: Case, rows: Iterable[RowT]) -> list[tuple[RowT, list[Entry]]]:
    """The named rows of which some commitment is in force, each with those that no clause of their text takes away."""
    found = [(row, [e for e in case.agreed(row.clause) if not _taken(case, row, e)]) for row in rows]
    return [(row, fits) for row, fits in found if fits]


def _taken(case: Case, row: NamedClause, entry: Entry) -> bool:
    return row.unless is not None and any(case.fits(row.unless, o) for o in case.texts[entry.deal])


def _proofs(case: Case, found: Iterable[tuple[NamedClause, list[Entry]]]) -> Evidence:
    return case.proofs(e for _, entries in found for e in entries)


def untested(case: Case, entry: Entry) -> bool:
    """Whether no move could have broken it."""
    return case.figures is None or case.figures.untested(entry)


def commitments(case: Case) -> Found:
    """What became of the commitments agreed in the game: in force at the end, of these untested (no move could break
    them); kept (in force or expired, and a move could have broken them), broken, renounced, expired.

    commitments; 0 and up; docs/glossary.md, deal
    """
    status = Counter(e.status for e in case.entries)
    open_ = [e for e in case.entries if untested(case, e)]
    kept = [e for e in case.entries if e.status in ("in force", "expired") and e not in open_]
    value = {
        "in_force": status["in force"], "untested": sum(e.status == "in force" for e in open_), "kept": len(kept),
        "broken": status["broken"], "renounced": status["renounced"], "expired": status["expired"],
    }  # fmt: skip
    return Found(value, case.proofs(case.entries))


def depth(case: Case) -> Found | None:
    """How much each commitment in force says of scope, date or duration, trigger, verification and consequence: 1 only
    named, 2 with two of the five, 3 with all; mean over the commitments in force.

    depth; 1-3; measures.md 10
    """
    if not (standing := case.standing):
        return None
    return Found(round(sum(map(depth_of, standing)) / len(standing), 3), case.proofs(standing))


def interim_steps(case: Case) -> Found:
    """Depth of the deepest commitment in force for each interim step of the sheet; 0 where there is none.

    depth a step; 0-3; article-map I1-I4, measures.md 10 and 11
    """
    found = named(case, case.rules.steps)
    value = {row.id: 0 for row in case.rules.steps} | {row.id: max(map(depth_of, entries)) for row, entries in found}
    return Found(value, _proofs(case, found))


def loopholes(case: Case) -> Found:
    """Named ways round the commitments in force, each with the commitments that have it.

    commitments by loophole; ids as in the ledger; article-map F6, accords.yaml (justifications)
    """
    found = named(case, case.rules.loopholes)
    return Found({row.id: [e.id for e in entries] for row, entries in found}, _proofs(case, found))


def mechanisms(case: Case) -> Found:
    """Mechanisms against accidents in force, by the Stimson Center's four types.

    mechanisms by type; ids of the sheet; article-map I1, measures.md 9
    """
    found = named(case, case.rules.mechanisms)
    value: dict[str, list[str]] = {}
    for row, _ in found:
        value.setdefault(row.kind, []).append(row.id)
    return Found(value, _proofs(case, found))


def limits(case: Case) -> Found:
    """Limits in force of the kind without which nothing is more than calmed: tests, range or flight, deployment,
    production, transfer.

    kinds of limit; ids of the sheet; article-map G2
    """
    found = named(case, case.rules.limits)
    return Found([row.id for row, _ in found], _proofs(case, found))


def trades(case: Case) -> Found:
    """What was given for what: clauses of one text that name each other or hang on a condition, each pair once.

    pairs of commitments; ids as in the ledger; article-map T1, D4
    """
    pairs = [
        (one, other)
        for text in case.texts.values()
        for n, one in enumerate(text)
        for other in text[n + 1 :]
        if case.tied(one, other)
    ]
    return Found([[a.id, b.id] for a, b in pairs], case.proofs(e for pair in pairs for e in pair))


def momentum(case: Case) -> Found | None:
    """Tests a round and progress of the programme, and how both went in rounds under a limit in force, in rounds of
    tacit pause (no test, no limit) and in the others; trend is tests in the second half less those in the first.

    tests, points; a round; article-map 1 (footnote), F7
    """
    rule = case.rules.momentum
    if rule is None or not case.rounds:
        return None
    tests = case.find_all(rule.tests)
    series = case.play.series(rule.indicator)
    level = dict(zip(series.rounds, series.values, strict=True))
    states: dict[str, dict[str, float]] = {
        name: {"rounds": 0, "tests": 0, "progress": 0.0} for name in ("under_limit", "tacit_pause", "unbound")
    }
    bound = _bound_rounds(case)
    for number in range(1, case.rounds + 1):
        count = sum(e.round == number for e in tests)
        state = states["under_limit" if number in bound else "unbound" if count else "tacit_pause"]
        state["rounds"] += 1
        state["tests"] += count
        state["progress"] = round(state["progress"] + level.get(number, 0.0) - level.get(number - 1, 0.0), 3)
    late = sum(e.round > case.rounds / 2 for e in tests)
    value = {
        "tests": len(tests), "tests_per_round": round(len(tests) / case.rounds, 3), "trend": 2 * late - len(tests),
        "progress_start": level.get(0), "progress_end": level[max(level)],
        **{name: dict(state) for name, state in states.items()},
    }  # fmt: skip
    return Found(value, tuple(e.id for e in tests))


def _bound_rounds(case: Case) -> set[int]:
    """Rounds in which a limit stood from the round before."""
    over: dict[str, int] = {}
    for kind in ("breach", "expiry"):
        for event in case.by_kind[kind]:
            if isinstance(event, Breach | Expiry):
                over.setdefault(event.commitment, event.round)
    entries = [e for row in case.rules.limits for e in case.agreed(row.clause, "agreed")]
    return {r for e in entries for r in range(e.round + 1, over.get(e.id, case.rounds) + 1)}


def war(case: Case) -> Found:
    """How the game came to war: by decision, by accident, or not at all (null).

    way; decision, accident, null; article-map F1, K3
    """
    for row in case.rules.fails:
        held, evidence = case.all_hold(row.when)
        if row.how and held:
            return Found(row.how, evidence)
    return Found(None)


def tension(case: Case) -> Found | None:
    """The crisis's main indicator at the opening, at its highest and at the end.

    points; the indicator's scale; article-map G1
    """
    if not (series := case.play.tension):
        return None
    start, end = series.values[0], series.values[-1]
    return Found({"start": start, "highest": max(series.values), "end": end, "change": round(end - start, 3)})


OF_TEXTS: Mapping[str, Measure] = {
    "commitments": commitments, "depth": depth, "interim_steps": interim_steps, "loopholes": loopholes,
    "mechanisms": mechanisms, "limits": limits, "trades": trades,
}  # fmt: skip
"""Metrics that need no game."""

OF_RUNS: Mapping[str, Measure] = {"momentum": momentum, "war": war, "tension": tension}
