"""Routes of the one in control: pause, news, more time, who plays a seat, whose words wait, branches, links."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ..errors import UsageError
from ..game import open_run
from ..seats.profiles import profiles
from ..transcripts.words import in_words
from .access import CONTROL, Grant, cookie_name, seat_of
from .games import Game
from .lobby import shown_code
from .pack import World, pack, zipped
from .requests import game_of, one, page, server_of
from .server import Server

router = APIRouter(prefix="/g/{game}/{place}", include_in_schema=False)
LESSON, BRIEFING, DEBRIEFING = 90, 15, 20
"""Minutes of a lesson, and of what is before and after its rounds."""


def control_values(request: Request, game: Game) -> dict[str, Any]:
    """What control's page shows besides: who plays what, whose turns wait, whom one can hand a seat to."""
    names = game.record("control").names
    held = [
        (seat, ticket, row.answer.turn, [in_words(m, names) for m in getattr(row.answer.turn, "moves", ())])
        for (seat, ticket), row in game.host.players.held.items()
    ]
    server = server_of(request)
    machines = [f"{kind}:{name}" for name in profiles() for kind in ("baseline", "voice")]
    return {
        "held_turns": held, "people": game.host.players.people, "held_seats": game.host.players.held_seats,
        "drivers": ["human", "model", *machines], "played_by": game.host.players.played_by,
        "deadlines": game.host.inbox.seconds,
        "guests": server.lobby.present(game.name), **_way_in(server),
        "worlds": [server.games[name] for name in _controlled(request)],
    }  # fmt: skip


@router.post("/control", name="control")
async def act(request: Request) -> HTMLResponse:
    """One act of control; tells what came of it."""
    game, (what, _, about) = game_of(request), one(request, "do").partition(":")
    if what not in ACTS:
        raise UsageError(f"there is no '{what}' to do")
    told = await ACTS[what](request, game, about)
    return page(request, "told.html.j2", told=told, game=game)


def _way_in(server: Server) -> dict[str, Any]:
    """Where a class comes in, as others reach it if they can, and its code."""
    return {
        "door": f"{server.url}/class", "alone": not server.private,
        "code": server.lobby.code, "shown": shown_code(server.lobby.code),
    }  # fmt: skip


def _picture(link: str) -> str:
    return str(segno.make(link).svg_data_uri(scale=4, dark="#17202a", light="#fff"))


@router.get("/board", name="board")
async def board(request: Request) -> HTMLResponse:
    """The address and the code of a class, to be shown to all of it."""
    server, door = server_of(request), _way_in(server_of(request))
    left, picture = sum(server.lobby.free(server.worlds).values()), _picture("{door}?code={code}".format(**door))
    return page(request, "board.html.j2", game=game_of(request), left=left, picture=picture, **door)


@router.get("/pack", name="pack")
async def packed(request: Request) -> Response:
    """The debrief pack of all the worlds that whoever asks controls."""
    server = server_of(request)
    games = [server.games[name] for name in _controlled(request)]
    worlds = [
        World(game.host.everything(), await asyncio.to_thread(_played, game), server.lobby.of(game.name))
        for game in games
    ]
    files = await asyncio.to_thread(pack, worlds, games[0].host.folder.parent)
    headers = {"Content-Disposition": 'attachment; filename="debrief.zip"'}
    return Response(zipped(files), media_type="application/zip", headers=headers)


def _played(game: Game) -> tuple[str, ...]:
    """The seats that people have played, by the journal."""
    return tuple(open_run(game.host.folder).result.people)


def _controlled(request: Request) -> list[str]:
    """Games of this server that whoever asks is in control of."""
    server = server_of(request)
    places = [Grant(name, CONTROL) for name in server.games]
    return [g.game for g in places if server.access.opens(request.cookies.get(cookie_name(g), ""), g)]


@router.post("/sheet", name="sheet")
async def sheet(request: Request) -> HTMLResponse:
    """A sheet to hand out: the plan, where a class comes in, and to cut up a new link for every person."""
    game, server, rows = game_of(request), server_of(request), []
    for place in game.places:
        if seat_of(place) in game.host.players.people:
            link = server.link(Grant(game.name, place))
            rows.append((place, link, _picture(link)))
    shown: dict[str, Any] = {
        "run": game.record("control").run,
        "plan": lesson(game.host.setup.rounds),
        **_way_in(server),
    }
    picture = _picture("{door}?code={code}".format(**shown))
    return page(request, "sheet.html.j2", rows=rows, game=game, picture=picture, **shown)


