"""What scores the games of a batch: the measured layer, and the judged one where the suite names judges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from ..game import Run
from ..models.fetch import DEFAULT
from ..models.registry import ModelSpec
from ..resources import find_resources
from ..scoring import ruleset, score
from ..scoring.judge import Panel
from ..scoring.memory import MEMORY, Remembering
from ..scoring.rubrics import Rubric, load_rubrics
from ..scoring.units import material_of
from .matrix import Matrix
from .runner import Opener, Scorer
from .suites import Suite


@dataclass(frozen=True)
class Layers:
    """The measured layer, and the judged one where there are judges; what one said of a run before is not asked again.

    A dimension is one figure a game: the samples of all judges come to one verdict a unit first. Of several judges each
    has its own figure too, `DIMENSION@MODEL`, from the same replies.
    """

    id: str
    lens: str
    judges: tuple[ModelSpec, ...] = ()
    rubrics: tuple[Rubric, ...] = ()
    samples: int = 0

    async def score(self, run: Run, open_model: Opener) -> Mapping[str, Any]:
        """Raises ProviderError where a judge cannot be asked to the end; the game is scored when it answers again."""
        card = score(run, lens=self.lens)
        if not self.judges:
            return card.model_dump(mode="json")
        material = material_of(run.record)
        judges = [Remembering(open_model(spec), run.folder / MEMORY, spec.base_url) for spec in self.judges]
        panel = Panel(judges, samples=self.samples)
        found = await panel.judge_all(self.rubrics, material)
        for judge in judges if len(judges) > 1 and not panel.spent.stopped else ():
            alone = await Panel([judge], samples=self.samples).judge_all(self.rubrics, material)
            found |= {f"{name}@{judge.name}": value for name, value in alone.items()}
        if panel.spent.stopped:
            raise panel.spent.stopped
        tokens = sum(usage.prompt + usage.completion for usage in panel.spent.usage.values())
        spent: dict[str, JsonValue] = {"calls": panel.spent.replies, "tokens": tokens}
        return card.model_copy(update={"judged": found, "judging": spent}).model_dump(mode="json")


def scorer_of(matrix: Matrix) -> Scorer:
    """The scorer that a suite asks for; its id changes with ruleset, judges, samples and rubrics."""
    suite = matrix.suite
    crisis = next(iter(matrix.crises.values()))
    rules, lens = ruleset(crisis), suite.lens or ""
    if not suite.judges:
        return Layers(f"measured {rules} {lens}".strip(), lens)
    rubrics = tuple(load_rubrics(suite.rubrics, crisis.file.id))
    hashes = ",".join(f"{r.name}:{r.hash[:8]}" for r in rubrics)
    id = f"judged {rules} {lens} by {','.join(suite.judges)} x {suite.judge_samples}, {hashes}"
    return Layers(id, lens, suite.judging, rubrics, suite.judge_samples)


def calibrated(suite: Suite) -> dict[str, dict[str, float]]:
    """Judge -> label -> share of known accords on which it agreed, by `evals/calibration/results-*.json`; {}: none."""
    found: dict[str, dict[str, float]] = {}
    for resource in reversed(find_resources("evals")):
        for path in sorted((resource.path / "calibration").glob("results-*.json")):
            if text := json.loads(path.read_text("utf-8"))["text"]:
                found[text["model"]] = {name: row["agreement"] for name, row in text["labels"].items()}
    names = [DEFAULT if spec.model == "embedded" else spec.model for spec in suite.judging]
    return {name: found.get(name, {}) for name in names}
