"""Who may come in, and where: invitation tokens, the cookies they are swapped for, what each kind of place may ask.

Tokens and cookies are kept as hashes. Knows nothing about games beyond the names of their places.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..transcripts.export import write_atomically

Kind = Literal["open", "seat", "control", "observer", "analyst", "program", "leader"]
CONTROL, OBSERVER, ANALYST = "control", "observer", "analyst"
PLACES: Mapping[str, Kind] = {CONTROL: "control", OBSERVER: "observer", ANALYST: "analyst"}
"""Places that are no seat: the one in control, the public, and who may see it all but change nothing."""

READERS: frozenset[Kind] = frozenset({"seat", "control", "observer", "analyst"})
ROUTES: Mapping[str, frozenset[Kind]] = {
    "start": frozenset({"open"}), "static": frozenset({"open"}), "sample": frozenset({"open"}),
    "invitation": frozenset({"open"}), "enter": frozenset({"open"}), "deals": frozenset({"open"}),
    "deal": frozenset({"open"}), "door": frozenset({"open"}), "sit": frozenset({"open"}),
    "desk": READERS, "stream": READERS, "side": READERS, "replay": READERS, "export": READERS,
    "composer": frozenset({"seat"}), "turn": frozenset({"seat"}), "dossier": frozenset({"seat"}),
    "notes": frozenset({"seat"}), "internal": frozenset({"seat"}), "advice": frozenset({"seat"}),
    "control": frozenset({"control"}), "sheet": frozenset({"control"}), "board": frozenset({"control"}),
    "pack": frozenset({"control"}),
    "sessions": frozenset({"leader"}), "session": frozenset({"leader"}),
    "debrief": frozenset({"seat", "control", "analyst"}),
    "api_seat": frozenset({"program"}), "api_turns": frozenset({"program"}), "api_events": frozenset({"program"}),
    "api_preview": frozenset({"program"}), "api_submit": frozenset({"program"}), "openapi": frozenset({"open"}),
}  # fmt: skip
"""Route -> who may ask for it. A route that is not here is refused to everybody."""


def kind_of(place: str) -> Kind:
    """What kind of place this is."""
    return PLACES.get(place, "seat")


def seat_of(place: str) -> str:
    """The seat of a place: in a delegation each member has a place of its own, as `us.ada`."""
    return place.partition(".")[0]


def member_of(place: str) -> str:
    """Who of a delegation has this place; '' where one person sits alone."""
    return place.partition(".")[2]


@dataclass(frozen=True)
class Grant:
    """A place in a game that somebody holds."""

    game: str
    place: str


TEACHER = Grant("", CONTROL)
"""Who leads a class: in control of every game of the server."""


@dataclass
class Access:
    """Tokens and cookies of a server's games, kept in a file where there is one; `changed` hears of revoked places."""

    file: Path | None = None
    tokens: dict[str, Grant] = field(default_factory=dict)
    cookies: dict[str, Grant] = field(default_factory=dict)
    changed: Callable[[Grant], None] = lambda grant: None

    def __post_init__(self) -> None:
        if self.file:
            self.keep_in(self.file)

    def keep_in(self, file: Path) -> None:
        """Keep them in this file from now on, those that are in it already too."""
        self.file = file
        data = json.loads(file.read_text("utf-8")) if file.is_file() else {"tokens": {}, "cookies": {}}
        self.tokens |= {h: Grant(*row) for h, row in data["tokens"].items()}
        self.cookies |= {h: Grant(*row) for h, row in data["cookies"].items()}

    def invite(self, grant: Grant) -> str:
        """A new token for a place; older ones stay good until they are revoked."""
        token = secrets.token_urlsafe(24)
        self.tokens[hashed(token)] = grant
        self._save()
        return token

    def enter(self, token: str) -> tuple[Grant, str] | None:
        """The place that a token is for and a cookie that opens it; None for a token that nobody gave out."""
        grant = self.tokens.get(hashed(token))
        if grant is None:
            return None
        return grant, self.admit(grant)

    def admit(self, grant: Grant) -> str:
        """A new cookie that opens a place."""
        cookie = secrets.token_urlsafe(24)
        self.cookies[hashed(cookie)] = grant
        self._save()
        return cookie

    def forget(self, key: str) -> None:
        """The cookie with this hash opens nothing any more."""
        grant = self.cookies.pop(key)
        self._save()
        self.changed(grant)

    def holders(self, grant: Grant) -> int:
        """How many cookies open this place."""
        return sum(held == grant for held in self.cookies.values())

    def bearer(self, token: str) -> Grant | None:
        """The seat that a program's token is for."""
        grant = self.tokens.get(hashed(token))
        return grant if grant and kind_of(grant.place) == "seat" else None

    def opens(self, cookie: str, grant: Grant) -> bool:
        """Whether a cookie opens this very place."""
        return self.cookies.get(hashed(cookie)) == grant

    def known(self, cookies: Iterable[str]) -> bool:
        """Whether one of these cookies opens any place here."""
        return any(hashed(cookie) in self.cookies for cookie in cookies)

    def revoke(self, grant: Grant) -> None:
        """Nobody comes in with an old link or cookie of this place any more."""
        self.tokens = {h: g for h, g in self.tokens.items() if g != grant}
        self.cookies = {h: g for h, g in self.cookies.items() if g != grant}
        self._save()
        self.changed(grant)

    def _save(self) -> None:
        if self.file:
            rows = {
                name: {h: [g.game, g.place] for h, g in getattr(self, name).items()} for name in ("tokens", "cookies")
            }
            write_atomically(self.file, json.dumps(rows))
            self.file.chmod(0o600)


def hashed(secret: str) -> str:
    """As tokens and cookies are kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def cookie_name(grant: Grant) -> str:
    return f"roleplay-{grant.game}-{grant.place}"


def form_token(cookie: str) -> str:
    """What a form of this cookie's holder must bring back."""
    return hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
