"""The evaluator: a run, or commitments from outside, as a scorecard whose every figure names what proves it.

    card     the scorecard           case     what is scored, read once
    lenses   rubric, fails, composites

Measured only: deterministic, from ledger, events and typed fields. Knows nothing about models or front ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ..commitments import Commitment
from ..crises import Crisis, find_crises, load_crisis
from ..crises.places import crisis_folder
from ..crises.scoresheet import ScoreSheet
from ..errors import NotMeasurable, UsageError
from ..game import Run
from ..resources import unknown
from ..transcripts.figures import Figures
from ..transcripts.finding import find_run
from ..transcripts.record import OMNISCIENT, RunRecord, load_record
from .accords import nearest
from .card import Composite, ItemScore, MetricValue, Scorecard, Source
from .case import Case, outside_entries
from .governments import columns
from .labels import labels, load_vocabulary
from .lenses import composites, find_fails, score_items
from .metrics import measure
from .verdict import quotes_of, verdict_of

__all__ = ["RULESET", "Scorecard", "case_of", "ruleset", "score", "score_case", "score_commitments", "seen_case"]

RULESET = 2
"""Version of the code that scores; a crisis's score.yaml has its own."""
DISCIPLINE = {None: None, 0: "low", 1: "medium", 2: "high"}
CITED = 4
"""Ids of one figure's evidence that are put in words."""
FAILED = 0.1
"""Share of FAILED turns of any seat above which a run is unscorable."""


def score(run: str | Path | Run | RunRecord, *, lens: str = "") -> Scorecard:
    """Score a run, finished or not, by name, folder, export or object; the measured layer alone, no model.

    Raises UsageError, DamagedRun, AuthorError, or NotMeasurable where its crisis has no score.yaml.
    """
    return score_case(case_of(run), lens)


def score_commitments(
    commitments: Sequence[Commitment],
    crisis: str | Crisis,
    *,
    name: str = "commitments",
    spans: Sequence[str] | None = None,
    kind: Literal["commitments", "text"] = "commitments",
    lens: str = "",
) -> Scorecard:
    """Score the typed commitments of one text that no game produced; `spans` say where each clause stands in it."""
    found = load_crisis(crisis) if isinstance(crisis, str) else crisis
    sheet = _sheet(found)
    places = spans if spans is not None else [f"clause {n}" for n in range(1, len(commitments) + 1)]
    read = [load_vocabulary().translated(clause, found.objects) for clause in commitments]
    entries = outside_entries(
        found, sheet, [c for clauses in read for c in clauses],
        [place for place, clauses in zip(places, read, strict=True) for _ in clauses],
    )  # fmt: skip
    source = Source(kind=kind, name=name, crisis=found.file.id)
    return score_case(Case(found, sheet, source, tuple(entries)), lens)


def score_case(case: Case, lens: str = "") -> Scorecard:
    """The scorecard of what was read; `lens` defaults to the sheet's first."""
    names = [row.id for row in case.rules.lenses]
    chosen = lens or names[0]
    if chosen not in names:
        raise unknown("lens", chosen, names)
    metrics = measure(case)
    fails = find_fails(case)
    items = score_items(case, case.rules.items, fails)
    lenses = composites(case, items, fails)
    governments = columns(case, "war" in fails)
    verdict = verdict_of(case, fails, metrics, governments)
    said = (*verdict.stabilised, *verdict.paid, *verdict.broken, *verdict.next)
    read = [part for column in governments.values() for part in (*column.interests, *column.red_lines_crossed)]
    proofs = [p.evidence for p in items.values()] + [p.evidence for p in metrics.values()]
    proofs += [part.evidence for part in (*said, *read)]
    return Scorecard(
        ruleset=ruleset(case.crisis), source=case.source, unscorable=_unscorable(case, metrics), items=items,
        fails=tuple(fails), metrics=metrics, labels=_labels(case, items),
        nearest=tuple(nearest(case.clauses, load_vocabulary())[:3]), governments=governments, lenses=lenses,
        composite=Composite(lens=chosen, **dict(lenses[chosen])), verdict=verdict,
        quotes=quotes_of(case, (id for ids in proofs for id in ids[:CITED])),
    )  # fmt: skip


