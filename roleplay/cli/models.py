"""Models that score: judges and extractors as the command line names them, what they remember, what they cost.

Knows nothing about what they are asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..models import ChatModel, Usage
    from ..models.registry import ModelSpec


def spec_of(name: str, base_url: str | None = None) -> ModelSpec:
    """MODEL or MODEL@URL, with the settings in force."""
    from ..models.registry import ModelSpec
    from .config import load_config

    config = load_config()
    model, _, url = name.partition("@")
    place = url or base_url or config.base_url
    return ModelSpec(model=model, base_url=place, api_key_env=config.api_key_env, concurrency=config.concurrency)


@asynccontextmanager
async def opened(specs: Sequence[ModelSpec], memory: Path | None = None) -> AsyncIterator[list[ChatModel]]:
    """The models, each opened once, with what they said before in the file `memory`; closed at the end."""
    from ..models.registry import open_model
    from ..scoring.memory import Remembering

    models: list[ChatModel] = []
    try:
        for spec in specs:
            models.append(Remembering(open_model(spec), memory))
        yield models
    finally:
        for model in models:
            await model.close()


def memory_beside(path: Path | None = None) -> Path:
    """Where models that score keep what they said: in a run's folder, else in the user's cache."""
    from ..models.fetch import cache_directory

    return path / "judged.jsonl" if path and path.is_dir() else cache_directory() / "judged.jsonl"


def bill(model: str, usage: Usage) -> dict[str, Any]:
    """Tokens and dollars; null where no price is known."""
    from ..models.prices import cost, read_prices
    from .config import load_config

    tokens = {"prompt": usage.prompt, "cached": usage.cached, "completion": usage.completion}
    return {"tokens": tokens, "cost_usd": cost(usage, read_prices(load_config().prices).get(model))}
