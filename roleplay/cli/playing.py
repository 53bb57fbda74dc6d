"""Commands that play: run, resume, branch, replay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import RoleplayError, UsageError
from . import options as opt
from .going import have_model, play_on, say_estimate, say_where
from .output import emit, shown
from .people import let_in, sit_down
from .reading import find, folder_of

if TYPE_CHECKING:
    from ..game import Options, Run

app = typer.Typer()


@app.command()
@opt.with_play_options
def run(
    scenario: opt.ScenarioName,
    asked: opt.PlayOptions,
    dry_run: opt.DryRun = False,
    as_json: opt.Json = False,
) -> None:
    """Play a scenario to its end.

    Example: roleplay run august-2017 --seat us=baseline:dove --strategy article-package --seed 3
    """
    from ..game import create
    from ..seats.drivers import OUTSIDE

    setup, options = opt.prepared(scenario, asked)
    if dry_run:
        return say_estimate(setup, options, as_json)
    have_model(setup, asked.fetch)
    if any(plan.driver in OUTSIDE for plan in setup.plans.values()):
        return say_where(let_in(create(setup, options), options), as_json, {})
    return _finish(create(setup, options), options, as_json)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="A run's folder or name.")],
    max_cost: opt.MaxCost = None,
    max_tokens: opt.MaxTokens = None,
    max_minutes: opt.MaxMinutes = None,
    concurrency: opt.Concurrency = None,
    as_json: opt.Json = False,
) -> None:
    """Go on with a run from where it stopped; a finished one only tells its result.

    Example: roleplay resume transcripts/august-2017-20261124-101500-ab12
    """
    from ..game import open_run
    from .config import load_config

    config = load_config({"max_cost": max_cost, "max_tokens": max_tokens, "max_minutes": max_minutes,
                          "concurrency": concurrency})  # fmt: skip
    folder = folder_of(run)
    found = open_run(folder)
    options = opt.options_of(config, found.setup.models)
    if found.result.people and found.result.ended is None:
        return _at_terminal(folder, found.result.people, options, as_json)
    return _finish(folder, options, as_json)


@app.command()
@opt.with_play_options
def branch(
    run: Annotated[str, typer.Argument(help="A run's folder or name.")],
    at: Annotated[str, typer.Option("--at", metavar="ROUND[.PHASE]", help="Boundary to branch at, as 3 or 3.act.")],
    asked: opt.PlayOptions,
    times: Annotated[int, typer.Option("--times", min=1, help="Play on so many times, with seeds that follow.")] = 1,
    as_json: opt.Json = False,
) -> None:
    """Copy a run up to a phase boundary and play on from there, with other settings if you like.

    Example: roleplay branch august-2017-20261124 --at 3.act --seat us=baseline:dove --times 5
    """
    from ..branching import branch as make_branch
    from ..game import discard, open_run
    from ..seats.drivers import OUTSIDE

    folder = folder_of(run)
    setup = open_run(folder).setup
    changes = opt.changes(setup.settings, asked)
    named = {asked.model, *changes.get("models", {}).values()} - {None}
    options = opt.options_of(opt.config_of(asked), setup.models | named)
    first = changes.get("seed", setup.settings.seed)
    results = []
    for number in range(times):
        new = make_branch(folder, at, options, {**changes, "seed": first + number} if times > 1 else changes)
        made = open_run(new).setup
        try:
            have_model(made, asked.fetch)
        except RoleplayError:
            discard(new)
            raise
        outside = any(plan.driver in OUTSIDE for plan in made.plans.values())
        results.append(let_in(new, options) if outside else play_on(new, options))
    _say_branches(results, {"parent": str(folder.resolve()), "at": at}, as_json)


def _say_branches(results: list[Run], head: dict[str, Any], as_json: bool) -> None:
    """What came of one branch, or of several of the same situation."""
    if len(results) == 1:
        say_where(results[0], as_json, head)
    else:
        unit = "this one situation; runs of two such commands with the same seed are pairs"
        paired = {**head, "unit": unit, "seeds": [r.result.seed for r in results]}
        emit({**paired, "runs": [vars(r.result) for r in results]}, as_json,
             "\n".join([*(f"seed {r.result.seed}: {shown(r.folder)}" for r in results), f"the unit is {unit}"])
             )  # fmt: skip


@app.command()
def replay(
    run: Annotated[str, typer.Argument(help="A run, an export, or a sample: august-2017-by-hand.")],
    speed: Annotated[float, typer.Option("--speed", min=0, help="Lines a second; 0 is all at once.")] = 8.0,
    as_seat: Annotated[str | None, typer.Option("--as", metavar="SEAT", help="What this seat could see.")] = None,
) -> None:
    """Show a run again, without any call.

    Example: roleplay replay august-2017-by-hand --as us
    """
    from rich.console import Console

    from ..transcripts.record import load_record
    from ..transcripts.replay import show_replay

    record = load_record(find(run))
    show_replay(record.as_seat(as_seat) if as_seat else record, Console(), speed=speed)


def _at_terminal(folder: Path, people: list[str], options: Options, as_json: bool) -> None:
    if len(people) > 1:
        raise UsageError(f"{', '.join(people)} are played from outside", hint=f"let them in: roleplay serve {folder}")
    sit_down(folder, people[0], options, None, as_json)


def _finish(folder: Path, options: Options, as_json: bool) -> None:
    say_where(play_on(folder, options), as_json, {})
