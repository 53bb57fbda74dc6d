"""What scores the games of a batch: the measured layer, and the judged one where the suite names a judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..game import Run
from ..scoring import ruleset, score
from .runner import Scorer
from .suites import Matrix


@dataclass(frozen=True)
class Measured:
    """The measured layer alone."""

    id: str
    lens: str

    async def score(self, run: Run) -> Mapping[str, Any]:
        return score(run, lens=self.lens).model_dump(mode="json")


def scorer_of(matrix: Matrix) -> Scorer:
    """The scorer that a suite asks for."""
    crisis = next(iter(matrix.crises.values()))
    return Measured(f"measured {ruleset(crisis)} {matrix.suite.lens or ''}".strip(), matrix.suite.lens or "")
