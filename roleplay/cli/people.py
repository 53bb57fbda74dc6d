"""Commands that let people take part: play in this terminal, serve for browsers and programs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from .app import UNDER_WAY, app, shown
from .playing import (
    BaseUrl,
    Concurrency,
    Crisis,
    Force,
    Json,
    Mask,
    MaxCost,
    MaxMinutes,
    MaxTokens,
    Mode,
    Model,
    ModelOf,
    Out,
    Rounds,
    Seats,
    Seed,
    Strategies,
    Trust,
    Variant,
    World,
    have_model,
    prepared,
    say_where,
)

if TYPE_CHECKING:
    from ..game import Options, Run
    from ..hosting import Fallbacks

Minutes = Annotated[
    float | None,
    typer.Option("--minutes", min=0.01, help="Minutes that a person has for a turn; else no limit."),
]
StandInFor = Annotated[
    str, typer.Option("--stand-in", metavar="pass|DRIVER", help="Who answers when they are over: pass, voice:NAME ...")
]


@app.command()
def play(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario: roleplay list scenarios.")],
    as_seat: Annotated[str, typer.Option("--as", metavar="SEAT", help="The government that you play.")],
    seat: Seats = None,
    strategy: Strategies = None,
    mode: Mode = None,
    world: World = None,
    crisis: Crisis = None,
    force: Force = False,
    trust_templates: Trust = False,
    rounds: Rounds = None,
    variant: Variant = 0,
    seed: Seed = 0,
    mask: Mask = False,
    model: Model = None,
    model_of: ModelOf = None,
    base_url: BaseUrl = None,
    out: Out = None,
    fetch: Annotated[bool, typer.Option("--fetch-model", help="Install the embedded model first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and play nothing.")] = False,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_minutes: MaxMinutes = None,
    concurrency: Concurrency = None,
    minutes: Minutes = None,
    stand_in: StandInFor = "pass",
    as_json: Json = False,
) -> None:
    """Play one government in this terminal, against models, voices or baselines.

    Example: roleplay play august-2017 --as rok --seat us=baseline:steady --seat prc=baseline:tit-for-tat
    """
    from ..game import create
    from ..hosting import Fallbacks
    from ..seats.drivers import OUTSIDE
    from .app import emit

    setup, options = prepared(scenario, {**locals(), "seat": [*(seat or ()), f"{as_seat}=human"]})
    others = [s for s, plan in setup.plans.items() if plan.driver in OUTSIDE and s != as_seat.lower()]
    if others:
        raise UsageError(f"{', '.join(others)}: one person sits here", hint="let several in with: roleplay serve")
    if dry_run:
        from ..estimate import estimate

        guess = estimate(setup, options)
        return emit(guess.as_dict(), as_json, guess.in_words())
    have_model(setup, fetch)
    fallbacks = Fallbacks(minutes and minutes * 60, stand_in)
    return sit_down(create(setup, options), as_seat.lower(), options, fallbacks, as_json)


def sit_down(folder: Path, seat: str, options: Options, fallbacks: Fallbacks | None, as_json: bool) -> None:
    """Play a run on with a person at this terminal, tell them what came of it, and give the result."""
    UNDER_WAY.command = f"roleplay resume {shown(folder)}"
    say_where(asyncio.run(_play(folder, seat, options, fallbacks, as_json)), as_json, {})


async def _play(folder: Path, seat: str, options: Options, fallbacks: Fallbacks | None, as_json: bool) -> Run:
    from rich.console import Console

    from ..hosting import Fallbacks, Host
    from .terminal import Left, Lines, Terminal, sit

    host = Host(folder, options, fallbacks or Fallbacks())
    # With --json, standard output is for the one document at the end.
    terminal = Terminal(host, seat, Console(stderr=as_json, highlight=False), Lines())
    terminal.briefing()
    game = asyncio.create_task(host.play())
    try:
        await sit(terminal, game)
    except Left:
        game.cancel()
        with suppress(asyncio.CancelledError):
            await game
        raise KeyboardInterrupt from None
    terminal.debrief()
    return game.result()
