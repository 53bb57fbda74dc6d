"""What a batch keeps of a scored game: its figures by name, what proves them, tension by round, how it ended.

Knows the scorecard's form and the events; knows nothing about arms or statistics.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..crises.patterns import Matcher, Pattern
from ..events import Ending, Event
from ..game import Run
from ..results import Result
from ..transcripts.figures import Figures
from .suites import Outcome

PROOFS = 4
"""Event ids that are kept of one figure."""
QUOTE = 160
"""Characters that are kept of what an event says."""
UNKEPT = ("metric:escalation_rounds", "metric:key_moments")
OF_RUN: Mapping[str, Callable[[Result], float | None]] = {
    "rounds": lambda r: r.rounds,
    "calls": lambda r: r.calls,
    "repairs": lambda r: r.repairs,
    "blocked": lambda r: r.blocked,
    "failed_turns": lambda r: r.failed_turns,
    "failed_share": lambda r: r.failed_turns / r.turns if r.turns else None,
    "tokens": lambda r: r.tokens["prompt"] + r.tokens["completion"],
    "cost_usd": lambda r: r.cost_usd,
}
"""Figures of a run's play, as `run:NAME`."""
TAILS = ("interests", "red_lines_crossed", "better_than_batna", "would_ratify", "value")


def kept(run: Run, card: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The record of one game for the index: small, and enough for every report."""
    crisis = run.setup.load_crisis()
    figures, proofs = figures_of(card)
    figures |= {f"run:judge_{name}": float(n) for name, n in card["judging"].items()}
    figures |= {f"run:{name}": of(run.result) for name, of in OF_RUN.items()}
    for name, outcome in outcomes.items():
        value, ids = measure(outcome, figures, run.events, crisis.matcher, run.setup.rounds)
        figures[f"outcome:{name}"] = value
        proofs[f"outcome:{name}"] = ids or proofs.get(outcome.of or "", [])
    proofs = {name: ids[:PROOFS] for name, ids in proofs.items() if ids}
    told = {id for ids in proofs.values() for id in ids}
    tension = Figures(run.record).tension
    ending = next((e for e in run.events if isinstance(e, Ending)), None)
    return {
        "figures": {k: v for k, v in figures.items() if v is not None and not k.startswith(UNKEPT)},
        "proofs": proofs,
        "quotes": {id: text[:QUOTE] for id, text in card.get("quotes", {}).items() if id in told},
        "rounds": {e.id: e.round for e in run.events if e.id in told},
        "fails": list(card["fails"]),
        "verdict": card["verdict"]["headline"] or card["verdict"]["level"],
        "ending": ending.name if ending else "not over",
        "ended": ending.reason if ending else "",
        "tension": [round(value, 3) for value in tension.values] if tension else [],
        "failed_by_seat": run.result.failed_by_seat,
        "versions": run.setup.versions,
        "models": sorted(run.setup.models),
        "prompts": hashlib.sha256(json.dumps(run.setup.templates, sort_keys=True).encode()).hexdigest()[:12],
        "world": run.setup.effects.id,
        "mode": run.setup.settings.mode,
        "agreement": {n: j["agreement"] for n, j in card["judged"].items() if j["agreement"] is not None},
    }


def figures_of(card: Mapping[str, Any]) -> tuple[dict[str, float | None], dict[str, list[str]]]:
    """Every figure of a scorecard that is a number, by the name that outcomes use, and the events that prove it."""
    found: dict[str, float | None] = {"composite": _number(card["composite"]["value"])}
    proofs: dict[str, list[str]] = {}
    for name, row in card["lenses"].items():
        found[f"lens:{name}"] = _number(row["value"])
    for kind, part, value in (
        ("item", "items", "score"),
        ("metric", "metrics", "value"),
        ("judged", "judged", "value"),
    ):
        for name, row in card[part].items():
            key = f"{kind}:{name}"
            proofs[key] = list(row.get("evidence", ()))
            found |= dict(_numbers(key, row[value]))
    found |= {f"fail:{name}": 1.0 for name in card["fails"]}
    for seat, row in card["governments"].items():
        served = [stake["state"] == "served" for stake in row["interests"]]
        values = (sum(served) if served else None, len(row["red_lines_crossed"]), *(row.get(t) for t in TAILS[2:]))
        found |= {f"government:{seat}:{tail}": _number(v) for tail, v in zip(TAILS, values, strict=True)}
        proofs[f"government:{seat}:red_lines_crossed"] = [i for x in row["red_lines_crossed"] for i in x["evidence"]]
    return found, proofs


def _numbers(key: str, value: Any) -> Iterator[tuple[str, float | None]]:
    """A figure, or each part of one that has parts, by name; lists have none."""
    if isinstance(value, Mapping):
        for part, inner in value.items():
            yield from _numbers(f"{key}:{part}", inner)
    else:
        yield key, _number(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (bool, int, float)) else None


def measure(
    outcome: Outcome, figures: Mapping[str, float | None], events: Iterable[Event], matcher: Matcher, rounds: int
) -> tuple[float | None, list[str]]:
    """An outcome's number in one game and the events behind it; None where the game has no such figure."""
    if outcome.of is not None:
        return figures.get(outcome.of, 0.0 if outcome.of.startswith("fail:") else None), []
    pattern = outcome.count or outcome.first or Pattern()
    hits = [e for e in events if e.round >= outcome.from_round and matcher.fits(pattern, e)]
    ids = [e.id for e in hits]
    if outcome.count is not None:
        return float(len(hits)), ids
    return float(min((e.round for e in hits), default=rounds)), ids[:1]
