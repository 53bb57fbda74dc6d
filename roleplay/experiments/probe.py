"""One seat asked the same decision many times from the same view, by arm; the unit is this one situation.

The run is copied up to that turn and nothing that is answered is kept. Knows nothing about batches.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..branching import branch
from ..errors import UsageError
from ..events import Event, Moved, Spoken
from ..game import Options, at_table, load_setup
from ..journal import Journal
from ..lanes import Lane
from ..moves import Phase, Statement, Use
from ..players import Passing
from ..purse import Purse
from ..rules.referee import Judged
from ..table import Table
from ..transcripts.record import replies_behind
from ..views import Attempt
from .endpoints import Endpoints

UNIT = "this one situation: shares say how one seat decides here, and nothing of other situations"


@dataclass(frozen=True)
class ProbeArm:
    """A way of asking: its name, and the settings that differ from the run's."""

    name: str
    changes: Mapping[str, Any]


async def probe(run: Path, event: str, times: int, arms: Sequence[ProbeArm], options: Options) -> dict[str, Any]:
    """Ask the seat behind an event N times an arm; how often each move came, with Wilson's intervals, and FAILED."""
    with Journal.open(run) as journal:
        turn = _turn_of(journal, event)
        asked = _asked_for(journal, turn)
    endpoints = Endpoints(Purse(options.caps), options.prices, options.concurrency, open=options.open_model)
    rows = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            shared = replace(options, out=Path(folder), open_model=endpoints.model, watch=lambda e: None)
            for arm in arms:
                answers = await asyncio.gather(*(_ask(run, turn, asked, arm, n, shared) for n in range(times)))
                rows.append(_summed(arm.name, answers))
    finally:
        await endpoints.close()
    return {"run": str(run.resolve()), "event": turn.id, "seat": turn.seat, "unit": UNIT, "times": times, "arms": rows}


def _turn_of(journal: Journal, event: str) -> Spoken:
    found = [e for e in journal.events if e.id.startswith(event)]
    if len(found) != 1:
        raise UsageError(f"{event}: {len(found)} events of this run start so", hint="see: roleplay export RUN")
    here = _place(found[0])
    turn = next((e for e in journal.events if isinstance(e, Spoken) and _place(e) == here), None)
    if turn is None:
        raise UsageError(f"{event} is no decision of a seat", hint="name a turn, or a move made in it")
    return turn


def _place(event: Event) -> tuple[int, Phase, str | None, int, str | None]:
    return event.round, event.phase, event.ring, event.turn, event.seat


def _asked_for(journal: Journal, turn: Spoken) -> int:
    """The turn that its seat was asked for: on an open floor, others may have spoken before its answer came."""
    return next((reply.asked for _, reply in reversed(replies_behind(journal, turn))), 0) or turn.turn


async def _ask(run: Path, turn: Spoken, asked: int, arm: ProbeArm, seed: int, options: Options) -> list[str] | None:
    """The moves of one answer; None where it FAILED."""
    folder = branch(run, f"{turn.round}.{turn.phase}", options, {**arm.changes, "seed": seed})
    with Journal.open(run) as parent, Journal.open(folder, write=True) as journal:
        before = [
            (key, e) for key, e in parent.entries
            if (e.round, e.phase, e.ring) == (turn.round, turn.phase, turn.ring) and e.ring and e.turn < asked
        ]  # fmt: skip
        journal.add(before)
        setup = load_setup(journal)
        others = dict.fromkeys(
            setup.plans.keys() - {turn.seat}, Passing()
        )  # Nobody else is asked, nor has to be there.
        async with at_table(journal, setup, replace(options, seats={**others, **options.seats})) as table:
            judged = await _answered(table, *_whose(table, turn, asked))
    events = [e for _, e in judged.entries]
    if any(isinstance(e, Spoken) and e.outcome == "failed" for e in events):
        return None
    return sorted({_label(e) for e in events if isinstance(e, Moved)} or {"pass"})


def _whose(table: Table, turn: Spoken, asked: int) -> tuple[Lane, int]:
    """The lane that has this turn, and where in it; an open floor gives it to whoever comes."""
    came = ((asked, turn.exchange, turn.seat or ""),)
    lanes = (replace(row, turns=came) if row.members else row for row in table.lanes(turn.round, turn.phase))
    return next(
        (lane, n) for lane in lanes if lane.ring == turn.ring
        for n, (number, _, seat) in enumerate(lane.turns) if (number, seat) == (asked, turn.seat)
    )  # fmt: skip


async def _answered(table: Table, lane: Lane, index: int) -> Judged:
    """Ask, have it judged, and ask again as a game would; nothing is written."""
    seen = table.observe(lane, index)
    while True:
        answer = await table.decide(seen)
        judged = table.check(lane, index, answer, seen)
        if not judged.problem:
            return judged
        seen = seen.again(Attempt(answer.raw, judged.problem))


def _label(event: Moved) -> str:
    match event.move:
        case Use(instrument=instrument):
            return f"use {instrument}"
        case Statement(tone=tone, line=line):
            return f"statement {tone} {line}"
        case move:
            return move.kind


def _summed(name: str, answers: Sequence[list[str] | None]) -> dict[str, Any]:
    from scipy.stats import binomtest

    given = [a for a in answers if a is not None]
    counts = Counter(label for labels in given for label in labels)
    shares = {}
    for label, count in counts.items():
        span = binomtest(count, len(answers)).proportion_ci(method="wilson")
        three = {"share": count / len(answers), "low": float(span.low), "high": float(span.high)}
        shares[label] = {part: round(value, 4) for part, value in three.items()}
    moves = dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
    return {"name": name, "moves": moves, "failed": len(answers) - len(given), "shares": shares}
