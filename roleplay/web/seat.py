"""Routes of a place in a game: its page and stream, and for a seat the turn that it puts together and sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from ..debrief import debrief
from ..errors import UsageError
from ..events import PUBLIC
from ..frozen import NOTE_LIMIT
from ..moves import Pass, Turn
from ..scoring.page import escalation_charts
from ..seats.delegation import NeedsRelease
from ..seats.drafting import add, drop, forms_of, worded
from ..seats.fields import whole
from ..seats.inbox import Asked, NotAsked
from ..transcripts.export import export
from ..transcripts.finding import family
from ..transcripts.html import looks
from ..transcripts.words import turn_words
from .access import ANALYST, CONTROL, PLACES, Grant, member_of, seat_of
from .feed import TEAM, WORLD
from .games import NOTES_LIMIT, Game, PutUp, room_of
from .pages import Composing, composer, desk_values, replay_values, side_values
from .requests import Refused, answers_of, back, csrf_of, game_of, one, page, server_of

router = APIRouter(prefix="/g/{game}/{place}", include_in_schema=False)
EXPORTS = {"html": "text/html", "md": "text/markdown", "csv": "text/csv", "jsonl": "application/x-ndjson"}


def _room(game: Game, place: str, room: str) -> str:
    """The room that was asked for; refused alike whether it does not exist or is not this place's."""
    if room not in game.rooms(place):
        raise Refused("there is no such room here")
    return room


def _first(game: Game, place: str) -> str:
    """The room that a page opens with: where a turn is asked of whoever has the place, else the world."""
    return next(map(room_of, game.mine(place)), WORLD)


@router.get("/", name="desk")
async def desk(request: Request, place: str, room: str = "", form: str = "") -> HTMLResponse:
    """The page of a place, with one room open."""
    game = game_of(request)
    room = _room(game, place, room or _first(game, place))
    if place not in PLACES:
        game.mark(place, room)
    return _desk(request, game, room, _picked(game, place, room, form))


def _desk(request: Request, game: Game, room: str, composing: Composing | None, status: int = 200) -> HTMLResponse:
    place = request.state.grant.place
    links: dict[str, Any] = {}
    if place == CONTROL:
        from .control import control_values

        links = control_values(request, game)
    if place in (CONTROL, ANALYST):
        served = {game.host.folder.name: name for name, game in server_of(request).games.items()}
        links |= {"tree": family(game.host.folder), "served": served}
    values = desk_values(game, place, room, composing, csrf_of(request))
    return page(request, "desk.html.j2", status, **values, **links)


def _picked(game: Game, place: str, room: str, form: str) -> Composing | None:
    """The composer with the form of one move open."""
    asked = game.asked(place, room) if form else None
    found = forms_of(asked.view).get(form) if asked else None
    return Composing(game.draft(place, asked), found) if asked and found else None


@router.get("/stream", name="stream")
async def stream(request: Request, place: str, after: str = "") -> Response:
    """What happens from here on, as server-sent events."""
    game, server = game_of(request), server_of(request)
    grant, cookie = request.state.grant, request.state.cookie
    start = request.headers.get("last-event-id") or after

    def good() -> bool:
        return not server.closing and server.access.opens(cookie, grant)

    async def events() -> AsyncIterator[str]:
        async for message in game.feed(place).watch(start, good):
            yield message

    return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/side", name="side")
async def side(request: Request, place: str, room: str = WORLD) -> HTMLResponse:
    """What stands beside the stream of a room: chart, indicators, ledger."""
    game = game_of(request)
    return page(request, "side.html.j2", **side_values(game, place, _room(game, place, room)))


@router.get("/composer", name="composer")
async def composing(request: Request, place: str, room: str = WORLD) -> HTMLResponse:
    """The composer of a room alone."""
    game = game_of(request)
    return _composer(request, game, _room(game, place, room), None)


def _composer(request: Request, game: Game, room: str, state: Composing | None, status: int = 200) -> HTMLResponse:
    return HTMLResponse(composer(game, request.state.grant.place, room, state, csrf_of(request)), status)


# --- a turn ----------------------------------------------------------------------------------------------------------


