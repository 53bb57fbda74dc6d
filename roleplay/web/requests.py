"""What all routes share: who asks, what the form holds, and how a page is answered. Knows no route."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ..errors import RoleplayError
from .access import CONTROL, TEACHER, Grant, cookie_name, form_token
from .games import Game
from .rendering import render
from .server import Server

BODY_LIMIT = 64 * 1024
"""Bytes of a form or of a program's turn."""
A_YEAR = 365 * 24 * 3600


class Refused(RoleplayError):
    """Whoever asks has no right to this; the words are the same whether it exists or not."""


class Forged(RoleplayError):
    """A form that did not come from this page, or too large a body."""


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form, each with all its values; raises Forged where it is too large."""
    return parse_qs((await body_of(request)).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=400)


async def body_of(request: Request) -> bytes:
    """A request's body, as far as it may be long; raises Forged."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise Forged(f"too long: {BODY_LIMIT // 1024} kB at most")
        parts.append(part)
    return b"".join(parts)


def server_of(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


def game_of(request: Request) -> Game:
    """The game of the place that the request was let into."""
    return server_of(request).games[request.state.grant.game]


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template as a page, with the token that its forms bring back."""
    return HTMLResponse(render(template, **{"csrf": csrf_of(request), **values}), status)


def csrf_of(request: Request) -> str:
    """What the forms of whoever asks must bring back."""
    cookie = getattr(request.state, "cookie", "")
    return form_token(cookie) if cookie else ""


def leads(request: Request) -> bool:
    """Whether whoever asks leads this server: on a machine that nobody else reaches, anybody does."""
    server = server_of(request)
    return not server.private or server.access.opens(request.cookies.get(cookie_name(TEACHER), ""), TEACHER)


def lead(response: Response, request: Request) -> None:
    """Let whoever gets this answer lead: the server, and every game on it."""
    server = server_of(request)
    for grant in (TEACHER, *(Grant(name, CONTROL) for name in server.games)):
        seat_at(response, request, grant, server.access.admit(grant))


def seat_at(response: Response, request: Request, grant: Grant, cookie: str) -> None:
    """Let whoever gets this answer keep a place."""
    secure = "https" in (request.url.scheme, urlsplit(server_of(request).url).scheme)
    response.set_cookie(
        cookie_name(grant), cookie, max_age=A_YEAR, httponly=True, samesite="lax", secure=secure, path="/"
    )


def back(path: str) -> RedirectResponse:
    """See another page."""
    return RedirectResponse(path, 303)


def one(request: Request, name: str, default: str = "") -> str:
    """A field of the form that was sent."""
    value: str = request.state.form.get(name, [default])[0]
    return value


def answers_of(request: Request) -> dict[str, list[str]]:
    """What was answered to the fields of a form that a move, a clause or a set-up needs."""
    return {name.removeprefix("f."): given for name, given in request.state.form.items() if name.startswith("f.")}
