"""A server of the pond on a thread and a port of its own, as browsers and programs meet it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roleplay.game import Options
from roleplay.hosting import Host
from roleplay.players import Fallbacks
from roleplay.web.access import Grant
from roleplay.web.games import Game
from roleplay.web.serve import Address, listen, make_server, run
from roleplay.web.server import Server
from tests.hosting.pond import pond_run


@dataclass
class Live:
    """A server on a thread of its own, and what the test does to its game from outside."""

    server: Server
    url: str
    loop: asyncio.AbstractEventLoop

    @property
    def game(self) -> Game:
        return self.server.games["1"]

    @property
    def host(self) -> Host:
        return self.game.host

    def call(self, work: Callable[[], Any]) -> Any:
        """Do something on the server's thread."""

        async def do() -> Any:
            found = work()
            return await found if asyncio.iscoroutine(found) else found

        return asyncio.run_coroutine_threadsafe(do(), self.loop).result(30)

    def wait(self, true: Callable[[], object]) -> None:
        """Wait until something holds of the game: looked at with every change of it."""

        async def changes() -> None:
            async with asyncio.timeout(20):
                while not true():
                    await self.game.feed("control").next_change.wait()

        self.call(changes)

    def link(self, place: str) -> str:
        link: str = self.call(lambda: self.server.link(Grant("1", place)))
        return link


@contextmanager
def served(
    out: Path, seats: Mapping[str, str], rounds: int = 1, options: Options | None = None, **settings: object
) -> Iterator[Live]:
    """A server whose game goes on until the block ends."""
    with running(pond_run(out, seats, rounds, **settings), options or Options(out=out)) as live:
        yield live


@contextmanager
def running(folder: Path, options: Options, port: int = 0) -> Iterator[Live]:
    """The same of a run that is there already."""
    ready = threading.Event()
    made: list[Any] = []

    async def main() -> None:
        listening, address = listen(Address(port=port))
        game = Game("1", Host(folder, options, Fallbacks()))
        server = make_server({"1": game}, address)
        task = asyncio.create_task(run(server, listening, ready.set))
        made.extend([Live(server, address.url, asyncio.get_running_loop()), task])
        await asyncio.gather(task, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(20)
    live: Live = made[0]
    try:
        yield live
    finally:
        live.loop.call_soon_threadsafe(made[1].cancel)
        thread.join(10)
