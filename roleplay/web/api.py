"""Routes for programs that play a seat: what it may see, which turns are asked of it, their schema, and sending one."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ValidationError

from ..errors import UsageError
from ..moves import Turn
from ..prompting.prompt import ring_kind
from ..prompting.schema import turn_schema
from ..seats.drafting import forms_of
from ..seats.inbox import Asked
from ..transcripts.export import to_jsonl
from ..transcripts.record import seen_record
from .access import member_of, seat_of
from .feed import news
from .requests import body_of, game_of, server_of

router = APIRouter(prefix="/api", tags=["seat"], dependencies=[Security(HTTPBearer(auto_error=False))])
WAIT = 25.0
"""Seconds that a program can wait in one request."""


class Seat(BaseModel):
    """Where a seat stands."""

    seat: str
    game: str
    over: bool
    paused: bool
    round: int
    phase: str
    role: dict[str, Any]


class AskedTurn(BaseModel):
    """A turn that is asked of the seat now."""

    ticket: str
    round: int
    phase: str
    ring: str | None
    readers: list[str]
    """Who will read what it says."""
    moves: list[str]
    """Moves that can be made now."""
    due: int | None
    """Seconds of the wall clock; null: no deadline."""
    answer_schema: dict[str, Any]
    """JSON Schema of the answer."""


class Ruling(BaseModel):
    """The referee's word on a turn."""

    problem: str | None
    blocked: list[str]


class Problem(BaseModel):
    """Why a request was not carried out."""

    problem: str


class Recorded(BaseModel):
    """A turn is on the disk."""

    recorded: str
    """Its ticket."""


class Documented(FastAPI):
    """The application; its OpenAPI tells the form of a turn, which routes read themselves, since it may be too long."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            forms = Turn.model_json_schema(ref_template="#/components/schemas/{model}")
            super().openapi()["components"]["schemas"] |= {**forms.pop("$defs"), "Turn": forms}
        return super().openapi()


BODY = {
    "requestBody": {
        "required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Turn"}}},
    }
}  # fmt: skip
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem}, 403: {"model": Problem}, 409: {"model": Problem}, 422: {"model": Problem},
}  # fmt: skip


@router.get("/seat", name="api_seat", responses=ERRORS)
async def seat(request: Request) -> Seat:
    """The seat that the token is for: its role sheet, and where the game stands."""
    game, place = game_of(request), seat_of(request.state.grant.place)
    view, host = game.host.seen(place), game.host
    return Seat(
        seat=place, game=game.name, over=host.over, paused=host.paused, round=view.moment.round,
        phase=view.moment.phase, role=view.sheet.model_dump(mode="json"),
    )  # fmt: skip


@router.get("/events", name="api_events", responses=ERRORS)
async def events(request: Request, ticket: str = "", since: int = 0) -> list[dict[str, Any]]:
    """What the seat may know, oldest first, as exports hold it: the closed phases, and with the `ticket` of a turn that
    is asked, what was said before it in its ring. A model is asked with the same. `since` leaves out earlier rounds.
    """
    host, place = game_of(request).host, seat_of(request.state.grant.place)
    view = host.inbox.find(place, ticket).view if ticket else host.seen_in(place, None)
    rows = (json.loads(line) for line in to_jsonl(seen_record(view)).splitlines() if line.strip())
    return [row for row in rows if row.get("round", since) >= since]


@router.get("/turns", name="api_turns", responses=ERRORS)
async def turns(request: Request, wait: Annotated[float, Query(ge=0, le=WAIT)] = 0) -> list[AskedTurn]:
    """The turns that are asked of the seat now; with `wait`, for as long as there is none, at most so many seconds."""
    game, place = game_of(request), request.state.grant.place
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    server, asked = server_of(request), partial(game.waiting, place)
    while not (asked() or game.host.over or server.closing) and (left := until - loop.time()) > 0:
        await news(game.feed(place).next_change, left)
    return [_asked(game.due(a), a) for a in asked()]


@router.post("/turns/{ticket}/preview", name="api_preview", responses=ERRORS, openapi_extra=BODY)
async def preview(request: Request, ticket: str) -> Ruling:
    """The referee's word on a turn that is not sent; not an attempt."""
    game, place = game_of(request), seat_of(request.state.grant.place)
    ruled = game.host.preview(game.host.inbox.find(place, ticket).view, await _turn(request))
    return Ruling(problem=ruled.problem, blocked=[r.why for r in ruled.blocked])


@router.post("/turns/{ticket}", name="api_submit", responses=ERRORS, openapi_extra=BODY)
async def submit(request: Request, ticket: str) -> Recorded:
    """Send a turn, in the form of the schema; answered when it is on the disk."""
    game, place = game_of(request), request.state.grant.place
    await game.host.submit(seat_of(place), ticket, await _turn(request), member_of(place))
    return Recorded(recorded=ticket)


async def _turn(request: Request) -> Turn:
    try:
        return Turn.model_validate_json(await body_of(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UsageError(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}") from None


def _asked(due: int | None, asked: Asked) -> AskedTurn:
    view, m = asked.view, asked.view.moment
    return AskedTurn(
        ticket=asked.ticket, round=m.round, phase=m.phase, ring=m.ring, readers=list(view.readers),
        moves=sorted(forms_of(view)), due=due, answer_schema=turn_schema(view.sheet, m.phase, ring_kind(view)),
    )  # fmt: skip
