"""Starts the server: what it serves, under which names it can be reached, and the links that it gives out.

One process, one event loop: games, pages and streams share it. Knows nothing about routes.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from ..errors import RunBusy, UsageError
from ..transcripts.finding import find_run
from ..transcripts.record import load_record
from .access import PLACES, TEACHER, Access, Grant
from .app import make_app
from .games import Game
from .server import ACCESS, Server

LOOPBACK = ("127.0.0.1", "::1", "localhost")
EVERYWHERE = ("0.0.0.0", "::")
SAMPLE = "august-2017-by-hand"


@dataclass(frozen=True)
class Address:
    """Where the server listens, and how others reach it."""

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    """As seen from outside, behind a proxy that speaks HTTPS; empty: host and port."""
    known_as: str = ""
    """This machine's address in its network, where the server listens everywhere."""

    @property
    def url(self) -> str:
        """Where others reach it."""
        host = self.known_as or self.host
        shown = f"[{host}]" if ":" in host else host
        return self.public_url.rstrip("/") or f"http://{shown}:{self.port}"

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK and not self.public_url

    def names(self) -> frozenset[str]:
        """Host headers that are meant for this server; none where it listens everywhere: then any is taken."""
        if self.public_url:
            return frozenset({urlsplit(self.public_url).netloc, f"127.0.0.1:{self.port}"})
        if self.host in EVERYWHERE:
            return frozenset()
        return frozenset({urlsplit(self.url).netloc, *(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))})


@dataclass
class Links:
    """What is printed first: where the server is, and a link for every place."""

    url: str
    title: str = ""
    """What people call the game: 'World 1', or a branch's run."""
    links: dict[str, str] = field(default_factory=dict)
    control: str | None = None
    observer: str | None = None
    analyst: str | None = None
    worlds: list[dict[str, Any]] = field(default_factory=list)
    """The same of the other games, where several go on side by side."""
    teacher: str | None = None
    """In control of all games, and of what else is begun on this server; none on a server for one person."""
    code: str = ""
    """What people type at /class to come in; empty where that is closed."""


def listen(address: Address) -> tuple[socket.socket, Address]:
    """A socket that listens already: who comes before the server is up waits; and where it is.

    Raises RunBusy where the port is taken, UsageError for a bad address.
    """
    if int(os.environ.get("WEB_CONCURRENCY", "1") or 1) > 1:
        raise UsageError("one server is one process: games live in its memory", hint="unset WEB_CONCURRENCY")
    try:
        made = socket.socket(socket.getaddrinfo(address.host, address.port)[0][0])
    except socket.gaierror as error:
        raise UsageError(f"--host {address.host}: {error.strerror}") from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address.host, address.port))
        made.listen(512)
    except OSError as error:
        made.close()
        raise RunBusy(
            f"{address.host}:{address.port} cannot be listened on: {error.strerror}", hint="choose another --port"
        ) from error
    known_as = _own_address(address.host) if address.host in EVERYWHERE else ""
    return made, replace(address, port=made.getsockname()[1], known_as=known_as)


def _own_address(host: str) -> str:
    """The address by which this machine's network knows it; a datagram socket that is connected sends nothing."""
    family, far = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((far, 9))
        except OSError:
            return LOOPBACK[1] if ":" in host else LOOPBACK[0]
        found: str = probe.getsockname()[0]
        return found


def make_server(games: Mapping[str, Game], address: Address, look: Mapping[str, Path] | None = None) -> Server:
    """A server of these games, with the hand-written game and whatever else is to be looked at."""
    home = next((game.host.folder for game in games.values()), None)
    shown = {**(look or {}), SAMPLE: find_run(SAMPLE)}
    samples = {name: load_record(path) for name, path in shown.items()}
    access = Access(home / ACCESS if home else None)
    return Server(access, address.url, dict(games), samples, address.names(), private=not address.loopback)


def give_out(server: Server) -> Links:
    """New links for every place of every game; older ones stay good."""
    rows = [_links(server, name, game) for name, game in server.games.items()]
    first = rows[0] if rows else {}
    teacher = server.link(TEACHER) if server.private or server.lobby.code else None
    return Links(server.url, **first, worlds=rows[1:], teacher=teacher, code=server.lobby.code)


def _links(server: Server, name: str, game: Game) -> dict[str, Any]:
    links = {place: server.link(Grant(name, place)) for place in game.places}
    others = {place: links.pop(place) for place in PLACES}
    return {"title": game.title, "links": links, **others}


class Serving(uvicorn.Server):
    """Lets streams and waiting programs go before it waits for connections to close, and cuts what is left of them."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self.served = server

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.served.close()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # Whoever has not let go within a second.
            connection.transport.abort()
        await asyncio.sleep(0)  # Aborted connections are told of it in the loop's next turn.


async def run(
    server: Server, listening: socket.socket, ready: Callable[[], None] = lambda: None, *, until_over: bool = False
) -> None:
    """Serve until stopped, or until every game is; games stop with the server where their journals stand."""
    config = uvicorn.Config(
        make_app(server), log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    serving = Serving(config, server)
    for game in server.games.values():
        game.start()
        if until_over and game.task:
            game.task.add_done_callback(lambda _: setattr(serving, "should_exit", True))
    ready()
    try:
        await serving.serve(sockets=[listening])
    except asyncio.CancelledError:
        await serving.shutdown(sockets=[listening])
        raise
    finally:
        listening.close()
        await asyncio.gather(*(game.stop() for game in server.games.values()))
