"""Open routes: the start screen with the hand-written game, files, and the door that an invitation opens."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ..errors import UsageError
from ..transcripts.html import TEMPLATES
from .access import TEACHER, Grant, cookie_name
from .pages import replay_values
from .rendering import HERE
from .requests import Refused, back, lead, leads, one, page, seat_at, server_of
from .server import Server

router = APIRouter(include_in_schema=False)
STATIC = {
    "transcript.css": (TEMPLATES / "style.css", "text/css"),
    "page.css": (HERE / "static" / "page.css", "text/css"),
    "page.js": (HERE / "static" / "page.js", "text/javascript"),
}
GUESSES = 20
"""Wrong tokens from one address after which it is turned away until the server restarts."""


@router.get("/", name="start")
async def start(request: Request, round: int = 1, q: str = "") -> Response:
    """What this is, and a finished game to look at; for strangers to a class, the door."""
    server = server_of(request)
    if server.private and not server.access.known(request.cookies.values()):
        if server.lobby.code:
            return back("/class")
        raise Refused("this page needs an invitation")
    name = next(iter(server.samples), "")
    values = replay_values(server.samples[name], round, q) if name else {}
    return page(
        request, "start.html.j2", sample=name, samples=list(server.samples), playing=bool(server.games), here="/",
        leads=leads(request), **values,
    )  # fmt: skip


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
    if name not in STATIC:
        raise UsageError("there is no such file")
    path, kind = STATIC[name]
    return Response(path.read_bytes(), media_type=kind, headers={"Cache-Control": "max-age=3600"})


@router.get("/join/{token}", name="invitation")
async def invitation(request: Request, token: str) -> HTMLResponse:
    """One form that sends the token; looking at a link takes nothing and tells nothing."""
    return page(request, "join.html.j2", token=token)


@router.post("/join", name="enter")
async def enter(request: Request) -> Response:
    """Swap a token for a cookie, and go to the place that it is for."""
    server = server_of(request)
    found = server.access.enter(one(request, "token"))
    if found is None or (found[0] != TEACHER and found[0].game not in server.games):
        address = request.client.host if request.client else ""
        server.attempts[address] = server.attempts.get(address, 0) + 1
        if server.attempts[address] > GUESSES:
            raise Refused("too many wrong links from here: ask who invited you for a new one")
        raise Refused("this link is not good any more: ask who invited you for a new one")
    grant, cookie = found
    response = back(_home(server, grant))
    seat_at(response, request, grant, cookie)
    if grant == TEACHER:
        lead(response, request)
    return response


def _home(server: Server, grant: Grant) -> str:
    """Where whoever holds this place goes first: who leads, to the first world, or to where one is set up."""
    if grant != TEACHER:
        return f"/g/{grant.game}/{grant.place}/"
    return "/g/1/control/" if server.games else "/sessions"


@router.get("/class", name="door")
async def door(request: Request, code: str = "") -> HTMLResponse:
    """Where a class comes in: the code is asked for, unless a picture brought it."""
    server = server_of(request)
    held = [grant for grant in server.lobby.free(server.worlds) if _holds(request, grant)]
    return _door(request, code[:12], held=held)


@router.post("/class", name="sit")
async def sit(request: Request) -> Response:
    """The free seats for whoever has the code, and the one that they choose or are given."""
    server, code = server_of(request), one(request, "code")
    if not server.lobby.admits(code, request.client.host if request.client else ""):
        raise Refused("this is not the code of this class, or nobody is let in by a code now")
    free = server.lobby.free(server.worlds)
    if any(_holds(request, grant) for grant in free):
        return back("/class")
    if one(request, "do") != "sit":
        return _door(request, code, free=free)
    game, slash, place = one(request, "seat").partition("/")
    try:
        guest, cookie = server.lobby.sit(server.worlds, Grant(game, place) if slash else None, one(request, "name"))
    except UsageError as error:
        return _door(request, code, 422, free=free, problem=str(error))
    several = len(server.worlds) > 1
    response = page(request, "seated.html.j2", guest=guest, game=server.games[guest.game], several=several)
    seat_at(response, request, Grant(guest.game, guest.place), cookie)
    return response


def _holds(request: Request, grant: Grant) -> bool:
    return server_of(request).access.opens(request.cookies.get(cookie_name(grant), ""), grant)


def _door(request: Request, code: str, status: int = 200, **shown: Any) -> HTMLResponse:
    values = {"held": (), "free": None, "problem": "", **shown}
    return page(request, "door.html.j2", status, code=code, games=server_of(request).worlds, **values)
