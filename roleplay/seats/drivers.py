"""What can play a seat, by the name it has on the command line; knows nothing about how any of it plays.

A new driver: write it, add a function that builds it and one line to `DRIVERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..errors import UsageError
from ..frozen import NOTE_LIMIT
from ..models import ChatModel
from ..prompting.templates import Templates
from . import AnySeat


@dataclass(frozen=True)
class DriverSpec:
    """A driver as named: `baseline:hawk` is kind 'baseline', argument 'hawk'."""

    kind: str
    argument: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.argument}" if self.argument else self.kind


@dataclass(frozen=True)
class Makings:
    """What a driver may be made from; `model` opens the seat's model, and is called by those that need one."""

    seat: str
    model: Callable[[], ChatModel]
    variant: int
    seed: int
    templates: Templates | None = None
    """None: ours."""
    temperature: float | None = None


@dataclass(frozen=True)
class DriverKind:
    """A kind of driver: how it is written (hidden where nobody writes it), and how it is built."""

    form: str
    argument: Literal["none", "optional", "required"]
    build: Callable[[DriverSpec, Makings], AnySeat]
    hidden: bool = False
    check: Callable[[DriverSpec, str], object] | None = None
    """Raises what `build` would, for a seat of this name, before anything is begun."""


def parse_driver(text: str) -> DriverSpec:
    """Read 'KIND' or 'KIND:ARGUMENT'; raises UsageError for what does not exist."""
    if len(text) > NOTE_LIMIT:
        raise UsageError(f"driver '{text[:40]}...' has {len(text)} characters; at most {NOTE_LIMIT} can be kept")
    kind, colon, argument = text.strip().partition(":")
    row = DRIVERS.get(kind)
    if row is None:
        raise UsageError(f"driver '{text}' does not exist; there is {_forms()}")
    if (colon and not argument) or (row.argument == "required" and not argument):
        raise UsageError(f"driver '{text}' lacks its name: write {row.form}")
    if row.argument == "none" and argument:
        raise UsageError(f"driver '{text}': '{kind}' takes no name")
    return DriverSpec(kind, argument or None)


def build_driver(spec: DriverSpec, makings: Makings) -> AnySeat:
    """Make what plays a seat; raises UsageError, or AuthorError for a broken script."""
    return DRIVERS[spec.kind].build(spec, makings)


def check_driver(spec: DriverSpec, seat: str) -> None:
    """Raise UsageError, or AuthorError, where a seat's program or script cannot be had."""
    if check := DRIVERS[spec.kind].check:
        check(spec, seat)


def _forms() -> str:
    return ", ".join(row.form for row in DRIVERS.values() if not row.hidden)


# --- builders; each imports its driver only when that is asked for ---------------------------------------------------


def _model(spec: DriverSpec, makings: Makings) -> AnySeat:
    from .model import TEMPERATURE, ModelSeat, small_context

    model = makings.model()
    warm = TEMPERATURE if makings.temperature is None else makings.temperature
    return ModelSeat(model, makings.templates, seed=makings.seed, temperature=warm, brief=small_context(model))


def _baseline(spec: DriverSpec, makings: Makings) -> AnySeat:
    from .baseline import Baseline
    from .profiles import load_profile

    return Baseline(load_profile(spec.argument or ""), makings.seed, makings.variant)


def _voice(spec: DriverSpec, makings: Makings) -> AnySeat:
    from .baseline import Baseline
    from .profiles import load_profile
    from .voice import Voice

    baseline = Baseline(load_profile(spec.argument or ""), makings.seed, makings.variant)
    return Voice(baseline, makings.model(), makings.seed, makings.templates)


def _adviser(spec: DriverSpec, makings: Makings) -> AnySeat:
    from .adviser import Adviser
    from .model import small_context

    model = makings.model()
    if small_context(model):  # It cannot choose; it says why the policy of the seat would.
        return _voice(spec, makings)
    return Adviser(model, makings.templates, makings.seed)


def _script(spec: DriverSpec, seat: str) -> AnySeat:
    from .script import load_script

    script = load_script(spec.argument or "")
    if seat not in script.file.seats:
        raise UsageError(f"{spec.argument} has no turns for {seat}; it has {', '.join(script.file.seats)}")
    return script


def _python(spec: DriverSpec, makings: Makings) -> AnySeat:
    from .python import python_seat

    return python_seat(spec.argument or "")


def _outside(spec: DriverSpec, makings: Makings) -> AnySeat:
    raise UsageError(
        f"seat {makings.seat} is played from outside ({spec})",
        hint="sit down with: roleplay play SCENARIO --as SEAT, or let others in with: roleplay serve SCENARIO",
    )


def _found(spec: DriverSpec, seat: str) -> object:
    from .python import found

    return found(spec.argument or "")


def _object(spec: DriverSpec, makings: Makings) -> AnySeat:
    raise UsageError(
        f"seat {makings.seat} was played by an object of the caller's ({spec.argument})",
        hint="pass it again in Python, or name another driver for the seat",
    )


DRIVERS: Mapping[str, DriverKind] = {
    "model": DriverKind("model, model:NAME", "optional", _model),
    "voice": DriverKind("voice:NAME", "required", _voice),
    "baseline": DriverKind("baseline:NAME", "required", _baseline),
    "script": DriverKind("script:FILE", "required", lambda spec, makings: _script(spec, makings.seat), check=_script),
    "python": DriverKind("python:MODULE:NAME", "required", _python, check=_found),
    "object": DriverKind("object:NAME", "required", _object, hidden=True),
    "adviser": DriverKind("adviser:NAME", "required", _adviser, hidden=True),
    "human": DriverKind("human", "none", _outside),
    "http": DriverKind("http", "none", _outside),
}

OUTSIDE = ("human", "http")
"""Drivers whose turns come in through an inbox; whoever hosts the game brings it."""
