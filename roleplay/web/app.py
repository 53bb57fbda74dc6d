"""The application: every route in one place, one authorisation before all of them, and headers on what leaves.

Routes translate between requests and `games`, `pages`; they decide nothing about secrecy. Knows nothing about sockets.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import RoleplayError
from ..seats.inbox import NotAsked
from . import api, control, deals, public, seat, sessions
from .access import ROUTES, Grant, Kind, cookie_name, form_token, kind_of, same
from .rendering import render
from .requests import Forged, Refused, leads, read_form, server_of
from .server import Server

SAFE = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
}  # fmt: skip


def make_app(server: Server) -> FastAPI:
    """The application around a server's games."""
    app = api.Documented(
        title="crisis-roleplay", description="Play a seat by a program of your own.", dependencies=[Depends(authorise)],
        openapi_url="/api/openapi.json", docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.server = server
    for routes in (public, deals, sessions, seat, control, api):
        app.include_router(routes.router)
    app.add_middleware(Guard, server=server)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Forged, _refused)
    app.add_exception_handler(RoleplayError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _elsewhere)
    app.add_exception_handler(Exception, _broken)
    return app


# --- before a route --------------------------------------------------------------------------------------------------


async def authorise(request: Request) -> None:
    """Let a request through to its route, or refuse it; a route without a rule is refused to everybody."""
    server = server_of(request)
    allowed = ROUTES.get(request.scope["route"].name, frozenset())
    request.state.form = await read_form(request) if request.method not in SAFE and "program" not in allowed else {}
    if "open" in allowed:
        _open(request, server, request.scope["route"].name)
    elif "program" in allowed:
        _program(request, server)
    elif "leader" in allowed:
        _same_origin(request, server)
        if not leads(request):
            raise Refused("this page is for whoever leads: open the link that was printed when the server started")
    else:
        _holder(request, server, allowed)


def _open(request: Request, server: Server, route: str) -> None:
    _same_origin(request, server)
    known = server.access.known(request.cookies.values())
    if server.private and route in ("sample", "deals", "deal") and not known:
        raise Refused("this page needs an invitation")


def _program(request: Request, server: Server) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = server.access.bearer(token) if scheme.lower() == "bearer" else None
    if grant is None or grant.game not in server.games:
        raise Refused("send the seat's token: Authorization: Bearer TOKEN")
    request.state.grant = grant


def _holder(request: Request, server: Server, allowed: frozenset[Kind]) -> None:
    grant = Grant(request.path_params.get("game", ""), request.path_params.get("place", ""))
    cookie = request.cookies.get(cookie_name(grant), "")
    known = grant.game in server.games and server.access.opens(cookie, grant)
    if not known or kind_of(grant.place) not in allowed:
        raise Refused("this place is not yours: open your invitation link again, or ask who invited you")
    if request.method not in SAFE:
        _same_origin(request, server)
        if not same(request.state.form.get("csrf", [""])[0], form_token(cookie)):
            raise Forged("this form is out of date: load the page again")
    request.state.grant, request.state.cookie = grant, cookie


def _same_origin(request: Request, server: Server) -> None:
    """A form that is sent must come from a page of this very server, as it is named here or outside."""
    if request.method in SAFE:
        return
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if not origin or origin not in (request.headers.get("host", ""), urlsplit(server.url).netloc):
        raise Forged("this form did not come from this page")


# --- after a route ---------------------------------------------------------------------------------------------------


class Guard:
    """Answers only to this server's own names, and puts the headers on whatever leaves."""

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else ""
        if scope["type"] == "http" and self.server.hosts and host not in self.server.hosts:
            await Response("this server does not go by that name", 400)(scope, receive, guarded)
        else:
            await self.app(scope, receive, guarded)


async def _broken(request: Request, error: Exception) -> Response:
    return _words(request, "something went wrong here; what you sent before is safe. Load the page again.", 500)


async def _refused(request: Request, error: Exception) -> Response:
    status = 403 if isinstance(error, Refused) else 400
    return _words(request, str(error), status)


async def _elsewhere(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = "there is no such page here: look at its address again"
    answer = _words(request, words if error.status_code == 404 else str(error.detail), error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return _words(request, f"{first['loc'][-1]}: {first['msg']}", 422)


async def _problem(request: Request, error: Exception) -> Response:
    return _words(request, str(error), 409 if isinstance(error, NotAsked) else 422)


def _words(request: Request, words: str, status: int) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"problem": words}, status)
    return HTMLResponse(render("words.html.j2", words=words), status)
