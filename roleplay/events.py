"""What happened: one frozen model a kind of event, their canonical order, their ids, and who may read them.

Readers are fixed when an event is made. Nothing here knows how events are stored, folded, ruled on or shown.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field, TypeAdapter, ValidationError

from .commitments import Clauses, Commitment
from .frozen import Frozen, unsaid
from .moves import Move, Phase

VERSION = 1
"""Version of the event format that this program writes; older ones are read by `UPCASTS`."""

PUBLIC = "public"
"""The reader that stands for everyone outside the governments."""

ADVISER = "adviser:"
"""Begins the name under which a seat's adviser is called."""
ADJUDICATOR = "adjudicator"
"""The role, no seat, whose replies the journal holds under this name."""

INTERNAL = 96
"""Turn number of what people of one delegation write to each other: after every seat's."""

NOTICE = "simulated: not a statement of any government"

TurnOutcome = Literal["ok", "repaired", "passed", "failed"]
Verdict = Literal["blocked", "observed", "credited"]


class Key(NamedTuple):
    """Canonical place of an event: sorts a run the same way whatever order its rings finished in.

    `ring` is the scenario's index of the ring, -1 outside a ring; `turn` counts from 1 within a ring, or is the seat's
    index where all seats move at once; `n` numbers the events of one turn.
    """

    round: int
    phase: int
    ring: int
    turn: int
    n: int

    def __str__(self) -> str:
        return ".".join(str(part) for part in self)

    @staticmethod
    def parse(text: str) -> Key:
        return Key(*(int(part) for part in text.split(".")))


def event_id(secret: str, key: Key) -> str:
    """Id of the event at `key`: the same in every view of the run, and telling nothing about its neighbours."""
    return hmac.new(secret.encode(), str(key).encode(), hashlib.sha256).hexdigest()[:16]


class Event(Frozen):
    """The fields that every event has; see docs/events.md."""

    id: str
    """Truncated HMAC of the canonical key."""
    kind: str
    v: int = VERSION
    round: int
    """0 for the set-up, then from 1."""
    phase: Phase
    ring: str | None
    """The ring in which it happened, or null."""
    seat: str | None
    """Who caused it; null for the engine."""
    readers: tuple[str, ...]
    """Every seat that may read it, and `public` where everyone may."""
    at: str
    """Scenario date, ISO."""
    turn: int
    """Turn within the ring, from 1; the seat's index where all move at once; 0 for the engine."""


class Run(Event):
    """The set-up: what everybody may know of the run; `setup` is the hash of the whole resolved set-up (a blob)."""

    kind: Literal["run"] = "run"
    scenario: str
    crisis: str
    title: str
    opens: str
    rounds: int
    seats: dict[str, str]
    """Seat id -> name of the government."""
    rings: dict[str, str]
    """Ring id -> title, the rings whose existence is public."""
    names: dict[str, dict[str, str]] = Field(default={}, exclude_if=unsaid)
    """Instruments, types, objects, lines, indicators -> id -> title. Titles are public; who has what is not."""
    brief: str
    versions: dict[str, str]
    notice: str = NOTICE
    setup: str
    view: str = "omniscient"


class Role(Event):
    """What one seat is given at the start and keeps for the whole run: dossier, rights, rules, strategy."""

    kind: Literal["role"] = "role"
    role: dict[str, Any]


class Inject(Event):
    """Something that happens to the governments, from the scenario's calendar."""

    kind: Literal["inject"] = "inject"
    name: str
    text: str
    source: tuple[str, ...] = ()
    status: str = "verified"

    @property
    def mark(self) -> str:
        """What follows the text wherever it is shown: that it was inferred, or that no source bears it out."""
        return f" ({self.status})" if self.status in ("inferred", "unverified") else ""


class Channel(Event):
    """A ring opens, is offered, suspended or left; `about` is the ring meant, `members` who still meets there.

    arranged: words that will invite to it reached those who were not in the room; signalled: they were said in public,
    as only those know who had been told. `words` are these words, or why a ring that all had asked for stays closed.
    """

    kind: Literal["channel"] = "channel"
    about: str
    state: Literal["offered", "open", "suspended", "closed", "left", "exists", "arranged", "signalled"]
    members: tuple[str, ...] = ()
    words: str = Field(default="", exclude_if=unsaid)


class Spoken(Event):
    """A seat's turn: what it said where, or that it passed, or that it FAILED (which is neither)."""

    kind: Literal["turn"] = "turn"
    text: str = ""
    outcome: TurnOutcome
    exchange: int = 1
    post: str | None = None


class Deliberation(Event):
    """What a seat wrote for itself before its turn; its only reader is the seat."""

    kind: Literal["deliberation"] = "deliberation"
    text: str

    @property
    def internal(self) -> bool:
        """Whether it was written in a delegation's own room."""
        return self.turn == INTERNAL


class Reasoning(Event):
    """What the provider returned as the model's reasoning; no seat reads it, not even its own."""

    kind: Literal["reasoning"] = "reasoning"
    text: str


class Moved(Event):
    """A typed move that went through; `number` names the proposal that it made."""

    kind: Literal["move"] = "move"
    move: Move
    number: int | None = None