@router.post("/turn", name="turn")
async def turn(request: Request, place: str) -> Response:
    """One step of a turn: keep its words, fill in a move, look at it, send it."""
    game, room = game_of(request), one(request, "room", WORLD)
    asked = game.asked(place, _room(game, place, room))
    try:
        if asked is None or asked.ticket != one(request, "ticket"):
            raise NotAsked("its form is out of date")
        state = await _step(request, game, asked)
    except NotAsked:
        return page(request, "late.html.j2", 422, text=one(request, "text"), room=room)
    if request.headers.get("x-part"):
        return _composer(request, game, room, state, 422 if state and state.problem else 200)
    return _desk(request, game, room, state, 422) if state and state.problem else _answer(request, game, room, state)


def _answer(request: Request, game: Game, room: str, state: Composing | None) -> Response:
    if state and (state.confirm or state.form):
        return _desk(request, game, room, state)
    return back(f"/g/{game.name}/{request.state.grant.place}/?room={room}#composer")


async def _step(request: Request, game: Game, asked: Asked) -> Composing | None:
    """Carry out what was asked of the draft; a problem is told beside what was filled in."""
    place, (do, _, what) = request.state.grant.place, one(request, "do", "save").partition(":")
    draft, form = game.draft(place, asked), None
    answers = answers_of(request)
    try:
        draft = worded(draft, one(request, "text", draft.text), one(request, "thought", draft.deliberation))
        game.keep_draft(place, asked.ticket, draft)
        match do:
            case "pick" | "add" | "quick":
                name, _, number = what.rpartition(":") if do == "quick" else (what, "", "")
                form = forms_of(asked.view).get(name)
                if form is None:
                    raise UsageError("this move cannot be made any more")
                if do == "quick" and number not in {c.value for c in form.fields[0].choices}:
                    raise UsageError(f"proposal {number} is not open any more; nothing was changed")
                if do == "pick":
                    return Composing(draft, form)
                given = {"number": [number]} if do == "quick" else answers
                draft = _ruled(game, asked, add(asked.view, draft, form, given))
            case "drop":
                move, _, clause = what.partition(".")
                draft = drop(draft, whole(move), whole(clause) if clause else None)
            case "pass":
                await _send(request, game, asked, Turn(moves=(Pass(),)))
                return None
            case "send" if PUBLIC in asked.view.readers and what != "public":
                return Composing(_whole(draft), confirm=True)
            case "send":
                await _send(request, game, asked, _whole(draft))
                return None
            case "release" | "back":
                await _rule(request, game, asked, released=do == "release")
                return None
        game.keep_draft(place, asked.ticket, draft)
    except NotAsked:
        raise
    except UsageError as error:
        return Composing(draft, form, answers, problem=str(error))
    return Composing(draft) if do != "save" else None


def _whole(draft: Turn) -> Turn:
    if not (draft.text or draft.moves):
        raise UsageError("nothing to send: say something, make a move, or pass")
    return draft


def _ruled(game: Game, asked: Asked, draft: Turn) -> Turn:
    ruled = game.host.preview(asked.view, draft)
    if ruled.problem:
        raise UsageError(ruled.problem)
    return draft


async def _send(request: Request, game: Game, asked: Asked, turn: Turn) -> None:
    """Send a turn; one that the head of the delegation has to release is put before the head."""
    seat, place = asked.view.seat, request.state.grant.place
    try:
        await game.host.submit(seat, asked.ticket, turn, member_of(place))
    except NeedsRelease:
        game.keep_draft(place, asked.ticket, turn)
        game.keep_put_up(seat, asked.ticket, PutUp(by=member_of(place), turn=turn))
        await game.host.tell_delegation(
            seat, member_of(place), f"asks for release: {turn_words(turn, game.record(place).names)}"
        )
        return
    server_of(request).lobby.sent(request.state.cookie, asked.ticket)
    game.keep_draft(place, asked.ticket, None)


