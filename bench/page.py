"""How long what is said takes to reach everybody who watches, and whether anybody misses any of it.

    uv run --no-sync python -m bench.page [VIEWERS] [TURNS]

A server of the pond in this process, as many open streams as viewers on sockets of their own, and turns that are said
in rings whose members all of them are.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from roleplay.game import Options
from roleplay.hosting import Host
from roleplay.moves import Turn
from roleplay.web.access import Grant, cookie_name
from roleplay.web.games import Game
from roleplay.web.serve import Address, listen, make_server, run
from tests.hosting.pond import pond_run

SEATS = dict.fromkeys(("heron", "otter", "newt"), "human")


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


async def main(viewers: int, turns: int) -> None:
    with tempfile.TemporaryDirectory() as out:
        folder = pond_run(Path(out), SEATS, rounds=4)
        listening, address = listen(Address())
        game = Game("1", Host(folder, Options(out=Path(out))))
        server = make_server({"1": game}, address)
        serving = asyncio.create_task(run(server, listening))
        await game.feed("heron").next_change.wait()
        grant = Grant("1", "otter")
        entered = server.access.enter(server.access.invite(grant))
        assert entered
        cookie = f"{cookie_name(grant)}={entered[1]}"
        seen: list[dict[str, float]] = [{} for _ in range(viewers)]
        begun = [asyncio.Event() for _ in range(viewers)]
        where = (address.host, address.port)
        after = game.feed("otter").position()
        watching = [
            asyncio.create_task(watch(where, "otter", cookie, after, *mine)) for mine in zip(seen, begun, strict=True)
        ]
        await asyncio.gather(*(event.wait() for event in begun))
        posted: dict[str, float] = {}
        while len(posted) < turns and not game.host.over:
            for seat in SEATS:
                for asked in game.host.inbox.waiting(seat):
                    heard = asked.view.moment.ring in ("bank", "moot", "all")
                    text = f"said-{len(posted):04d}" if heard else ""
                    turn = Turn.model_validate({"text": text, "moves": [] if text else [{"kind": "pass"}]})
                    if text:
                        posted[text] = time.perf_counter()
                    await game.host.submit(seat, asked.ticket, turn)
            if not any(map(game.host.inbox.waiting, SEATS)):
                await game.feed("otter").next_change.wait()
        await asyncio.sleep(2)  # What never comes has no state to wait for.
        waits = sorted(mine[text] - at for text, at in posted.items() for mine in seen if text in mine)
        missed = len(posted) * viewers - len(waits)
        p50, p99 = (1000 * waits[int(share * (len(waits) - 1))] for share in (0.5, 0.99))
        print(
            f"{viewers} viewers, {len(posted)} turns: {missed} missed; to be seen: p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        )
        for task in (*watching, serving):
            task.cancel()
        await asyncio.gather(*watching, serving, return_exceptions=True)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    asyncio.run(main(*(given + [100, 30][len(given) :])))
