"""What a delegation's dossier holds, as frozen models of its file; knows nothing about crises, play or prompts.

A persona is an office, not a person. Its items are facts with sources; its `policy` is ours, written for play.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, StringConstraints

from ..commitments import Clauses
from ..frozen import Frozen, Id
from ..naming import Names, ObjectId, RingId, SeatId, TypeId


def _real_day(text: str) -> str:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a day of the calendar") from None
    return text


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_real_day)]
ItemId = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,3}[0-9]{1,2}$")]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Sourced = Annotated[tuple[SourceKey, ...], Field(min_length=1, max_length=12)]
Line = Annotated[str, StringConstraints(min_length=2, max_length=240, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(min_length=2, max_length=600, strip_whitespace=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

Status = Literal["verified", "inferred", "unverified", "authored"]
"""verified: a source supports it; inferred: it follows from one; unverified: general knowledge; authored: invented."""
Layer = Literal["government", "article"]
"""government: what this government held itself; article: advice to it, which reaches a prompt by a strategy only."""
Office = Literal[
    "leader", "cabinet", "foreign", "defence", "military", "security", "intelligence", "ministry", "party", "un",
    "envoy", "embassy",
]  # fmt: skip


class Source(Frozen):
    """Where a fact comes from."""

    title: str
    publisher: str = ""
    year: int
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=400)] | None = None
    symbol: str | None = None
    status: Literal["seen", "general", "synthetic", "own"]
    """seen: an excerpt was read; general: general knowledge; synthetic: invented; own: ours."""


class Sources(Frozen):
    """The sources.yaml beside a folder's dossiers."""

    sources: dict[SourceKey, Source]


class Item(Frozen):
    """One thing that a dossier says, with the sources it rests on."""

    id: ItemId
    text: Prose
    src: Sourced
    status: Status | None = None
    known_from: Day | None = None
    """The day of the act or statement it rests on; without one it holds from the start."""
    layer: Layer = "government"
    note: Line | None = None

    def known(self, day: str) -> bool:
        """Whether the government itself held it on `day`."""
        return self.layer == "government" and (self.known_from is None or self.known_from <= day)


class Interest(Item):
    """Something it wants, 1 first; a later item may share a rank with an earlier one that it sharpens."""

    rank: Annotated[int, Field(ge=1, le=20)]


class RedLine(Item):
    """Something it will not accept."""

    status: Status


class Trade(Item):
    """Something it could give or take in a bargain."""

    status: Status


class Belief(Item):
    """What it believes another government wants."""

    about: SeatId


class Post(Frozen):
    """An office that decides, speaks in public, or both; public lines name it by `id`."""

    id: Id
    title: Line
    office: Office
    detail: Line | None = None
    decides: bool = True
    speaks: bool = False
    """Whether it may speak in public for the delegation; all others speak in rings only."""
    src: Sourced


class Value(Frozen):
    """What it is worth to this government that `giver` commits to `type` about `object`; 3 is vital, below 0 a cost."""

    giver: Annotated[Id | Literal["*"], Names("giver")]
    type: TypeId
    object: ObjectId | None = None
    value: Annotated[float, Field(ge=-3, le=3, allow_inf_nan=False)]
    why: Line
    basis: Annotated[tuple[ItemId, ...], Field(min_length=1)]
    """Items of the same dossier that it follows from."""


class Temper(Frozen):
    """How it bargains, each from 0 to 1."""

    patience: Share = 0.5
    risk: Share = 0.5
    firmness: Share = 0.5


class Offer(Frozen):
    """A text that it might table in `ring`, from round `after_round` on."""

    ring: RingId
    title: Line
    clauses: Clauses
    after_round: Annotated[int, Field(ge=1, le=60)] = 1
    why: Line
    basis: Annotated[tuple[ItemId, ...], Field(min_length=1)]


class Leaning(Frozen):
    """How far it leans towards an instrument (below 0: away from it), and when."""

    id: Annotated[Id, Names("instrument, family or line")]
    weight: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
    when: Literal["always", "tension_high", "tension_low", "after_test", "after_pressure"] = "always"
    why: Line
    basis: tuple[ItemId, ...] = ()


class PersonaPolicy(Frozen):
    """The half of a dossier that rule-based players read: no fact, but our reading of the items, written for play."""

    note: Prose = "Written for play."
    values: tuple[Value, ...] = ()
    temper: Temper = Temper()
    offers: tuple[Offer, ...] = ()
    """The most wanted first, then concessions."""
    instruments: tuple[Leaning, ...] = ()


ChoiceT = TypeVar("ChoiceT", Value, Offer, Leaning)

SECTIONS = (
    "interests", "opening_position", "red_lines", "acceptable_trades", "batna", "organisational_facts", "language",
    "fears", "beliefs",
)  # fmt: skip
"""The fields of a dossier that hold items."""


class Persona(Frozen):
    """A delegation's dossier."""

    id: Id
    name: Line
    title: Line
    roles: tuple[Id, ...] = ()
    interests: Annotated[tuple[Interest, ...], Field(min_length=1)]
    opening_position: tuple[Item, ...] = ()
    red_lines: tuple[RedLine, ...] = ()
    acceptable_trades: tuple[Trade, ...] = ()
    batna: tuple[Item, ...] = ()
    """Its best alternative to a negotiated agreement."""
    posts: Annotated[tuple[Post, ...], Field(min_length=1)]
    organisational_facts: tuple[Item, ...] = ()
    language: tuple[Item, ...] = ()
    """Terms of art and register, no quotations."""
    fears: tuple[Item, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    policy: PersonaPolicy = PersonaPolicy()

    def items(self) -> Iterator[Item]:
        """Every item, section by section."""
        for section in SECTIONS:
            yield from getattr(self, section)

    def as_of(self, day: datetime.date | str) -> Self:
        """The dossier as the government had it on `day`: nothing later, and no advice that was not its own.

        What `policy` rests on items that are gone goes with them.
        """
        iso = day if isinstance(day, str) else day.isoformat()
        kept = {name: tuple(item for item in getattr(self, name) if item.known(iso)) for name in SECTIONS}
        ids = frozenset(item.id for items in kept.values() for item in items)
        choices = {name: _resting(getattr(self.policy, name), ids) for name in ("values", "offers", "instruments")}
        return self.model_copy(update={**kept, "policy": self.policy.model_copy(update=choices)})


def _resting(choices: Iterable[ChoiceT], ids: frozenset[str]) -> tuple[ChoiceT, ...]:
    """The choices that still rest on something, with the grounds that are left."""
    left = ((c, tuple(i for i in c.basis if i in ids)) for c in choices)
    return tuple(c.model_copy(update={"basis": basis}) for c, basis in left if basis or not c.basis)
