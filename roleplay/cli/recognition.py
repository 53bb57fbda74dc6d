"""The command that asks a model whether it knows the crisis that it is to play."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from .judging import spec_of
from .options import BaseUrl, Crisis, Json, Mask, ScenarioName, Variant
from .output import emit

app = typer.Typer()


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
            "times": times, "answers": [asdict(answer) for answer in answers]}  # fmt: skip
    words = [
        f"{spec.model} as {shown} in {scenario}, {'masked' if mask else 'unmasked'}: {found} of {times} recognised"
    ]
    words += [f"- {a.text} [{', '.join(a.named) or 'no real name'}]" for a in answers]
    emit(data, as_json, "\n".join(words))
