"""Commands for those who write crises: new, describe, rehearse."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Json
from .output import emit, shown

app = typer.Typer()


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="crisis, persona, scenario, strategy or suite.")],
    name: Annotated[str, typer.Argument(help="Its name; of a persona, the seat.")],
    like: Annotated[str | None, typer.Option("--from", metavar="NAME", help="One there is, to start from.")] = None,
    crisis: Annotated[str | None, typer.Option("--crisis", help="The crisis that it is for.")] = None,
    as_json: Json = False,
) -> None:
    """Write a commented file, or a crisis's folder, that validates and can be played at once.

    A crisis goes to ./crises/NAME, what belongs to a crisis into its folder, or into ./crises/CRISIS where it ships.

    Example: roleplay new crisis strait
    """
    from ..authoring.starting import start

    path = start(kind, name, like, crisis)
    emit({"path": str(path)}, as_json, f"written: {shown(path)}\nroleplay validate {shown(path)}")


@app.command()
def rehearse(
    crisis: Annotated[str, typer.Argument(help="Name, folder or zip of a crisis.")],
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many games.")] = 200,
    as_json: Json = False,
) -> None:
    """Play many games between baselines, without any model, and list what never came about in them.

    Variants, seeds and baselines differ from game to game; one game in five allows uses of force.

    Example: roleplay rehearse crises/strait --runs 40
    """
    from ..authoring.rehearse import rehearse as play

    found = play(crisis, runs)
    ends = ", ".join(f"{name} {times}" for name, times in found.endings.items())
    words = [f"{found.games} games; endings: {ends}", *found.warnings]
    emit(found, as_json, "\n".join(words if found.warnings else [*words, "no warnings"]))


@app.command()
def describe(
    kind: Annotated[str, typer.Argument(help="What it is: crisis, scenario, persona, strategy, instrument, ...")],
    name: Annotated[str, typer.Argument(help="Its name: roleplay list KINDS.")],
    variant: Annotated[int, typer.Option("--variant", min=0, help="Variant of a scenario.")] = 0,
    crisis: Annotated[str | None, typer.Option("--crisis", help="Name, folder or zip of the crisis meant.")] = None,
    as_json: Json = False,
) -> None:
    """Put any part of a crisis in words, with its sources; what is not verified is marked.

    Example: roleplay describe scenario august-2017 --variant 3
    """
    from ..authoring.describe import describe as put

    found = put(kind, name, crisis, variant)
    emit(found.data, as_json, found.words)
