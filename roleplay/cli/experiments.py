"""Commands that compare: eval, report, power, probe, bundle."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ProviderError, RoleplayError
from ..resources import shown_path
from . import options as opt
from .going import stoppable
from .output import UNDER_WAY, emit, in_words, shown, tell
from .reading import folder_of

if TYPE_CHECKING:
    from ..experiments.batch import Batch
    from ..experiments.matrix import Matrix
    from ..experiments.runner import Orders, Progress
    from ..game import Options

app = typer.Typer()
MENDED = {4: "mend the endpoint", 5: "raise the cap", 74: "make room"}
"""Exit code -> what the user does about it before the batch goes on."""
BatchArgument = Annotated[str, typer.Argument(help="A batch's folder.")]


@app.command("eval")
def eval_(
    suite: Annotated[str, typer.Argument(help="Name of a suite (roleplay list suites), or its file.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would play and cost, and play nothing.")
    ] = False,
    model: opt.Model = None,
    base_url: opt.BaseUrl = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The batch's own folder.")] = None,
    concurrency: opt.Concurrency = None,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS|local:N", help="Play on a Dask cluster.")
    ] = None,
    max_cost: opt.MaxCost = None,
    max_tokens: opt.MaxTokens = None,
    max_minutes: opt.MaxMinutes = None,
    peek: Annotated[
        bool, typer.Option("--peek", help="Show means while it runs; whoever stops on them finds too much.")
    ] = False,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the gates as JUnit XML.")] = None,
    as_json: opt.Json = False,
) -> None:
    """Play a suite's games and score them; the same command again goes on, and plays nothing twice.

    Example: roleplay eval smoke
    """
    from ..experiments.batch import Batch, find_batch
    from ..experiments.matrix import lay_out
    from ..experiments.runner import forecast
    from ..experiments.suites import load_suite, suite_file
    from .config import load_config

    config = load_config({"model": model, "base_url": base_url, "max_cost": max_cost, "max_tokens": max_tokens,
                          "max_minutes": max_minutes, "concurrency": concurrency})  # fmt: skip
    loaded = load_suite(suite)
    overrides = {k: v for k, v in opt.model_settings(config).items() if k != "decide" and v is not None}
    matrix = lay_out(loaded, overrides)
    models = {name for setup in matrix.setups.values() for name in setup.models}
    models |= {spec.model for spec in loaded.judging}
    options = opt.options_of(config, models)
    for caution in matrix.cautions:
        tell(caution)
    if dry_run:
        guess = forecast(matrix, options, config.concurrency)
        emit(guess, as_json, in_words("forecast", guess))
        return
    folder, changed = (out, []) if out else find_batch(Path(config.out), loaded)
    if changed:
        tell(f"the suite was edited since its last batch ({', '.join(changed)}): this is a new batch, {shown(folder)}")
    again = {
        "--model": model, "--base-url": base_url, "--out": out and shown_path(out), "--dask": dask,
        "--concurrency": concurrency, "--max-cost": max_cost, "--max-tokens": max_tokens, "--max-minutes": max_minutes,
    }  # fmt: skip
    said = [part for flag, value in again.items() if value is not None for part in (flag, str(value))]
    UNDER_WAY.command = shlex.join(["roleplay", "eval", suite, *said])
    with Batch.start(folder, loaded, suite_file(suite).read_text("utf-8")) as batch:
        document, code = _evaluate(batch, matrix, options, peek=peek, dask=dask, junit=junit)
    emit(document, as_json, in_words("evaluated", document, shown(folder)))
    if code:
        raise typer.Exit(code)


def _evaluate(
    batch: Batch, matrix: Matrix, options: Options, *, peek: bool, dask: str | None, junit: Path | None
) -> tuple[dict[str, Any], int]:
    """Play what is missing; the command's document and exit code."""
    from ..experiments.gates import NOT_MEASURED, exit_code, gates_now, to_junit
    from ..experiments.runner import Orders, at_once, forecast, play_batch, worst_games
    from ..experiments.scorers import calibrated, scorer_of
    from .watching import watching

    began = time.monotonic()
    try:
        foretold = json.loads(batch.meta("forecast") or "{}")
        if dask or foretold.get("games") != len(matrix.games):
            foretold = forecast(matrix, options, options.concurrency)
            batch.note("forecast", json.dumps(foretold))
        batch.note("calibrated", json.dumps(calibrated(matrix.suite)))
        with watching(matrix, peek) as watch:
            games = at_once(matrix, options.concurrency)
            orders = Orders(options, scorer_of(matrix), games, watch, worst=worst_games(foretold))
            work = _on_cluster(batch, matrix, orders, dask) if dask else play_batch(batch, matrix, orders)
            progress = asyncio.run(stoppable(work))
    except RoleplayError as error:
        if first := MENDED.get(error.exit_code):
            first = (isinstance(error, ProviderError) and error.hint) or first
            error.hint = f"what was played is kept; {first}, then go on with: {UNDER_WAY.command}"
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if progress.fresh:
        batch.note("seconds", f"{float(batch.meta('seconds') or 0) + time.monotonic() - began:.1f}")
    gates = gates_now(batch)
    if junit:
        junit.write_text(to_junit(matrix.suite, gates), "utf-8")
    document = _document(batch, progress, time.monotonic() - began, [gate.model_dump() for gate in gates])
    code = exit_code(gates) or (1 if _bucket(progress, "broken") else 0)
    if progress.done and not batch.has(f"outcome:{matrix.suite.primary}"):
        tell(f"no game has the primary outcome '{matrix.suite.primary}': nothing can be compared")
        code = code or NOT_MEASURED
    return document, code


