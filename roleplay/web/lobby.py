"""How a class comes in: a short code, the seats that are free, a pseudonym for everybody, who sits where.

Keeps no address: those of wrong guesses are forgotten after a minute. Knows nothing about requests or pages.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import RoleplayError, UsageError
from ..frozen import Frozen, clean_text
from ..transcripts.export import write_atomically
from .access import Access, Grant, hashed, same
from .games import Game

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What nobody reads as something else."""
LENGTH = 6
WINDOW, OWN, ALL = 60.0, 20, 200
"""Seconds in which so many wrong codes may come from one address, and from all of them."""
NAME_LIMIT = 40
FIRST = (
    "Amber", "Brisk", "Calm", "Copper", "Dusty", "Early", "Gentle", "Golden", "Hazel", "Ivory", "Keen", "Lucky",
    "Mellow", "Misty", "Noble", "Olive", "Quiet", "Silver", "Sunny", "Tall",
)  # fmt: skip
LAST = (
    "Badger", "Beech", "Birch", "Bison", "Cedar", "Crane", "Falcon", "Fern", "Finch", "Hare", "Ibis", "Juniper", "Lark",
    "Linden", "Lynx", "Maple", "Marten", "Poplar", "Robin", "Stork",
)  # fmt: skip


class TooMany(RoleplayError):
    """So many wrong codes that everybody there waits a minute."""


class Guest(Frozen):
    """Somebody who came in by the code; the key is the hash of their cookie."""

    name: str
    game: str
    place: str
    sent: tuple[str, ...] = ()
    """Tickets of the turns that they sent themselves."""


@dataclass
class Lobby:
    """The code and who came in by it, kept in a file where there is one; without a code it is closed.

    The code is kept as it is, unlike links: control shows it again, and one so short would be found from its hash.
    """

    access: Access
    file: Path | None = None
    team: int = 1
    """How many people may share a seat."""
    code: str = ""
    guests: dict[str, Guest] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _wrong: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.file:
            self.keep_in(self.file)

    def keep_in(self, file: Path) -> None:
        """Keep all this in a file from now on, as it stands there already."""
        self.file = file
        if file.is_file():
            data = json.loads(file.read_text("utf-8"))
            self.code = data["code"]
            self.guests = {key: Guest.model_validate(row) for key, row in data["guests"].items()}

    def open(self) -> str:
        """Let people in by a new code; the old one is good no more."""
        self.code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        self._save()
        return self.code

    def close(self) -> None:
        """Let nobody else in by a code; who is in stays."""
        self.code = ""
        self._save()

    def admits(self, code: str, address: str) -> bool:
        """Whether this is the code; raises TooMany after too many that were not."""
        now = self.clock()
        self._wrong = [(at, whose) for at, whose in self._wrong if now - at < WINDOW]
        if len(self._wrong) >= ALL or sum(whose == address for _, whose in self._wrong) >= OWN:
            raise TooMany("too many wrong codes: wait a minute, and ask for the right one meanwhile")
        plain = "".join(c for c in code.upper() if c in ALPHABET)
        if self.code and same(plain, self.code):
            return True
        self._wrong.append((now, address))
        return False

    def free(self, games: Mapping[str, Game]) -> dict[Grant, int]:
        """Seats of people -> how many more may sit there, however those who do came in."""
        seats = [
            (name, game, seat) for name, game in games.items() for seat, plan in game.host.setup.plans.items()
            if seat in game.host.players.people and plan.driver != "http"
        ]  # fmt: skip
        most = {Grant(name, place): 1 for name, game, seat in seats for place in game.members(seat)}
        most |= {Grant(name, seat): self.team for name, game, seat in seats if not game.members(seat)}
        return {grant: max(0, places - self.access.holders(grant)) for grant, places in most.items()}

    def sit(self, games: Mapping[str, Game], wanted: Grant | None, name: str) -> tuple[Guest, str]:
        """Give somebody the seat that they want, or one where fewest sit; raises UsageError where there is none.

        Returns who they are now and the cookie that opens their place.
        """
        free = self.free(games)
        if not any(free.values()):
            raise UsageError("every seat is taken: ask who leads the class")
        grant = wanted or max(free, key=lambda g: free[g])
        if not free.get(grant):
            raise UsageError("somebody sits there now: choose another seat")
        taken = {guest.name for guest in self.guests.values()}
        given = str(clean_text(name))[:NAME_LIMIT]
        if given in taken:
            raise UsageError(f"somebody is called '{given}' already: choose another name")
        cookie = self.access.admit(grant)
        guest = Guest(name=given or _pseudonym(taken), game=grant.game, place=grant.place)
        self.guests[hashed(cookie)] = guest
        self._save()
        return guest, cookie

    def present(self, game: str) -> dict[str, Guest]:
        """Who sits in a game now, by key."""
        return {k: g for k, g in self.guests.items() if g.game == game and k in self.access.cookies}

    def of(self, game: str) -> tuple[Guest, ...]:
        """Everybody who ever came in to a game."""
        return tuple(guest for guest in self.guests.values() if guest.game == game)

    def leave(self, key: str) -> Guest:
        """Free the seat of somebody, whose cookie opens nothing any more; raises UsageError."""
        if key not in self.guests or key not in self.access.cookies:
            raise UsageError("nobody sits there any more")
        self.access.forget(key)
        return self.guests[key]

    def sent(self, cookie: str, ticket: str) -> None:
        """Note that a turn was sent by whoever holds this cookie."""
        self._note(hashed(cookie), ticket)

    def released(self, grant: Grant, ticket: str) -> None:
        """Note that a turn was released that whoever sits at this place had written."""
        for key in [k for k, g in self.present(grant.game).items() if g.place == grant.place]:
            self._note(key, ticket)

    def _note(self, key: str, ticket: str) -> None:
        guest = self.guests.get(key)
        if guest:
            self.guests[key] = guest.model_copy(update={"sent": (*guest.sent, ticket)})
            self._save()

    def _save(self) -> None:
        if self.file:
            rows = {key: guest.model_dump(mode="json") for key, guest in self.guests.items()}
            write_atomically(self.file, json.dumps({"code": self.code, "guests": rows}))
            self.file.chmod(0o600)


def shown_code(code: str) -> str:
    """As people read it to each other."""
    return f"{code[:3]} {code[3:]}".strip()


def _pseudonym(taken: set[str]) -> str:
    free = {f"{first} {last}" for first in FIRST for last in LAST} - taken
    return secrets.choice(sorted(free)) if free else f"Guest {len(taken) + 1}"
