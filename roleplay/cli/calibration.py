"""The command that calibrates: measured and judged labels against those of cases; how is in `roleplay.scoring`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
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

    vocabulary = load_vocabulary()
    accords = load_accords(cases)
    data: dict[str, Any] = {"cases": len(accords), "typed": typed(accords, vocabulary), "text": None}
    if model:
        data["text"] = asyncio.run(_text(accords, vocabulary, model, base_url, crisis or vocabulary.crisis))
    emit(data, as_json, "\n".join(_words(data)))


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


def _words(data: Mapping[str, Any]) -> Iterator[str]:
    for layer in ("typed", "text"):
        found = data[layer]
        if found is None:
            continue
        base = ", ".join(f"{name} {_figure(share)}" for name, share in found["baselines"].items())
        yield f"{layer}: {data['cases']} cases, {_figure(found['agreement'])} of {found['n']} labels agree ({base})"
        yield f"  {'label':<32}{'n':>4}{'unscored':>10}{'agree':>8}{'kappa':>8}{'':17}{'majority':>9}{'words':>7}"
        for name, row in found["labels"].items():
            span = f" ({_figure(row['low'])} to {_figure(row['high'])})" if row["kappa"] is not None else ""
            agree, kappa, majority, words = map(_figure, (row["agreement"], row["kappa"], *row["baselines"].values()))
            counts = f"{row['n']:>4}{row['unscored']:>10}"
            yield f"  {name:<32}{counts}{agree:>8}{kappa:>8}{span:<17}{majority:>9}{words:>7}"
        for row in found["differing"]:
            yield f"  {row['case']}: {row['label']} is labelled '{row['labelled']}', found '{row['found']}'"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
