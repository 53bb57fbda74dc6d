"""Checks before a class: how fast pages are made for so many, and how long a machine's words take on this machine.

Knows nothing about how either is made.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from ..errors import RoleplayError

PATIENCE = 20.0
"""Seconds that a class waits for a machine's turn before its policy should answer (`--late`)."""
PAGE = 2.0
"""Seconds in which everybody should have their page when all load it at once."""


def class_checks(people: int) -> list[dict[str, Any]]:
    """What a class of so many needs of this machine; takes some ten seconds where there is a model."""
    return [_pages(people), _voices()]


def _row(name: str, ok: bool, detail: str, hint: str) -> dict[str, Any]:
    return {"name": name, "ok": ok, "detail": detail, "hint": "" if ok else hint}


def _pages(people: int) -> dict[str, Any]:
    """Time for everybody to load a round of a finished game at once."""
    from ..transcripts.finding import find_run
    from ..transcripts.record import load_record
    from ..web.pages import replay_values
    from ..web.rendering import render
    from ..web.serve import SAMPLE

    record = load_record(find_run(SAMPLE))
    seats = [record.as_seat(seat) for seat in record.seats]
    began = time.perf_counter()
    for number in range(people):
        render("replay.html.j2", here="/", home="/", csrf="", **replay_values(seats[number % len(seats)], 1))
    took = time.perf_counter() - began
    return _row(
        "pages", took < PAGE, f"{people} pages at once: {took:.1f} s", "close other programs, or split the class"
    )


def _voices() -> dict[str, Any]:
    """How long one turn takes whose words come from the embedded model: one seat of one round is played."""
    from ..crises import load_scenario
    from ..game import Options, aplay
    from ..models.fetch import DEFAULT, find_gguf
    from ..transcripts.finding import find_run
    from ..transcripts.record import load_record
    from ..web.serve import SAMPLE

    hint = f"serve with --late {PATIENCE:.0f}, or play the seats that nobody takes by baselines"
    if find_gguf(DEFAULT) is None:
        return _row("voices", False, "the embedded model is not on this machine", hint)
    scenario = load_scenario(load_record(find_run(SAMPLE)).run.scenario)[1]
    seats = {seat: f"baseline:{name}" for seat, name in scenario.seats.items()}
    seats[scenario.protagonist] = f"voice:{scenario.seats[scenario.protagonist]}"
    try:
        with tempfile.TemporaryDirectory() as out:
            run = asyncio.run(aplay(scenario.id, seats=seats, rounds=1, options=Options(out=Path(out))))
    except RoleplayError as error:
        return _row("voices", False, error.message, error.hint or hint)
    calls = max(run.result.calls, 1)
    each = run.result.model_seconds / calls
    return _row("voices", each < PATIENCE, f"{each:.1f} s a turn worded by the embedded model ({calls} tried)", hint)