class Intent(Event):
    """What a seat privately means to do with a text that it has just accepted."""

    kind: Literal["intent"] = "intent"
    about: str
    number: int
    intends: Literal["keep", "break", "depends"]


class Ruling(Event):
    """A rule's word on a move: what was tried, what the rule says, what would be legal."""

    kind: Literal["ruling"] = "ruling"
    rule: str
    rule_kind: Literal["constitutive", "policy"]
    strength: str
    mode: str
    verdict: Verdict
    tried: dict[str, Any]
    why: str
    legal: str


class Deal(Event):
    """A text that binds from now on: every party accepted it, or the Council adopted it."""

    kind: Literal["deal"] = "deal"
    number: int
    parties: tuple[str, ...]
    commitments: Clauses
    form: Literal["deal", "resolution", "pledge"] = "deal"


class Lapse(Event):
    """An open proposal that nobody renewed is gone."""

    kind: Literal["lapse"] = "lapse"
    number: int


class Expiry(Event):
    """A commitment's time is over."""

    kind: Literal["expiry"] = "expiry"
    commitment: str


class Breach(Event):
    """A commitment was broken or renounced by `by`; `evidence` are the ids of the events that show it."""

    kind: Literal["breach"] = "breach"
    commitment: str
    by: str
    clause: Commitment
    openly: bool
    evidence: tuple[str, ...]


class Tally(Event):
    """The result of a Council vote; `votes` holds every member's, `by_rule` those cast by scenario rule."""

    kind: Literal["tally"] = "tally"
    number: int
    votes: dict[str, str]
    by_rule: tuple[str, ...] = ()
    adopted: bool
    why: str


class Effect(Event):
    """An indicator moves by `by` for those who may read this; `claim` is the claim that the world's row encodes.

    An effect of something secret is read by those who know of it. Once the secret is out, the others get a copy of
    the effect that names the first one as its `origin`; who has read both counts it once.
    """

    kind: Literal["effect"] = "effect"
    indicator: str
    of: str = ""
    """Seat or pair ('a:b') where the indicator has one value for each."""
    by: float
    claim: str
    row: str
    cause: tuple[str, ...] = ()
    origin: str | None = None


class Unfollowed(Frozen):
    """An effect of the world's table that did not follow: its row, the claim, and the event that it was about."""

    row: str
    claim: str
    cause: str


class Adjudication(Event):
    """A model's word on effects that the world calls arguable; no seat reads it, since it speaks of secrets too.

    failed: no answer could be used, and all of them followed as the table has it.
    """

    kind: Literal["adjudication"] = "adjudication"
    asked: int
    set_aside: tuple[Unfollowed, ...] = ()
    why: str = ""
    outcome: Literal["ok", "repaired", "failed"]


class Chance(Event):
    """A named draw in [0, 1) against a probability."""

    kind: Literal["chance"] = "chance"
    name: str
    draw: float
    probability: float
    happened: bool


class Leaked(Event):
    """A ring's secret is in the press; who leaked it is in the leaker's own move, which only it may read."""

    kind: Literal["leak"] = "leak"
    about: str
    text: str


class Announced(Event):
    """A party made a deal or a ring public."""

    kind: Literal["announcement"] = "announcement"
    about: str
    text: str


class PhaseClosed(Event):
    """A phase is over: what was written in it can be read by its readers."""

    kind: Literal["phase"] = "phase"


class Ending(Event):
    """The game is over; `terminated` it ended by its own rules, `truncated` it was stopped at its last round."""

    kind: Literal["ending"] = "ending"
    ended: Literal["terminated", "truncated"]
    name: str
    reason: str


AnyEvent = Annotated[
    Run | Role | Inject | Channel | Spoken | Deliberation | Reasoning | Moved | Intent | Ruling | Deal | Lapse | Expiry
    | Breach | Tally | Effect | Adjudication | Chance | Leaked | Announced | PhaseClosed | Ending,
    Field(discriminator="kind"),
]  # fmt: skip

KINDS: dict[str, type[Event]] = {cls.model_fields["kind"].default: cls for cls in get_args(get_args(AnyEvent)[0])}

_ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyEvent)

UPCASTS: dict[int, Any] = {}
"""From an event's version to the function that turns its dict into the next version's."""


def read_event(data: Mapping[str, Any]) -> Event:
    """Parse one event of any version up to this program's; raises ValueError where it is newer or malformed."""
    fields = dict(data)
    version = fields.get("v", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise ValueError(f"event version {version!r} is newer than this program's {VERSION}")
    while version < VERSION:
        fields = UPCASTS[version](fields)
        version += 1
    event: Event = _ADAPTER.validate_python(fields)
    return event


def read_event_json(text: str | bytes) -> Event:
    """Parse one event of any version from its JSON, in one go where this program wrote it; raises as `read_event`."""
    try:
        event: Event = _ADAPTER.validate_json(text)
    except ValidationError:
        return read_event(json.loads(text))
    return event if event.v == VERSION else read_event(json.loads(text))


def write_event(event: Event) -> str:
    """One line of JSON, the same bytes for the same event."""
    return event.model_dump_json(exclude_none=False)


def everyone(seats: tuple[str, ...]) -> tuple[str, ...]:
    """Readers of a public event: every seat and the public."""
    return (*seats, PUBLIC)
