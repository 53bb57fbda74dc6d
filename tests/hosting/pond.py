"""The pond with people at it: a host, and hands that take their turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from roleplay.game import Options, Run, create
from roleplay.hosting import Host
from roleplay.moves import Turn
from roleplay.players import Fallbacks
from roleplay.seats.inbox import Asked, NotAsked
from roleplay.setup import Settings, resolve
from tests.engine.pond import POND

T = TypeVar("T")
HERON = {"heron": "human", "otter": "baseline:dove", "newt": "baseline:defiant"}
PASS = Turn.model_validate({"moves": [{"kind": "pass"}]})


def pond_run(out: Path, seats: Mapping[str, str] = HERON, rounds: int = 1, **settings: object) -> Path:
    """A run of the pond before its first round."""
    asked = {"scenario": "dam", "crisis": str(POND), "seats": dict(seats), "rounds": rounds, **settings}
    return create(resolve(Settings.model_validate(asked)), Options(out=out), folder=out / "run")


@asynccontextmanager
async def hosted(
    folder: Path, options: Options | None = None, fallbacks: Fallbacks | None = None
) -> AsyncIterator[tuple[Host, asyncio.Task[Run]]]:
    """A host whose game goes on beside the test, and is stopped with it."""
    host = Host(folder, options or Options(out=folder.parent), fallbacks or Fallbacks())
    game = asyncio.create_task(host.play())
    try:
        yield host, game
    finally:
        game.cancel()
        with suppress(asyncio.CancelledError):
            await game


async def until(true: Callable[[], object], game: asyncio.Task[object] | None = None) -> None:
    """Wait until something holds; an error of the game is the test's."""
    async with asyncio.timeout(20):
        while not true():
            if game is not None and game.done():
                game.result()
            await asyncio.sleep(0.005)  # A host tells one listener, its page or terminal: tests look.


async def asked(host: Host, seat: str, ring: str | None = None, phase: str | None = None) -> Asked:
    """The turn that a seat is asked for, once it is."""
    found: list[Asked] = []

    def there() -> bool:
        found[:] = [
            a
            for a in host.inbox.waiting(seat)
            if ring in (None, a.view.moment.ring) and phase in (None, a.view.moment.phase)
        ]
        return bool(found)

    await until(there)
    return found[0]


async def play_out(host: Host, game: asyncio.Task[T], turn: Turn = PASS) -> T:
    """Take every turn that comes, in the same way, to the end."""
    while not game.done():
        for seat in sorted(host.players.people):
            for waiting in host.inbox.waiting(seat):
                with suppress(NotAsked):  # An open floor closes when all have done.
                    await host.submit(seat, waiting.ticket, turn)
        await until(lambda: game.done() or any(map(host.inbox.waiting, host.players.people)))
    return game.result()
