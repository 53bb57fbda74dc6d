"""The command that asks a model whether it knows the crisis that it is to play."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import app, emit
from .judging import spec_of
from .playing import BaseUrl, Crisis, Json, Mask, Variant

if TYPE_CHECKING:
    from ..recognition import Recognition


@app.command()
def recognise(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario: roleplay list scenarios.")],
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
    found = asyncio.run(_asked(scenario, seat, mask, model, base_url, times, variant or 0, crisis))
    emit(found.as_dict(), as_json, found.in_words())


async def _asked(
    scenario: str, seat: str | None, mask: bool, model: str, base_url: str | None, times: int, variant: int,
    crisis: Path | None,
) -> Recognition:  # fmt: skip
    from ..models.registry import open_model
    from ..recognition import recognise as ask
    from ..setup import Settings, resolve

    folder = str(crisis) if crisis else None
    setup = resolve(Settings(scenario=scenario, variant=variant, mask=mask, crisis=folder))
    opened = open_model(spec_of(model, base_url))
    try:
        return await ask(setup, (seat or setup.scenario.protagonist).lower(), opened, times)
    finally:
        await opened.close()
