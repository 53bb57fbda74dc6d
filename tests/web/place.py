"""A server around the pond, and visitors who hold places there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from roleplay.game import Options
from roleplay.hosting import Host
from roleplay.players import Fallbacks
from roleplay.transcripts.finding import find_run
from roleplay.transcripts.record import load_record
from roleplay.web.access import Access, Grant
from roleplay.web.app import make_app
from roleplay.web.games import Game
from roleplay.web.server import Server
from tests.hosting.pond import HERON, pond_run

HERE = "http://testserver"
ORIGIN = {"Origin": HERE}
SAMPLE = "august-2017-by-hand"


@dataclass
class Place:
    """A server, its one game, and doors to it."""

    server: Server
    game: Game

    def client(self) -> httpx2.AsyncClient:
        """A visitor without any right."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=make_app(self.server), raise_app_exceptions=False), base_url=HERE,
        )  # fmt: skip

    async def enter(self, place: str) -> Visitor:
        """A visitor who has opened the invitation of a place."""
        client = self.client()
        token = self.server.access.invite(Grant("1", place))
        answer = await client.post("/join", data={"token": token}, headers=ORIGIN)
        assert answer.status_code == 303
        return Visitor(client, place, answer.headers["location"])


@dataclass
class Visitor:
    """Somebody who holds a place."""

    client: httpx2.AsyncClient
    place: str
    home: str

    async def get(self, path: str = "") -> httpx2.Response:
        return await self.client.get(self.home + path)

    async def page(self, path: str = "") -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def post(self, path: str, **fields: str | list[str]) -> httpx2.Response:
        """Send a form of the page, with what it brings back."""
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', (await self.get()).text)
        data = {"csrf": csrf[1] if csrf else "", **fields}
        return await self.client.post(self.home + path, data=data, headers=ORIGIN)

    async def turn(self, room: str, do: str, **fields: str | list[str]) -> httpx2.Response:
        """One step of the turn that is asked in a room."""
        found = re.search(r'name="ticket" value="([^"]+)"', await self.page(f"?room={room}"))
        return await self.post("turn", room=room, do=do, ticket=found[1] if found else "none", **fields)


@asynccontextmanager
async def opened(
    out: Path, seats: Mapping[str, str] = HERON, rounds: int = 1, options: Options | None = None,
    fallbacks: Fallbacks | None = None, **settings: object,
) -> AsyncIterator[Place]:  # fmt: skip
    """A server whose game goes on beside the test."""
    folder = pond_run(out, seats, rounds, **settings)
    game = Game("1", Host(folder, options or Options(out=out), fallbacks or Fallbacks()))
    samples = {SAMPLE: load_record(find_run(SAMPLE))}
    place = Place(Server(Access(folder / "access.json"), HERE, {"1": game}, samples), game)
    game.start()
    try:
        yield place
    finally:
        await game.stop()
