"""How long what is said takes to reach everybody who watches, and what a long game costs in memory.

    uv run --no-sync python -m bench.page [VIEWERS] [TURNS]
    uv run --no-sync python -m bench.page memory [VIEWERS] [ROUNDS] [MINUTES]
    uv run --no-sync python -m bench.page worlds [WORLDS]

A server of the pond in this process, as many open streams as viewers on sockets of their own, and turns that are said
in rings whose members all of them are. For memory, the game is made longer, and with every turn one viewer goes and
another comes, who loads the page and its replay; until the minutes are over, each game is followed by another in its
place, so that what a server does not give back shows as growth from game to game. For worlds, one person a world
answers at once and five voices share the embedded model.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import httpx2

from roleplay.game import Options, create
from roleplay.hosting import Host
from roleplay.moves import Turn
from roleplay.seats.inbox import Asked
from roleplay.setup import Settings, resolve
from roleplay.web.access import Grant, cookie_name
from roleplay.web.games import Game
from roleplay.web.serve import Address, listen, make_server, run
from roleplay.web.server import Server
from tests.engine.pond import POND
from tests.hosting.pond import PASS, pond_run

SEATS = dict.fromkeys(("heron", "otter", "newt"), "human")
SAID = Turn(text="We have heard you, and we shall answer when the water is low again. " * 4)


async def watch(
    url: tuple[str, int], place: str, cookie: str, after: str, mine: dict[str, float], begun: asyncio.Event
) -> None:
    """Read one stream and note when each said text was first seen."""
    reader, writer = await asyncio.open_connection(*url)
    head = f"GET /g/1/{place}/stream?after={after} HTTP/1.1\r\nHost: {url[0]}:{url[1]}\r\nCookie: {cookie}\r\n\r\n"
    writer.write(head.encode())
    try:
        while line := await reader.readline():
            at = time.perf_counter()
            begun.set()
            start = line.find(b"said-")
            if start >= 0:
                mine.setdefault(line[start : start + 9].decode(), at)
    finally:
        writer.close()


def new_game(out: Path, rounds: int) -> Game:
    """A game of so many rounds, in a folder of its own."""
    crisis = Path(shutil.copytree(POND, out / "pond"))
    scenario = crisis / "scenarios" / "dam.yaml"
    scenario.write_text(scenario.read_text().replace("rounds: 4", f"rounds: {max(rounds, 4)}"))
    return Game("1", Host(pond_run(out, SEATS, rounds=rounds, crisis=str(crisis)), Options(out=out)))


@asynccontextmanager
async def pond(rounds: int) -> AsyncIterator[tuple[Game, Server, tuple[str, int]]]:
    """A game of so many rounds that is served here."""
    with tempfile.TemporaryDirectory() as out:
        game = new_game(Path(out), rounds)
        listening, address = listen(Address())
        server = make_server({"1": game}, address)
        serving = asyncio.create_task(run(server, listening))
        await game.feed("heron").next_change.wait()
        yield game, server, (address.host, address.port)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def admitted(server: Server, grant: Grant) -> str:
    """The cookie of somebody who has come in."""
    entered = server.access.enter(server.access.invite(grant))
    assert entered
    return f"{cookie_name(grant)}={entered[1]}"


async def turns_of(game: Game) -> AsyncIterator[Asked]:
    """Every turn that is asked, to the end; whoever takes it from here takes it before the next."""
    while not game.host.over:
        for seat in SEATS:
            for asked in game.host.inbox.waiting(seat):
                yield asked
        if not any(map(game.host.inbox.waiting, SEATS)):
            await game.feed("otter").next_change.wait()


async def main(viewers: int, turns: int) -> None:
    async with pond(rounds=4) as (game, server, where):
        cookie = admitted(server, Grant("1", "otter"))
        seen: list[dict[str, float]] = [{} for _ in range(viewers)]
        begun = [asyncio.Event() for _ in range(viewers)]
        after = game.feed("otter").position()
        watching = [
            asyncio.create_task(watch(where, "otter", cookie, after, *mine)) for mine in zip(seen, begun, strict=True)
        ]
        await asyncio.gather(*(event.wait() for event in begun))
        posted: dict[str, float] = {}
        async for asked in turns_of(game):
            heard = asked.view.moment.ring in ("bank", "moot", "all")
            text = f"said-{len(posted):04d}" if heard else ""
            if text:
                posted[text] = time.perf_counter()
            turn = Turn.model_validate({"text": text, "moves": [] if text else [{"kind": "pass"}]})
            await game.host.submit(asked.view.seat, asked.ticket, turn)
            if len(posted) == turns:
                break
        await asyncio.sleep(2)  # What never comes has no state to wait for.
        waits = sorted(mine[text] - at for text, at in posted.items() for mine in seen if text in mine)
        missed = len(posted) * viewers - len(waits)
        p50, p99 = (1000 * waits[int(share * (len(waits) - 1))] for share in (0.5, 0.99))
        print(
            f"{viewers} viewers, {len(posted)} turns: {missed} missed; to be seen: p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        )
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def memory(viewers: int, rounds: int, minutes: int) -> None:
    """Resident memory within every game after each tenth of it, and after every game."""
    sizes: list[float] = []
    began = time.monotonic()
    async with pond(rounds) as (game, server, where):
        visits = await visited(game, server, where, viewers, rounds, sizes)
        while time.monotonic() - began < 60 * minutes:
            with tempfile.TemporaryDirectory() as out:
                await game.stop()
                server.games["1"] = game = new_game(Path(out), rounds)
                game.start()
                visits += await visited(game, server, where, viewers, rounds, sizes)
    print(
        f"{len(sizes)} games, {visits} visits, {(time.monotonic() - began) / 60:.0f} minutes, {viewers} viewers at a "
        f"time; after each game {', '.join(f'{size:.1f}' for size in sizes)} MB, end/start {sizes[-1] / sizes[0]:.3f}"
    )


async def visited(
    game: Game, server: Server, where: tuple[str, int], viewers: int, rounds: int, sizes: list[float]
) -> int:
    """Play a game to its end with viewers who come and go; adds what memory is left held; how many visits it had."""
    cookie = admitted(server, Grant("1", "otter"))
    watching: deque[asyncio.Task[None]] = deque()
    visits, told = 0, 0
    base = f"http://{where[0]}:{where[1]}/g/1/otter/"
    async with httpx2.AsyncClient(base_url=base, headers={"Cookie": cookie}, timeout=60) as client:
        async for asked in turns_of(game):
            for path in ("", "replay"):
                (await client.get(path)).raise_for_status()
            stream = watch(where, "otter", cookie, game.feed("otter").position(), {}, asyncio.Event())
            watching.append(asyncio.create_task(stream))
            visits += 1
            if len(watching) > viewers:
                watching[0].cancel()
                await asyncio.gather(watching.popleft(), return_exceptions=True)
            await game.host.submit(asked.view.seat, asked.ticket, SAID)
            tenth = 10 * asked.view.moment.round // rounds
            if tenth > told:
                told = tenth
                print(f"{len(game.host.events):6} events, {visits:6} visits: {resident():6.1f} MB", flush=True)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    sizes.append(resident())
    return visits


async def worlds(number: int) -> None:
    """How long a person waits from one turn of theirs to the next, alone on the server and beside other worlds."""
    for count in (1, 1, number):  # The first loads what all need.
        with tempfile.TemporaryDirectory() as out:
            asked = Settings(scenario="august-2017", seats={"us": "human"}, rounds=1)
            options = Options(out=Path(out))
            hosts = [Host(create(resolve(asked), options), options) for _ in range(count)]
            waits = sorted(chain.from_iterable(await asyncio.gather(*map(waited, hosts))))
        print(
            f"{count} worlds, one round: a person waited {len(waits) // count} times, "
            f"{sum(waits) / count:.1f} s in all, {waits[-1]:.1f} s at most", flush=True,
        )  # fmt: skip


async def waited(host: Host) -> list[float]:
    """Play a host's game to its end, answering at once; seconds in which nothing was asked."""
    changed = asyncio.Event()
    waits: list[float] = []
    host.changed = lambda events: changed.set()
    game, since = asyncio.create_task(host.play()), time.perf_counter()
    while not game.done():
        changed.clear()
        for n, asked in enumerate(host.inbox.waiting("us")):
            waits += [] if n else [time.perf_counter() - since]
            await host.submit("us", asked.ticket, PASS)
            since = time.perf_counter()
        await asyncio.wait({game, asyncio.ensure_future(changed.wait())}, return_when=asyncio.FIRST_COMPLETED)
    game.result()
    return waits


def resident() -> float:
    """MB of this process that are in memory, by Linux's own count."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    modes: dict[str, tuple[Callable[..., Coroutine[Any, Any, None]], list[int]]]
    modes = {"memory": (memory, [100, 60, 5]), "worlds": (worlds, [4])}
    what, usual = modes.get("".join(sys.argv[1:2]), (main, [100, 30]))
    given = [int(text) for text in sys.argv[1:] if text.isdecimal()]
    asyncio.run(what(*(given + usual[len(given) :])))