def lesson(rounds: int) -> list[tuple[str, str, int]]:
    """A lesson of 90 minutes in parts: when, what, minutes; the rounds share what briefing and debrief leave."""
    each = (LESSON - BRIEFING - DEBRIEFING) // rounds
    parts = [("Briefing", BRIEFING), *((f"Round {n}", each) for n in range(1, rounds + 1))]
    rows, at = [], 0
    for what, minutes in (*parts, ("Debrief", LESSON - sum(m for _, m in parts))):
        rows.append((f"{at // 60}:{at % 60:02}", what, minutes))
        at += minutes
    return rows


async def _pause(request: Request, game: Game, about: str) -> str:
    game.host.pause(about != "off")
    return "The game goes on." if about == "off" else "The game is paused: nobody is asked, no turn is taken."


async def _inject(request: Request, game: Game, about: str) -> str:
    await game.host.inject(one(request, "text"), request.state.form.get("to", []))
    return "It will be known when the phase under way has closed."


async def _extend(request: Request, game: Game, about: str) -> str:
    minutes = one(request, "minutes", "5")
    if not minutes.isdecimal():
        raise UsageError("minutes are a whole number")
    turns = game.host.inbox.extend(60 * int(minutes), about or None)
    return f"{minutes} minutes more for {turns} turns." if turns else "No turn that is open has a deadline."


async def _hand(request: Request, game: Game, about: str) -> str:
    driver = one(request, "driver")
    game.host.hand_over(about, driver)
    return f"{about.upper()} is played by {driver} from now on."


async def _hold(request: Request, game: Game, about: str) -> str:
    held = game.host.players.held_seats
    if about in held:
        held.discard(about)
        return f"{about.upper()}'s turns go out at once."
    held.add(about)
    return f"{about.upper()}'s turns wait for you, as long as no person plays it."


async def _release(request: Request, game: Game, about: str) -> str:
    seat, _, ticket = about.partition("/")
    why = one(request, "why").strip()
    back = one(request, "verdict") == "back"
    game.host.players.release(seat, ticket, (why or "say it again, and differently") if back else None)
    return f"{seat.upper()}'s turn was sent back." if back else f"{seat.upper()}'s turn is released."


async def _reissue(request: Request, game: Game, about: str) -> str:
    grant = Grant(game.name, about)
    if about not in game.places:
        raise UsageError("there is no such place in this game")
    server_of(request).access.revoke(grant)
    return f"The new link of {about.upper()}, shown once: {server_of(request).link(grant)}"


async def _revoke(request: Request, game: Game, about: str) -> str:
    server_of(request).access.revoke(Grant(game.name, about))
    return f"Nobody comes in as {about.upper()} any more, until you give out a new link."


async def _debrief(request: Request, game: Game, about: str) -> str:
    game.debriefed = not game.debriefed
    return "The debrief is open to every seat once the game is over." if game.debriefed else "The debrief is closed."


async def _code(request: Request, game: Game, about: str) -> str:
    lobby = server_of(request).lobby
    if about == "off":
        lobby.close()
        return "Nobody else comes in by a code."
    return f"The code is {shown_code(lobby.open())}, at {server_of(request).url}/class"


async def _free(request: Request, game: Game, about: str) -> str:
    lobby = server_of(request).lobby
    if about not in lobby.present(game.name):
        raise UsageError("nobody sits there any more")
    guest = lobby.leave(about)
    return f"{guest.name} has left the seat of {guest.place.upper()}; somebody else may take it."


async def _start(request: Request, game: Game, about: str) -> str:
    game.start()
    return "The game goes on from where it stopped."


async def _branch(request: Request, game: Game, about: str) -> str:
    host = await asyncio.to_thread(game.host.branched, about)
    server = server_of(request)
    branch = server.branch_off(host)
    branch.start()
    link = server.link(Grant(branch.name, CONTROL))
    return f"{host.folder.name} goes on from there beside this game. Its control: {link}"


ACTS: dict[str, Callable[[Request, Game, str], Awaitable[str]]] = {
    "pause": _pause, "inject": _inject, "extend": _extend, "hand": _hand, "hold": _hold, "release": _release,
    "reissue": _reissue, "revoke": _revoke, "debrief": _debrief, "start": _start,
    "code": _code, "free": _free, "branch": _branch,
}  # fmt: skip
"""What control can do, by the name that its forms send."""