def _labels(case: Case, items: Mapping[str, ItemScore]) -> dict[str, Any]:
    """What the agreed clauses say, whatever became of them; of a run, also how words were kept in public."""
    found = labels(case.clauses, load_vocabulary())
    if not case.outside and "messaging" in items:
        found["public_message_discipline"] = DISCIPLINE[items["messaging"].score]
    return found


def _unscorable(case: Case, metrics: Mapping[str, MetricValue]) -> str | None:
    """Why a run stays out of headlines: nobody took a turn, or some seat failed more than a tenth of its turns."""
    if not (case.outside or case.by_kind["turn"]):
        return "nobody has taken a turn in it"
    shares = metrics["failed_share"].value if "failed_share" in metrics else None
    bad = {s: x for s, x in shares.items() if isinstance(x, float) and x > FAILED} if isinstance(shares, dict) else {}
    if not bad:
        return None
    return "; ".join(f"{seat} FAILED {part:.0%} of its turns" for seat, part in bad.items())


# --- what is scored --------------------------------------------------------------------------------------------------


def case_of(run: str | Path | Run | RunRecord) -> Case:
    """A run as a case: what was agreed and done in it, and the sheet of its crisis as that stands now."""
    match run:
        case RunRecord():
            record = run
        case Run():
            record = run.record
        case _:
            record = load_record(find_run(str(run)))
    if record.view != OMNISCIENT:
        raise UsageError(
            f"this export holds only what {record.view} may know", hint="score the run itself or an omniscient export"
        )
    return seen_case(record)


def seen_case(record: RunRecord, folder: str | None = None) -> Case:
    """What one view of a run tells, as a case: its figures count what that view can read and nothing else.

    `folder` is the crisis's, for a view that does not tell.
    """
    settings: Mapping[str, Any] = (record.played.setup or {}).get("settings") or {}
    crisis = _crisis(record.run.crisis, settings.get("crisis", folder))
    figures = Figures(record)
    entries = tuple(e for e in figures.ledger.entries.values() if e.round)
    plans = record.played.plans
    source = Source(
        kind="run", name=record.played.name, crisis=crisis.file.id, scenario=record.run.scenario,
        variant=settings.get("variant"), seed=settings.get("seed"), mode=settings.get("mode"),
        world=((record.played.setup or {}).get("effects") or {}).get("id"),
        strategies={seat: str(plan.get("strategy") or "") for seat, plan in plans.items()},
        finished=figures.ending is not None, events=len(record.events),
        rounds=sum(e.kind == "phase" and e.phase == "settle" for e in record.events),
    )  # fmt: skip
    return Case(crisis, _sheet(crisis), source, entries, record.events, figures)


def _crisis(name: str, folder: object) -> Crisis:
    """The crisis as it stands on this machine: a run is scored by what holds now, whatever it was played with."""
    known = find_crises()
    if isinstance(folder, str) and Path(folder).exists():
        return _loaded(crisis_folder(folder).resolve())
    if name in known:
        return _loaded(known[name].resolve())
    raise UsageError(
        f"the crisis '{name}' of this run is not on this machine; there is {', '.join(known)}",
        hint="put its folder into ./crises",
    )


@lru_cache(maxsize=8)
def _loaded(folder: Path) -> Crisis:
    return load_crisis(folder)


def _sheet(crisis: Crisis) -> ScoreSheet:
    if crisis.sheet is None:
        raise NotMeasurable(
            f"{crisis.file.id}: nothing says how its games are scored",
            hint="add score.yaml; see docs/how-to/score-items.md",
        )
    return crisis.sheet


def ruleset(crisis: Crisis) -> str:
    """Version of the code and of the crisis's data, with a digest of that data."""
    sheet = _sheet(crisis)
    return f"{RULESET}.{crisis.file.id}-{sheet.score.version}.{sheet.digest}"
