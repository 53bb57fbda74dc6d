"""Commands that compare: eval, report, power, probe, bundle."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import RoleplayError
from .app import UNDER_WAY, app, emit, shown, tell
from .playing import (
    BaseUrl,
    Concurrency,
    Json,
    MaxCost,
    MaxMinutes,
    MaxTokens,
    Model,
    model_settings,
    options_of,
    stoppable,
)

if TYPE_CHECKING:
    from ..experiments.batch import Batch
    from ..experiments.runner import Progress
    from ..experiments.suites import Matrix
    from ..game import Options

BatchArgument = Annotated[str, typer.Argument(help="A batch's folder.")]


@app.command("eval")
def eval_(
    suite: Annotated[str, typer.Argument(help="Name of a suite (roleplay list suites), or its file.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would play and cost, and play nothing.")
    ] = False,
    model: Model = None,
    base_url: BaseUrl = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The batch's own folder.")] = None,
    concurrency: Concurrency = None,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS|local:N", help="Play on a Dask cluster.")
    ] = None,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_minutes: MaxMinutes = None,
    peek: Annotated[
        bool, typer.Option("--peek", help="Show means while it runs; whoever stops on them finds too much.")
    ] = False,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the gates as JUnit XML.")] = None,
    as_json: Json = False,
) -> None:
    """Play a suite's games and score them; the same command again goes on, and plays nothing twice.

    Example: roleplay eval smoke
    """
    from ..experiments.batch import Batch, find_batch
    from ..experiments.runner import forecast
    from ..experiments.suites import lay_out, load_suite, suite_file
    from .config import load_config

    config = load_config({"model": model, "base_url": base_url, "max_cost": max_cost, "max_tokens": max_tokens,
                          "max_minutes": max_minutes, "concurrency": concurrency})  # fmt: skip
    loaded = load_suite(suite)
    overrides = {k: v for k, v in model_settings(config).items() if k != "decide" and v is not None}
    matrix = lay_out(loaded, overrides)
    models = {p.model for setup in matrix.setups.values() for p in setup.plans.values() if p.model}
    options = options_of(config, models)
    if dry_run:
        guess = forecast(matrix, options, config.concurrency)
        emit(guess, as_json, _in_words(guess))
        return
    folder, changed = (out, []) if out else find_batch(Path(config.out), loaded)
    if changed:
        tell(f"the suite was edited since its last batch ({', '.join(changed)}): this is a new batch, {shown(folder)}")
    UNDER_WAY.command = f"roleplay eval {suite}" + (f" --out {shown(out)}" if out else "")
    with Batch.start(folder, loaded, suite_file(suite).read_text("utf-8")) as batch:
        document, code = _evaluate(batch, matrix, options, peek=peek, dask=dask, junit=junit)
    emit(document, as_json, _told(document, folder))
    if code:
        raise typer.Exit(code)


def _evaluate(
    batch: Batch, matrix: Matrix, options: Options, *, peek: bool, dask: str | None, junit: Path | None
) -> tuple[dict[str, Any], int]:
    """Play what is missing; the command's document and exit code."""
    from ..experiments.runner import Orders, at_once, play_batch
    from ..experiments.scorers import scorer_of
    from .watching import watching

    began = time.monotonic()
    try:
        with watching(matrix, peek) as watch:
            orders = Orders(options, scorer_of(matrix), at_once(matrix, options.concurrency), watch)
            progress = asyncio.run(stoppable(play_batch(batch, matrix, orders)))
    except RoleplayError as error:
        if error.exit_code in (4, 5, 74):
            tell(f"what was played is kept. Go on with: {UNDER_WAY.command}")
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return _document(batch, progress, time.monotonic() - began), 1 if _bucket(progress, "broken") else 0


def _bucket(progress: Progress, name: str) -> int:
    return sum(arm.get(name, 0) for arm in progress.buckets.values())


def _document(batch: Batch, progress: Progress, seconds: float) -> dict[str, Any]:
    broken = _bucket(progress, "broken")
    return {
        "batch": str(batch.folder.resolve()),
        "runs": {
            "planned": progress.planned, "finished": progress.done - broken,
            "unscorable": _bucket(progress, "unscorable"), "failed": broken, "reused": progress.reused,
        },
        "rescored": progress.rescored,
        "calls": progress.calls,
        "tokens": {"prompt": progress.prompt, "cached": progress.cached, "completion": progress.completion},
        "cost_usd": progress.cost,
        "seconds": round(seconds, 3),
        "gates": [],
    }  # fmt: skip


def _told(document: dict[str, Any], folder: Path) -> str:
    runs = document["runs"]
    left = f"{runs['unscorable']} of them unscorable, {runs['failed']} broken, {runs['reused']} were there before"
    return (
        f"{runs['finished']} of {runs['planned']} games finished ({left}); {document['calls']} calls, "
        f"{document['seconds']:.0f} s\nbatch:  {shown(folder)}\nreport: roleplay report {shown(folder)}"
    )


def _in_words(guess: dict[str, Any]) -> str:
    cost = guess["cost_usd"]
    spend = f"{cost['low']:.2f} to {cost['high']:.2f} USD" if cost else "no price known"
    rows = "\n".join(f"  {name:<28} {a['games']:>5} games {a['calls']:>8} calls" for name, a in guess["arms"].items())
    return (
        f"{guess['games']} games, {guess['calls']} calls, about {guess['prompt']} prompt and {guess['completion']} "
        f"completion tokens; cost: {spend}\ncritical path {guess['path_calls']} calls; at "
        f"{guess['seconds_a_call']:g} s a call about {guess['seconds'] / 60:.0f} minutes of calls\n{rows}"
    )
