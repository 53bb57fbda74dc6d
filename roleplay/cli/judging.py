"""What --judge, --text and calibrate do with models: opened as they are named, remembered, asked, billed.

Knows nothing about how verdicts and clauses are found.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import tell

if TYPE_CHECKING:
    from ..errors import ProviderError
    from ..models import ChatModel, Usage
    from ..models.registry import ModelSpec
    from ..scoring import Scorecard
    from ..scoring.units import Material


def spec_of(name: str = "", base_url: str | None = None) -> ModelSpec:
    """MODEL or MODEL@URL, with the settings in force; without a name theirs, else the embedded model."""
    from ..models.registry import ModelSpec
    from .config import load_config

    config = load_config()
    model, _, url = (name or config.model or "embedded").partition("@")
    place = url or base_url or (config.base_url if model != "embedded" else None)
    key = config.keys.get(place or "", config.api_key_env)
    return ModelSpec(model=model, base_url=place, api_key_env=key, concurrency=config.concurrency)


@asynccontextmanager
async def opened(specs: Sequence[ModelSpec], memory: Path | None = None) -> AsyncIterator[list[ChatModel]]:
    """The models, each opened once, with what they said before in the file `memory`; closed at the end."""
    from ..models.registry import open_model
    from ..scoring.memory import Remembering

    async with AsyncExitStack() as held:
        models: list[ChatModel] = []
        for spec in specs:
            models.append(Remembering(open_model(spec), memory, spec.base_url))
            held.push_async_callback(models[-1].close)
        yield models


def memory_beside(path: Path | None = None) -> Path:
    """Where models that score keep what they said: in a run's folder, else in the user's cache."""
    from ..models.fetch import cache_directory
    from ..scoring.memory import MEMORY

    return (path if path and path.is_dir() else cache_directory()) / MEMORY


def bill(model: str, usage: Usage) -> dict[str, Any]:
    """Tokens and dollars of one model; null where no price is known."""
    from ..models.prices import cost, read_prices
    from .config import load_config

    tokens = {"prompt": usage.prompt, "cached": usage.cached, "completion": usage.completion}
    return {"model": model, "tokens": tokens, "cost_usd": cost(usage, read_prices(load_config().prices).get(model))}


async def extracted(path: Path, spec: ModelSpec, crisis: str, lens: str) -> tuple[Scorecard, Material]:
    """The scorecard of what a model finds agreed in a text, and the text as judges get it."""
    from ..crises import load_crisis
    from ..models.registry import context_of
    from ..scoring import score_commitments
    from ..scoring.extraction import extract
    from ..scoring.outside import read_outside

    material, found = read_outside(path), load_crisis(crisis)
    async with opened([spec], memory_beside()) as (model,):
        name = model.name
        result = await extract(material.text, model, found, brief=context_of(spec) is not None)
    card = score_commitments(result.clauses, found, name=path.name, spans=result.spans, kind="text", lens=lens)
    kept = f"{len(result.clauses)} commitments and {len(result.offers)} offers"
    lost = f"{result.unproven} more were left out (not word for word in the text), {result.unread} passages not read"
    tell(f"{name} found {kept}; {lost}")
    return card.model_copy(update={"extraction": result.told() | bill(name, result.usage)}), material


async def judged(
    card: Scorecard, material: Material, specs: Sequence[ModelSpec], names: Sequence[str], samples: int, memory: Path
) -> tuple[Scorecard, ProviderError | None]:
    """The card with its judged layer; and, where judges could not be asked to the end, why."""
    from ..scoring.judge import Panel
    from ..scoring.rubrics import load_rubrics
    from ..transcripts.names import counted

    rubrics = load_rubrics(names, card.source.crisis)
    async with opened(specs, memory) as judges:
        panel = Panel(judges, samples=samples)
        asked = sum(len(material.units(r.unit)) for r in rubrics) * samples * len(judges)
        much = f"{counted(len(rubrics), 'rubric')}, {counted(asked, 'question')}"
        tell(f"judging {card.source.name}: {much}, those answered before left out")
        found = await panel.judge_all(rubrics, material)
    stopped = panel.spent.stopped
    judging = {
        "samples": samples, "judges": [bill(name, usage) for name, usage in panel.spent.usage.items()],
        "rubrics": {r.name: r.hash[:16] for r in rubrics}, "stopped": str(stopped) if stopped else None,
    }  # fmt: skip
    return card.model_copy(update={"judged": found, "judging": judging}), stopped
