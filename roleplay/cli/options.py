"""Options that several commands have, and what is made of them: a set-up, caps, prices.

Knows nothing about how games are played, nor about what commands print.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .output import tell

if TYPE_CHECKING:
    from ..game import Options
    from ..setup import Settings, Setup
    from .config import Config

ScenarioName = Annotated[str, typer.Argument(help="Name of a scenario: roleplay list scenarios.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]
Crisis = Annotated[Path | None, typer.Option("--crisis", metavar="DIR|ZIP", help="A crisis of your own.")]
Trust = Annotated[bool, typer.Option("--trust-templates", help="Use prompt templates from ./prompts.")]
Fetch = Annotated[bool, typer.Option("--fetch-model", help="Install the embedded model first, where it is missing.")]
Variant = Annotated[int | None, typer.Option("--variant", min=0, help="Variant of the scenario; 0 is as written.")]
Mask = Annotated[bool, typer.Option("--mask", help="Show models other names for countries, places, days.")]
Model = Annotated[str | None, typer.Option("--model", help="Model that plays every seat without a driver.")]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="OpenAI-compatible endpoint.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and play nothing.")]
MaxCost = Annotated[float | None, typer.Option("--max-cost", min=0, help="Cap in US dollars.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", min=0, help="Cap on prompt and completion tokens.")]
MaxMinutes = Annotated[float | None, typer.Option("--max-minutes", min=0, help="Cap on minutes.")]
Concurrency = Annotated[int | None, typer.Option("--concurrency", min=1, help="Calls in flight at once, at most.")]
Minutes = Annotated[
    float | None, typer.Option("--minutes", min=0.01, help="Minutes that a person has for a turn; else no limit.")
]
StandInFor = Annotated[
    str, typer.Option("--stand-in", metavar="pass|DRIVER", help="Who answers when they are over: pass, voice:NAME ...")
]
Late = Annotated[
    float | None,
    typer.Option("--late", min=1, help="Seconds after which a model's policy answers in template wording."),
]
Worlds = Annotated[int, typer.Option("--worlds", min=1, max=12, help="So many games side by side.")]


@dataclass(frozen=True)
class PlayOptions:
    """What `run`, `branch`, `play` and `serve` can be asked of a game: its set-up, its caps, where it goes."""

    seat: Annotated[
        list[str] | None,
        typer.Option(
            "--seat",
            metavar="SEAT=DRIVER",
            help="Who plays a seat: model[:NAME], voice:NAME, script:FILE, baseline:NAME, python:MODULE:NAME, human, "
            "http.",
        ),
    ] = None
    strategy: Annotated[
        list[str] | None,
        typer.Option("--strategy", metavar="[SEAT=]NAME", help="Strategy of a seat, or the protagonist."),
    ] = None
    mode: Annotated[str | None, typer.Option("--mode", help="Policy rules: prevent, block or observe.")] = None
    world: Annotated[str | None, typer.Option("--world", help="Effect table: roleplay list worlds.")] = None
    claim: Annotated[
        list[str] | None,
        typer.Option(
            "--claim",
            metavar="CLAIM=FACTOR",
            help="Scale what a claim's rows do in the world: 0 takes it out, -1 turns it.",
        ),
    ] = None
    bind: Annotated[
        list[str] | None,
        typer.Option(
            "--bind", metavar="RULE", help="A rule, or SHOULD for all of these, that follows --mode as NEVER does."
        ),
    ] = None
    crisis: Crisis = None
    force: Annotated[bool, typer.Option("--force", help="Allow uses of force.")] = False
    delegation: Annotated[
        list[str] | None,
        typer.Option(
            "--delegation", metavar="SEAT=HEAD,NAME:RING+RING", help="Several people on a seat, each with a desk."
        ),
    ] = None
    open_floor: Annotated[
        list[str] | None,
        typer.Option("--open-floor", metavar="RING", help="Its members speak in any order; 'all' for every ring."),
    ] = None
    trust_templates: Trust = False
    rounds: Annotated[int | None, typer.Option("--rounds", min=1, help="Stop after so many rounds.")] = None
    variant: Variant = None
    seed: Annotated[int | None, typer.Option("--seed", help="Decides chance and sampling.")] = None
    mask: Mask = False
    model: Model = None
    model_of: Annotated[
        list[str] | None,
        typer.Option(
            "--model-of", metavar="SEAT=NAME[@URL]", help="Model and endpoint of a seat, or of an adjudicator."
        ),
    ] = None
    base_url: BaseUrl = None
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Parent folder of the run.")] = None
    fetch: Fetch = False
    max_cost: MaxCost = None
    max_tokens: MaxTokens = None
    max_minutes: MaxMinutes = None
    concurrency: Concurrency = None


def with_play_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `PlayOptions`, where its parameter of that type stands."""
    own = inspect.signature(command, eval_str=True).parameters
    shared = inspect.signature(PlayOptions, eval_str=True).parameters
    [taker] = [name for name, parameter in own.items() if parameter.annotation is PlayOptions]

    @wraps(command)
    def filled(**given: Any) -> None:
        command(**{taker: PlayOptions(**{name: given.pop(name) for name in shared})}, **given)

    rows = [row for name, parameter in own.items() for row in (shared.values() if name == taker else [parameter])]
    vars(filled)["__signature__"] = inspect.Signature([row.replace(kind=row.KEYWORD_ONLY) for row in rows])
    return filled


