"""Checks before a class: how fast so many have their pages, and how long a machine's words take on this machine.

Knows nothing about how either is made.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RoleplayError
from .upkeep import checked

if TYPE_CHECKING:
    from ..crises.scenarios import Scenario

PATIENCE = 20.0
"""Seconds that a class waits for a machine's turn before its policy should answer (`--late`)."""
PAGE = 2.0
"""Seconds in which everybody should have their page when all come in at once."""


def class_checks(people: int) -> list[dict[str, Any]]:
    """What a class of so many needs of this machine; takes some ten seconds where there is a model."""
    return [_pages(people), _voices()]


def _pages(people: int) -> dict[str, Any]:
    """Time for everybody to come in at once and have the page of their seat, over connections of their own."""
    with tempfile.TemporaryDirectory() as out:
        took = asyncio.run(_served(people, Path(out)))
    half, all_ = took[people // 2], took[-1]
    words = f"{people} at once, served on this machine: half had their page after {half:.1f} s, all after {all_:.1f} s"
    return checked("pages", all_ < PAGE, words, "close other programs, or split the class")


async def _served(people: int, out: Path) -> list[float]:
    """Seconds until each of so many had their page, in order; a game with people in all seats is served for them."""
    from ..game import Options, create
    from ..hosting import Host
    from ..setup import Settings, resolve
    from ..web.access import Grant
    from ..web.games import Game
    from ..web.serve import Address, listen, make_server, run

    scenario, options = _scenario(), Options(out=out)
    setup = resolve(Settings(scenario=scenario.id, seats=dict.fromkeys(scenario.seats, "human")))
    listening, address = listen(Address())
    server = make_server({"1": Game("1", Host(create(setup, options), options))}, address)
    serving = asyncio.create_task(run(server, listening))
    try:
        for seat in setup.plans:  # What the first one loads is there when a class comes.
            await _come_in(server.url, server.link(Grant("1", seat)))
        links = [server.link(Grant("1", seat)) for seat in islice(cycle(setup.plans), people)]
        return sorted(await asyncio.gather(*(_come_in(server.url, link) for link in links)))
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _come_in(url: str, link: str) -> float:
    """Seconds until somebody who opens a link has the page of their seat and what belongs to it."""
    import httpx2

    # Nothing is encrypted on loopback, and to read certificates would take longer than a page.
    plain = httpx2.AsyncClient(base_url=url, headers={"Origin": url}, follow_redirects=True, timeout=60, verify=False)
    async with plain as browser:
        began = time.perf_counter()
        desk = await browser.post("/join", data={"token": link.rpartition("/")[2]})
        parts = [await browser.get(path) for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', desk.text)]
        took = time.perf_counter() - began
    for answer in (desk, *parts):
        answer.raise_for_status()
    return took


def _scenario() -> Scenario:
    """The scenario of the hand-written game, which is always there."""
    from ..crises import load_scenario
    from ..transcripts.finding import find_run
    from ..transcripts.record import load_record
    from ..web.serve import SAMPLE

    return load_scenario(load_record(find_run(SAMPLE)).run.scenario)[1]


def _voices() -> dict[str, Any]:
    """How long one turn takes whose words come from the embedded model: one seat of one round is played."""
    from ..game import Options, aplay
    from ..models.fetch import DEFAULT, find_gguf

    hint = f"serve with --late {PATIENCE:.0f}, or play the seats that nobody takes by baselines"
    if find_gguf(DEFAULT) is None:
        return checked("voices", False, "the embedded model is not on this machine", hint)
    scenario = _scenario()
    seats = {seat: f"baseline:{name}" for seat, name in scenario.seats.items()}
    seats[scenario.protagonist] = f"voice:{scenario.seats[scenario.protagonist]}"
    try:
        with tempfile.TemporaryDirectory() as out:
            run = asyncio.run(aplay(scenario.id, seats=seats, rounds=1, options=Options(out=Path(out))))
    except RoleplayError as error:
        return checked("voices", False, error.message, error.hint or hint)
    calls = max(run.result.calls, 1)
    each = run.result.model_seconds / calls
    return checked("voices", each < PATIENCE, f"{each:.1f} s a turn worded by the embedded model ({calls} tried)", hint)
