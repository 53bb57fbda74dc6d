"""What scores the games of a batch: the measured layer, and the judged one where the suite names judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..game import Run
from ..models import ChatModel
from ..models.registry import ModelSpec, open_model
from ..scoring import ruleset, score
from ..scoring.judge import Panel
from ..scoring.memory import Remembering
from ..scoring.rubrics import Rubric, load_rubrics
from ..scoring.units import material_of
from ..transcripts.record import load_record
from .matrix import Matrix
from .runner import Scorer

MEMORY = "judged.jsonl"
"""What a run's judges said, beside its journal."""


@dataclass(frozen=True)
class Measured:
    """The measured layer alone."""

    id: str
    lens: str

    async def score(self, run: Run) -> Mapping[str, Any]:
        return score(run, lens=self.lens).model_dump(mode="json")

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Judged:
    """Both layers; what a judge said of a run before is not asked again."""

    id: str
    lens: str
    judges: tuple[ModelSpec, ...]
    rubrics: tuple[Rubric, ...]
    samples: int
    _open: list[ChatModel] = field(default_factory=list)

    async def score(self, run: Run) -> Mapping[str, Any]:
        """Raises ProviderError where a judge cannot be asked to the end; the game is scored when it answers again."""
        record = load_record(run.folder)
        card = score(record, lens=self.lens)
        self._open = self._open or [open_model(spec) for spec in self.judges]
        memory = run.folder / MEMORY
        judges = [Remembering(m, memory, s.base_url) for m, s in zip(self._open, self.judges, strict=True)]
        panel = Panel(judges, samples=self.samples)
        found = await panel.judge_all(self.rubrics, material_of(record))
        if panel.spent.stopped:
            raise panel.spent.stopped
        return card.model_copy(update={"judged": found}).model_dump(mode="json")

    async def close(self) -> None:
        for model in self._open:
            await model.close()


def scorer_of(matrix: Matrix) -> Scorer:
    """The scorer that a suite asks for; its id changes with ruleset, judges, samples and rubrics."""
    suite = matrix.suite
    crisis = next(iter(matrix.crises.values()))
    rules, lens = ruleset(crisis), suite.lens or ""
    if not suite.judges:
        return Measured(f"measured {rules} {lens}".strip(), lens)
    rubrics = tuple(load_rubrics(suite.rubrics, crisis.file.id))
    hashes = ",".join(f"{r.name}:{r.hash[:8]}" for r in rubrics)
    id = f"judged {rules} {lens} by {','.join(suite.judges)} x {suite.judge_samples}, {hashes}"
    specs = tuple(_spec(name) for name in suite.judges)
    return Judged(id, lens, specs, rubrics, suite.judge_samples)


def _spec(name: str) -> ModelSpec:
    model, _, url = name.partition("@")
    return ModelSpec(model=model, base_url=url or None)