async def _rule(request: Request, game: Game, asked: Asked, *, released: bool) -> None:
    """The head's word on what waits: it goes out as it stands, or back to its author, whose draft is kept."""
    seat, place = asked.view.seat, request.state.grant.place
    waits = game.put_up(place, asked)
    if waits is None or not game.leads(place):
        raise UsageError("nothing waits for your release here any more")
    author = f"{seat}.{waits.by}"
    if released:
        await game.host.submit(seat, asked.ticket, waits.turn)
        server_of(request).lobby.released(Grant(game.name, author), asked.ticket)
        game.keep_draft(author, asked.ticket, None)
    game.keep_put_up(seat, asked.ticket, None)
    said = (
        "has released it"
        if released
        else f"sends it back to {waits.by.capitalize()}: {one(request, 'why') or 'not yet'}"
    )
    await game.host.tell_delegation(seat, member_of(place), said)


# --- what else lies on a desk ----------------------------------------------------------------------------------------


@router.post("/advice", name="advice")
async def advice(request: Request, place: str) -> Response:
    """What the seat's adviser makes of a turn: written down for this seat alone."""
    game, room = game_of(request), one(request, "room", WORLD)
    asked = game.asked(place, _room(game, place, room))
    if asked is None:
        raise UsageError("advice is given on a turn that is asked of you")
    draft = game.draft(place, asked)
    game.keep_draft(place, asked.ticket, worded(draft, one(request, "text", draft.text), draft.deliberation))
    await game.advise(place, asked)
    return back(f"/g/{game.name}/{place}/?room={room}#composer")


@router.get("/dossier", name="dossier")
async def dossier(request: Request, place: str) -> HTMLResponse:
    """Public brief, role sheet, red lines."""
    game = game_of(request)
    sheet = game.host.setup.sheets[seat_of(place)]
    return page(request, "dossier.html.j2", game=game, place=place, sheet=sheet, **looks(game.record(place)))


@router.post("/internal", name="internal")
async def internal(request: Request, place: str) -> Response:
    """Write to the others of one's delegation."""
    game = game_of(request)
    await game.host.tell_delegation(seat_of(place), member_of(place), one(request, "text"))
    return back(f"/g/{game.name}/{place}/?room={TEAM}#composer")


@router.post("/notes", name="notes")
async def notes(request: Request, place: str) -> Response:
    """Keep private notes."""
    text = one(request, "notes")
    if len(text) > NOTES_LIMIT:
        raise UsageError(f"notes are too long: {len(text)} characters; {NOTES_LIMIT} at most")
    game = game_of(request)
    game.keep(place, notes=text)
    return back(f"/g/{game.name}/{place}/?room={one(request, 'room', WORLD)}")


@router.get("/replay", name="replay")
async def replay(request: Request, place: str, round: int = 1, q: str = "") -> HTMLResponse:
    """The game so far as this place may know it, round by round."""
    game = game_of(request)
    home = f"/g/{game.name}/{place}/"
    values = replay_values(game.record(place), round, q, game.crisis_folder)
    values["branching"] = place == CONTROL
    return page(request, "replay.html.j2", here=f"{home}replay", home=home, **values)


@router.get("/export/{format}", name="export")
async def exported(request: Request, place: str, format: str, seat: str = "") -> Response:
    """The transcript as this place may know it, as a file; who may know it all can have it as one `seat` may."""
    game = game_of(request)
    record = game.record(place).as_seat(seat) if seat else game.record(place)
    if format not in EXPORTS:
        raise UsageError(f"there is no export as '{format[:NOTE_LIMIT]}'; there is {', '.join(EXPORTS)}")
    name = f"{game.host.folder.name}-{seat or place}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(export(record, format), media_type=EXPORTS[format], headers=headers)


@router.get("/debrief", name="debrief")
async def debriefed(request: Request, place: str, seat: str = "") -> HTMLResponse:
    """What others knew, and the moments that mattered, once the game is over and control has opened it."""
    game = game_of(request)
    if place not in (CONTROL, ANALYST) and not (game.host.over and game.debriefed):
        raise UsageError("the debrief opens when the game is over and whoever is in control opens it")
    whose = seat if place in PLACES and seat in game.host.setup.plans else seat_of(place)
    whose = game.host.setup.scenario.protagonist if whose in PLACES else whose
    return page(request, "debrief.html.j2", game=game, place=place, whose=whose, **_debrief(game, whose))


def _debrief(game: Game, seat: str) -> dict[str, Any]:
    record = game.host.everything()
    charts = escalation_charts(record, game.crisis_folder)
    return {**looks(record), "told": debrief(record, seat), "scales": charts}
