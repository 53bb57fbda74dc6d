"""Small batches on the pond: a suite as text, a scorer that counts what it is asked, and batches played with both."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from roleplay.events import Breach, Deal, Moved
from roleplay.experiments.batch import Batch
from roleplay.experiments.matrix import Matrix, lay_out
from roleplay.experiments.runner import Opener, Orders, Progress, play_batch
from roleplay.experiments.runner import Scorer as AnyScorer
from roleplay.experiments.suites import Suite, read_suite
from roleplay.game import Options, Run
from roleplay.loading import parse_document
from roleplay.purse import Caps
from roleplay.scoring.card import Composite, Scorecard, Source, Verdict
from tests.engine.pond import POND

SUITE = f"""
id: pond
title: The pond
question: Is a careful heron better off?
scenario: dam
variants: [0, 1]
base: {{rounds: 1, crisis: "{POND}", seats: {{heron: baseline:steady, otter: baseline:dove, newt: baseline:defiant}}}}
factors:
  play:
    plain: {{}}
    hawkish: {{seats: {{heron: baseline:hawk}}}}
control: plain
outcomes:
  score: {{of: composite, low: 0, high: 100}}
  moves: {{count: {{kind: move, seat: heron}}}}
primary: score
smallest_effect: 2
"""


def suite(text: str = SUITE, **changed: str) -> Suite:
    """A suite; `changed` replaces whole lines by their first word, or adds them."""
    lines = textwrap.dedent(text).strip().splitlines()
    for name, value in changed.items():
        place = [n for n, line in enumerate(lines) if line.startswith(f"{name}:")]
        if place:
            lines[place[0]] = f"{name}: {value}"
        else:
            lines.append(f"{name}: {value}")
    return read_suite(parse_document("\n".join(lines).encode(), "pond.yaml"))


class Scorer:
    """Scores by counting moves; some games it cannot score, some it chokes on."""

    def __init__(self, id: str = "toy 1", *, unscorable: str = "!", choke: str = "!") -> None:
        self.id = id
        self.scored: list[str] = []
        self._unscorable, self._choke = unscorable, choke

    async def score(self, run: Run, open_model: Opener) -> Mapping[str, Any]:
        self.scored.append(run.name)
        if self._choke in run.name:
            raise ArithmeticError("the scorer choked")
        moves = sum(isinstance(e, Moved) for e in run.events)
        value = float(10 + moves - 5 * sum(isinstance(e, Breach) for e in run.events))
        deals = tuple(e.id for e in run.events if isinstance(e, Deal))
        why = "a seat failed more than a tenth of its turns" if self._unscorable in run.name else None
        card = Scorecard(
            ruleset=self.id, source=Source(kind="run", name=run.name, crisis="pond"), unscorable=why, items={},
            composite=Composite(lens="plain", value=value, low=value, high=value),
            metrics={"deals": {"value": len(deals), "unit": "deals", "evidence": deals}},
            lenses={"plain": {"value": value, "low": value, "high": value},
                    "other": {"value": -value, "low": -value, "high": -value}},
            verdict=Verdict(level="unchanged", headline=f"{moves} moves"),
        )  # fmt: skip
        return card.model_dump(mode="json")


def play(
    folder: Path,
    asked: Suite | None = None,
    scorer: AnyScorer | None = None,
    watch: Callable[[Progress], None] = lambda progress: None,
    caps: Caps | None = None,
    **options: Any,
) -> Progress:
    """Play a suite's batch in this folder, from wherever it stands."""
    asked = asked or suite()
    matrix: Matrix = lay_out(asked)
    with Batch.start(folder, asked, "as a test has it") as batch:
        orders = Orders(Options(caps=caps or Caps(), **options), scorer or Scorer(), 2, watch)
        return asyncio.run(play_batch(batch, matrix, orders))


def buckets(folder: Path) -> dict[str | None, int]:
    """How many games of a batch are in each bucket; None: not over."""
    with Batch.read(folder) as batch:
        found: dict[str | None, int] = {}
        for row in batch.rows():
            found[row.bucket] = found.get(row.bucket, 0) + 1
        return found
