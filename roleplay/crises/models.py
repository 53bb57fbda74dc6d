"""What a crisis is made of, as frozen models: governments, rooms, Council, public lines, endings, sources.

Every domain number and item carries `src` (keys of the crisis's sources.yaml); `map` cites rows of the article map.
Knows nothing about how a crisis is played.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from ..frozen import Frozen, Id, Note
from ..moves import Phase
from ..naming import IndicatorId, LineId, Names, RingId, SeatId
from ..personas.models import Status as Status
from .patterns import Condition, Pattern

Src = tuple[Annotated[str, Names("source")], ...]
Prose = Annotated[str, StringConstraints(max_length=4000)]
Confidentiality = Literal["secret", "confidential", "restricted", "public"]


class SeatRow(Frozen):
    """A government that can be played."""

    id: Id
    name: Note
    also: tuple[Note, ...] = ()
    """What else it is called by those who address it: a short name, its capital."""
    plays: bool = True
    """False: it acts in the Council only, by scenario rule."""
    phases: tuple[Phase, ...] = ()
    """Phases in which it acts; empty: all. One that acts in the Council alone names talks and council."""


ADDED = " (added for play)"


class RingRow(Frozen):
    """A room in which governments talk."""

    id: Id
    title: Note
    members: tuple[SeatId, ...]
    confidentiality: Confidentiality
    """secret: existence hidden from all but its members; confidential: content private; restricted: members only,
    formal outcomes public; public: anyone may listen."""
    purpose: Prose
    kind: Literal["talks", "council", "own"] = "talks"
    """council: its proposals are drafts that bind by vote; own: a government's own room."""
    floor: Literal["turns", "open"] = "turns"
    """turns: its members speak in order; open: in any order, as they arrive, until all have done or time is over."""
    in_article: bool = True
    """False: a room that the article lacks; shown so wherever it appears."""
    texts: bool = True
    """False: a contact through which words pass; nothing is agreed there."""
    opens_when: tuple[Condition, ...] = ()
    """What must hold, besides its members' wish, for it to open: the staff to sit there, say."""
    unless: Note = ""
    """What its members hear where that does not hold."""

    @property
    def label(self) -> str:
        """Its title as a run shows it: with a word where the article has no such room."""
        return self.title if self.in_article or self.title.endswith(ADDED) else f"{self.title}{ADDED}"

    map: tuple[str, ...] = ()
    src: Src = ()


class EndingRow(Frozen):
    """A way in which the game ends by its own rules; the first that holds is taken."""

    id: Id
    title: Note
    reason: Prose
    given: tuple[Condition, ...] = ()
    """Empty: only a chance row can bring it about."""
    map: tuple[str, ...] = ()


class OtherVote(Frozen):
    """How a Council member that nobody plays votes: like `follows` where given, else `vote` unless a clause matches."""

    state: Note
    permanent: bool = False
    follows: Id | None = None
    vote: Literal["yes", "no", "abstain"] = "yes"
    abstains_on: tuple[Pattern, ...] = ()
    against: tuple[Pattern, ...] = ()
    status: Status = "authored"
    src: Src = ()


class Council(Frozen):
    """A voting body: who sits there, what carries a draft."""

    ring: RingId
    members: tuple[Id, ...]
    """Played members."""
    permanent: tuple[Id, ...]
    needed: int
    others: tuple[OtherVote, ...] = ()
    src: Src = ()


class Line(Frozen):
    """A policy line that a public statement can take, as a typed field."""

    id: Id
    title: Note
    meaning: Note = ""
    contradicts: tuple[LineId, ...] = ()
    map: tuple[str, ...] = ()


class Source(Frozen):
    """Where a fact comes from."""

    title: str
    publisher: str = ""
    year: int | None = None
    url: str | None = None
    symbol: str | None = None
    status: Literal["seen", "general", "synthetic", "own"] = "seen"
    note: str = ""


class CrisisFile(Frozen):
    """crisis.yaml: what the crisis is, who is in it, the rooms, the Council, the endings, the policy lines."""

    id: Id
    title: Note
    summary: Prose
    seats: tuple[SeatRow, ...]
    rings: tuple[RingRow, ...]
    council: Council | None = None
    lines: tuple[Line, ...]
    audiences: tuple[Id, ...]
    endings: tuple[EndingRow, ...]
    tension: IndicatorId
    """The indicator that progress displays and charts follow."""


class MapRow(Frozen):
    """Something that a text asks for or claims; data cite its id in `map`, a world's rows in `claim`."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]*[a-z]?$")]
    title: Note
    """In our words."""
    code: tuple[Note, ...] = ()
    """Files where it lives, where no row of data could hold it."""


class TextMap(Frozen):
    """article.yaml: the text whose policy the rules encode, taken apart; for the reader, not for play."""

    source: Annotated[str, Names("source")]
    rows: tuple[MapRow, ...]


class Sources(Frozen):
    sources: dict[str, Source]
