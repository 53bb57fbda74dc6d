"""The application: every route in one place, one authorisation before all of them, and headers on what leaves.

Routes translate between requests and `games`, `pages`; they decide nothing about secrecy. Knows nothing about sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import RoleplayError, UsageError
from ..hosting import Host
from ..seats.inbox import NotAsked
from ..sessions import Session, SessionFile
from ..transcripts.html import TEMPLATES
from ..transcripts.record import RunRecord
from .access import CONTROL, ROUTES, TEACHER, Access, Grant, Kind, cookie_name, form_token, hashed, kind_of, same
from .games import Game
from .lobby import Lobby
from .rendering import HERE, render

ACCESS = "access.json"
"""Beside the journal, or in a session's folder: hashes of links and cookies, so that a restart keeps people in."""
LOBBY = "lobby.json"
"""Beside the links: the code of a class, and who came in by it."""
BODY_LIMIT = 64 * 1024
"""Bytes of a form or of a program's turn."""
A_YEAR = 365 * 24 * 3600
SAFE = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
}  # fmt: skip
STATIC = {
    "transcript.css": (TEMPLATES / "style.css", "text/css"),
    "page.css": (HERE / "static" / "page.css", "text/css"),
    "page.js": (HERE / "static" / "page.js", "text/javascript"),
}


class Refused(RoleplayError):
    """Whoever asks has no right to this; the words are the same whether it exists or not."""


class Forged(RoleplayError):
    """A form that did not come from this page, or too large a body."""


@dataclass
class Server:
    """What this process serves."""

    access: Access
    url: str = ""
    """As those who are invited reach it."""
    games: dict[str, Game] = field(default_factory=dict)
    samples: dict[str, RunRecord] = field(default_factory=dict)
    """Runs that anybody here may read: the hand-written game, or one that was opened for replay."""
    hosts: frozenset[str] = frozenset()
    """Host headers that are answered; empty: any."""
    private: bool = False
    """Whether even open pages need a cookie: the server can be reached from other machines."""
    attempts: dict[str, int] = field(default_factory=dict)
    lobby: Lobby = field(init=False)
    open_session: Callable[[SessionFile], tuple[Session, Sequence[Host]]] | None = None
    """Makes a session of a set-up; none where one is served already, or a game."""
    closing: bool = False
    """Whether it is about to stop."""

    def __post_init__(self) -> None:
        self.lobby = Lobby(self.access, self.access.file and self.access.file.with_name(LOBBY))
        self.access.changed = self._revoked

    @property
    def worlds(self) -> dict[str, Game]:
        """The games that a class comes in to by its code; into a branch one comes by a link alone."""
        return {name: game for name, game in self.games.items() if not game.is_branch}

    def link(self, grant: Grant) -> str:
        """A new link for a place."""
        return f"{self.url}/join/{self.access.invite(grant)}"

    def begin(self, file: SessionFile) -> None:
        """Begin a session of a set-up, in this process; raises UsageError where something goes on already."""
        if self.games or self.open_session is None:
            raise UsageError("a session goes on here already", hint="stop this server, or start one on another port")
        session, hosts = self.open_session(file)
        self.take_in(session, hosts)
        for game in self.games.values():
            game.start()

    def take_in(self, session: Session, hosts: Sequence[Host]) -> None:
        """Serve the worlds of a session, whose folder keeps who may come in; its door is open."""
        self.games = {str(number): Game(str(number), host) for number, host in enumerate(hosts, 1)}
        self.access.keep_in(session.folder / ACCESS)
        self.lobby.keep_in(session.folder / LOBBY)
        self.lobby.team = session.file.team
        if not self.lobby.code:
            self.lobby.open()

    def branch_off(self, host: Host) -> Game:
        """Serve a branch beside its game, under a name that it has again when the server is started again."""
        name = f"b{hashed(host.folder.name)[:8]}"
        self.games[name] = Game(name, host)
        return self.games[name]

    def close(self) -> None:
        """Let everybody go who waits for something to happen."""
        self.closing = True
        for game in self.games.values():
            for feed in game.feeds.values():
                feed.wake()

    def _revoked(self, grant: Grant) -> None:
        game = self.games.get(grant.game)
        if game and grant.place in game.places:
            game.feed(grant.place).wake()


def make_app(server: Server) -> FastAPI:
    """The application around a server's games."""
    from . import api, control, deals, public, seat, sessions

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
    app.add_exception_handler(Exception, _broken)
    return app


# --- before a route --------------------------------------------------------------------------------------------------


async def authorise(request: Request) -> None:
    """Let a request through to its route, or refuse it; a route without a rule is refused to everybody."""
    server: Server = request.app.state.server
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


# --- for routes ------------------------------------------------------------------------------------------------------


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


@cache
def static_file(name: str) -> tuple[bytes, str]:
    """A file that every page may load; raises UsageError."""
    if name not in STATIC:
        raise UsageError("there is no such file")
    path, kind = STATIC[name]
    return Path(path).read_bytes(), kind


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