@app.command()
def report(
    batch: BatchArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The page; JSON and CSV go beside it.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option("--compare", metavar="OTHER", help="An older batch, to say what changed.")
    ] = None,
    as_json: opt.Json = False,
) -> None:
    """Write what a batch says: one page that opens offline, and JSON and CSV of the same.

    Example: roleplay report transcripts/smoke-1a2b3c4d --out smoke.html
    """
    from ..experiments.bundle import SUFFIX, opened
    from ..experiments.report import findings_of, write_report

    older = None
    if compare:
        with opened(compare) as before:
            older = findings_of(before)
    with opened(batch) as found:
        packed = batch.endswith(SUFFIX)
        written = write_report(found, None if packed else out, older)
        if packed:
            page = out or Path("report.html")
            places = {name: page.with_suffix(path.suffix) for name, path in written.items()}
            for name, place in places.items():
                shutil.copyfile(written[name], place)
            written = places
        paths = {name: str(path.resolve()) for name, path in written.items()}
    emit(paths, as_json, "\n".join(f"{name}: {shown(Path(path))}" for name, path in paths.items()))


@app.command()
def bundle(
    batch: BatchArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The archive; default: BATCH.zip.")] = None,
    as_json: opt.Json = False,
) -> None:
    """Pack a batch into one archive, from which `roleplay report` makes the same report again.

    Example: roleplay bundle transcripts/smoke-1a2b3c4d --out smoke.zip
    """
    from ..experiments.batch import open_batch
    from ..experiments.bundle import write_bundle

    with open_batch(batch) as opened:
        path, sha256 = write_bundle(opened, out or Path(f"{opened.folder.resolve().name}.zip"))
    emit({"path": str(path.resolve()), "sha256": sha256}, as_json, f"{shown(path)}\nsha256 {sha256}")


