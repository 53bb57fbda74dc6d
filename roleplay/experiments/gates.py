"""Gates and claims: whether what a suite demands of its findings holds, and how that is told to a pipeline.

Three answers: it holds, it does not, it could not be measured. Knows no game.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree

import numpy as np

from .analysis import analyse
from .batch import Batch
from .expressions import COMPARED, Expression, parse
from .findings import Arm, Comparison, Gate
from .grid import Grid
from .suites import Suite

NOT_MET, NOT_MEASURED = 7, 8


def gates_of(suite: Suite, grid: Grid, arms: Iterable[Arm], comparisons: Sequence[Comparison]) -> Iterator[Gate]:
    """Every gate of the suite with what was found."""
    for gate in suite.expressions():
        values = list(_values(gate, suite, grid, arms, comparisons))
        missing = not values or any(v is None for _, v in values)
        failing = [(where, v) for where, v in values if v is not None and not gate.holds(v)]
        if missing and not failing:
            yield Gate(gate=gate.text, estimand=gate.estimand, held=None, found=_why_not(gate, values, grid))
            continue
        shown = failing or values
        found = "; ".join(f"{where} {v:.4g}" for where, v in shown[:5] if v is not None)
        found += f" and {len(shown) - 5} more" if len(shown) > 5 else ""
        yield Gate(gate=gate.text, estimand=gate.estimand, held=not failing, found=found)


def gates_now(batch: Batch) -> list[Gate]:
    """The gates of a batch as it stands."""
    if not batch.suite.gates:
        return []
    found = analyse(batch)
    compared = found.headline() if any(gate.part in COMPARED for gate in batch.suite.expressions()) else []
    return list(gates_of(found.suite, found.grid, list(found.arms()), compared))


def _values(
    gate: Expression, suite: Suite, grid: Grid, arms: Iterable[Arm], comparisons: Sequence[Comparison]
) -> Iterator[tuple[str, float | None]]:
    """What a gate speaks of, one value a comparison, an arm or a game."""
    name = suite.primary if gate.name == "primary" else gate.name
    if gate.part in COMPARED:
        for c in comparisons:
            if c.outcome == name and c.against == suite.control and c.level in suite.comparisons:
                low, high = c.span
                ends = {"difference": c.difference.mean, "lower": low, "upper": high}
                yield c.level, ends[gate.part]
        return
    figure = f"outcome:{name}" if name in suite.outcomes else name
    for arm in (a for a in arms if not a.reference):
        if gate.part == "mean":
            yield arm.name, arm.outcomes[name].mean if name in suite.outcomes else getattr(
                arm.figures.get(name), "mean", None)  # fmt: skip
            continue
        column = grid.columns.get(figure)
        for n in grid.games(arm.name, arm.model):
            if grid.rows[n].bucket == "scored":
                value = None if column is None or np.isnan(column[n]) else float(column[n])
                yield grid.rows[n].folder, value


def _why_not(gate: Expression, values: Sequence[tuple[str, float | None]], grid: Grid) -> str:
    if parts := [name for name in grid.columns if name.startswith(f"{gate.name}:")]:
        return f"{gate.name} is no number; it has the parts {', '.join(sorted(parts)[:6])}"
    if not values:
        return f"no scored game or comparison has {gate.name}"
    empty = [where for where, v in values if v is None]
    return f"{gate.name} has no value in {len(empty)} of {len(values)} ({', '.join(empty[:3])})"


def exit_code(gates: Iterable[Gate]) -> int:
    """8 where a gate could not be measured, 7 where one was not met, else 0."""
    held = [gate.held for gate in gates]
    return NOT_MEASURED if None in held else NOT_MET if False in held else 0


def claim_of(suite: Suite, comparisons: Sequence[Comparison]) -> dict[str, str] | None:
    """What the suite's claim has come to: confirmed, disconfirmed or open, in these games."""
    if suite.claim is None:
        return None
    claim = suite.claim
    verdicts = {}
    for word, text in (("confirmed", claim.confirm), ("disconfirmed", claim.disconfirm)):
        wanted = parse(text)
        values = [v for _, v in _values(wanted, suite, _NOTHING, (), comparisons)]
        verdicts[word] = bool(values) and all(v is not None and wanted.holds(v) for v in values)
    verdict = next((word for word, held in verdicts.items() if held), "open: neither, or too few games to tell")
    return {
        "claim": claim.id, "says": claim.says, "confirmed where": claim.confirm,
        "disconfirmed where": claim.disconfirm, "verdict": verdict,
    }  # fmt: skip


_NOTHING = Grid([], [], {}, [], {})


def to_junit(suite: Suite, gates: Sequence[Gate]) -> str:
    """The gates as JUnit XML: one test case a gate, its estimand in the name."""
    failed, unmeasured = sum(g.held is False for g in gates), sum(g.held is None for g in gates)
    root = ElementTree.Element(
        "testsuite", name=suite.id, tests=str(len(gates)), failures=str(failed), errors=str(unmeasured)
    )
    for gate in gates:
        case = ElementTree.SubElement(root, "testcase", classname=suite.id, name=f"{gate.gate} ({gate.estimand})")
        if gate.held is not True:
            kind = "error" if gate.held is None else "failure"
            ElementTree.SubElement(case, kind, message=gate.found)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
