"""What one process serves: its games, who may come in, and the door of a class. Knows nothing about requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import UsageError
from ..hosting import Host
from ..sessions import Session, SessionFile
from ..transcripts.record import RunRecord
from .access import Access, Grant, hashed
from .games import Game
from .lobby import Lobby

ACCESS = "access.json"
"""Beside the journal, or in a session's folder: hashes of links and cookies, so that a restart keeps people in."""
LOBBY = "lobby.json"
"""Beside the links: the code of a class, and who came in by it."""


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
