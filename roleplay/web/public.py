"""Open routes: the start screen with the hand-written game, files, and the door that an invitation opens."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from .access import cookie_name
from .app import Refused, back, one, page, server_of, static_file
from .pages import replay_values

router = APIRouter(include_in_schema=False)
GUESSES = 20
"""Wrong tokens from one address after which it is turned away until the server restarts."""
A_YEAR = 365 * 24 * 3600


@router.get("/", name="start")
async def start(request: Request, round: int = 1, q: str = "") -> HTMLResponse:
    """What this is, and a finished game to look at."""
    server = server_of(request)
    name = next(iter(server.samples), "")
    values = replay_values(server.samples[name], round, q) if name else {}
    games = [(game.name, game.host.setup.scenario.title) for game in server.games.values()]
    return page(request, "start.html.j2", sample=name, samples=list(server.samples), games=games, here="/", **values)


@router.get("/replay/{name}", name="sample")
async def sample(request: Request, name: str, round: int = 1, q: str = "") -> HTMLResponse:
    """A run that anybody here may read."""
    record = server_of(request).samples.get(name)
    if record is None:
        raise Refused("there is no such run to look at")
    return page(request, "replay.html.j2", here=f"/replay/{name}", home="/", **replay_values(record, round, q))


@router.get("/static/{name}", name="static")
async def static(name: str) -> Response:
    """Style sheets and the script."""
    body, kind = static_file(name)
    return Response(body, media_type=kind, headers={"Cache-Control": "max-age=3600"})


@router.get("/join/{token}", name="invitation")
async def invitation(request: Request, token: str) -> HTMLResponse:
    """One form that sends the token; looking at a link takes nothing and tells nothing."""
    return page(request, "join.html.j2", token=token)


@router.post("/join", name="enter")
async def enter(request: Request) -> Response:
    """Swap a token for a cookie, and go to the place that it is for."""
    server = server_of(request)
    found = server.access.enter(one(request, "token"))
    if found is None or found[0].game not in server.games:
        address = request.client.host if request.client else ""
        server.attempts[address] = server.attempts.get(address, 0) + 1
        if server.attempts[address] > GUESSES:
            raise Refused("too many wrong links from here: ask who invited you for a new one")
        raise Refused("this link is not good any more: ask who invited you for a new one")
    grant, cookie = found
    response = back(f"/g/{grant.game}/{grant.place}/")
    secure = "https" in (request.url.scheme, urlsplit(server.url).scheme)
    response.set_cookie(
        cookie_name(grant), cookie, max_age=A_YEAR, httponly=True, samesite="lax", secure=secure, path="/"
    )
    return response
