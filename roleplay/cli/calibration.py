"""The command that calibrates: measured and judged labels against those of cases; how is in `roleplay.scoring`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .judging import bill, memory_beside, opened, spec_of
from .options import BaseUrl, Json
from .output import emit

if TYPE_CHECKING:
    from ..scoring.accords import Accord
    from ..scoring.labels import LabelVocabulary


app = typer.Typer()


@app.command()
def calibrate(
    cases: Annotated[
        Path | None,
        typer.Option("--cases", metavar="FILE", help="Cases in the form of evals/calibration/accords.yaml."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="MODEL[@URL]", help="Also read the summaries.")
    ] = None,
    base_url: BaseUrl = None,
    crisis: Annotated[str | None, typer.Option("--crisis", help="Whose vocabulary a model extracts into.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the labels of known accords, and say how far they agree with the labels that people gave.

    Example: roleplay calibrate --cases evals/calibration/unseen.yaml
    """
    from ..scoring.accords import load_accords
    from ..scoring.calibration import typed
    from ..scoring.labels import load_vocabulary
    from ..transcripts.html import text_environment

    vocabulary = load_vocabulary()
    accords = load_accords(cases)
    data: dict[str, Any] = {"cases": len(accords), "typed": typed(accords, vocabulary), "text": None}
    if model:
        data["text"] = asyncio.run(_text(accords, vocabulary, model, base_url, crisis or vocabulary.crisis))
    emit(data, as_json, text_environment().get_template("calibration.txt.j2").render(data=data).rstrip("\n"))


async def _text(
    accords: Sequence[Accord], vocabulary: LabelVocabulary, name: str, base_url: str | None, crisis: str
) -> dict[str, Any]:
    from ..crises import load_crisis
    from ..models.registry import context_of
    from ..scoring.calibration import from_text

    spec = spec_of(name, base_url)
    async with opened([spec], memory_beside()) as (model,):
        name = model.name
        found, usage = await from_text(
            accords, vocabulary, model, load_crisis(crisis), brief=context_of(spec) is not None
        )
    return {**bill(name, usage), **found}