def prepared(scenario: str, asked: PlayOptions) -> tuple[Setup, Options]:
    """A set-up and how it is played; what was not asked for has no say."""
    from ..setup import Settings, idle_strategies, resolve

    config = config_of(asked)
    settings = Settings.model_validate(
        {"scenario": scenario, "mode": config.mode, **wanted(asked), **model_settings(config)}
    )
    setup = resolve(settings)
    nameless = [s for s, plan in setup.plans.items() if plan.driver == "model" and s not in settings.models]
    if settings.decide and not settings.model and nameless:
        raise _nameless(config)
    for words in idle_strategies(setup):
        tell(words)
    return setup, options_of(config, setup.models)


def wanted(asked: PlayOptions) -> dict[str, Any]:
    """What was asked of a set-up, as fields of `Settings`, less what the settings in force say too."""
    from ..seats.delegation import parse_delegation

    several = {seat: parse_delegation(people) for seat, people in pairs("--delegation", asked.delegation).items()}
    fields = {
        "delegations": several, "seats": {**dict.fromkeys(several, "human"), **pairs("--seat", asked.seat)},
        "strategies": strategies(asked.strategy),
        "claims": claims(asked.claim), "bind": tuple(asked.bind or ()),
        "crisis": str(asked.crisis) if asked.crisis else None, **models(asked.model_of),
        "world": asked.world, "force": asked.force, "rounds": asked.rounds, "variant": asked.variant,
        "open_floor": tuple(asked.open_floor or ()), "seed": asked.seed, "mask": asked.mask,
        "trust_templates": asked.trust_templates,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value or type(value) is int}


def changes(old: Settings, asked: PlayOptions) -> dict[str, Any]:
    """What was asked of a branch of a run with the settings `old`; what is by seat comes to what was there."""
    if asked.crisis:
        raise UsageError("--crisis: a branch stays in its run's crisis")
    if asked.variant is not None:
        raise UsageError(
            "--variant: a branch keeps the opening of its run", hint="run the other variant from its start"
        )
    named = {name: getattr(asked, name) for name in ("mode", "model", "base_url") if getattr(asked, name)}
    found = {**wanted(asked), **named, **({"decide": True} if asked.model or asked.base_url else {})}
    return {name: {**getattr(old, name), **v} if isinstance(v, dict) else v for name, v in found.items()}


def config_of(asked: PlayOptions) -> Config:
    """The settings in force, those among the options first."""
    from .config import load_config

    config = load_config({**vars(asked), "out": str(asked.out) if asked.out else None})
    if config.mode not in ("prevent", "block", "observe"):
        raise UsageError(f"--mode {config.mode}: choose prevent, block or observe")
    return config


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


def strategies(values: list[str] | None) -> dict[str, str]:
    """[SEAT=]NAME options as a dict; '' stands for the protagonist."""
    split = [v.partition("=") if "=" in v else ("", "=", v) for v in values or ()]
    return {seat.lower(): name for seat, _, name in split}


def models(values: list[str] | None) -> dict[str, dict[str, str]]:
    """SEAT=NAME[@URL] options as settings; 'adjudicator' stands where a seat does."""
    named = pairs("--model-of", values)
    return {
        "models": {seat: value.partition("@")[0] for seat, value in named.items()},
        "base_urls": {seat: value.partition("@")[2] for seat, value in named.items() if "@" in value},
    }


def model_settings(config: Config) -> dict[str, Any]:
    """Whether models decide: where one was named, or a key of the default endpoint is there."""
    if config.base_url and not config.model:
        raise _nameless(config)
    decide = bool(config.model or os.environ.get(config.api_key_env))
    return {"decide": decide, "model": config.model, "base_url": config.base_url}


def _nameless(config: Config) -> UsageError:
    name = "name one: --model NAME (or ROLEPLAY_MODEL)"
    if config.base_url:
        return UsageError("--base-url is given but no model", hint=name)
    return UsageError(f"{config.api_key_env} is given but no model", hint=f"{name}, or a driver for every seat")


def options_of(config: Config, models: set[str]) -> Options:
    """Caps and prices; `models` are those that the run will call. A model on this machine costs nothing."""
    from ..game import Options
    from ..models.prices import FREE, read_prices, refuse_unpriced
    from ..purse import Caps

    prices = {**FREE, **read_prices(config.prices)}
    if config.max_cost is not None:
        refuse_unpriced(models, prices)
    caps = Caps(config.max_cost, config.max_tokens, config.max_minutes)
    return Options(
        out=Path(config.out), caps=caps, prices=prices, concurrency=config.concurrency,
        api_key_env=config.api_key_env, keys=config.keys,
    )  # fmt: skip
