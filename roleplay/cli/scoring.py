"""The commands that score, calibrate and recognise; the figures themselves are `roleplay.scoring`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import NotMeasurable, ProviderError, UsageError
from .judging import bill, memory_beside, opened, spec_of
from .options import BaseUrl, Crisis, Json, Mask, ScenarioName, Variant
from .output import emit, in_words, shown, tell
from .reading import find

if TYPE_CHECKING:
    from ..scoring import Scorecard
    from ..scoring.accords import Accord
    from ..scoring.labels import LabelVocabulary
    from ..scoring.units import Material

app = typer.Typer()


@app.command()
def score(
    runs: Annotated[list[str] | None, typer.Argument(metavar="RUN...", help="Runs, exports or samples.")] = None,
    commitments: Annotated[
        Path | None,
        typer.Option("--commitments", metavar="FILE", exists=True, help="Typed commitments (YAML or JSON); no model."),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option("--text", metavar="FILE", exists=True, help="Text, Markdown or transcript; needs a model."),
    ] = None,
    crisis: Annotated[
        str | None, typer.Option("--crisis", help="Whose vocabulary --commitments and --text use.")
    ] = None,
    lens: Annotated[str, typer.Option("--lens", help="Which composite heads the card; default: the first.")] = "",
    judge: Annotated[
        list[str] | None, typer.Option("--judge", metavar="MODEL[@URL]", help="Ask this model too, by rubrics.")
    ] = None,
    no_judge: Annotated[bool, typer.Option("--no-judge", help="The measured layer alone.")] = False,
    rubric: Annotated[
        list[str] | None, typer.Option("--rubric", metavar="NAME", help="Judge by this one; default: all.")
    ] = None,
    samples: Annotated[int, typer.Option("--samples", min=1, max=20, help="Verdicts a judge gives of a unit.")] = 2,
    model: Annotated[
        str | None, typer.Option("--model", metavar="MODEL[@URL]", help="Extracts from --text; default: the judge.")
    ] = None,
    base_url: BaseUrl = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also as one page; one run only.")] = None,
    as_json: Json = False,
) -> None:
    """Score runs, or a deal or text from outside: items, fails, composites, each with what proves it.

    Example: roleplay score august-2017-by-hand --lens article
    """
    from ..scoring.labels import load_vocabulary
    from ..scoring.lenses import check_rulesets
    from ..scoring.page import card_words, ranking_words
    from ..scoring.units import Material
    from .judging import extracted, judged

    if sum(map(bool, (runs, commitments, text))) != 1:
        raise UsageError(
            "score needs runs, --commitments FILE or --text FILE", hint="roleplay score august-2017-by-hand"
        )
    if html and (not runs or len(runs) != 1):
        raise UsageError("--html is for one run")
    crisis = crisis or load_vocabulary().crisis
    judges = [spec_of(name, base_url) for name in (judge or ()) if not no_judge]
    if text:
        reader = spec_of(model, base_url) if model else judges[0] if judges else spec_of(base_url=base_url)
        scored = [(*asyncio.run(extracted(text, reader, crisis, lens)), memory_beside())]
    elif commitments:
        scored = [(_typed(commitments, crisis, lens), Material(), memory_beside())]
    else:
        scored = [_run(find(name), lens) for name in runs or ()]
    cards: list[Scorecard] = []
    stopped: ProviderError | None = None
    for card, material, memory in scored:
        if judges and not stopped:
            card, stopped = asyncio.run(judged(card, material, judges, rubric or (), samples, memory))
        cards.append(card)
    if html and runs:
        _page(html, find(runs[0]), cards[0])
    check_rulesets(cards)
    data: list[Any] = [card.model_dump(mode="json") for card in cards]
    words = "\n\n".join(card_words(card) for card in cards)
    emit(data if len(data) > 1 else data[0], as_json, words + (ranking_words(cards) if len(cards) > 1 else ""))
    if stopped:
        raise stopped
    if text and not cards[0].extraction["clauses"]:
        raise NotMeasurable(f"{text}: nothing in it is agreed, so no item could be scored; the rest stands above")


def _run(path: Path, lens: str) -> tuple[Scorecard, Material, Path]:
    from ..scoring import score as score_run
    from ..scoring.units import material_of
    from ..transcripts.record import load_record

    record = load_record(path)
    return score_run(record, lens=lens), material_of(record), memory_beside(path)


def _page(file: Path, run: Path, card: Scorecard) -> None:
    from ..scoring import case_of
    from ..scoring.page import render_card
    from ..transcripts.export import write_atomically

    write_atomically(file, render_card(case_of(run), card))
    tell(f"written: {shown(file)}")


def _typed(path: Path, crisis: str, lens: str) -> Scorecard:
    from ..crises import load_crisis
    from ..scoring import score_commitments
    from ..scoring.outside import read_commitments

    found = load_crisis(crisis)
    file = read_commitments(path, found)
    return score_commitments(file.commitments, found, name=file.title or path.name, lens=lens)


# --- calibrate -------------------------------------------------------------------------------------------------------


@app.command()
def calibrate(
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases", metavar="FILE", exists=True, help="Cases in the form of evals/calibration/accords.yaml."
        ),
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


# --- recognise -------------------------------------------------------------------------------------------------------


@app.command()
def recognise(
    scenario: ScenarioName,
    seat: Annotated[
        str | None, typer.Option("--seat", help="Whose prompt is shown; default: the protagonist's.")
    ] = None,
    mask: Mask = False,
    model: Annotated[str, typer.Option("--model", metavar="NAME[@URL]", help="Model to ask.")] = "",
    base_url: BaseUrl = None,
    times: Annotated[int, typer.Option("--times", min=1, help="How often to ask.")] = 5,
    variant: Variant = 0,
    crisis: Crisis = None,
    as_json: Json = False,
) -> None:
    """Ask a model which real crisis a seat's prompt is about, with or without the mask.

    Example: roleplay recognise august-2017 --mask --times 10
    """
    from ..models.registry import open_model
    from ..recognition import Answer
    from ..recognition import recognise as ask
    from ..setup import Settings, resolve

    folder = str(crisis) if crisis else None
    setup = resolve(Settings(scenario=scenario, variant=variant or 0, mask=mask, crisis=folder))
    shown = (seat or setup.scenario.protagonist).lower()
    spec = spec_of(model, base_url)

    async def answered() -> list[Answer]:
        asked = open_model(spec)
        try:
            return await ask(setup, shown, asked, times)
        finally:
            await asked.close()

    answers = asyncio.run(answered())
    found = sum(answer.recognised for answer in answers)
    data = {"scenario": scenario, "seat": shown, "masked": mask, "model": spec.model, "recognised": found,
            "times": times, "answers": answers}  # fmt: skip
    emit(data, as_json, in_words("recognised", data))