@app.command()
def probe(
    run: Annotated[str, typer.Argument(help="A run's folder or name.")],
    at: Annotated[
        str, typer.Option("--at", metavar="EVENT", help="A turn, or a move made in it: the start of its id.")
    ],
    times: Annotated[int, typer.Option("--times", min=1, help="How often each arm is asked.")] = 20,
    model: Annotated[list[str] | None, typer.Option("--model", help="An arm: this model (NAME or NAME@URL).")] = None,
    strategy: Annotated[list[str] | None, typer.Option("--strategy", help="An arm: this strategy.")] = None,
    temperature: Annotated[list[float] | None, typer.Option("--temperature", help="An arm: this warm.")] = None,
    mask: Annotated[bool, typer.Option("--mask", help="An arm: with other names.")] = False,
    concurrency: opt.Concurrency = None,
    max_cost: opt.MaxCost = None,
    max_tokens: opt.MaxTokens = None,
    as_json: opt.Json = False,
) -> None:
    """Ask one seat the same decision many times, from the same view; say how often it did what.

    Example: roleplay probe august-2017-20261124 --at 1f3a9c --times 50 --strategy tough-only
    """
    from ..experiments.probe import ProbeArm
    from ..experiments.probe import probe as ask
    from ..game import open_run
    from .config import load_config

    config = load_config({"concurrency": concurrency, "max_cost": max_cost, "max_tokens": max_tokens})
    folder = folder_of(run)
    found = open_run(folder)
    seat = next((e.seat for e in found.events if e.id.startswith(at) and e.seat), None) or ""
    settings = found.setup.settings
    arms = [ProbeArm("as it was", {})]
    for named in model or ():
        name, _, url = named.partition("@")
        places = {"base_urls": {**settings.base_urls, seat: url}} if url else {}
        changes = {"seats": {**settings.seats, seat: "model"}, "models": {**settings.models, seat: name}, **places}
        arms.append(ProbeArm(f"model {name}", changes))
    arms += [ProbeArm(f"strategy {s}", {"strategies": {**settings.strategies, seat: s}}) for s in strategy or ()]
    arms += [ProbeArm(f"temperature {t:g}", {"temperature": t}) for t in temperature or ()]
    arms += [ProbeArm("mask", {"mask": True})] if mask else []
    models = found.setup.models | {m.partition("@")[0] for m in model or ()}
    data = asyncio.run(ask(folder, at, times, arms, opt.options_of(config, models)))
    emit(data, as_json, in_words("probe", data, times))


def export_inspect(batch: str, out: Path | None) -> None:
    """Write a batch as Inspect logs into a folder."""
    from ..experiments.bundle import opened
    from ..experiments.inspect_log import write_inspect

    with opened(batch) as found:
        paths = write_inspect(found, out or Path(f"{found.folder.resolve().name}-inspect"))
    tell("\n".join(f"written: {shown(path)}" for path in paths))


@app.command()
def power(
    suite: Annotated[str, typer.Argument(help="Name of a suite, or its file.")],
    from_batch: Annotated[
        str | None, typer.Option("--from", metavar="BATCH", help="Take the spread from these games.")
    ] = None,
    as_json: opt.Json = False,
) -> None:
    """Say which difference a suite can find, and how many variants its smallest effect needs.

    Example: roleplay power article --from transcripts/article-1a2b3c4d
    """
    from ..experiments.analysis import analyse, power_rows
    from ..experiments.batch import open_batch
    from ..experiments.matrix import lay_out
    from ..experiments.suites import load_suite

    loaded = load_suite(suite)
    found = None
    if from_batch:
        with open_batch(from_batch) as opened:
            found = analyse(opened)
    matrix = lay_out(loaded)
    variants = len(matrix.arms[0].variants)
    rows = power_rows(loaded, len(loaded.seeds) * loaded.repeats, variants, found)
    emit({"comparisons": rows}, as_json, in_words("power", rows))


def _bucket(progress: Progress, name: str) -> int:
    return sum(arm.get(name, 0) for arm in progress.buckets.values())


async def _on_cluster(batch: Batch, matrix: Matrix, orders: Orders, address: str) -> Progress:
    from ..experiments.cluster import cluster
    from ..experiments.runner import play_batch

    async with cluster(address, orders.options, matrix.suite.caps.call_seconds) as found:
        return await play_batch(batch, matrix, replace(orders, elsewhere=found.play, at_once=found.slots))


def _document(batch: Batch, progress: Progress, seconds: float, gates: list[dict[str, Any]]) -> dict[str, Any]:
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
        "gates": gates,
    }  # fmt: skip
